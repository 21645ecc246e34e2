/** The `health` message (CONTRACTS section 8): counters and ages, retained, every ten seconds. */
import { z } from 'zod';
import { shadowReportSchema } from './shadow';

const ageSeconds = z.number().nullable();
const count = z.int();

/** What the daemon says of itself on `state`; `offline` is the last will and the last word. */
export const daemonStates = ['online', 'degraded', 'passive', 'offline'] as const;

/** Whether people can look: of `fdir run` with `console: false` it is off. */
export const consoleStatusSchema = z.object({
  /** A port that is taken and a console that broke are tried again every ten seconds. */
  state: z.enum(['starting', 'serving', 'retrying', 'off']),
  /** Where it serves. */
  url: z.string().nullable(),
  /** Why it does not. */
  reason: z.string().nullable(),
});
export type ConsoleStatus = z.infer<typeof consoleStatusSchema>;

/** Later versions may say more. */
export const healthSchema = z.looseObject({
  schemaVersion: z.literal(1),
  time: z.iso.datetime(),
  state: z.enum(daemonStates),
  mode: z.string(),
  /** Parts that do not work. */
  impaired: z.array(z.string()),
  /** Why the state is not `online`, in words. */
  reasons: z.array(z.string()).optional(),
  uptimeSeconds: ageSeconds,
  /** The model package; null when only the plain limits run. */
  model: z.string().nullable(),
  mqttVersion: z.string(),
  /** Who says it, the same as long as its log lies at the same place; missing in what older versions and fleets say. */
  daemon: z.object({ instance: z.string().min(1).max(200), since: z.iso.datetime() }).optional(),
  frames: count,
  windows: count,
  unscored: count,
  /** Of those: windows of hours that the model was adapted on; missing without any. */
  notYetJudged: count.optional(),
  /** Missing while the model judges what comes. */
  judgement: z.object({ state: z.literal('not-yet-judged'), until: z.iso.datetime() }).optional(),
  anomalies: count,
  actions: count,
  checks: count,
  muted: count,
  /** How often the spacecraft's clock was set back. */
  clockSteps: count,
  /** What came in and was not used, by reason. */
  dropped: z.record(z.string(), count),
  /** Since the last message of any kind. */
  lastMessageAgeSeconds: ageSeconds,
  /** How old the newest frame is by its own time. */
  packetAgeSeconds: ageSeconds,
  packetTime: z.iso.datetime().nullable(),
  /** How a shadow model compares; missing without one. */
  shadow: shadowReportSchema.optional(),
  /** Missing in what older versions say. */
  console: consoleStatusSchema.optional(),
});
export type Health = z.infer<typeof healthSchema>;
