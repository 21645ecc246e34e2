/** The explanation record (CONTRACTS section 7): what is published, logged and shown for one anomaly, revision by revision. */
import { z } from 'zod';

const time = z.iso.datetime();
const probability = z.number().min(0).max(1);

export const verdictSchema = z.object({
  /** Isolated equipment, or `unknown`. */
  equipment: z.string(),
  /** Identified fault class, or `unknown`. */
  fault: z.string(),
  confidence: probability,
  alternatives: z.array(z.object({ equipment: z.string(), fault: z.string(), confidence: probability })),
});

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
  expected: z.number(),
});

export const peepholeSchema = z.object({
  tap: z.string(),
  task: z.string(),
  classes: z.array(z.string()),
  posterior: z.array(probability),
});

/** What makes an anomaly worth another revision. */
export const revisionTriggers = [
  'opened',
  'verdict-changed',
  'confidence-changed',
  'score-doubled',
  'returned-to-normal',
  'telemetry-lost',
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
export type Attribution = z.infer<typeof attributionSchema>;
export type Peephole = z.infer<typeof peepholeSchema>;

/** The verdict of an equipment or fault nobody can name. */
export const UNKNOWN = 'unknown';
/** The class of a window without a fault. */
export const NOMINAL = 'nominal';
