/** Event-actions (ST[19] words): rules that bind an anomaly to a recovery request. */
import { z } from 'zod';
import { durationMs } from './units';

/**
 * Action states of one rule and modes of the whole function: `active` requests, `passive` evaluates and records but never
 * sends, `disabled` does nothing.
 */
export const actionStates = ['active', 'passive', 'disabled'] as const;
export type ActionState = (typeof actionStates)[number];

const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words joined by "-"');
const oneOrMore = z.union([z.string().transform((item) => [item]), z.array(z.string()).min(1)]);

const conditionSchema = z
  .strictObject({
    /** Any of these equipments; left out: any. `unknown` is an equipment name here. */
    equipment: oneOrMore.optional(),
    /** Any of these fault classes; left out: any. */
    fault: oneOrMore.optional(),
    /** Confidence at least. */
    confidence: z.number().min(0).max(1).optional(),
    /** Confidence below. */
    confidenceBelow: z.number().min(0).max(1).optional(),
    /** The anomaly has lasted at least this long (packet time, counted from its start). */
    duration: durationMs.optional(),
  })
  .readonly();

const actionSchema = z
  .strictObject({
    /** What the spacecraft or the ground is asked to do. */
    command: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be capitals, digits and "_"'),
    /** Strings may hold `${equipment}`, `${fault}`, `${spacecraft}`: see `placeholders.ts`. */
    arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    /** The request is void this long after it was made. */
    expiry: durationMs.default(60_000),
  })
  .readonly();

const eventActionSchema = z
  .strictObject({
    id: name,
    title: z.string(),
    /** Recovery level 1 (the unit itself) to 5 (ground). */
    level: z.int().min(1).max(5),
    state: z.enum(actionStates).default('active'),
    when: conditionSchema,
    /** Consecutive evaluations of one anomaly on which the condition must hold. */
    repetition: z.int().min(1).default(1),
    /** After firing, silent for this long on the same equipment. */
    cooldown: durationMs.default(600_000),
    action: actionSchema,
    /** Why this action is right for this fault, for the person who reads the record. */
    because: z.string(),
  })
  .readonly();

export const rulesFileSchema = z.strictObject({
  schemaVersion: z.literal(1).optional(),
  eventActions: z.array(eventActionSchema).min(1),
});

export type EventAction = z.infer<typeof eventActionSchema>;
export type Condition = EventAction['when'];
export type RulesFile = z.infer<typeof rulesFileSchema>;

/** Where a rule was written, so that checks made after parsing can still name file and line. */
export interface RuleOrigin {
  readonly file: string;
  /** Line and full path of a path inside the rule, such as `['when', 'equipment', 0]`; `[]` is the rule itself. */
  readonly locate: (path: readonly (string | number)[]) => { readonly line: number; readonly path: string };
}

/** Every rule of every rules file, in file order, with the hash of all of them. */
export interface RuleSet {
  readonly sha256: string;
  readonly eventActions: readonly EventAction[];
  /** By rule id; absent for rules that come from no file. */
  readonly origins?: ReadonlyMap<string, RuleOrigin>;
}
