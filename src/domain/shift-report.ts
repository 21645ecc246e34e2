/**
 * What a shift was: everything that happened from `since` to before `until`, and how things stood at `until`. It is made from records
 * that are never changed, so the same range gives the same report at any time. Telemetry has packet time, people and the daemon have
 * wall-clock time.
 */
import { z } from 'zod';
import { alarmStates } from './alarm';
import { eventSeverities } from './daemon-event';
import { severities } from './monitors';
import { noteRecordSchema } from './note';
import { recoveryStates } from './recovery';

const time = z.iso.datetime();
const who = z.object({ by: z.string(), time, because: z.string() });

/** An alarm that is not cleared at `until`. */
export const shiftAlarmSchema = z.object({
  name: z.string(),
  sequence: z.int(),
  severity: z.enum(severities),
  state: z.enum(alarmStates),
  since: time,
  value: z.number().nullable(),
  acknowledged: who.nullable(),
  shelved: who.extend({ until: time.nullable() }).nullable(),
});
export type ShiftAlarm = z.infer<typeof shiftAlarmSchema>;

/** An anomaly that was open at some time of the range, by its newest revision before `until`. */
export const shiftAnomalySchema = z.object({
  id: z.string(),
  equipment: z.string(),
  fault: z.string(),
  confidence: z.number(),
  score: z.number(),
  sentence: z.string(),
  detectedAt: time,
  /** Null: it is open at `until`. */
  closedAt: time.nullable(),
  /** Whether the range saw it open, rather than an earlier shift. */
  isNew: z.boolean(),
});
export type ShiftAnomaly = z.infer<typeof shiftAnomalySchema>;

/** A recovery that took a step in the range, or is not over. */
export const shiftRecoverySchema = z.object({
  id: z.string(),
  rule: z.string(),
  equipment: z.string(),
  anomaly: z.string(),
  state: z.enum(recoveryStates),
  since: time,
  by: z.string(),
  note: z.string(),
});
export type ShiftRecovery = z.infer<typeof shiftRecoverySchema>;

const lineSchema = z.object({ time, severity: z.enum(eventSeverities), kind: z.string(), sentence: z.string() });
export type ShiftLine = z.infer<typeof lineSchema>;

export const shiftOrderSchema = z.object({
  time,
  by: z.string(),
  request: z.string(),
  target: z.string(),
  ok: z.boolean(),
  message: z.string(),
});

export const shiftReportSchema = z.object({
  schemaVersion: z.literal(1),
  since: time,
  until: time,
  /** The daemon at `until`; null when its log says nothing of it. */
  daemon: z.object({ state: z.string(), since: time }).nullable(),
  /** The last hand-over before `since`, and who confirmed it. */
  takenOver: z.object({ note: noteRecordSchema, confirmedBy: z.string().nullable() }).nullable(),
  alarms: z.object({
    open: z.array(shiftAlarmSchema),
    /** Times an alarm was triggered or triggered again, and cleared, in the range. */
    triggered: z.int(),
    cleared: z.int(),
  }),
  anomalies: z.array(shiftAnomalySchema),
  /** Ids of recoveries that wait for a decision. */
  waiting: z.array(z.string()),
  recoveries: z.array(shiftRecoverySchema),
  nearMisses: z.array(z.object({ name: z.string(), count: z.int(), last: time })),
  /** Lost links, degraded states, refused and dropped messages, a damaged log. */
  outages: z.array(lineSchema),
  /** What was dropped of telemetry, by reason, in runs of the daemon that ended in the range. */
  dropped: z.record(z.string(), z.int()),
  /** Starts with their model, reloads of rules and models. */
  changes: z.array(lineSchema),
  /** What people ordered, and what the daemon answered. */
  orders: z.array(shiftOrderSchema),
  notes: z.array(noteRecordSchema),
  /** How many lines of a list were left out because it is longer than a person reads. */
  leftOut: z.record(z.string(), z.int()),
});
export type ShiftReport = z.infer<typeof shiftReportSchema>;
