/**
 * What the operator's rules files say: event-actions (ST[19]), monitoring definitions and functional monitors (ST[12]).
 * ECSS-E-ST-70-41C clauses 6.12 (on-board monitoring) and 6.19 (event-action). The older form of an event-action (`when:` as a
 * map, one `action:`) is read too. It is normalised to the newer one, so that the program knows one form only.
 */
import { z } from 'zod';
import { argumentValue, commandName } from './commands';
import { conditionText, matchSchema } from './match';
import { functionalMonitorSchema, monitorSchema, type FunctionalMonitor, type Monitor } from './monitors';
import { durationMs, parseDuration } from './units';

/** Modes of the whole function, and what a rule may be besides `off`. */
export const actionStates = ['active', 'passive', 'disabled'] as const;
export type ActionState = (typeof actionStates)[number];

/**
 * Action states of one rule: `active` requests, `passive` evaluates and records but never sends, `disabled` is not evaluated.
 * `off` is disabled for good: nothing but a new rules file brings it back.
 */
export const ruleStates = [...actionStates, 'off'] as const;
export type RuleState = (typeof ruleStates)[number];

/** Who decides: nobody (`observe` records), a person elsewhere (`advise`), a person here (`confirm`), the rule (`automatic`). */
export const authorities = ['observe', 'advise', 'confirm', 'automatic'] as const;
export type Authority = (typeof authorities)[number];

/** What a rule answers: an anomaly, a check transition, a functional monitor, the state of the model, an event report of the spacecraft. */
export const ruleEvents = ['anomaly', 'check', 'monitor', 'model', 'report'] as const;
export type RuleEvent = (typeof ruleEvents)[number];

/** What happened to an anomaly. */
export const anomalyChanges = ['opened', 'updated', 'closed'] as const;
export type AnomalyChange = (typeof anomalyChanges)[number];

/** Health of an equipment, as recovery keeps it. */
export const equipmentHealths = ['healthy', 'needsRecovery', 'faulty', 'permanentlyFaulty', 'externalControl'] as const;
export type EquipmentHealth = (typeof equipmentHealths)[number];

export const ruleId = z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words joined by "-"');

/** A CEL expression; `${equipment}` in it is replaced by the equipment the event is about before it is read. */
const expression = z.string().trim().min(1, 'must be an expression');

const VERIFY_TEXT = /^(.+?)\s+within\s+(\S+)$/s;

/** `{ condition, within }`, or in one line `rw2_speed_rpm < 100 within 60s`. */
const verifySchema = z.union(
  [
    z.strictObject({ condition: expression, within: durationMs }),
    z.string().transform((text, context) => {
      const [, condition, duration] = VERIFY_TEXT.exec(text.trim()) ?? [];
      const within = duration === undefined ? undefined : parseDuration(duration);
      if (condition !== undefined && within !== undefined) return { condition, within };
      context.issues.push({ code: 'custom', message: 'must end in "within" and a duration', input: text });
      return z.NEVER;
    }),
  ],
  'must be a condition and a time: rw2_speed_rpm < 100 within 60s',
);

/** One step of the ladder: a command and how to tell whether it may be sent, is needed, and helped. */
const stepSchema = z
  .strictObject({
    /** What the spacecraft or the ground is asked to do. */
    command: commandName,
    /** Strings may hold `${equipment}`, `${fault}`, `${spacecraft}`: see `placeholders.ts`. */
    arguments: z.record(z.string(), argumentValue).default({}),
    /** The request is void this long after it was made. */
    expiry: durationMs.default(60_000),
    /** Must hold at the moment of sending. */
    precondition: expression.optional(),
    /** Holds when the command would change nothing: success, with a note. */
    alreadyDone: expression.optional(),
    /** Must become true within this time after completion; otherwise the next step is taken. */
    verify: verifySchema.optional(),
  })
  .readonly();

const attemptsSchema = z
  .strictObject({
    /** Recoveries of one equipment by this rule within `window`; after them the equipment is declared faulty. */
    budget: z.int().min(1),
    window: durationMs,
  })
  .readonly();

