/**
 * What is known of a recovery: the states it passes through, what is kept of it in the log, and what others say about it.
 * Health words and levels as flown on Solar Orbiter; action states as in ST[19] and the limit checker of cFS.
 */
import { z } from 'zod';
import { grantSchema, recoveryRequestSchema } from './events';
import { equipmentHealths, ruleStates } from './rules';

const time = z.iso.datetime();

/** In the order of a recovery that goes well, then the ways it can end otherwise; `recorded` ends one that was not to act. */
export const recoveryStates = [
  'proposed',
  'waiting',
  'armed',
  'sent',
  'accepted',
  'completed',
  'verified',
  'recorded',
  'rejected',
  'expired',
  'failed',
  'notVerified',
] as const;
export type RecoveryState = (typeof recoveryStates)[number];

/** States nothing leads out of; `completed` is one only when nothing is left to verify, which `isOver` says. */
export const finalStates: readonly RecoveryState[] = [
  'verified',
  'recorded',
  'rejected',
  'expired',
  'failed',
  'notVerified',
];

/** Stages of an acknowledgement on `action/{id}/ack`. */
export const ackStages = ['accepted', 'completed', 'failed'] as const;
export const acknowledgementSchema = z.object({
  stage: z.enum(ackStages),
  time: z.union([z.string(), z.number()]).optional(),
  reason: z.string().max(1000).optional(),
});
export type AckStage = (typeof ackStages)[number];

export type Grant = z.infer<typeof grantSchema>;

/** One step of a ladder as it would be sent; `verifyWithinMs` is null when nothing tells whether it helped. */
export const plannedStepSchema = z.object({
  request: recoveryRequestSchema,
  expiryMs: z.number(),
  acknowledgement: z.enum(['expected', 'none']),
  verifyWithinMs: z.number().nullable(),
});
export type PlannedStep = z.infer<typeof plannedStepSchema>;

/** A recovery: one rule's ladder on one equipment for one event. Times are milliseconds, mission time. */
export const recoverySchema = z.object({
  /** The id of its first request, and so the same after a restart and in a replay. */
  id: z.string(),
  rule: z.string(),
  equipment: z.string(),
  /** What it answers, and how sure the verdict was; 1 for events that are no verdicts. */
  subject: z.string(),
  explanationId: z.string(),
  fault: z.string(),
  confidence: z.number(),
  grant: grantSchema,
  steps: z.array(plannedStepSchema),
  /** Which step is under way, from 0. */
  step: z.int(),
  state: z.enum(recoveryStates),
  isOver: z.boolean(),
  since: z.number(),
  /** When the state times out; null in one that does not. */
  deadline: z.number().nullable(),
  /** After it the request of this step is never sent. */
  expiry: z.number(),
  startedAt: z.number(),
  approvedBy: z.string().nullable(),
  note: z.string(),
  /** Requests of this recovery that left. */
  sent: z.int(),
  /** Other events on the equipment while it was under way: the first of them, by name. */
  attributed: z.array(z.string()),
});
export type Recovery = z.infer<typeof recoverySchema>;

/** One logged step of a recovery. */
export const recoveryStepSchema = z.object({
  recovery: z.string(),
  request: z.string(),
  explanationId: z.string(),
  time,
  step: z.int(),
  from: z.enum(recoveryStates).nullable(),
  to: z.enum(recoveryStates),
  /** Who or what brought it about: `rule`, `ack`, `telemetry`, `time`, or a person. */
  by: z.string(),
  note: z.string(),
});
export type RecoveryStep = z.infer<typeof recoveryStepSchema>;

/** How a rule stands on one equipment. Milliseconds, mission time. */
export const ruleRecordSchema = z.object({
  rule: z.string(),
  equipment: z.string(),
  /** First time at which it may fire again. */
  coolsUntil: z.number(),
  /** It fired and waits for a person to re-arm it. */
  isSpent: z.boolean(),
  /** When it recovered the equipment; those that its budget still counts. */
  attempts: z.array(z.number()),
  /** Recorded answers left before further ones are suppressed, when that was, and how many were: see `squelch.ts`. */
  squelch: z.object({ tokens: z.number(), at: z.number(), suppressed: z.int() }),
});
export type RuleRecord = z.infer<typeof ruleRecordSchema>;

/** A rule's state as a person set it at run time; forgotten when the rule's text changes. */
export const ruleOverrideSchema = z.object({
  rule: z.string(),
  state: z.enum(ruleStates),
  by: z.string(),
  time,
  /** Of the rule as it was then. */
  fingerprint: z.string(),
});
export type RuleOverride = z.infer<typeof ruleOverrideSchema>;

export const equipmentRecordSchema = z.object({
  equipment: z.string(),
  health: z.enum(equipmentHealths),
  /** Decaying count of recoveries; see `equipment-health.ts`. */
  faults: z.number(),
  updatedAt: z.number(),
  by: z.string(),
  note: z.string(),
});
export type EquipmentRecord = z.infer<typeof equipmentRecordSchema>;

/** What a person did, and whether it was taken. */
export const operatorActionSchema = z.object({
  time,
  by: z.string(),
  request: z.string(),
  target: z.string(),
  ok: z.boolean(),
  message: z.string(),
});
export type OperatorAction = z.infer<typeof operatorActionSchema>;
