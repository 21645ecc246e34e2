/** Recoveries, alarms and rules: `GET /actions`, `GET /alarms`, `GET /rules`, and the orders people give about them. */
import { z } from 'zod';
import { alarmSchema, alarmStepSchema } from '../../domain/alarm';
import { grantSchema, traceItemSchema } from '../../domain/events';
import { recoveryStates, recoveryStepSchema } from '../../domain/recovery';
import { actionStates, authorities, equipmentHealths, ruleEvents, ruleStates } from '../../domain/rules';
import { durationMs } from '../../domain/units';
import { comment, flag, idText, nullableTime, time } from './common';

/** A recovery as people see it; times are mission time. */
export const recoveryViewSchema = z.object({
  id: z.string(),
  rule: z.string(),
  ruleTitle: z.string(),
  level: z.int().nullable(),
  equipment: z.string(),
  explanationId: z.string(),
  fault: z.string(),
  confidence: z.number(),
  grant: grantSchema,
  state: z.enum(recoveryStates),
  isOver: z.boolean(),
  startedAt: time,
  since: time,
  /** When the state times out. */
  deadline: nullableTime,
  /** After it the present step is never sent. */
  expiry: time,
  /** Index of the step under way in `steps`. */
  step: z.int(),
  steps: z.array(
    z.object({
      request: z.string(),
      command: z.string(),
      arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      because: z.string(),
    }),
  ),
  approvedBy: z.string().nullable(),
  note: z.string(),
});
export type RecoveryView = z.infer<typeof recoveryViewSchema>;

/** `GET /actions/{id}`: with how it went, step by step, and which sub-expression of the rule had which value. */
export const recoveryAccountSchema = z.object({
  recovery: recoveryViewSchema,
  timeline: z.array(recoveryStepSchema),
  trace: z.array(traceItemSchema),
});
export type RecoveryAccount = z.infer<typeof recoveryAccountSchema>;

/** `GET /actions?all=true`, newest first. */
export const recoveryListSchema = z.object({ items: z.array(recoveryViewSchema) });
/** `GET /alarms?all=true`, the most urgent first. */
export const alarmListSchema = z.object({ items: z.array(alarmSchema) });
export type AlarmList = z.infer<typeof alarmListSchema>;
/** `GET /alarms/{name}`: its newest life. */
export const alarmAccountSchema = z.object({ alarm: alarmSchema, steps: z.array(alarmStepSchema) });
export type AlarmAccount = z.infer<typeof alarmAccountSchema>;

/** `?all=true`: also what is over or cleared. */
export const allQuery = z.strictObject({ all: flag.prefault('false') });

/** `POST /alarms/{name}/shelve`: `{ "for": "30m" }`. */
export const shelveBody = z.strictObject({ comment, for: z.string().max(30).pipe(durationMs) });
/** `POST /rules/{rule}/state`. */
export const ruleStateBody = z.strictObject({ comment, state: z.enum(ruleStates) });
/** `POST /rules/{rule}/rearm`: on one equipment, or on all. */
export const rearmBody = z.strictObject({ comment, equipment: idText.optional() }).prefault({});
/** `POST /mode`. */
export const modeBody = z.strictObject({ comment, state: z.enum(actionStates) });
/** `POST /equipment/{equipment}/health`. */
export const equipmentHealthBody = z.strictObject({ comment, health: z.enum(equipmentHealths) });

export const ruleViewSchema = z.object({
  id: z.string(),
  title: z.string(),
  level: z.int(),
  event: z.enum(ruleEvents),
  /** The condition as written, CEL. */
  when: z.string(),
  because: z.string(),
  authority: z.enum(authorities),
  commands: z.array(z.string()),
  cooldownSeconds: z.number(),
  oneShot: z.boolean(),
  rearm: z.enum(['cooldown', 'manual']),
  inhibits: z.array(z.string()),
  /** As it stands, and as the rules file says. */
  state: z.enum(ruleStates),
  configuredState: z.enum(ruleStates),
  /** Who set it otherwise than the file, when a person did. */
  overriddenBy: z.string().nullable(),
  /** How it stands on each equipment it fired for. */
  equipment: z.array(
    z.object({
      equipment: z.string(),
      coolsUntil: nullableTime,
      isSpent: z.boolean(),
      attempts: z.int(),
      suppressed: z.int(),
    }),
  ),
  /** Recoveries it began, by the state they are in or ended in; null when the log cannot be read. */
  counts: z.record(z.string(), z.int()).nullable(),
  firings: z.int().nullable(),
  lastFiring: nullableTime,
});
export type RuleView = z.infer<typeof ruleViewSchema>;
export const ruleListSchema = z.object({
  /** Of all rules files; empty without rules. */
  sha256: z.string(),
  mode: z.enum(actionStates),
  items: z.array(ruleViewSchema),
});
export type RuleList = z.infer<typeof ruleListSchema>;
