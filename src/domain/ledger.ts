/** What is kept besides the events: the state of recoveries, rules, equipments and alarms, and what people did. One entry, one row. */
import type { Alarm, AlarmStep } from './alarm';
import type { VerdictRecord } from './log-query';
import type { Note } from './note';
import type { EquipmentRecord, OperatorAction, Recovery, RecoveryStep, RuleOverride, RuleRecord } from './recovery';
import type { TelecommandRecord } from './telecommand';

export type LedgerEntry =
  /** Replaces what was kept under the same id. */
  | { readonly kind: 'recovery'; readonly record: Recovery }
  | { readonly kind: 'rule'; readonly record: RuleRecord }
  | { readonly kind: 'override'; readonly record: RuleOverride }
  | { readonly kind: 'equipment'; readonly record: EquipmentRecord }
  | { readonly kind: 'alarm'; readonly record: Alarm }
  /** Never changed again. */
  | { readonly kind: 'recovery-step'; readonly record: RecoveryStep }
  | { readonly kind: 'alarm-step'; readonly record: AlarmStep }
  | { readonly kind: 'operator'; readonly record: OperatorAction }
  /** What a person said of an anomaly; when, the log knows. */
  | { readonly kind: 'verdict'; readonly record: Omit<VerdictRecord, 'time'> }
  /** What a person wrote for others; when, the log knows. */
  | { readonly kind: 'note'; readonly record: Note }
  /** A telecommand that was sent; never changed again. */
  | { readonly kind: 'telecommand'; readonly record: TelecommandRecord }
  /** Small things under a name: the clock, the mode. */
  | { readonly kind: 'memory'; readonly name: string; readonly value: unknown };

/** Everything a daemon needs to go on where the last one was. */
export interface StoredState {
  /** Those that are not over. */
  readonly recoveries: readonly Recovery[];
  /** Ids of those that are, the newest last. */
  readonly known: readonly string[];
  /** Some that ended lately as `completed`, the newest first: whether their request left is not in their state. */
  readonly completed: readonly Recovery[];
  /** Ids of requests that were handed to the connection: whatever became of them, they are not sent again. */
  readonly handed: readonly string[];
  readonly rules: readonly RuleRecord[];
  readonly overrides: readonly RuleOverride[];
  readonly equipments: readonly EquipmentRecord[];
  /** Those that are not cleared. */
  readonly alarms: readonly Alarm[];
  /** The highest sequence number of every alarm name. */
  readonly sequences: Readonly<Record<string, number>>;
  readonly memory: Readonly<Record<string, unknown>>;
}

export const nothingKept: StoredState = {
  recoveries: [],
  known: [],
  completed: [],
  handed: [],
  rules: [],
  overrides: [],
  equipments: [],
  alarms: [],
  sequences: {},
  memory: {},
};
