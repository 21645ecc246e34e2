/** What `notify:` tells the world of alarms, and where it goes. */
import { z } from 'zod';
import { alarmStepSchema } from './alarm';
import { severities } from './monitors';

const time = z.iso.datetime();

/** Why an alarm of an anomaly stands: the newest account. Null for alarms of limits, monitors and the daemon. */
export const anomalyNewsSchema = z.object({
  id: z.string(),
  equipment: z.string(),
  fault: z.string(),
  confidence: z.number(),
  sentence: z.string(),
});
export type AnomalyNews = z.infer<typeof anomalyNewsSchema>;

/** One change of an alarm, with what a person must know to act. It is the body of a webhook. */
export const alarmNewsSchema = z.object({
  schemaVersion: z.literal(1),
  spacecraft: z.string(),
  /** Name of the alarm and the number of its life. */
  alarm: z.string(),
  sequence: z.int(),
  /** Whether a person must do something: not shelved, and not over. */
  isFiring: z.boolean(),
  change: alarmStepSchema.shape.change,
  state: alarmStepSchema.shape.state,
  severity: z.enum(severities),
  /** Packet time of the change, and of the first trigger of this life. */
  time,
  since: time,
  title: z.string(),
  value: z.number().nullable(),
  /** Who made the change, and what was said with it. */
  by: z.string(),
  note: z.string(),
  /** Equipment that the mission names for it; empty when none is known. */
  equipment: z.string(),
  anomaly: anomalyNewsSchema.nullable(),
  /** The confidence in words and a number; null without an anomaly. */
  confidence: z.string().nullable(),
  /** Page that tells more; null when no page is known. */
  link: z.string().nullable(),
});
export type AlarmNews = z.infer<typeof alarmNewsSchema>;

/** An alert of Alertmanager's API v2 (`POST /api/v2/alerts`). */
export const alertSchema = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  startsAt: time,
  /** Left out by us for an alert that stands: the sender says how long it may be believed. */
  endsAt: time.optional(),
  generatorURL: z.string().optional(),
});
export type Alert = z.infer<typeof alertSchema>;

/** What is committed with a change: the news, and who is to hear them. */
export interface Notices {
  /** Wall clock, ISO 8601. */
  readonly at: string;
  readonly destinations: readonly string[];
  readonly news: readonly AlarmNews[];
}
