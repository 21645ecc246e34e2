/** What the time line of a log is made of: each table with the time of a row, its kind, and the sentence that it becomes. */
import { readEventRow, type EventRow } from '../../core/daemon-events';
import { alarmStepSchema } from '../../domain/alarm';
import { checkEventSchema, recoveryRequestSchema } from '../../domain/events';
import type { HistoryEntry, HistoryKind } from '../../domain/history';
import { severities } from '../../domain/monitors';
import { operatorActionSchema, recoveryStepSchema } from '../../domain/recovery';
import { REVISION_TIME } from './sqlite-schema-7';

export type HistoryDraft = Omit<HistoryEntry, 'kind' | 'time'>;

const NOTHING = { equipment: null, fault: null, rule: null, severity: null };

const severityOf = (word: unknown): HistoryDraft['severity'] => severities.find((known) => known === word) ?? null;

/** The equipment of a name such as `anomaly/rw1` or `coverage/rw1`; null for others. */
const equipmentOfAlarm = (name: string): string | null => /^(?:anomaly|coverage)\/(.+)$/.exec(name)?.[1] ?? null;

const ofCheck = (record: unknown): HistoryDraft => {
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

const ofMonitor = (read: unknown): HistoryDraft => {
  const record = read as Readonly<Record<string, unknown>>;
  const about = String((record['monitor'] ?? record['id'] ?? '') as string);
  const equipment = typeof record['equipment'] === 'string' ? record['equipment'] : null;
  return { ...NOTHING, about, equipment, severity: severityOf(record['severity']), text: monitorText(record) };
};

const ofAlarm = (record: unknown): HistoryDraft => {
  const { name, change, state, severity, by, note } = alarmStepSchema.parse(record);
  const who = by === '' ? '' : ` by ${by}`;
  const why = note === '' ? '' : `: ${note}`;
  const text = `alarm ${name} ${change}${who}, now ${state}${why}`;
  return { ...NOTHING, about: name, equipment: equipmentOfAlarm(name), severity, text };
};

const ofOrder = (record: unknown): HistoryDraft => {
  const { by, request, target, ok, message } = operatorActionSchema.parse(record);
  return {
    ...NOTHING,
    about: request,
    text: `${by} asked for ${request} ${target}: ${ok ? '' : 'refused, '}${message}`,
  };
};

const ofAction = (record: unknown): HistoryDraft => {
  const { command, rule, level, explanationId } = recoveryRequestSchema.parse(record);
  const { disposition } = record as { readonly disposition?: unknown };
  const how = typeof disposition === 'string' ? `, ${disposition}` : '';
  const text = `${command} by rule ${rule} (level ${String(level)}${how}) for ${explanationId}`;
  return { ...NOTHING, about: command, rule, text };
};

const ofStep = (record: unknown): HistoryDraft => {
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

const ofAnomaly = (row: unknown): HistoryDraft => {
  const { id, revision, state, trigger, equipment, fault, sentence } = row as AnomalyColumns;
  const text = `${id} r${String(revision)} ${state}, ${trigger}: ${sentence}`;
  return { ...NOTHING, about: id, equipment, fault, text };
};

const ofEvent = (row: unknown): HistoryDraft => {
  const { kind, sentence } = readEventRow(row as EventRow);
  return { ...NOTHING, about: kind, text: sentence };
};

const ofRecord =
  (draft: (record: unknown) => HistoryDraft) =>
  (row: unknown): HistoryDraft =>
    draft(JSON.parse((row as { readonly record: string }).record));

/** What rows of a source have: a filter on anything else lets none of them pass. */
type Column = 'equipment' | 'fault' | 'rule' | 'severity';

export interface HistorySource {
  readonly kind: HistoryKind;
  readonly table: string;
  /** The time of a row, in SQL; an index of it leads. */
  readonly time: string;
  /** What is read besides. */
  readonly columns: string;
  draft(row: unknown): HistoryDraft;
  /** Where the name of an equipment stands in any case, in SQL: in the record, or in what the row is about. */
  readonly about: string;
  /** Columns that hold a filter's value itself, where there are any; a severity stands in the record. */
  readonly exact: Readonly<Partial<Record<Column, string>>>;
  readonly has: readonly Column[];
  /** The words that a sentence has besides those of the record, in small letters; undefined where all of it is made by the program. */
  readonly words: string | undefined;
}

const RECORD = { columns: 'record', about: 'record', exact: {} } as const;

export const HISTORY_SOURCES: readonly HistorySource[] = [
  {
    ...{ ...RECORD, kind: 'transition', table: 'check_transition', time: 'time', draft: ofRecord(ofCheck) },
    ...{ has: ['severity'], words: 'open to from value null' },
  },
  {
    ...{ ...RECORD, kind: 'transition', table: 'monitor_event', time: 'time', draft: ofRecord(ofMonitor) },
    ...{ has: ['severity'], words: 'is muted explains it from to undefined' },
  },
  {
    ...{ ...RECORD, kind: 'alarm', table: 'alarm_step', time: 'time', draft: ofRecord(ofAlarm) },
    ...{ has: ['severity'], words: 'alarm by now' },
  },
  {
    ...{ ...RECORD, kind: 'order', table: 'operator_action', time: 'wall_time', draft: ofRecord(ofOrder) },
    ...{ has: [], words: 'asked for refused' },
  },
  {
    ...{ ...RECORD, kind: 'action', table: 'action', time: 'time', draft: ofRecord(ofAction) },
    ...{ has: ['rule'], exact: { rule: 'rule' }, words: 'by rule level for' },
  },
  {
    ...{ ...RECORD, kind: 'action', table: 'recovery_step', time: 'time', draft: ofRecord(ofStep) },
    ...{ has: [], words: 'request from nothing to by' },
  },
  {
    ...{ kind: 'anomaly', table: 'anomaly', time: REVISION_TIME, draft: ofAnomaly },
    columns: `id, revision, state, "trigger", equipment, fault, json_extract(record, '$.sentence') AS sentence`,
    ...{ about: 'id', has: ['fault'], exact: { equipment: 'equipment', fault: 'fault' }, words: '' },
  },
  {
    ...{ kind: 'event', table: 'daemon_event', time: 'wall_time', draft: ofEvent, has: [], exact: {} },
    ...{ columns: 'sequence, run, kind, detail', about: 'kind', words: undefined },
  },
];
