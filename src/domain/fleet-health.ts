/** What a worker says of itself and of its spacecraft: the topic `fleet/{worker}/health`, retained, every ten seconds. */
import { z } from 'zod';
import { daemonStates } from './health';

const count = z.int().min(0);

/** Later versions may say more. */
export const fleetHealthSchema = z.looseObject({
  schemaVersion: z.literal(1),
  time: z.iso.datetime(),
  worker: z.string(),
  state: z.enum(daemonStates),
  /** What keeps the whole worker from its work, in words: the database is away. */
  reasons: z.array(z.string()).default([]),
  uptimeSeconds: z.number(),
  spacecraft: count,
  /** How many spacecraft are in which state. */
  states: z.partialRecord(z.enum(daemonStates), count),
  /** Those that are degraded, a hundred of them at most. */
  degraded: z.array(z.string()),
  /** Partitions that this worker has; null where one process has the whole fleet. */
  partitions: z.array(z.int()).nullable(),
  mqttVersion: z.string(),
  /** Messages and orders that wait to be judged. */
  waiting: count,
  /** Telemetry messages let go because a lane was full, since the start. */
  letGo: count,
  /** Messages about no spacecraft of ours, since the start. */
  foreign: count,
  openAnomalies: count,
  openAlarms: count,
  frames: count,
  windows: count,
  unscored: count,
  anomalies: count,
  actions: count,
});

export type FleetHealth = z.infer<typeof fleetHealthSchema>;
