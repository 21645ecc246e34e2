/** Tests of rules (`rules/tests/*.yaml`), in the style of promtool: a short series on virtual time, and what must come of it. */
import { z } from 'zod';
import { argumentValue } from './commands';
import { severities } from './monitors';
import { actionStates, equipmentHealths } from './rules';
import { durationMs } from './units';

/** Since the start of the test. */
const at = durationMs;
const names = z.union([z.string().transform((name) => [name]), z.array(z.string()).min(1)]);

const verdict = {
  equipment: z.string().optional(),
  fault: z.string().optional(),
  confidence: z.number().min(0).max(1).optional(),
};

const anomalySchema = z.strictObject({
  at,
  /** Left out: it lasts until the test ends. */
  until: durationMs.optional(),
  equipment: z.string().default('unknown'),
  fault: z.string().default('unknown'),
  confidence: z.number().min(0).max(1).default(0.9),
  /** Counterfactual and attribution. */
  sufficient: z.array(z.string()).default([]),
  /** The conformal set of its verdict, likeliest first; left out: the verdict alone. */
  set: z.array(z.strictObject({ equipment: z.string(), fault: z.string() })).optional(),
  /** How the verdict changes; each makes a revision. */
  changes: z.array(z.strictObject({ at, ...verdict })).default([]),
});

/** What the spacecraft itself reported: an event (PUS service 5) when no service is given. */
const reportSchema = z.strictObject({
  at,
  name: z.string(),
  service: z.int().optional(),
  subtype: z.int().optional(),
  number: z.int().optional(),
  severity: z.enum(severities).default('medium'),
  equipment: z.string().optional(),
});

const answerSchema = z
  .strictObject({
    at,
    /** The newest request of this rule. */
    rule: z.string(),
    /** What the spacecraft says. */
    stage: z.enum(['accepted', 'completed', 'failed']).optional(),
    /** What a person decides. */
    decision: z.enum(['approve', 'reject']).optional(),
    reason: z.string().default(''),
  })
  .refine(
    ({ stage, decision }) => (stage === undefined) !== (decision === undefined),
    'must have "stage" or "decision"',
  );

const expectedEvent = z.strictObject({
  at,
  /** A monitor or functional monitor of the rules. */
  monitor: z.string().optional(),
  /** A plain limit: parameter and limit set. */
  parameter: z.string().optional(),
  limit: z.string().optional(),
  from: z.string().optional(),
  to: z.string(),
  mutedBy: z.string().nullable().optional(),
});

const expectedAction = z.strictObject({
  at,
  rule: z.string(),
  command: z.string().optional(),
  arguments: z.record(z.string(), argumentValue).optional(),
  level: z.int().optional(),
  disposition: z.enum(['request', 'waiting', 'passive']).optional(),
  /** The authority that was granted. */
  authority: z.string().optional(),
  step: z.int().optional(),
});

const expectedMuted = z.strictObject({ at, rule: z.string(), by: z.string().optional() });

const expectedState = z.union([
  /** Of the newest recovery of a rule; `none` when there is none. */
  z.strictObject({ at, rule: z.string(), state: z.string() }),
  z.strictObject({ at, monitor: z.string(), state: z.string() }),
  z.strictObject({ at, alarm: z.string(), state: z.string() }),
  z.strictObject({ at, health: z.string(), state: z.enum(equipmentHealths) }),
]);

const ruleTestSchema = z.strictObject({
  title: z.string(),
  /** Rules this test is about: that they fire, or that they do not. */
  fires: names.optional(),
  silent: names.optional(),
  /** Left out: until everything the test names is over. */
  duration: durationMs.optional(),
  mode: z.enum(actionStates).optional(),
  /** By parameter, one sample a sampling period: `3000x10 3000+5x20 _x3`; see README. */
  series: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  modes: z.array(z.strictObject({ at, mode: z.string() })).default([]),
  anomalies: z.array(anomalySchema).default([]),
  reports: z.array(reportSchema).default([]),
  answers: z.array(answerSchema).default([]),
  model: z.array(z.strictObject({ at, state: z.enum(['working', 'degraded']) })).default([]),
  /** A list that is given is compared as a whole; one that is left out is not looked at. States are looked up. */
  expect: z
    .strictObject({
      events: z.array(expectedEvent).optional(),
      actions: z.array(expectedAction).optional(),
      muted: z.array(expectedMuted).optional(),
      states: z.array(expectedState).default([]),
    })
    .prefault({}),
});

export const ruleTestFileSchema = z.strictObject({
  schemaVersion: z.literal(1).optional(),
  /** Relative to this file. */
  mission: z.string(),
  rules: z.array(z.string()).min(1),
  mode: z.enum(actionStates).default('active'),
  start: z.iso.datetime().default('2026-03-01T00:00:00Z'),
  tests: z.array(ruleTestSchema).min(1),
});

export type RuleTestFile = z.infer<typeof ruleTestFileSchema>;
export type RuleTest = z.infer<typeof ruleTestSchema>;
export type ToldAnomaly = RuleTest['anomalies'][number];
export type ExpectedState = RuleTest['expect']['states'][number];
