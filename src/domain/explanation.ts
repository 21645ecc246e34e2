/** The explanation record (CONTRACTS section 7): what is published, logged and shown for one anomaly, revision by revision. */
import { z } from 'zod';
import { telecommandRecordSchema } from './telecommand';

const time = z.iso.datetime();
const probability = z.number().min(0).max(1);

export const verdictSchema = z.object({
  /** Isolated equipment, or `unknown`. */
  equipment: z.string(),
  /** Identified fault class, or `unknown`. */
  fault: z.string(),
  confidence: probability,
  alternatives: z.array(z.object({ equipment: z.string(), fault: z.string(), confidence: probability })),
  /**
   * Conformal set: the smallest set of classes that holds the truth in nine of ten such cases, likeliest first. Empty when no known class is
   * likely enough. Not in records of older versions, nor of packages without calibrated sets.
   */
  set: z.array(z.object({ equipment: z.string(), fault: z.string(), probability })).optional(),
});

/**
 * What a person can check of one parameter. Left out: the deviation itself, which is then at least `LEAST_DEVIATION`.
 * Values are in engineering units; frames count sampling instants.
 */
export const reasonSchema = z.discriminatedUnion('kind', [
  /** Nothing of this parameter alone can be checked: it carries evidence together with others only. */
  z.object({ kind: z.literal('joint') }),
  /** After a command, or a change of mode, the value did not move as it does in nominal telemetry. */
  z.object({
    kind: z.literal('unfollowed'),
    /** The parameter that changed, what it became, and when. */
    command: z.string(),
    to: z.number(),
    at: time,
    /** What the value should have changed by, and did. */
    expectedChange: z.number(),
    measuredChange: z.number(),
  }),
  /** The mean over so many frames leaves what the others imply; `deviation` in nominal standard deviations of such means. */
  z.object({ kind: z.literal('slow'), frames: z.int().positive(), deviation: z.number() }),
  /** Outside all that nominal telemetry held: below `nominal`, or above. */
  z.object({
    kind: z.literal('range'),
    side: z.enum(['low', 'high']),
    value: z.number(),
    nominal: z.number(),
    at: time,
  }),
  /** A level that nominal telemetry never held. */
  z.object({ kind: z.literal('level'), value: z.number(), seen: z.array(z.number()), at: time }),
  /** The same value for longer than in nominal telemetry: frames of the window, or `samples` as they were measured, also before it. */
  z.object({
    kind: z.literal('repeats'),
    value: z.number(),
    frames: z.int().positive(),
    nominal: z.int(),
    counts: z.literal('samples').optional(),
  }),
  /** Mean change from frame to frame over the window: less than nominal windows have at least, or more than at most. */
  z.object({ kind: z.literal('spread'), side: z.enum(['low', 'high']), value: z.number(), nominal: z.number() }),
]);

export const attributionSchema = z.object({
  parameter: z.string(),
  /** Share of the anomaly's score this parameter carries, 0..1. */
  share: probability,
  peakAt: time,
  /** At the peak, in nominal standard deviations of what the other parameters imply; signed. */
  deviation: z.number(),
  direction: z.enum(['high', 'low']),
  /** Measured and expected engineering values at the peak. */
  measured: z.number(),
  /** Within what the parameter can take: its valid range, what fitting saw of it, and the levels it has. */
  expected: z.number(),
  /** If the others imply a value beyond all that fitting saw: the end of that range, which is then `expected`. */
  bound: z.enum(['low', 'high']).optional(),
  /** If `measured` lies outside of what fitting saw: how far, as a share of that range. */
  outside: z.number().positive().optional(),
  reason: reasonSchema.optional(),
});

export const peepholeSchema = z.object({
  tap: z.string(),
  task: z.string(),
  classes: z.array(z.string()),
  posterior: z.array(probability),
});

/**
 * When one cause moves many units: the root and its symptoms, or a symptom and its root. `reason`: the root feeds the symptom's
 * equipment (`declared`), or it began first of many (`earlier`). Or its unit explains most of what many units show at once
 * (`least`).
 */
export const cascadeSchema = z.discriminatedUnion('role', [
  z.object({ role: z.literal('root'), symptoms: z.array(z.object({ id: z.string(), equipment: z.string() })) }),
  z.object({
    role: z.literal('symptom'),
    /** Id of the root's anomaly, and its equipment. */
    root: z.string(),
    equipment: z.string(),
    reason: z.enum(['declared', 'earlier', 'least']),
  }),
]);

/** What makes an anomaly worth another revision. */
export const revisionTriggers = [
  'opened',
  'verdict-changed',
  'confidence-changed',
  'score-doubled',
  'cascade-changed',
  'returned-to-normal',
  'telemetry-lost',
  'new-regime',
  'end-of-pass',
] as const;
export type RevisionTrigger = (typeof revisionTriggers)[number];

export const explanationSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  revision: z.int().min(1),
  state: z.enum(['open', 'closed']),
  spacecraft: z.string(),
  /** Start of the first window that counted. */
  start: time,
  /** Last window that counted, once closed. */
  end: time.nullable(),
  /** Why this revision was written. */
  trigger: z.enum(revisionTriggers),
  detectedAt: time,
  /** Packet time of this revision. */
  revisedAt: time,
  /** The worst window so far. */
  score: z.object({ value: z.number(), threshold: z.number(), pValue: probability }),
  verdict: verdictSchema,
  conceptogram: z.array(peepholeSchema),
  attribution: z.array(attributionSchema),
  /** Smallest set of parameters whose replacement by what the others imply clears the score; empty when no set does. */
  sufficient: z.array(z.string()),
  sentence: z.string(),
  /** Telecommands from shortly before its start to this revision, oldest first; left out when there are none. */
  commands: z.array(telecommandRecordSchema).optional(),
  /** Only of anomalies that belong together with others. A symptom's rules and alarm are muted by its root. */
  cascade: cascadeSchema.optional(),
  freezeFrame: z.object({
    from: time,
    to: time,
    /** Measured engineering values, a series a parameter; null is a missing sample. */
    parameters: z.record(z.string(), z.array(z.number().nullable())),
    /** The detector's reconstruction of the worst window. */
    reconstruction: z.record(z.string(), z.array(z.number())),
    /** What the other equipments' and parameters' values imply, same shape: measured minus expected is the deviation. */
    expected: z.record(z.string(), z.array(z.number())),
    /**
     * What was measured up to this revision, three windows long, evenly from `from` to `to`: of the parameters that carry the anomaly.
     * Not in records of older versions, nor shortly after a start.
     */
    surroundings: z
      .object({ from: time, to: time, parameters: z.record(z.string(), z.array(z.number().nullable())) })
      .optional(),
  }),
  model: z.object({ id: z.string(), sha256: z.string() }),
  rules: z.object({ sha256: z.string() }),
});

export type Explanation = z.infer<typeof explanationSchema>;
export type Verdict = z.infer<typeof verdictSchema>;
export type Cascade = z.infer<typeof cascadeSchema>;
export type Reason = z.infer<typeof reasonSchema>;
export type Attribution = z.infer<typeof attributionSchema>;
export type Peephole = z.infer<typeof peepholeSchema>;

/** The verdict of an equipment or fault nobody can name. */
export const UNKNOWN = 'unknown';
/** The class of a window without a fault. */
export const NOMINAL = 'nominal';

/** A smaller deviation is never a reason; of many samples a larger one is needed (core/anomaly/chance.ts). Nominal standard deviations. */
export const LEAST_DEVIATION = 3;
