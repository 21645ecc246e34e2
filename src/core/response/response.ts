/** What a response is made of, brings about and remembers; and the state it begins with. */
import type { AlarmStep } from '../../domain/alarm';
import type { MissionCommand } from '../../domain/commands';
import type { ActionEvent, MutedEvent, PipelineEvent } from '../../domain/events';
import type { StoredState, LedgerEntry } from '../../domain/ledger';
import type { Mission } from '../../domain/mission';
import type { Recovery } from '../../domain/recovery';
import type { AskedRequest, OperatorRequest, Reply } from '../../domain/requests';
import type { ActionState } from '../../domain/rules';
import type { LatchFrom, Vital } from '../alarms/alarm-sources';
import { initialAlarms, type AlarmsState } from '../alarms/alarm-book';
import type { Instant } from '../rules/instant';
import { initialMatcher, type MatcherState } from '../rules/match-rules';
import { anchorOf, type ClockAnchor, type Lateness } from './mission-time';
import type { NearMiss } from '../monitoring/monitor';
import type { AbsenceChange } from '../telemetry/absence';
import type { Closing } from '../telemetry/slot-clock';
import { currentStep, initialSupervisor, restoreSupervisor } from '../recovery/supervisor-change';
import type { SupervisorEnv, SupervisorState } from '../recovery/supervisor-change';
import type { RuleProgram } from '../rules/rule-program';

/** What does not change while the program runs. */
export interface ResponseParts {
  readonly mission: Mission;
  readonly mode: ActionState;
  /** Whether acknowledgements and people can answer; in a replay nobody does. */
  readonly isAnswered: boolean;
  readonly latchFrom: LatchFrom;
  /** What the log kept of the last run. */
  readonly kept?: StoredState | undefined;
}

/** What comes from elsewhere than telemetry. */
export type Control =
  | {
      readonly kind: 'acknowledge';
      readonly id: string;
      readonly stage: 'accepted' | 'completed' | 'failed';
      readonly reason: string;
    }
  | { readonly kind: 'request'; readonly asked: AskedRequest }
  /** The clock goes on. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'link'; readonly isUp: boolean }
  /** A part of the program works, or does not: an alarm for people. */
  | ({ readonly kind: 'vital' } & Vital)
  /** Rules that were loaded anew, and who asked for it; without rules they were refused, or there are none and `ok` says so. */
  | {
      readonly kind: 'reload';
      readonly program: RuleProgram | undefined;
      readonly ok?: boolean;
      readonly message: string;
      readonly by: string;
      readonly asked: AskedRequest | undefined;
    };

/** An answer on its way: what was decided, or what the log is to be asked once everything is written. */
export interface Answer {
  readonly asked: AskedRequest;
  readonly reply: Reply | { readonly query: OperatorRequest };
}

export interface ResponseInput {
  readonly instants: readonly Instant[];
  /** Anomalies and transitions, in packet-time order. */
  readonly events: readonly PipelineEvent[];
  readonly nearMisses: readonly NearMiss[];
  readonly absences?: readonly AbsenceChange[] | undefined;
  readonly controls: readonly Control[];
  /** Wall clock; undefined in a replay. */
  readonly receivedAt: number | undefined;
  /** The clock closed these frames: nothing arrived. */
  readonly closing?: Closing | undefined;
  /** How often the spacecraft's clock was set back before them. */
  readonly base?: number | undefined;
  /** The instants are the first of another time base: packet times of its first frame and of the last before it. */
  readonly beginsBase?: { readonly from: number; readonly to: number } | undefined;
}

export interface Response {
  readonly actions: readonly ActionEvent[];
  readonly muted: readonly MutedEvent[];
  readonly ledger: readonly LedgerEntry[];
  readonly alarms: readonly AlarmStep[];
  readonly answers: readonly Answer[];
}

export interface ResponseState {
  readonly program: RuleProgram | undefined;
  readonly env: SupervisorEnv;
  readonly matcher: MatcherState;
  readonly supervisor: SupervisorState;
  readonly alarms: AlarmsState;
  readonly anchor: ClockAnchor | undefined;
  /** Since when telemetry comes late; undefined while it does not. */
  readonly late?: Lateness | undefined;
  /** Their requests are logged as sent and were never handed to the connection: the last run ended between the two. */
  readonly unsent: readonly Recovery[];
  /** The newest one, without health. */
  readonly situation: Instant['situation'] | undefined;
}

export interface ResponseStep {
  readonly state: ResponseState;
  readonly added: Response;
}

export const envOf = (
  { mission, mode, isAnswered }: ResponseParts,
  program: RuleProgram | undefined,
): SupervisorEnv => ({
  spacecraft: mission.spacecraft,
  rules: new Map((program?.rules ?? []).map(({ rule }) => [rule.id, rule])),
  compiled: program ?? { stepConditions: () => undefined },
  commands: new Map<string, MissionCommand>((mission.commands ?? []).map((command) => [command.name, command])),
  mode,
  isAnswered,
});

/** What nobody acknowledges is completed as soon as it is logged, and may not have left either. */
export const mayNotHaveLeft = (recovery: Recovery): boolean =>
  recovery.state === 'sent' || (recovery.state === 'completed' && currentStep(recovery).acknowledgement === 'none');

const unsentOf = ({ recoveries, completed, handed }: StoredState): readonly Recovery[] =>
  [...completed, ...recoveries].filter(
    (recovery) => mayNotHaveLeft(recovery) && !handed.includes(currentStep(recovery).request.id),
  );

export const initialResponse = (parts: ResponseParts, program: RuleProgram | undefined): ResponseState => {
  const { kept, isAnswered } = parts;
  return {
    program,
    env: envOf(parts, program),
    matcher: initialMatcher,
    // Until the link says that it is up, nothing is sent; a replay has no link.
    supervisor: { ...(kept === undefined ? initialSupervisor : restoreSupervisor(kept)), isLinkUp: !isAnswered },
    alarms: kept === undefined ? initialAlarms : { alarms: kept.alarms, sequences: kept.sequences, forgotten: 0 },
    anchor: anchorOf(kept?.memory['clock']),
    unsent: kept === undefined ? [] : unsentOf(kept),
    situation: undefined,
  };
};
