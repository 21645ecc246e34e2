/** `GET /overview`, `GET /mission` and `GET /health`: how the spacecraft is, what waits for a person, and who tells so. */
import { z } from 'zod';
import { alarmSchema } from '../../domain/alarm';
import { recoveryStates } from '../../domain/recovery';
import { actionStates, equipmentHealths } from '../../domain/rules';
import { anomalySummarySchema } from './anomalies';
import { nullableTime, time } from './common';
import { recoveryViewSchema } from './recovery';

export const daemonStates = ['online', 'degraded', 'passive', 'offline'] as const;

/** How fresh everything is. Ages are against the daemon's clock; the page carries them on with its own. */
export const pulseSchema = z.object({
  /** Wall clock of the daemon. */
  now: time,
  state: z.enum(daemonStates),
  /** Action state of the whole function. */
  mode: z.enum(actionStates),
  /** Parts that do not work: `inference`, `log`. */
  impaired: z.array(z.string()),
  /** Whether the daemon reaches its broker. */
  isConnected: z.boolean(),
  startedAt: time,
  /** Packet time of the newest frame; null before the first. */
  packetTime: nullableTime,
  packetAgeSeconds: z.number().nullable(),
  /** Wall clock of the last message. */
  lastMessageAt: nullableTime,
  frames: z.int(),
  windows: z.int(),
  unscored: z.int(),
  anomalies: z.int(),
  actions: z.int(),
  checks: z.int(),
  muted: z.int(),
  /** By reason. */
  dropped: z.record(z.string(), z.int()),
});
export type Pulse = z.infer<typeof pulseSchema>;

export const equipmentViewSchema = z.object({
  equipment: z.string(),
  title: z.string(),
  health: z.enum(equipmentHealths),
  /** Decaying count of recoveries. */
  faults: z.number(),
  updatedAt: nullableTime,
  by: z.string(),
  note: z.string(),
  /**
   * The recovery that made its health what it is, and how it stands or ended. It is null when a person did, or when none is known
   * any more.
   */
  recovery: z
    .object({
      id: z.string(),
      ruleTitle: z.string(),
      state: z.enum(recoveryStates),
      isOver: z.boolean(),
      since: time,
    })
    .nullable(),
  /** Ids of the anomalies that are open on it. */
  openAnomalies: z.array(z.string()),
  /** Names of its alarms that are neither cleared nor shelved. */
  alarms: z.array(z.string()),
});
export type EquipmentView = z.infer<typeof equipmentViewSchema>;

export const overviewSchema = z.object({
  spacecraft: z.string(),
  title: z.string(),
  pulse: pulseSchema,
  equipment: z.array(equipmentViewSchema),
  /** Not cleared, the most urgent first; shelved ones last. */
  alarms: z.array(alarmSchema),
  openAnomalies: z.array(anomalySummarySchema),
  /** Recoveries that are not over; those in state `waiting` wait for a person and come first, the soonest to expire first. */
  recoveries: z.array(recoveryViewSchema),
});
export type Overview = z.infer<typeof overviewSchema>;

/** `GET /mission`: titles, units and limits, to name things as people do. */
export const missionViewSchema = z.object({
  spacecraft: z.string(),
  title: z.string(),
  periodSeconds: z.number(),
  windowFrames: z.int(),
  equipment: z.array(z.object({ id: z.string(), title: z.string() })),
  parameters: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      units: z.string().nullable(),
      equipment: z.string().nullable(),
      /** What it rolls over at; null: it does not. */
      modulus: z.number().nullable(),
      warning: z.tuple([z.number().nullable(), z.number().nullable()]).nullable(),
      critical: z.tuple([z.number().nullable(), z.number().nullable()]).nullable(),
    }),
  ),
  /** Fault classes a verdict can name, with their titles. */
  faults: z.array(z.object({ id: z.string(), title: z.string() })),
  modes: z.array(z.string()),
});
export type MissionView = z.infer<typeof missionViewSchema>;

/** `GET /health`: of the console itself too. */
export const healthViewSchema = z.object({
  pulse: pulseSchema,
  console: z.object({
    startedAt: time,
    /** SSE clients now, and dropped since the start because they read too slowly. */
    clients: z.int(),
    slowClientsDropped: z.int(),
    /** How often this console fell behind the daemon and was given a whole snapshot instead. */
    coalesced: z.int(),
    requests: z.int(),
    refused: z.int(),
    /** Whether the log can be read. */
    isLogReadable: z.boolean(),
  }),
});
export type HealthView = z.infer<typeof healthViewSchema>;
