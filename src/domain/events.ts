/** What the pipeline says to the outside: one event a line on `fdir replay --json`, one message a topic on MQTT. */
import { z } from 'zod';
import type { explanationSchema } from './explanation';

const time = z.iso.datetime();

/** Checking statuses of ST[12]. */
export const checkingStatuses = ['unchecked', 'invalid', 'withinLimits', 'belowLowLimit', 'aboveHighLimit'] as const;
export type CheckingStatus = (typeof checkingStatuses)[number];

/** A limit transition: an established checking status changed. */
export const checkEventSchema = z.object({
  type: z.literal('check'),
  time,
  parameter: z.string(),
  /** Which limit set changed its status; `valid` for the validity range. */
  limit: z.enum(['valid', 'warning', 'critical']),
  from: z.enum(checkingStatuses),
  to: z.enum(checkingStatuses),
  value: z.number().nullable(),
  /** The limit set that was checked. */
  range: z.tuple([z.number(), z.number()]),
});

/** A recovery request (topic `action`), or what would have been requested. */
export const recoveryRequestSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  rule: z.string(),
  level: z.int(),
  spacecraft: z.string(),
  time,
  command: z.string(),
  arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  expiry: time,
  explanationId: z.string(),
  explanationRevision: z.int(),
  /** `request` leaves for the spacecraft; `passive` was only recorded. */
  disposition: z.enum(['request', 'passive']),
  /** Which condition had which value. */
  trace: z.array(z.object({ condition: z.string(), actual: z.union([z.string(), z.number()]), holds: z.boolean() })),
  because: z.string(),
});

/** What was counted between start and end; CONTRACTS section 5. */
export const summarySchema = z.object({
  type: z.literal('summary'),
  frames: z.int(),
  windows: z.int(),
  unscored: z.int(),
  anomalies: z.int(),
  actions: z.int(),
  /** Everything that came in and was not used, by reason. */
  dropped: z.record(z.string(), z.int()),
});

export type CheckEvent = z.infer<typeof checkEventSchema>;
export type RecoveryRequest = z.infer<typeof recoveryRequestSchema>;
export type Summary = z.infer<typeof summarySchema>;
export type AnomalyEvent = { readonly type: 'anomaly' } & z.infer<typeof explanationSchema>;
export type ActionEvent = { readonly type: 'action' } & RecoveryRequest;

export type PipelineEvent = AnomalyEvent | CheckEvent | ActionEvent;
