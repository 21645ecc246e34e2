/** `/replays`: recorded passes run beside the live one, each in a process of its own. Nothing of it is live, and nothing can leave. */
import { z } from 'zod';
import { anomalySummarySchema } from './anomalies';
import { nullableTime, time } from './common';

export const replaySpeeds = ['afap', 'realtime', '10x', '100x'] as const;
export const replayStates = ['running', 'done', 'failed', 'stopped'] as const;

/** A recording in the folder `console.passes`. */
export const passViewSchema = z.object({ name: z.string(), bytes: z.number(), modifiedAt: time });
export type PassView = z.infer<typeof passViewSchema>;

export const replayViewSchema = z.object({
  id: z.string(),
  isLive: z.literal(false),
  pass: z.string(),
  speed: z.enum(replaySpeeds),
  state: z.enum(replayStates),
  startedAt: time,
  startedBy: z.string(),
  endedAt: nullableTime,
  /** Why it failed. */
  message: z.string(),
  /** Where in the recording it is. */
  packetTime: nullableTime,
  frames: z.int(),
  windows: z.int(),
  unscored: z.int(),
  actions: z.int(),
  dropped: z.record(z.string(), z.int()),
  /** Share of the file that is read, 0..1. */
  progress: z.number(),
  /** In packet-time order; the last revision of each. The account of one: `GET /replays/{id}/anomalies/{anomaly}`. */
  anomalies: z.array(anomalySummarySchema),
});
export type ReplayView = z.infer<typeof replayViewSchema>;

/** `GET /replays`. `isAvailable` is false without `console.passes`, or when its folder is not there. */
export const replayListSchema = z.object({
  isAvailable: z.boolean(),
  passes: z.array(passViewSchema),
  runs: z.array(replayViewSchema),
});
export type ReplayList = z.infer<typeof replayListSchema>;

/** `POST /replays`, answers the new run (201); `POST /replays/{id}/stop` stops it. Both need a token. */
export const replayBody = z.strictObject({
  pass: z.string().min(1).max(255),
  speed: z.enum(replaySpeeds).default('afap'),
});