const common = {
  id: ruleId,
  title: z.string(),
  /** Recovery level 1 (the unit itself) to 5 (ground). */
  level: z.int().min(1).max(5),
  state: z.enum(ruleStates).default('active'),
  event: z.enum(ruleEvents).default('anomaly'),
  /** Of an anomaly's life, what the rule looks at. */
  on: z.array(z.enum(anomalyChanges)).min(1).readonly().default(['opened', 'updated']),
  /** Consecutive evaluations of one anomaly, check or monitor on which the condition must hold. */
  repetition: z.int().min(1).default(1),
  /** After firing, silent for this long on the same equipment. */
  cooldown: durationMs.default(600_000),
  /** Fires once for one anomaly, check or monitor failure, however long it lasts. */
  oneShot: z.boolean().default(true),
  /** What makes it ready again on an equipment it fired for: the end of the cool-down, or a person. */
  rearm: z.enum(['cooldown', 'manual']).default('cooldown'),
  attempts: attemptsSchema.optional(),
  /** Of several rules that would recover one equipment at the same time, the highest goes first. */
  priority: z.int().default(0),
  /** Below this confidence of the verdict, or with a verdict `unknown`, an automatic rule advises only. */
  confidenceFloor: z.number().min(0).max(1).optional(),
  /** Rules, monitors and equipments whose events are muted while this rule's condition holds. */
  inhibits: z.array(z.string()).readonly().default([]),
  /** After start-up, what this rule inhibits waits for so long, lest an effect be answered before its cause. */
  hold: durationMs.optional(),
  /** Why this action is right for this fault, for the person who reads the record. */
  because: z.string(),
};

const eventActionSchema = z
  .strictObject({
    ...common,
    when: z.union([expression, matchSchema]).default('true'),
    /** Left out: `automatic` for a rule with an `action`, as rules were before authority existed. */
    authority: z.enum(authorities).optional(),
    /** The ladder: the next step is taken when one does not help. */
    steps: z.array(stepSchema).min(1).readonly().optional(),
    /** A ladder of one step. */
    action: stepSchema.optional(),
  })
  .transform(({ when, authority, steps, action, ...rest }, context) => {
    const ladder = steps ?? (action === undefined ? undefined : [action]);
    const issue = (message: string, path: readonly PropertyKey[] = []) => {
      context.issues.push({ code: 'custom', message, path: [...path], input: rest.id });
    };
    if (steps !== undefined && action !== undefined) issue('has "steps" and "action": one of them', ['action']);
    if (ladder === undefined) issue('has neither "steps" nor "action"');
    if (steps !== undefined && authority === undefined)
      issue('a rule with "steps" must say its "authority"', ['steps']);
    if (rest.event !== 'anomaly' && typeof when !== 'string')
      issue('a map is about anomalies; write an expression', ['when']);
    if (ladder === undefined) return z.NEVER;
    const match = typeof when === 'string' ? undefined : when;
    return {
      ...rest,
      /** A CEL expression. */
      when: typeof when === 'string' ? when : conditionText(when),
      /** The map it was written as, if it was. */
      ...(match !== undefined && { match }),
      authority: authority ?? ('automatic' as const),
      steps: ladder,
      /** It was written as one `action`, where problems are to be found. */
      ...(action !== undefined && { ladderKey: 'action' as const }),
    };
  })
  .readonly();

export const rulesFileSchema = z
  .strictObject({
    schemaVersion: z.literal(1).optional(),
    monitors: z.array(monitorSchema).default([]),
    functionalMonitors: z.array(functionalMonitorSchema).default([]),
    eventActions: z.array(eventActionSchema).default([]),
  })
  .refine(
    (file) => file.monitors.length + file.functionalMonitors.length + file.eventActions.length > 0,
    'holds no rule and no monitor',
  );

export type EventAction = z.infer<typeof eventActionSchema>;
export type ActionStep = EventAction['steps'][number];
export type RulesFile = z.infer<typeof rulesFileSchema>;

/** Where a rule or monitor was written, so that checks made after parsing can still name file and line. */
export interface RuleOrigin {
  readonly file: string;
  /** Line and full path of a path inside the rule, such as `['when', 'equipment', 0]`; `[]` is the rule itself. */
  readonly locate: (path: readonly (string | number)[]) => { readonly line: number; readonly path: string };
}

/** Everything of every rules file, in file order, with the hash of all of them. Ids are unique over all three kinds. */
export interface RuleSet {
  readonly sha256: string;
  readonly eventActions: readonly EventAction[];
  readonly monitors: readonly Monitor[];
  readonly functionalMonitors: readonly FunctionalMonitor[];
  /** By id; absent for rules that come from no file. */
  readonly origins?: ReadonlyMap<string, RuleOrigin>;
}

export const emptyRuleSet: RuleSet = { sha256: '', eventActions: [], monitors: [], functionalMonitors: [] };
