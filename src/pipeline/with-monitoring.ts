/** Findings gain the transitions of monitors and the instants that the rules are evaluated on. */
import {
  observe,
  initialObserver,
  type Observations,
  type Observer,
  type ObserverState,
  type ObserverStep,
} from '../core/rules/observe';
import type { WindowScores } from '../core/monitoring/monitor';
import type { OnboardEvent } from '../domain/onboard-event';
import type { ModeChange } from '../domain/telemetry';
import { carryObserver } from '../core/rules/carry-over';
import type { Control } from '../core/response/response';
import { enrich } from './enrich';
import type { WithChecks } from './with-checks';
import type { WithExplained } from './with-explanations';
import { isFrame, type WithFrames } from './with-frames';
import type { WithTelecommandState } from './with-telecommands';
import type { InferenceState, JudgedWindow } from './with-scores';

export interface WithMonitoring extends WithChecks, Pick<ObserverStep, 'monitorEvents' | 'nearMisses' | 'instants'> {}

/** What the scorer said, when there is one. */
export interface MaybeScored {
  readonly judged?: readonly JudgedWindow[];
  readonly inference?: InferenceState;
  readonly modes?: readonly ModeChange[];
  readonly controls?: readonly Control[];
  readonly reports?: readonly OnboardEvent[];
}

/** Rules that came with an arrival apply to its telemetry already. */
const reloaded = (
  { observer, state }: { readonly observer: Observer; readonly state: ReturnType<typeof initialObserver> },
  controls: readonly Control[],
) => {
  const program = controls.findLast((control) => control.kind === 'reload')?.program;
  return program === undefined
    ? { observer, state }
    : { observer: { ...observer, program }, state: carryObserver(observer.program, program, state) };
};

const scoresOf = (judged: readonly JudgedWindow[], parameters: readonly string[]): Observations['scores'] =>
  new Map(
    judged.map((item): [number, WindowScores | 'unscored'] => {
      if (item.kind === 'lost') return [item.time, 'unscored'];
      const { window, inference } = item.scored;
      const positive = [...inference.parameterScore].map((value) => Math.max(0, value));
      const sum = positive.reduce((total, value) => total + value, 0);
      const shares = parameters.map((id, row) => [id, sum === 0 ? 0 : (positive[row] ?? 0) / sum] as const);
      return [window.end, { score: inference.score, shares: Object.fromEntries(shares) }];
    }),
  );

export const withMonitoring = <
  E extends WithFrames & Partial<WithTelecommandState> & WithChecks & WithExplained & MaybeScored,
>(
  first: Observer,
  initial: ObserverState = initialObserver(first),
) => {
  const parameters = first.mission.parameters.map(({ id }) => id);
  return enrich(
    { observer: first, state: initial },
    (before, event: E) => {
      const { observer, state: known } = reloaded(before, event.controls ?? []);
      const { state, ...added } = observe(observer, known, {
        modes: event.modes ?? [],
        base: event.base,
        beginsAt: event.beginsBase?.to,
        frames: event.assembled.filter(isFrame),
        commanded: event.commanded,
        checks: event.checks,
        scores: scoresOf(event.judged ?? [], parameters),
        found: event.explained,
        reports: event.reports,
        inference: event.inference,
      });
      const monitored: WithMonitoring = added;
      return { state: { observer, state }, added: monitored };
    },
    ({ state }) => ({ observer: state }),
  );
};
