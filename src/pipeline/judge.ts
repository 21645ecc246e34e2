/**
 * The judgement: from arrivals to the events they lead to. The same operator for the daemon and for a replay, and nothing in
 * it can reach the outside. With no model only the plain limits run; with no rules nothing is requested.
 */
import { map, type Observable, type OperatorFunction } from 'rxjs';
import { planStream } from '../core/telemetry/assembly-plan';
import type { Drop } from '../core/telemetry/drop';
import type { AbsenceChange } from '../core/telemetry/absence';
import type { Response, ResponseParts } from '../core/response/response';
import type { RuleProgram } from '../core/rules/rule-program';
import { telecommandRecord } from '../core/telemetry/telecommands';
import { WINDOWS_KEPT } from '../core/anomaly/surroundings';
import { infersMissing } from '../core/telemetry/usable';
import type { Manifest } from '../domain/manifest';
import type { PipelineEvent } from '../domain/events';
import type { Mission } from '../domain/mission';
import type { Telecommand } from '../domain/telecommand';
import type { Frame, ModeChange } from '../domain/telemetry';
import type { ScoredWindow } from '../domain/scored-window';
import type { Memory, ResumedMemory } from './memory';
import type { Arrival, Diagnostics, Scorer } from './ports';
import { withAnomalies, type AnomalyLogic } from './with-anomalies';
import { withAbsence, type WithAbsence } from './with-absence';
import { withChecks, type WithChecks } from './with-checks';
import { withEvents } from './with-events';
import { withExplanations, type ExplanationLogic, type WithExplained } from './with-explanations';
import { withFrames, type FramedArrival, type TimeStep } from './with-frames';
import { withMonitoring, type MaybeScored } from './with-monitoring';
import { packetMemoryOf, withPacketMemory } from './with-packet-memory';
import { withoutRepeats } from './without-repeats';
import { withTelecommands, type WithTelecommandState } from './with-telecommands';
import { withResponses } from './with-responses';
import { withScores } from './with-scores';
import { withWindows } from './with-windows';

/** A model package with what is made of its inferences. */
export interface Model {
  readonly scorer: Scorer;
  /** How many windows the scorer may have at once; left out: one. */
  readonly ahead?: number | undefined;
  /** Told of every window that was scored; must not throw, and is not waited for. */
  readonly seen?: (scored: ScoredWindow) => void;
  readonly anomalies: AnomalyLogic;
  readonly explanations: ExplanationLogic;
}

export interface JudgeParts {
  readonly mission: Mission;
  readonly model?: Model | undefined;
  /** The rules; without them nothing is monitored but the plain limits, and nothing requested. */
  readonly program?: RuleProgram | undefined;
  /** Left out: nobody answers, and the function is passive. */
  readonly response?: Omit<ResponseParts, 'mission'> | undefined;
  readonly diagnostics: Diagnostics;
  /** Told of the frames of every arrival and the modes it told; must not throw, and is not waited for. */
  readonly watched?: ((frames: readonly Frame[], modes: readonly ModeChange[]) => void) | undefined;
  /** What the last run left off with; left out: everything begins anew. */
  readonly resumed?: ResumedMemory | undefined;
  /** Packets that are recognised when they come again after a restart; left out: 4096. */
  readonly rememberedPackets?: number | undefined;
}

/** What one arrival led to. */
export interface Outcome {
  readonly frames: number;
  readonly windows: number;
  readonly unscored: number;
  /** Of those: windows of a time that the model says nothing about. */
  readonly notYetJudged?: number | undefined;
  readonly drops: readonly Drop[];
  /** Parameters and equipments that stopped coming, or came back. */
  readonly absences: readonly AbsenceChange[];
  readonly events: readonly PipelineEvent[];
  /** Packet time of the newest frame, milliseconds; undefined when the arrival completed none. */
  readonly packetTime: number | undefined;
  /** What is kept besides the events. */
  readonly ledger: Response['ledger'];
  readonly alarms: Response['alarms'];
  readonly answers: Response['answers'];
  /** Wall clock when it arrived, milliseconds: what was decided is as old as that. None of a recording. */
  readonly receivedAt?: number | undefined;
  /** The last of its time base: what follows is of the same arrival, and this one acknowledges nothing. */
  readonly endsBase?: TimeStep | undefined;
  /** What the judgement remembers after it. */
  readonly memory?: Partial<Memory> | undefined;
  acknowledge(): void;
}

