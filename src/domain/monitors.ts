/**
 * Parameter monitoring definitions (PMON) and functional monitoring definitions (FMON) of ST[12], ECSS-E-ST-70-41C clause 6.12.
 * A definition says what is checked; what was found is kept apart from it, in the state of the monitoring.
 */
import { z } from 'zod';
import { durationMs } from './units';

const monitorId = z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words joined by "-"');

/** ST[05] severities. */
export const severities = ['informative', 'low', 'medium', 'high'] as const;
export type Severity = (typeof severities)[number];

const range = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low <= high, 'the first number must not be above the second')
  .readonly();

/** When a case applies: in these operating modes, and while this CEL expression over parameters and mode holds. Neither: always. */
const applies = {
  mode: z.union([z.string().transform((mode) => [mode]), z.array(z.string()).min(1)]).optional(),
  when: z.string().trim().min(1).optional(),
};

const limitCase = z.strictObject({ ...applies, range }).readonly();
const expectedCase = z
  .strictObject({
    ...applies,
    value: z.number(),
    /** Bits compared, of parameters that are whole numbers up to 2^53; left out: all of the value. */
    mask: z.int().min(0).optional(),
  })
  .readonly();
const deltaCase = z.strictObject({ ...applies, range }).readonly();
const scoreCase = z.strictObject({ ...applies, threshold: z.number() }).readonly();

/** One value is the only case; a list is tried in order, and the first that applies is checked. */
const limits = z.union([
  range.transform((only): z.infer<typeof limitCase>[] => [{ range: only }]),
  z.array(limitCase).min(1),
]);
const expected = z.union([
  z.number().transform((value): z.infer<typeof expectedCase>[] => [{ value }]),
  z.array(expectedCase).min(1),
]);
const delta = z.union([
  range.transform((only): z.infer<typeof deltaCase>[] => [{ range: only }]),
  z.array(deltaCase).min(1),
]);
const score = z.union([
  z.number().transform((threshold): z.infer<typeof scoreCase>[] => [{ threshold }]),
  z.array(scoreCase).min(1),
]);

/** Consecutive equal results before a status is established: one number for both directions, or one each. */
const repetition = z
  .union([
    z
      .int()
      .min(1)
      .transform((both) => ({ fail: both, pass: both })),
    z.strictObject({ fail: z.int().min(1).default(1), pass: z.int().min(1).default(1) }),
  ])
  .prefault(1);

const inhibition = {
  /** Rules, monitors and equipments whose events are muted while this one has failed. */
  inhibits: z.array(z.string()).readonly().default([]),
  /** After start-up, what this one inhibits waits for so long, lest an effect be answered before its cause is established. */
  hold: durationMs.optional(),
};

const identity = {
  id: monitorId,
  title: z.string().optional(),
  /** The equipment its events are about; left out: that of the parameter. */
  equipment: z.string().optional(),
  severity: z.enum(severities).default('medium'),
  enabled: z.boolean().default(true),
  /** Check validity condition, a CEL expression over parameters and mode: while it does not hold, nothing is checked. */
  validity: z.string().trim().min(1).optional(),
  repetition,
  ...inhibition,
};

export const monitorSchema = z
  .strictObject({
    ...identity,
    /** Required, but for a score check of the whole window. */
    parameter: z.string().optional(),
    limits: limits.optional(),
    expected: expected.optional(),
    delta: delta.optional(),
    /** Share of the window's score this parameter carries, or without a parameter the score itself, must not be above. */
    score: score.optional(),
  })
  .transform(({ limits, expected, delta, score, ...rest }, context) => {
    const checks = [
      ...(limits === undefined ? [] : [{ kind: 'limit' as const, cases: limits }]),
      ...(expected === undefined ? [] : [{ kind: 'expected' as const, cases: expected }]),
      ...(delta === undefined ? [] : [{ kind: 'delta' as const, cases: delta }]),
      ...(score === undefined ? [] : [{ kind: 'score' as const, cases: score }]),
    ];
    const [check] = checks;
    if (check === undefined || checks.length > 1) {
      const message = 'must have exactly one of "limits", "expected", "delta" and "score"';
      context.issues.push({ code: 'custom', message, input: rest.id });
      return z.NEVER;
    }
    if (check.kind !== 'score' && rest.parameter === undefined) {
      context.issues.push({ code: 'custom', message: 'must name its "parameter"', input: rest.id });
      return z.NEVER;
    }
    return { ...rest, check };
  })
  .readonly();

export const functionalMonitorSchema = z
  .strictObject({
    ...identity,
    /** Ids of monitors. */
    members: z.array(monitorId).min(1).readonly(),
    /** It fails when so many members have failed. */
    atLeast: z.int().min(1).default(1),
  })
  .refine(({ members, atLeast }) => atLeast <= members.length, {
    path: ['atLeast'],
    message: 'cannot be more than there are members',
  })
  .readonly();

export type Monitor = z.infer<typeof monitorSchema>;
export type MonitorCheck = Monitor['check'];
export type FunctionalMonitor = z.infer<typeof functionalMonitorSchema>;
