/** The time line of a log: transitions, alarms, anomalies, actions, orders and daemon events in one order. Knows SQL, and not the SQLite package. */
import { readEventRow, type EventRow } from '../../core/daemon-events';
import { alarmStepSchema } from '../../domain/alarm';
import { checkEventSchema, recoveryRequestSchema } from '../../domain/events';
import type { HistoryEntry, HistoryFilter, HistoryKind } from '../../domain/history';
import { severities } from '../../domain/monitors';
import { operatorActionSchema, recoveryStepSchema } from '../../domain/recovery';
import type { Tables } from './sqlite-tables';

/** What is looked through for a filter that the tables cannot judge. */
const MAX_SCANNED = 100_000;

interface TimedRow {
  readonly time: string;
  readonly record: string;
}
type Draft = Omit<HistoryEntry, 'kind' | 'time'>;

const NOTHING = { equipment: null, fault: null, rule: null, severity: null };

const severityOf = (word: unknown): Draft['severity'] => severities.find((known) => known === word) ?? null;

/** The equipment of a name such as `anomaly/rw1` or `coverage/rw1`; null for others. */
const equipmentOfAlarm = (name: string): string | null => /^(?:anomaly|coverage)\/(.+)$/.exec(name)?.[1] ?? null;

const ofCheck = (record: unknown): Draft => {
  const event = checkEventSchema.parse(record);
  const { parameter, limit, from, to, value, range, monitor, equipment, severity } = event;
  const about = monitor ?? parameter;
  const ends = range.map((bound) => (bound === null ? 'open' : String(bound))).join(' to ');
  const text = `${about}: ${limit} (${ends}) from ${from} to ${to}, value ${String(value)}`;
  return { ...NOTHING, about, equipment: equipment ?? null, severity: severity ?? null, text };
};

const monitorText = (record: Readonly<Record<string, unknown>>): string => {
  const word = (name: string): string => String(record[name] as string | number | undefined);
  if (record['type'] === 'muted') return `${word('kind')} ${word('id')} is muted: ${word('by')} explains it`;
  return `${word('monitor')}: from ${word('from')} to ${word('to')}`;
};

const ofMonitor = (read: unknown): Draft => {
  const record = read as Readonly<Record<string, unknown>>;
  const about = String((record['monitor'] ?? record['id'] ?? '') as string);
  const equipment = typeof record['equipment'] === 'string' ? record['equipment'] : null;
  return { ...NOTHING, about, equipment, severity: severityOf(record['severity']), text: monitorText(record) };
};

const ofAlarm = (record: unknown): Draft => {
  const { name, change, state, severity, by, note } = alarmStepSchema.parse(record);
  const who = by === '' ? '' : ` by ${by}`;
  const why = note === '' ? '' : `: ${note}`;
  const text = `alarm ${name} ${change}${who}, now ${state}${why}`;
  return { ...NOTHING, about: name, equipment: equipmentOfAlarm(name), severity, text };
};

const ofOrder = (record: unknown): Draft => {
  const { by, request, target, ok, message } = operatorActionSchema.parse(record);
  return {
    ...NOTHING,
    about: request,
    text: `${by} asked for ${request} ${target}: ${ok ? '' : 'refused, '}${message}`,
  };
};

const ofAction = (record: unknown): Draft => {
  const { command, rule, level, explanationId } = recoveryRequestSchema.parse(record);
  const { disposition } = record as { readonly disposition?: unknown };
  const how = typeof disposition === 'string' ? `, ${disposition}` : '';
  const text = `${command} by rule ${rule} (level ${String(level)}${how}) for ${explanationId}`;
  return { ...NOTHING, about: command, rule, text };
};

const ofStep = (record: unknown): Draft => {
  const { request, from, to, by, note } = recoveryStepSchema.parse(record);
  const why = note === '' ? '' : `: ${note}`;
  return { ...NOTHING, about: request, text: `request ${request} from ${from ?? 'nothing'} to ${to} by ${by}${why}` };
};

interface AnomalyColumns {
  readonly id: string;
  readonly revision: number;
  readonly state: string;
  readonly trigger: string;
  readonly equipment: string;
  readonly fault: string;
  readonly sentence: string;
}

const ofAnomaly = (read: unknown): Draft => {
  const { id, revision, state, trigger, equipment, fault, sentence } = read as AnomalyColumns;
  const text = `${id} r${String(revision)} ${state}, ${trigger}: ${sentence}`;
  return { ...NOTHING, about: id, equipment, fault, text };
};

/** A table of the time line: its kind, the rows between two times, newest first, and what one of them says. */
interface Source {
  readonly kind: HistoryKind;
  readonly from: string;
  readonly time: string;
  readonly record: string;
  draft(record: unknown): Draft;
}

