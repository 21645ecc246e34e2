/**
 * Daemon events: what happens to the daemon itself and not to the spacecraft. Each kind has a severity and the shape of its detail.
 * The log keeps them under the time of the wall clock.
 */
import { z } from 'zod';
import { daemonStates } from './health';
import { shadowReportSchema } from './shadow';

export const eventSeverities = ['info', 'warning', 'error'] as const;
export type EventSeverity = (typeof eventSeverities)[number];

const seconds = z.number();
const nothing = z.object({});

/** The severity belongs to the kind: whoever notes an event leaves it out. */
const declare = <Kind extends string, Severity extends EventSeverity, Detail extends z.ZodType>(
  kind: Kind,
  severity: Severity,
  detail: Detail,
) => z.object({ kind: z.literal(kind), severity: z.literal(severity).default(severity as never), detail });

export const daemonEventSchema = z.discriminatedUnion('kind', [
  declare('started', 'info', z.object({ mode: z.string(), model: z.string().nullable() })),
  /** The summary of what was counted. */
  declare('stopped', 'info', z.looseObject({ frames: z.number() })),
  declare('state', 'warning', z.object({ state: z.enum(daemonStates) })),
  /** A part of the last run's judgement that the daemon did not go on with. */
  declare('checkpoint-refused', 'warning', z.object({ part: z.string(), reason: z.string() })),
  /** The broker is back, and forgot the session: telemetry since `telemetrySince` (packet time) may be lost. */
  declare('session-lost', 'error', z.object({ seconds, telemetrySince: z.string().nullable() })),
  /** The connection that telemetry comes on. */
  declare('link-up', 'info', z.object({ seconds })),
  declare('link-down', 'warning', nothing),
  /** The connection of requests, findings and orders. */
  declare('control-up', 'info', z.object({ seconds })),
  declare('control-down', 'warning', nothing),
  /** The list of subscriptions could not be kept. */
  declare('subscriptions', 'warning', z.object({ message: z.string() })),
  /** The wall clock of this machine was set. */
  declare('clock-step', 'warning', z.object({ seconds })),
  /** The spacecraft's clock was set back: packet times. */
  declare('time-base', 'warning', z.object({ from: z.string(), to: z.string(), seconds })),
  declare('console', 'warning', z.object({ message: z.string() })),
  /** The ring of telemetry was begun anew, or takes nothing. */
  declare('history', 'warning', z.object({ message: z.string() })),
  /** A client of the listeners for packets was refused or disconnected. */
  declare('packets', 'warning', z.object({ message: z.string() })),
  declare('shadow', 'info', shadowReportSchema),
  declare('reloaded', 'info', z.object({ by: z.string(), message: z.string() })),
  declare('reload-refused', 'error', z.object({ by: z.string(), message: z.string() })),
  /** The log file was damaged; `aside` is where it is now. */
  declare('log-set-aside', 'error', z.object({ aside: z.string(), reason: z.string() })),
  /** The log file was moved or deleted while the daemon ran. */
  declare('log-gone', 'error', nothing),
  /** The broker offers less than the daemon would use. */
  declare('broker-limits', 'warning', z.object({ limits: z.array(z.string()) })),
  /** The broker refused a message on this topic; those that follow on it until one is taken are not noted. */
  declare('refused', 'error', z.object({ topic: z.string(), reason: z.string() })),
  /** A record was larger than the broker takes, and was published without these parts; the log keeps all. */
  declare('shortened', 'warning', z.object({ topic: z.string(), bytes: z.number(), leftOut: z.array(z.string()) })),
  /** The broker says that another client has this identifier; or so many connections in a row ended soon, without a reason. */
  /** Another daemon of this spacecraft, with a log of its own; `yields`: this one becomes passive for it. */
  declare('another-daemon', 'error', z.object({ instance: z.string(), mode: z.string(), yields: z.boolean() })),
  declare('another-daemon-gone', 'warning', z.object({ instance: z.string() })),
  declare('client-taken-over', 'error', z.object({ clientId: z.string(), endings: z.int().optional() })),
  /** A receiver of `notify:` has not taken anything for several attempts; so many changes wait for it. */
  declare('notify-failed', 'warning', z.object({ receiver: z.string(), reason: z.string(), waiting: z.int() })),
  declare('notify-restored', 'info', z.object({ receiver: z.string(), seconds })),
  /** A receiver will never take this change of an alarm: it is not told again. */
  declare('notify-refused', 'error', z.object({ receiver: z.string(), alarm: z.string(), reason: z.string() })),
  /** Changes of alarms that no receiver will hear of any more. */
  declare('notify-dropped', 'error', z.object({ count: z.int(), reason: z.string() })),
  /** Retention removed the oldest records. */
  declare('forgotten', 'info', z.looseObject({ removed: z.number() })),
]);

/** As it is noted. */
export type DaemonEvent = z.input<typeof daemonEventSchema>;
export type DaemonEventKind = DaemonEvent['kind'];
export type DaemonEventOf<Kind extends DaemonEventKind> = Extract<DaemonEvent, { kind: Kind }>;

export const daemonEventKinds: readonly DaemonEventKind[] = daemonEventSchema.options.map(
  ({ shape }) => shape.kind.value,
);

/** The kinds of this severity, or of a graver one. */
export const kindsFrom = (least: EventSeverity): readonly DaemonEventKind[] =>
  daemonEventSchema.options
    .filter(({ shape }) => eventSeverities.indexOf(shape.severity.parse(undefined)) >= eventSeverities.indexOf(least))
    .map(({ shape }) => shape.kind.value);

/** An event as the log tells it. */
export const loggedEventSchema = z.object({
  /** Rises with every record of the log. */
  sequence: z.int(),
  /** Which opening of the log for writing. */
  run: z.int(),
  /** Wall clock. */
  time: z.iso.datetime(),
  /** An earlier or later version may know kinds that this one does not. */
  kind: z.string(),
  severity: z.enum(eventSeverities),
  /** The same in words. */
  sentence: z.string(),
  detail: z.unknown(),
});
export type LoggedEvent = z.infer<typeof loggedEventSchema>;

/** Which events are listed; what is left out lets everything pass. */
export interface EventFilter {
  /** At or after, before: wall clock, ISO 8601. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly kinds?: readonly string[] | undefined;
  /** Only events with a higher number. */
  readonly after?: number | undefined;
  /** Only events with a lower number. */
  readonly before?: number | undefined;
}
