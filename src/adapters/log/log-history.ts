/**
 * The time line of a log: transitions, alarms, anomalies, actions, orders and daemon events in one order. Each table is read newest
 * first, and the database lets go of what cannot pass. Knows SQL, and not the SQLite package.
 */
import type { History, HistoryEntry, HistoryFilter, HistoryKind } from '../../domain/history';
import { isoTime } from '../../domain/units';
import { HISTORY_SOURCES, type HistorySource } from './history-sources';
import type { Tables } from './sqlite-tables';

/** Rows of a table that are looked at one by one when hardly any of them passes. */
const MAX_SCANNED = 100_000;
/** So many more are read when too few of those before have passed. */
const GROWTH = 10;
/** Read at first, besides those asked for: records of one second. */
const SPARE = 200;

type Parameters = Readonly<Record<string, string | number>>;

/** Times with and without a fraction do not sort as text within one second: the seconds are compared here, the rest by the caller. */
const secondsOf = (time: string): string => time.slice(0, 19);
/** The first instant that no row of the second of `time` has. */
const secondAfter = (time: string): string => isoTime(Date.parse(`${secondsOf(time)}Z`) + 1000);
/** After every text of the second. */
const PAST = '~';

/** A name as it stands inside a record. */
const asWritten = (name: string): string => JSON.stringify(name).slice(1, -1);

/**
 * Pieces of a word that every record with it must hold: the sentence holds the word, and what the program adds to the record it puts
 * between blanks and marks. A revision (`r3`) is put together. Letters that are not ASCII have no small form in SQL.
 */
const piecesOf = (word: string, words: string): readonly string[] =>
  (word.match(/[a-z0-9_]{2,}/g) ?? []).filter((piece) => !words.includes(piece) && !/^r\d+$/.test(piece));

const wordsOf = (text = ''): readonly string[] =>
  text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');

/** What lets go of most rows that cannot pass, and of none that may; undefined when no row of the source passes. */
const conditionsOf = (
  { has, exact, about, words }: HistorySource,
  { equipment, fault, rule, severity, text }: HistoryFilter,
): { readonly sql: readonly string[]; readonly parameters: Parameters } | undefined => {
  const asked = { fault, rule, severity };
  for (const column of ['fault', 'rule', 'severity'] as const)
    if (asked[column] !== undefined && !has.includes(column)) return undefined;
  const parameters: Record<string, string> = {};
  const named = (name: string, value: string): string => {
    parameters[name] = value;
    return `@${name}`;
  };
  const oneOf = (column: string, name: string, values: readonly string[]): string =>
    `${column} IN (${values.map((value, index) => named(`${name}${String(index)}`, value)).join(', ')})`;
  const sql: string[] = [];
  if (equipment !== undefined) {
    const known = exact.equipment === undefined ? [] : [oneOf(exact.equipment, 'equipment', equipment)];
    const stands = equipment.map((value, index) => {
      const name = about === 'record' ? asWritten(value) : value;
      return `instr(${about}, ${named(`about${String(index)}`, name)}) > 0`;
    });
    sql.push(`(${[...known, ...stands].join(' OR ')})`);
  }
  if (fault !== undefined && exact.fault !== undefined) sql.push(oneOf(exact.fault, 'fault', fault));
  if (rule !== undefined && exact.rule !== undefined) sql.push(`${exact.rule} = ${named('rule', rule)}`);
  if (severity !== undefined) sql.push(`instr(record, ${named('severity', JSON.stringify(severity))}) > 0`);
  const pieces = words === undefined ? [] : wordsOf(text).flatMap((word) => piecesOf(word, words));
  pieces.forEach((piece, index) => sql.push(`instr(lower(record), ${named(`word${String(index)}`, piece)}) > 0`));
  return { sql, parameters };
};

const isOf = (entry: HistoryEntry, equipment: string): boolean =>
  // A plain limit knows its parameter only; parameters bear the name of their equipment.
  entry.equipment === equipment ||
  entry.about === equipment ||
  entry.about.startsWith(`${equipment}_`) ||
  entry.about.includes(`/${equipment}_`);