const ANOMALY = `json_object('id', id, 'revision', revision, 'state', state, 'trigger', "trigger", 'equipment', equipment,
  'fault', fault, 'sentence', json_extract(record, '$.sentence'))`;

const SOURCES: readonly Source[] = [
  { kind: 'transition', from: 'check_transition', time: 'time', record: 'record', draft: ofCheck },
  { kind: 'transition', from: 'monitor_event', time: 'time', record: 'record', draft: ofMonitor },
  { kind: 'alarm', from: 'alarm_step', time: 'time', record: 'record', draft: ofAlarm },
  { kind: 'order', from: 'operator_action', time: 'wall_time', record: 'record', draft: ofOrder },
  { kind: 'action', from: 'action', time: 'time', record: 'record', draft: ofAction },
  { kind: 'action', from: 'recovery_step', time: 'time', record: 'record', draft: ofStep },
  {
    kind: 'anomaly',
    from: 'anomaly',
    time: "json_extract(record, '$.revisedAt')",
    record: ANOMALY,
    draft: ofAnomaly,
  },
];

/** Times with and without a fraction do not sort as text within one second: the seconds are compared here, the rest by the caller. */
const secondsOf = (time: string): string => time.slice(0, 19);
/** After every text of the second. */
const PAST = '~';

const entriesOf = (tables: Tables, source: Source, { since, until }: HistoryFilter, limit: number): HistoryEntry[] =>
  tables
    .prepare(
      `SELECT ${source.time} AS time, ${source.record} AS record FROM ${source.from}
       WHERE ${source.time} >= @since AND ${source.time} < @until ORDER BY ${source.time} DESC LIMIT @limit`,
    )
    .all({
      since: since === undefined ? '' : secondsOf(since),
      until: until === undefined ? PAST : `${secondsOf(until)}${PAST}`,
      limit,
    })
    .map((row) => {
      const { time, record } = row as TimedRow;
      return { time, kind: source.kind, ...source.draft(JSON.parse(record)) };
    });

const daemonEventsOf = (tables: Tables, { since, until }: HistoryFilter, limit: number): HistoryEntry[] =>
  tables
    .prepare(
      `SELECT sequence, run, wall_time AS time, kind, detail FROM daemon_event
       WHERE wall_time >= @since AND wall_time < @until ORDER BY sequence DESC LIMIT @limit`,
    )
    .all({
      since: since === undefined ? '' : secondsOf(since),
      until: until === undefined ? PAST : `${secondsOf(until)}${PAST}`,
      limit,
    })
    .map((row) => {
      const { time, kind, sentence } = readEventRow(row as EventRow);
      return { ...NOTHING, time, kind: 'event', about: kind, text: sentence };
    });

const isOf = (entry: HistoryEntry, equipment: string): boolean =>
  // A plain limit knows its parameter only; parameters bear the name of their equipment.
  entry.equipment === equipment ||
  entry.about === equipment ||
  entry.about.startsWith(`${equipment}_`) ||
  entry.about.includes(`/${equipment}_`);

const passes = (entry: HistoryEntry, filter: HistoryFilter): boolean => {
  const { since, until, equipment, fault, rule, severity, text } = filter;
  const time = Date.parse(entry.time);
  const words = (text ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const said = `${entry.about} ${entry.text}`.toLowerCase();
  return (
    (since === undefined || time >= Date.parse(since)) &&
    (until === undefined || time < Date.parse(until)) &&
    (equipment === undefined || equipment.some((name) => isOf(entry, name))) &&
    (fault === undefined || (entry.fault !== null && fault.includes(entry.fault))) &&
    (rule === undefined || entry.rule === rule) &&
    (severity === undefined || entry.severity === severity) &&
    words.every((word) => said.includes(word))
  );
};

/** The newest `limit` entries that pass, newest first. */
export const readHistory = (tables: Tables, filter: HistoryFilter, limit: number): readonly HistoryEntry[] => {
  const { kinds, equipment, fault, rule, severity, text } = filter;
  const isJudgedHere = [equipment, fault, rule, severity, text].some((one) => one !== undefined);
  // Some rows of the second before and after the range are let go below.
  const rows = isJudgedHere ? MAX_SCANNED : limit + 1000;
  const isAsked = (kind: HistoryKind): boolean => kinds === undefined || kinds.includes(kind);
  const found = [
    ...SOURCES.filter(({ kind }) => isAsked(kind)).flatMap((source) => entriesOf(tables, source, filter, rows)),
    ...(isAsked('event') ? daemonEventsOf(tables, filter, rows) : []),
  ];
  const passed = found.filter((entry) => passes(entry, filter));
  return passed.sort((a, b) => Date.parse(b.time) - Date.parse(a.time)).slice(0, limit);
};
