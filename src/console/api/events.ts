/**
 * `GET /events`, server-sent events (WHATWG HTML, section 9.2). On connect the whole overview as `snapshot`, or, with a
 * `Last-Event-ID` (header, or query `lastEventId`) that is still kept, what was missed. Then changes as they happen, each with an
 * id. A `pulse` comes every second or so. It is the heartbeat: a page that hears nothing for five seconds is stale. Who reads too
 * slowly is dropped, and gets a snapshot when it connects again. Beyond loopback a token is needed, which EventSource cannot
 * send: read the stream with `fetch` then.
 */
import { z } from 'zod';
import { alarmSchema } from '../../domain/alarm';
import { anomalySummarySchema, verdictEntrySchema } from './anomalies';
import { equipmentViewSchema, overviewSchema, pulseSchema } from './overview';
import { telemetrySchema } from './history';
import { recoveryViewSchema } from './recovery';
import { replayViewSchema } from './replay';

/** Data of each event by its name. */
export const eventSchemas = {
  snapshot: overviewSchema,
  pulse: pulseSchema,
  /** A revision: new, changed or closed. */
  anomaly: anomalySummarySchema,
  /** An alarm as it now is. */
  alarm: alarmSchema,
  recovery: recoveryViewSchema,
  equipment: equipmentViewSchema,
  /** Something about a rule changed: ask `GET /rules` again. */
  rule: z.object({ rule: z.string() }),
  /** Another model judges from now on: ask `GET /model` again. */
  model: z.object({ id: z.string(), sha256: z.string() }),
  verdict: z.object({ id: z.string(), entry: verdictEntrySchema }),
  /** A person gave an order, and whether it was taken. */
  order: z.object({ by: z.string(), request: z.string(), target: z.string(), ok: z.boolean(), message: z.string() }),
  /** Progress of a replay; not live. */
  replay: replayViewSchema,
  /** Of the stream `GET /telemetry` alone. */
  telemetry: telemetrySchema,
} as const;

export type ConsoleEventName = keyof typeof eventSchemas;
export type ConsoleEvents = { readonly [Name in ConsoleEventName]: z.infer<(typeof eventSchemas)[Name]> };
/** One event as it travels inside the server. */
export type ConsoleEvent = {
  readonly [Name in ConsoleEventName]: { readonly name: Name; readonly data: ConsoleEvents[Name] };
}[ConsoleEventName];