type Findings = FramedArrival &
  WithTelecommandState &
  WithChecks &
  WithAbsence &
  WithExplained &
  MaybeScored & { readonly windows: number; readonly unscored: number; readonly notYetJudged?: number | undefined };

/** What was sent is kept, whatever it led to. */
const telecommandEntries = (telecommands: readonly Telecommand[]): Response['ledger'] =>
  telecommands.map((item) => ({ kind: 'telecommand', record: telecommandRecord(item) }));

const standInsOf = (manifest: Manifest): readonly number[] | undefined =>
  infersMissing(manifest) ? undefined : manifest.scaling.mean;

const withoutModel = <E extends object>() =>
  map((event: E) => ({ ...event, windows: 0, unscored: 0, explained: [] as WithExplained['explained'] }));

const withFindings =
  ({ mission, model, diagnostics, resumed }: JudgeParts) =>
  (events$: Observable<FramedArrival & WithTelecommandState & WithChecks & WithAbsence>): Observable<Findings> =>
    model === undefined
      ? events$.pipe(withoutModel())
      : events$.pipe(
          withWindows(mission, resumed?.windows, () => standInsOf(model.scorer.manifest)),
          withScores(model.scorer, diagnostics, model.seen, model.ahead),
          withAnomalies(model.anomalies, resumed?.anomalies),
          withExplanations(model.explanations, diagnostics, WINDOWS_KEPT * mission.sampling.window, resumed?.recent),
        );

const NO_RULES: Pick<RuleProgram, 'monitoring' | 'inhibitions'> = {
  monitoring: { monitors: [], functional: [] },
  inhibitions: [],
};

const NOBODY: Omit<ResponseParts, 'mission'> = { mode: 'passive', isAnswered: false, latchFrom: 'high' };

/** What is told of telemetry as it comes, with no model. */
const withJudgedSamples =
  ({ mission, resumed }: JudgeParts) =>
  (events$: Observable<FramedArrival>): Observable<FramedArrival & WithTelecommandState & WithChecks & WithAbsence> =>
    events$.pipe(
      withTelecommands(mission, resumed?.telecommands),
      withChecks(mission, resumed?.checks),
      withAbsence(mission, resumed?.absence),
    );

const framesOf = (assembled: FramedArrival['assembled']): readonly Frame[] =>
  assembled.flatMap((item) => (item.kind === 'frame' ? [item.frame] : []));

const withFramesOf = ({ mission, resumed }: JudgeParts) =>
  withFrames(planStream(mission), resumed?.frames, resumed?.tally?.clockSteps);

const withPacketsOf = ({ resumed, rememberedPackets }: JudgeParts) =>
  withPacketMemory<Arrival>(packetMemoryOf(resumed), rememberedPackets);

export const judge =
  (parts: JudgeParts): OperatorFunction<Arrival, Outcome> =>
  (arrivals$) =>
    arrivals$.pipe(withoutRepeats(parts.resumed?.seen), withPacketsOf(parts), withFramesOf(parts)).pipe(
      withJudgedSamples(parts),
      withFindings(parts),
      withMonitoring({ mission: parts.mission, program: parts.program ?? NO_RULES }, parts.resumed?.observer),
      withEvents(),
      withResponses({ ...NOBODY, ...parts.response, mission: parts.mission }, parts.program, parts.resumed?.response),
      map((event) => {
        const { frames, windows, unscored, notYetJudged, drops, events, assembled, alarms, answers, receivedAt } =
          event;
        const { acknowledge, endsBase, memory, absences, telecommands = [] } = event;
        const ledger =
          telecommands.length === 0 ? event.ledger : [...telecommandEntries(telecommands), ...event.ledger];
        if (drops.length > 0) parts.diagnostics.dropped(drops);
        const newest = assembled.at(-1);
        parts.watched?.(framesOf(assembled), event.modes ?? []);
        const packetTime = newest?.kind === 'frame' ? newest.frame.time : undefined;
        // Named one by one: objects that are put together by spreading take several times as long, and every frame has one.
        return {
          frames,
          windows,
          unscored,
          notYetJudged,
          drops,
          absences,
          events,
          packetTime,
          ledger,
          alarms,
          answers,
          receivedAt,
          endsBase,
          memory,
          acknowledge,
        };
      }),
    );