const passes = (entry: HistoryEntry, filter: HistoryFilter): boolean => {
  const { since, until, equipment, fault, rule, severity, text } = filter;
  const time = Date.parse(entry.time);
  const said = `${entry.about} ${entry.text}`.toLowerCase();
  return (
    (since === undefined || time >= Date.parse(since)) &&
    (until === undefined || time < Date.parse(until)) &&
    (equipment === undefined || equipment.some((name) => isOf(entry, name))) &&
    (fault === undefined || (entry.fault !== null && fault.includes(entry.fault))) &&
    (rule === undefined || entry.rule === rule) &&
    (severity === undefined || entry.severity === severity) &&
    wordsOf(text).every((word) => said.includes(word))
  );
};

const newestFirst = (a: HistoryEntry, b: HistoryEntry): number => Date.parse(b.time) - Date.parse(a.time);

/** What is asked for, and how many rows of a table are looked at at most. */
interface HistoryQuery {
  readonly filter: HistoryFilter;
  readonly limit: number;
  readonly mostRows: number;
}

/** The newest entries of one table that pass. Fewer than `limit` only if there are no more, or it is complete since a time only. */
const readSource = (tables: Tables, source: HistorySource, { filter, limit, mostRows }: HistoryQuery): History => {
  const conditions = conditionsOf(source, filter);
  if (conditions === undefined) return { entries: [], completeSince: null };
  const { since, until } = filter;
  const parameters = {
    ...conditions.parameters,
    since: since === undefined ? '' : secondsOf(since),
    until: until === undefined ? PAST : `${secondsOf(until)}${PAST}`,
  };
  const where = [`${source.time} >= @since`, `${source.time} < @until`, ...conditions.sql].join(' AND ');
  const statement = tables.prepare(
    `SELECT ${source.time} AS time, ${source.columns} FROM ${source.table}
     WHERE ${where} ORDER BY ${source.time} DESC, rowid DESC LIMIT @rows`,
  );
  for (let rows = limit + SPARE; ; rows *= GROWTH) {
    const most = Math.min(rows, mostRows);
    const read = statement.all({ ...parameters, rows: most }) as { readonly time: string }[];
    const entries = read
      .map((row): HistoryEntry => ({ time: row.time, kind: source.kind, ...source.draft(row) }))
      .filter((entry) => passes(entry, filter))
      .sort(newestFirst);
    const oldest = read.at(-1)?.time;
    if (oldest === undefined || read.length < most) return { entries, completeSince: null };
    // Rows of the last second may go on behind what was read.
    const last = entries[limit - 1]?.time;
    if (last !== undefined && secondsOf(last) > secondsOf(oldest)) return { entries, completeSince: null };
    if (most === mostRows) return { entries, completeSince: last === undefined ? secondAfter(oldest) : null };
  }
};

/**
 * The newest `limit` entries that pass, newest first.
 * @param mostRows of each table that are looked at one by one.
 */
export const readHistory = (tables: Tables, filter: HistoryFilter, limit: number, mostRows = MAX_SCANNED): History => {
  const { kinds } = filter;
  const isAsked = (kind: HistoryKind): boolean => kinds === undefined || kinds.includes(kind);
  const found = HISTORY_SOURCES.filter(({ kind }) => isAsked(kind)).map((source) =>
    readSource(tables, source, { filter, limit, mostRows }),
  );
  const entries = found
    .flatMap((one) => one.entries)
    .sort(newestFirst)
    .slice(0, limit);
  const cuts = found.flatMap(({ completeSince }) => completeSince ?? []);
  const cut = cuts.sort((a, b) => Date.parse(b) - Date.parse(a))[0];
  // What was left off is older than all that is shown.
  const isBehind =
    cut !== undefined && entries.length === limit && Date.parse(entries.at(-1)?.time ?? cut) > Date.parse(cut);
  return { entries, completeSince: cut === undefined || isBehind ? null : cut };
};
