/** What can be asked of the explanation log: filters, order and pages of a list, and what is answered. The CLI and the console ask alike. */
import { z } from 'zod';
import { revisionTriggers } from './explanation';
import { severities } from './monitors';
import { recoveryStates } from './recovery';

/** What a person says afterwards: a fault, no fault, or something rare that was intended (a command, a manoeuvre). */
export const operatorVerdicts = ['true', 'false', 'rare-nominal'] as const;
export type OperatorVerdict = (typeof operatorVerdicts)[number];

const time = z.iso.datetime();
const name = z.string().min(1).max(300);
/** Alternatives. */
const names = z.array(name).min(1).max(100);

/** Different filters must all hold; what is left out lets everything pass. */
export const logFilterSchema = z
  .strictObject({
    /** Started at or after, before. */
    since: time.optional(),
    until: time.optional(),
    spacecraft: name.optional(),
    equipment: names.optional(),
    fault: names.optional(),
    minConfidence: z.number().min(0).max(1).optional(),
    maxConfidence: z.number().min(0).max(1).optional(),
    state: z.enum(['open', 'closed']).optional(),
    severity: z.enum(severities).optional(),
    /** A rule that answered it, and a state that some recovery of it is in. */
    rule: name.optional(),
    outcome: z.enum(recoveryStates).optional(),
    /** The newest operator verdict; `none`: not judged yet. */
    verdict: z.enum([...operatorVerdicts, 'none']).optional(),
    /** Words, all of which are in sentence, id, or names of its parameters; `fric*`: the beginning of one. */
    text: z.string().max(200).optional(),
  })
  .refine(({ since, until }) => since === undefined || until === undefined || since < until, {
    message: 'nothing starts at or after `since` and before `until`: `since` must be the earlier one',
    path: ['since'],
  })
  .refine(({ minConfidence = 0, maxConfidence = 1 }) => minConfidence <= maxConfidence, {
    message: 'no confidence is at least `minConfidence` and at most `maxConfidence`',
    path: ['minConfidence'],
  });
export type LogFilter = z.infer<typeof logFilterSchema>;

export const sortKeys = ['start', 'confidence', 'score', 'equipment', 'fault'] as const;
export type SortKey = (typeof sortKeys)[number];

/** A list longer than this is not read by a person, and is exported instead. */
export const MAX_ROWS = 1000;

export interface LogPage {
  readonly sort: SortKey;
  readonly order: 'asc' | 'desc';
  /** 1 to `MAX_ROWS`. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

/** One line of a list: the newest revision of an anomaly. */
export const anomalyRowSchema = z.object({
  id: z.string(),
  revision: z.int(),
  state: z.enum(['open', 'closed']),
  spacecraft: z.string(),
  start: time,
  end: time.nullable(),
  detectedAt: time,
  revisedAt: time,
  trigger: z.enum(revisionTriggers),
  equipment: z.string(),
  fault: z.string(),
  confidence: z.number(),
  score: z.number(),
  threshold: z.number(),
  severity: z.enum(severities),
  model: z.string(),
  sentence: z.string(),
  /** The newest operator verdict. */
  verdict: z.enum(operatorVerdicts).nullable(),
});
export type AnomalyRow = z.infer<typeof anomalyRowSchema>;

/** Of a table, in this order: CSV, Parquet. */
export const ROW_COLUMNS = [
  'id',
  'revision',
  'state',
  'spacecraft',
  'start',
  'end',
  'detectedAt',
  'revisedAt',
  'equipment',
  'fault',
  'confidence',
  'score',
  'threshold',
  'severity',
  'model',
  'verdict',
  'sentence',
] as const satisfies readonly (keyof AnomalyRow)[];

export interface AnomalyPage {
  readonly items: readonly AnomalyRow[];
  /** `cursor` of the next page; null on the last. */
  readonly next: string | null;
}

/** How many anomalies started when, in equal buckets; `from` is null when there is none. */
export interface LogHistogram {
  readonly from: string | null;
  readonly to: string | null;
  readonly bucketSeconds: number;
  readonly counts: readonly number[];
  readonly total: number;
}

/** A person's verdict on an anomaly, as it is kept. */
export const verdictRecordSchema = z.object({
  /** Wall clock: people act on it. */
  time,
  anomaly: name,
  by: z.string(),
  verdict: z.enum(operatorVerdicts),
  comment: z.string(),
});
export type VerdictRecord = z.infer<typeof verdictRecordSchema>;

/** The `log-head` message: the number and the code of the last link, and the key it is signed with (`none`: it is not). */
export const logHeadSchema = z.object({
  schemaVersion: z.literal(1),
  time,
  sequence: z.int(),
  /** Hexadecimal. */
  mac: z.string(),
  keyId: z.string(),
});
export type LogHead = z.infer<typeof logHeadSchema>;
