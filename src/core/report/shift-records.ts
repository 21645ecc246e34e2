/** What the report of a shift is made of: records of the log that are never changed. */
import type { AlarmStep } from '../../domain/alarm';
import type { LoggedEvent } from '../../domain/daemon-event';
import type { NoteRecord } from '../../domain/note';
import type { OperatorAction, RecoveryStep } from '../../domain/recovery';

/** From `since` to before `until`, ISO 8601. */
export interface ShiftRange {
  readonly since: string;
  readonly until: string;
}

/** What a report tells of one revision of an anomaly. */
export interface ShiftRevision {
  readonly id: string;
  readonly revision: number;
  readonly state: 'open' | 'closed';
  readonly detectedAt: string;
  readonly revisedAt: string;
  readonly equipment: string;
  readonly fault: string;
  readonly confidence: number;
  readonly score: number;
  readonly sentence: string;
}

/** All of it from before `until`. */
export interface ShiftRecords {
  /** By anomaly, and then by revision. */
  readonly revisions: readonly ShiftRevision[];
  /** In order. */
  readonly alarmSteps: readonly AlarmStep[];
  readonly recoveries: readonly {
    readonly id: string;
    readonly rule: string;
    readonly equipment: string;
    readonly anomaly: string;
    readonly steps: readonly RecoveryStep[];
  }[];
  readonly orders: readonly OperatorAction[];
  /** Of the range, in order. */
  readonly events: readonly LoggedEvent[];
  /** The last stop of the daemon before the range: what had been dropped until then. */
  readonly stopsBefore: readonly LoggedEvent[];
  /** The last one that says how the daemon was. */
  readonly stateEvents: readonly LoggedEvent[];
  /** Of the range, in order. */
  readonly notes: readonly NoteRecord[];
  /** The last hand-over before the range, and the hand-overs and confirmations after it. */
  readonly handOvers: readonly NoteRecord[];
}
