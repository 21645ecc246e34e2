/** What the pipeline says to the outside: one event a line on `fdir replay --json`, one message a topic on MQTT. */
import { z } from 'zod';
import type { explanationSchema } from './explanation';
import type { OnboardEvent } from './onboard-event';
import { severities } from './monitors';
import { authorities } from './rules';
import { truths } from './truth';

const time = z.iso.datetime();

/** Checking statuses of ST[12]. */
export const checkingStatuses = [
  'unchecked',
  'invalid',
  'withinLimits',
  'belowLowLimit',
  'aboveHighLimit',
  'expectedValue',
  'unexpectedValue',
  'withinThreshold',
  'belowLowThreshold',
  'aboveHighThreshold',
] as const;
export type CheckingStatus = (typeof checkingStatuses)[number];

/** Checking statuses of functional monitors, ST[12] FMON. */
export const functionalStatuses = ['unchecked', 'running', 'failed'] as const;
export type FunctionalStatus = (typeof functionalStatuses)[number];

/** A limit transition: an established checking status changed. */
export const checkEventSchema = z.object({
  type: z.literal('check'),
  time,
  parameter: z.string(),
  /** Which limit set changed its status; `valid` for the validity range, `monitor` for a monitor of a rules file. */
  limit: z.enum(['valid', 'warning', 'critical', 'monitor']),
  from: z.enum(checkingStatuses),
  to: z.enum(checkingStatuses),
  value: z.number().nullable(),
  /** The limit set that was checked. */
  /** Null: that end is open. */
  range: z.tuple([z.number().nullable(), z.number().nullable()]),
  /** Of a monitor of a rules file: its id, what it checks, how grave it is, how many equal results established the status. */
  monitor: z.string().optional(),
  check: z.enum(['limit', 'expected', 'delta', 'score']).optional(),
  equipment: z.string().optional(),
  severity: z.enum(severities).optional(),
  repetition: z.int().optional(),
  /** The monitor that explains this transition: it is recorded, and no rule answers it. */
  mutedBy: z.string().optional(),
});

/** A functional monitor (FMON) changed: enough of its members have failed, or no longer. */
export const monitorEventSchema = z.object({
  type: z.literal('monitor'),
  time,
  monitor: z.string(),
  equipment: z.string().optional(),
  severity: z.enum(severities),
  from: z.enum(functionalStatuses),
  to: z.enum(functionalStatuses),
  /** Members that have failed, in the order of the definition. */
  failing: z.array(z.string()),
  members: z.int(),
  atLeast: z.int(),
  mutedBy: z.string().optional(),
});

/** A rule's answer that was held back because its cause is known: recorded and counted, never acted upon. */
export const mutedEventSchema = z.object({
  type: z.literal('muted'),
  time,
  kind: z.literal('rule'),
  /** The rule that would have answered. */
  id: z.string(),
  equipment: z.string().optional(),
  /** Rule or monitor that explains it. */
  by: z.string(),
  /** The anomaly or monitor it is about. */
  subject: z.string(),
});

/** See `TraceItem`. */
export const traceItemSchema = z.object({
  condition: z.string(),
  actual: z.union([z.string(), z.number(), z.boolean()]),
  holds: z.boolean(),
  truth: z.enum(truths).optional(),
});

/** Which authority a rule has, which it was given this time, and why that is less. */
export const grantSchema = z.object({ asked: z.enum(authorities), granted: z.enum(authorities), reason: z.string() });

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
  /** `request` leaves for the spacecraft; `waiting` waits for a person; `passive` was only recorded. */
  disposition: z.enum(['request', 'waiting', 'passive']),
  /** Which sub-expression had which value. */
  trace: z.array(traceItemSchema),
  because: z.string(),
  /** Who decides, and why it is not as the rule says when it is not. */
  authority: grantSchema.optional(),
  /** The recovery this is a step of, the step from 1, and who approved it. */
  recovery: z.string().optional(),
  step: z.int().optional(),
  approvedBy: z.string().optional(),
  /** Of a fleet: the lease it was decided under, and its number, which rises by one for each spacecraft. */
  epoch: z.int().optional(),
  seq: z.int().optional(),
});

/** What was counted between start and end; CONTRACTS section 5. */
export const summarySchema = z.object({
  type: z.literal('summary'),
  frames: z.int(),
  windows: z.int(),
  unscored: z.int(),
  /** Of those: windows of hours that the model was adapted on. */
  notYetJudged: z.int().optional(),
  anomalies: z.int(),
  actions: z.int(),
  /** Everything that came in and was not used, by reason. */
  dropped: z.record(z.string(), z.int()),
});

export type CheckEvent = z.infer<typeof checkEventSchema>;
export type MonitorEvent = z.infer<typeof monitorEventSchema>;
export type MutedEvent = z.infer<typeof mutedEventSchema>;
export type RecoveryRequest = z.infer<typeof recoveryRequestSchema>;
export type Summary = z.infer<typeof summarySchema>;
export type AnomalyEvent = { readonly type: 'anomaly' } & z.infer<typeof explanationSchema>;
export type ActionEvent = { readonly type: 'action' } & RecoveryRequest;

export type PipelineEvent = AnomalyEvent | CheckEvent | MonitorEvent | MutedEvent | ActionEvent | OnboardEvent;
