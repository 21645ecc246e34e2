/** Daemon events in words, and read back from the text that the log keeps. */
import {
  daemonEventSchema,
  type DaemonEvent,
  type DaemonEventKind,
  type EventSeverity,
  type LoggedEvent,
} from '../domain/daemon-event';

const duration = (seconds: number): string => `${String(seconds)} s`;

/** One sentence for people. */
export const describeDaemonEvent = (event: DaemonEvent): string => {
  switch (event.kind) {
    case 'started':
      return `the daemon started in mode ${event.detail.mode}, ${event.detail.model === null ? 'without a model' : `with model ${event.detail.model}`}`;
    case 'stopped':
      return `the daemon stopped after ${String(event.detail.frames)} frames`;
    case 'state':
      return `the state is ${event.detail.state}`;
    case 'checkpoint-refused':
      return `the daemon did not resume ${event.detail.part}: ${event.detail.reason}`;
    case 'session-lost':
      return event.detail.telemetrySince === null
        ? `the broker forgot the session; it was away for ${duration(event.detail.seconds)}`
        : `the broker forgot the session: telemetry since ${event.detail.telemetrySince} may be lost; it was away for ${duration(event.detail.seconds)}`;
    case 'link-up':
      return `telemetry is connected after ${duration(event.detail.seconds)}`;
    case 'link-down':
      return 'the connection of telemetry is lost';
    case 'control-up':
      return `requests and orders are connected after ${duration(event.detail.seconds)}`;
    case 'control-down':
      return 'the connection of requests and orders is lost';
    case 'subscriptions':
      return `the list of subscriptions could not be kept: ${event.detail.message}`;
    case 'clock-step':
      return `the wall clock was set by ${duration(event.detail.seconds)}`;
    case 'time-base':
      return `the spacecraft's clock was set back from ${event.detail.from} to ${event.detail.to}`;
    case 'history':
      return event.detail.message;
    case 'console':
      return `console: ${event.detail.message}`;
    case 'packets':
      return `packets by ${event.detail.message}`;
    case 'shadow':
      return `shadow ${event.detail.shadow.id}: ${String(event.detail.compared)} windows compared, ${String(event.detail.otherVerdict)} with another verdict`;
    case 'reloaded':
      return `${event.detail.by} reloaded: ${event.detail.message}`;
    case 'reload-refused':
      return `a reload by ${event.detail.by} was refused: ${event.detail.message}`;
    case 'log-set-aside':
      return `the log was damaged (${event.detail.reason}) and is set aside as ${event.detail.aside}`;
    case 'log-gone':
      return 'the log file was moved or deleted while the daemon ran; a new one was begun';
    case 'broker-limits':
      return `the broker sets limits: ${event.detail.limits.join('; ')}`;
    case 'refused':
      return `a message on ${event.detail.topic} was not published: ${event.detail.reason}`;
    case 'shortened':
      return `a record of ${String(event.detail.bytes)} bytes on ${event.detail.topic} was published without ${event.detail.leftOut.join(', ')}`;
    case 'another-daemon':
      return `another daemon of this spacecraft is there: ${event.detail.instance}, ${event.detail.mode}${event.detail.yields ? '; this one becomes passive' : ''}`;
    case 'another-daemon-gone':
      return `the other daemon ${event.detail.instance} is gone`;
    case 'client-taken-over':
      return event.detail.endings === undefined
        ? `another client uses the clientId ${event.detail.clientId}`
        : `the broker ended ${String(event.detail.endings)} connections in a row: another client seems to use the clientId ${event.detail.clientId}`;
    case 'notify-failed':
      return `${event.detail.receiver} takes no notifications (${event.detail.reason}); ${String(event.detail.waiting)} wait`;
    case 'notify-restored':
      return `${event.detail.receiver} takes notifications again after ${duration(event.detail.seconds)}`;
    case 'notify-refused':
      return `${event.detail.receiver} refused the notification of ${event.detail.alarm}: ${event.detail.reason}`;
    case 'notify-dropped':
      return `${String(event.detail.count)} notifications were dropped: ${event.detail.reason}`;
    case 'forgotten':
      return `retention removed ${String(event.detail.removed)} records`;
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** Version 0.1 kept the detail of some kinds as plain text. */
const plainDetail = (kind: string, text: string): unknown => {
  switch (kind as DaemonEventKind) {
    case 'state':
      return { state: text };
    case 'console':
    case 'subscriptions':
      return { message: text };
    case 'reloaded':
    case 'reload-refused': {
      const end = text.indexOf(': ');
      return { by: text.slice(0, Math.max(0, end)), message: text.slice(end < 0 ? 0 : end + 2) };
    }
    default:
      return undefined;
  }
};

/** What the log keeps of an event. */
export interface EventRow {
  readonly sequence: number;
  readonly run: number;
  readonly time: string;
  readonly kind: string;
  /** JSON; plain text in what version 0.1 wrote. */
  readonly detail: string;
}

/** Reads any row: an event that this version does not know is told as it was written. */
export const readEventRow = ({ sequence, run, time, kind, detail: text }: EventRow): LoggedEvent => {
  const detail = parsed(text) ?? plainDetail(kind, text);
  const read = daemonEventSchema.safeParse({ kind, detail });
  const base = { sequence, run, time, kind };
  if (read.success)
    return {
      ...base,
      severity: read.data.severity,
      sentence: describeDaemonEvent(read.data),
      detail: read.data.detail,
    };
  const severity: EventSeverity = 'info';
  return { ...base, severity, sentence: text === '' ? kind : `${kind}: ${text}`, detail: detail ?? text };
};
