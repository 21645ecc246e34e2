/** Telemetry of the last minutes to days: `GET /history`, `GET /timeline`, and the stream `GET /telemetry` of what is new. */
import { z } from 'zod';
import { recoveryStates } from '../../domain/recovery';
import { severities } from '../../domain/monitors';
import { nullableTime, time } from './common';

/** More would be no finer on any screen, and no answer grows beyond some megabytes. */
export const MAX_POINTS = 2000;
export const MAX_PARAMETERS = 64;

/** ISO 8601, or a duration back from the newest telemetry such as `2h`. */
const when = z.string().min(1).max(40);

/** `GET /history?parameters=a,b&from=15m&points=600`. */
export const historyQuery = z.strictObject({
  /** Comma-separated ids; left out: the score alone. */
  parameters: z
    .string()
    .max(20_000)
    .default('')
    .transform((text) => [...new Set(text.split(',').filter((item) => item !== ''))])
    .refine((ids) => ids.length <= MAX_PARAMETERS, `must name at most ${String(MAX_PARAMETERS)} parameters`),
  from: when,
  /** Left out: the newest telemetry. */
  to: when.optional(),
  points: z.coerce.number().int().min(1).max(MAX_POINTS).default(600),
});
export type HistoryQuery = z.infer<typeof historyQuery>;

const row = z.array(z.number().nullable());

/** Point `i` spans `from + i * stepSeconds` and the step after it; null where nothing was kept. */
export const historySchema = z.object({
  /** Start of the first point. */
  from: time,
  stepSeconds: z.number(),
  points: z.int(),
  /** Packet time of the newest telemetry; null when there has been none. */
  newest: nullableTime,
  series: z.array(
    z.object({
      parameter: z.string(),
      min: row,
      max: row,
      mean: row,
      /** What the other parameters imply, and what is normal about it: three standard deviations. */
      expected: row,
      low: row,
      high: row,
    }),
  ),
  /** The greatest score of each point. */
  score: row,
  threshold: z.number().nullable(),
  /** Operating modes as they followed each other; `mode` is null where nobody said. */
  modes: z.array(z.object({ from: time, to: time, mode: z.string() })),
  /** Buckets of the file that were damaged since the console started: they are missing here. */
  damaged: z.int(),
});
export type HistoryAnswer = z.infer<typeof historySchema>;

/** `GET /timeline?from=2h`: what happened meanwhile, to be laid over telemetry. */
export const timelineQuery = z.strictObject({ from: when, to: when.optional() });
export type TimelineQuery = z.infer<typeof timelineQuery>;

/** `to` is null for what lasts. At most some hundreds of each, the newest. */
export const timelineSchema = z.object({
  from: time,
  to: time,
  anomalies: z.array(
    z.object({
      id: z.string(),
      equipment: z.string(),
      fault: z.string(),
      confidence: z.number(),
      severity: z.enum(severities),
      from: time,
      to: nullableTime,
      sentence: z.string(),
    }),
  ),
  alarms: z.array(
    z.object({
      name: z.string(),
      severity: z.enum(severities),
      title: z.string(),
      from: time,
      to: nullableTime,
    }),
  ),
  recoveries: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      equipment: z.string(),
      state: z.enum(recoveryStates),
      from: time,
      to: nullableTime,
    }),
  ),
  commands: z.array(z.object({ time, name: z.string(), arguments: z.string() })),
});
export type Timeline = z.infer<typeof timelineSchema>;

const values = z.array(z.number().nullable());

/** `GET /telemetry`, server-sent events named `telemetry`: what became complete, some times a second. Parameters in mission order. */
export const telemetrySchema = z.object({
  stepSeconds: z.number(),
  measured: z.array(z.object({ time, min: values, max: values, mean: values, mode: z.string().nullable() })),
  judged: z.array(z.object({ time, expected: values, low: values, high: values, score: z.number().nullable() })),
});
export type Telemetry = z.infer<typeof telemetrySchema>;
