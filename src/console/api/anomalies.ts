/** `GET /anomalies`, its histogram and export, and the account of one anomaly. */
import { z } from 'zod';
import { noteRecordSchema } from '../../domain/note';
import { alarmSchema } from '../../domain/alarm';
import { recoveryRequestSchema } from '../../domain/events';
import { attributionSchema, explanationSchema, revisionTriggers, verdictSchema } from '../../domain/explanation';
import { anomalyRowSchema, logFilterSchema, operatorVerdicts, sortKeys } from '../../domain/log-query';
import { comment, nullableTime, time } from './common';
import { recoveryAccountSchema } from './recovery';

export const verdictEntrySchema = z.object({
  time,
  by: z.string(),
  verdict: z.enum(operatorVerdicts),
  comment: z.string(),
});
export type VerdictEntry = z.infer<typeof verdictEntrySchema>;
/** `POST /anomalies/{id}/verdict`. */
export const verdictBody = z.strictObject({ comment, verdict: z.enum(operatorVerdicts) });

/** One line of a list; the whole record is `GET /anomalies/{id}`. */
export const anomalySummarySchema = anomalyRowSchema;
export type AnomalySummary = z.infer<typeof anomalySummarySchema>;

/** Comma-separated lists are alternatives; different filters must all hold. The same words as `fdir log list`. */
const list = z
  .string()
  .max(1000)
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
/** What the log asks itself, and a query says in the same words. */
const { state, severity, outcome, verdict, text, spacecraft, rule } = logFilterSchema.shape;
const only = { state, severity, outcome, verdict, text, spacecraft, rule };
export const anomalyFilter = z.strictObject({
  /** Started at or after; ISO 8601, or a duration back from now such as `2h`. */
  since: z.string().max(40).optional(),
  /** Started before. */
  until: z.string().max(40).optional(),
  equipment: list.optional(),
  fault: list.optional(),
  minConfidence: z.coerce.number().min(0).max(1).optional(),
  maxConfidence: z.coerce.number().min(0).max(1).optional(),
  ...only,
});
export const anomalyListQuery = anomalyFilter.extend({
  sort: z.enum(sortKeys).default('start'),
  order: z.enum(['asc', 'desc']).default('desc'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  /** `next` of the page before. */
  cursor: z.string().max(500).optional(),
});
export type AnomalyQuery = z.infer<typeof anomalyFilter>;
export type AnomalyListQuery = z.infer<typeof anomalyListQuery>;
export const anomalyListSchema = z.object({
  items: z.array(anomalySummarySchema),
  /** `cursor` of the next page; null on the last. */
  next: z.string().nullable(),
});
export type AnomalyList = z.infer<typeof anomalyListSchema>;

/** `GET /anomalies/histogram?...&buckets=60`: how many anomalies started when; equal buckets from `from` to `to`. */
export const histogramQuery = anomalyFilter.extend({ buckets: z.coerce.number().int().min(1).max(500).default(60) });
export const histogramSchema = z.object({
  from: nullableTime,
  to: nullableTime,
  bucketSeconds: z.number(),
  counts: z.array(z.int()),
  total: z.int(),
});
export type Histogram = z.infer<typeof histogramSchema>;

export const exportFormats = ['csv', 'ndjson', 'parquet'] as const;
export type ExportFormat = (typeof exportFormats)[number];
/** `GET /anomalies/export?format=csv|ndjson|parquet&...`: a download, streamed. */
export const exportQuery = anomalyFilter.extend({ format: z.enum(exportFormats).default('ndjson') });

/** One parameter on the time axis of the account: what led up to the anomaly, its worst windows, and how it ended. `measured[i]` belongs
 * to `times[i]`; null is a missing sample, or where nothing was kept. */
export const seriesSchema = z.object({
  parameter: z.string(),
  title: z.string(),
  units: z.string().nullable(),
  equipment: z.string().nullable(),
  /** What it rolls over at; null: it does not. */
  modulus: z.number().nullable(),
  /** Null for a parameter that does not contribute. */
  share: z.number().nullable(),
  measured: z.array(z.number().nullable()),
  /** What the other parameters imply. */
  expected: z.array(z.number().nullable()),
  /** The detector's reconstruction. */
  reconstruction: z.array(z.number().nullable()),
  warning: z.tuple([z.number().nullable(), z.number().nullable()]).nullable(),
  critical: z.tuple([z.number().nullable(), z.number().nullable()]).nullable(),
});
export type Series = z.infer<typeof seriesSchema>;

/** `GET /anomalies/{id}`. The freeze frame is in `times` and `series` and left out of the record. */
export const anomalyAccountSchema = z.object({
  anomaly: explanationSchema.omit({ freezeFrame: true }),
  /** Contributing parameters first, by share. */
  times: z.array(time),
  /** The worst window, which the score and the expected values of the newest revision are about. */
  worst: z.object({ from: time, to: time }),
  series: z.array(seriesSchema),
  revisions: z.array(
    z.object({
      revision: z.int(),
      trigger: z.enum(revisionTriggers),
      revisedAt: time,
      state: z.enum(['open', 'closed']),
      verdict: verdictSchema,
      score: z.number(),
      attribution: z.array(attributionSchema),
      sentence: z.string(),
    }),
  ),
  /** Requests that rules made of it, with the rule's trace. */
  requests: z.array(recoveryRequestSchema),
  recoveries: z.array(recoveryAccountSchema),
  /** Alarms whose causes name it, or that point to it. */
  alarms: z.array(alarmSchema),
  /** Newest first. */
  verdicts: z.array(verdictEntrySchema),
  /** What people wrote on it, newest first. */
  notes: z.array(noteRecordSchema),
  /** The least p-value that the model can show; null when another model judges by now. */
  leastPValue: z.number().nullable(),
  /** The confidence in words and a number, held against the calibration of the model where that is known. */
  howSure: z.string(),
  /** A replay's anomaly is never the spacecraft's. */
  isLive: z.boolean(),
});
export type AnomalyAccount = z.infer<typeof anomalyAccountSchema>;
