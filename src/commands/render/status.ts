/** What `fdir status` shows: the daemon's own word and its health, read against the clock. */
import type { ConsoleStatus, Health } from '../../domain/health';

export interface Status {
  readonly spacecraft: string;
  /** Undefined when nothing is retained: no daemon has ever been there. */
  readonly state: string | undefined;
  readonly health: Health | undefined;
  /** How old the health message is, seconds; it is said every ten. */
  readonly healthAgeSeconds: number | undefined;
}

/** Three messages in a row have not come. */
const STALE_AFTER_SECONDS = 30;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

const span = (seconds: number | null | undefined): string => {
  if (seconds === null || seconds === undefined) return 'an unknown time';
  if (seconds < MINUTE) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < HOUR) return `${String(Math.floor(seconds / MINUTE))} min`;
  const rest = (value: number, unit: string): string => (value === 0 ? '' : ` ${String(value)} ${unit}`);
  if (seconds < DAY)
    return `${String(Math.floor(seconds / HOUR))} h${rest(Math.floor((seconds % HOUR) / MINUTE), 'min')}`;
  return `${String(Math.floor(seconds / DAY))} d${rest(Math.floor((seconds % DAY) / HOUR), 'h')}`;
};

/** A clock of the spacecraft, or of this machine, may be ahead. */
const ageText = (seconds: number | null): string =>
  seconds !== null && seconds <= -1 ? `${span(-seconds)} ahead of this clock` : `${span(seconds)} old`;

/** A daemon that says it runs and has not been heard of for half a minute. */
export const isStale = ({ state, healthAgeSeconds }: Status): boolean =>
  state !== undefined && state !== 'offline' && (healthAgeSeconds ?? Infinity) > STALE_AFTER_SECONDS;

/** Whether it watches: the exit status of the command. */
export const isWell = (status: Status): boolean =>
  (status.state === 'online' || status.state === 'passive') &&
  (status.health?.impaired ?? []).length === 0 &&
  !isStale(status);

const meaning = (status: Status): string => {
  switch (status.state) {
    case undefined:
      return 'no daemon has published anything on this broker';
    case 'online':
      return 'watches, and its requests leave';
    case 'passive':
      return status.health?.impaired.includes('log') === true
        ? (status.health.reasons ?? []).join('; ')
        : 'watches, and requests are only recorded';
    case 'degraded':
      return `does not work: ${status.health?.impaired.join(', ') ?? 'unknown'}; the rest goes on`;
    case 'offline':
      return status.healthAgeSeconds === undefined
        ? 'does not run'
        : `does not run; last heard of ${span(status.healthAgeSeconds)} ago`;
    default:
      return 'a word this version does not know';
  }
};

const row = (name: string, value: string): string => `  ${name.padEnd(12)}${value}`;

const consoleWords = ({ state, url, reason }: ConsoleStatus): string => {
  switch (state) {
    case 'serving':
      return `serves at ${url ?? 'an unknown address'}`;
    case 'retrying':
      return `cannot serve, and is tried again: ${reason ?? 'unknown why'}`;
    case 'starting':
      return 'starts';
    case 'off':
      return 'off: the configuration says console: false';
  }
};

const details = (health: Health): string[] => {
  const dropped = Object.entries(health.dropped).filter(([, count]) => count > 0);
  return [
    row('model', health.model ?? 'none: plain limits only'),
    ...(health.judgement === undefined
      ? []
      : [row('judgement', `not yet judged: the model was adapted on telemetry up to ${health.judgement.until}`)]),
    row(
      'telemetry',
      health.packetTime === null
        ? 'none yet'
        : `newest frame ${health.packetTime}, ${ageText(health.packetAgeSeconds)}`,
    ),
    row(
      'broker',
      `MQTT ${health.mqttVersion}, last message ${health.lastMessageAgeSeconds === null ? 'never' : `${span(health.lastMessageAgeSeconds)} ago`}`,
    ),
    ...(health.console === undefined ? [] : [row('console', consoleWords(health.console))]),
    row(
      'since start',
      `${span(health.uptimeSeconds)}: ${String(health.frames)} frames, ${String(health.windows)} windows (${String(health.unscored)} unscored)`,
    ),
    row(
      'found',
      `${String(health.anomalies)} anomalies, ${String(health.checks)} transitions (${String(health.muted)} muted), ${String(health.actions)} requests`,
    ),
    row(
      'dropped',
      dropped.length === 0 ? 'nothing' : dropped.map(([reason, count]) => `${reason} ${String(count)}`).join(', '),
    ),
  ];
};

export const renderStatus = (status: Status): readonly string[] => {
  const { spacecraft, state, health } = status;
  return [
    `${spacecraft}: ${state ?? 'unknown'} (${meaning(status)})`,
    ...(isStale(status) ? [`  not heard of for ${span(status.healthAgeSeconds)}: what follows is old`] : []),
    ...(health === undefined ? [] : details(health)),
  ];
};
