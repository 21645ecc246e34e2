/** Revisions gain their explanation records. The counterfactual costs inferences, so it is looked for once a worst window. */
import { describeError } from '../domain/errors';
import { concatMap, defer, from, of, type Observable } from 'rxjs';
import type { Revision } from '../core/anomaly/anomaly-tracker';
import { framesBefore, type RecentFrame } from '../core/anomaly/surroundings';
import { commandsAround } from '../core/anomaly/sent-commands';
import { initialTelecommands, type TelecommandState } from '../core/telemetry/telecommands';
import type { Telecommand } from '../domain/telecommand';
import type { Explanation } from '../domain/explanation';
import type { ScoredWindow } from '../domain/scored-window';
import { memoryOf, type Remembering } from './memory';
import type { Diagnostics } from './ports';
import type { AnomalyStep, WithTracked } from './with-anomalies';
import { isFrame, type WithFrames } from './with-frames';
import type { WithTelecommandState } from './with-telecommands';

export interface ExplanationStep {
  /** Packet time, milliseconds. */
  readonly time: number;
  readonly explanations: readonly Explanation[];
  readonly confirmed: AnomalyStep['confirmed'];
}

export interface WithExplained {
  readonly explained: readonly ExplanationStep[];
}

export interface ExplanationLogic {
  /** Smallest set of parameters that clears the score of a window; rejects when inference fails. */
  findSufficient(scored: ScoredWindow): Promise<readonly string[]>;
  /** @param leadUp the frames up to the revision, without a gap; oldest first. */
  explain(
    revision: Revision,
    sufficient: readonly string[],
    leadUp: readonly RecentFrame[],
    commands: readonly Telecommand[],
  ): Explanation;
}

/** Counterfactuals of the open anomalies, by id. */
type CounterfactualCache = Map<string, { readonly worst: ScoredWindow; readonly sufficient: readonly string[] }>;

const explainStep = async ({
  step,
  known,
  leadUp,
  commanded,
  logic,
  diagnostics,
}: {
  readonly step: AnomalyStep;
  readonly known: CounterfactualCache;
  readonly leadUp: readonly RecentFrame[];
  readonly commanded: TelecommandState;
  readonly logic: ExplanationLogic;
  readonly diagnostics: Diagnostics;
}): Promise<ExplanationStep> => {
  const explanations: Explanation[] = [];
  for (const revision of step.revisions) {
    const { id, worst } = revision.anomaly;
    let found = known.get(id);
    if (found?.worst !== worst) {
      try {
        found = { worst, sufficient: await logic.findSufficient(worst) };
        known.set(id, found);
      } catch (error) {
        // The verdict stands without its counterfactual; the next revision tries again.
        found = { worst, sufficient: [] };
        diagnostics.vital('inference', false, describeError(error));
      }
    }
    if (revision.state === 'closed') known.delete(id);
    const { start } = revision.anomaly;
    const around = { start, shownFrom: leadUp[0]?.frame.time, until: revision.time };
    explanations.push(logic.explain(revision, found.sufficient, leadUp, commandsAround(commanded, around)));
  }
  return { time: step.time, explanations, confirmed: step.confirmed };
};

export const withExplanations =
  <E extends WithTracked & Pick<WithFrames, 'assembled' | 'memory'> & Partial<WithTelecommandState>>(
    logic: ExplanationLogic,
    diagnostics: Diagnostics,
    /** Frames before a revision that are kept with it. */
    framesKept: number,
    initial: readonly RecentFrame[] = [],
  ) =>
  (events$: Observable<E>): Observable<E & WithExplained & Remembering> =>
    defer(() => {
      const known: CounterfactualCache = new Map();
      let recent = initial;
      const remember = <T extends E & WithExplained>(event: T): T & Remembering => ({
        ...event,
        memory: { ...memoryOf(event), recent },
      });
      const explainAll = async (event: E): Promise<E & WithExplained & Remembering> => {
        const explained: ExplanationStep[] = [];
        for (const step of event.tracked) {
          const leadUp = step.revisions.length === 0 ? [] : framesBefore(recent, step.time, framesKept);
          const { commanded = initialTelecommands } = event;
          explained.push(await explainStep({ step, known, leadUp, commanded, logic, diagnostics }));
        }
        if (recent.length > framesKept) recent = recent.slice(-framesKept);
        return remember({ ...event, explained });
      };
      const isQuiet = ({ tracked }: E): boolean => tracked.every(({ revisions }) => revisions.length === 0);
      return events$.pipe(
        concatMap((event) => {
          const isEventful = !isQuiet(event);
          // What an event brings is kept whole until its revisions have been explained.
          const frames = event.assembled.filter(isFrame).map(({ slot, frame }) => ({ slot, frame }));
          if (frames.length > 0) recent = [...(isEventful ? recent : recent.slice(-framesKept)), ...frames];
          return !isEventful
            ? of(
                remember({
                  ...event,
                  explained: event.tracked.map(({ time, confirmed }) => ({ time, confirmed, explanations: [] })),
                }),
              )
            : from(explainAll(event));
        }),
      );
    });
