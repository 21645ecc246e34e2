/** `GET /fleet`: every spacecraft of this worker in a row. */
import { z } from 'zod';
import { astroStatuses } from '../../core/alarms/severity-status';
import { alarmSchema } from '../../domain/alarm';
import { recoveryRequestSchema } from '../../domain/events';
import { explanationSchema } from '../../domain/explanation';
import { daemonStates } from '../../domain/health';
import { anomalyListQuery } from './anomalies';
import { nullableTime, time } from './common';

export const fleetRowSchema = z.object({
  spacecraft: z.string(),
  /** The spacecraft of the mission file: its kind. */
  member: z.string(),
  /** Null where one process has the whole fleet. */
  partition: z.int().nullable(),
  state: z.enum(daemonStates),
  /** Why it is not `online`, in words. */
  reasons: z.array(z.string()),
  /** Of its newest frame. */
  packetTime: nullableTime,
  /** Since its last message, seconds; null before the first. */
  ageSeconds: z.number().nullable(),
  openAnomalies: z.int(),
  openAlarms: z.int(),
  /** The highest score of an open anomaly, in decades of surprise; 0 when none is open. */
  worst: z.number(),
  /** The gravest of its alarms and of its state, as Astro UX has it. */
  status: z.enum(astroStatuses),
  frames: z.int(),
});
export type FleetRow = z.infer<typeof fleetRowSchema>;

export const fleetSchema = z.object({
  worker: z.string(),
  time,
  /** How many there are, before the filter. */
  total: z.int(),
  /** How many pass it. */
  found: z.int(),
  rows: z.array(fleetRowSchema),
});
export type FleetView = z.infer<typeof fleetSchema>;

export const fleetSorts = ['urgency', 'name', 'age'] as const;

export const fleetQuerySchema = z.object({
  /** Part of a name, of a member or of a reason. */
  search: z.string().max(100).default(''),
  state: z.enum(daemonStates).optional(),
  sort: z.enum(fleetSorts).default('urgency'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
});
export type FleetQuery = z.infer<typeof fleetQuerySchema>;

/** `GET /fleet/{spacecraft}/anomalies`: as `GET /anomalies`, of one spacecraft. */
export const spacecraftAnomaliesQuery = anomalyListQuery.omit({ spacecraft: true });

/** `GET /fleet/{spacecraft}/alarms?all=true`. */
export const spacecraftAlarmsSchema = z.object({ items: z.array(alarmSchema) });

/** `GET /fleet/{spacecraft}/anomaly?id=...`: the newest revision, and what followed. */
export const spacecraftAccountSchema = z.object({
  record: explanationSchema,
  revisions: z.int(),
  requests: z.array(recoveryRequestSchema),
  alarms: z.array(alarmSchema),
});
export type SpacecraftAccount = z.infer<typeof spacecraftAccountSchema>;
