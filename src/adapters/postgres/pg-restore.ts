/** What the log in PostgreSQL keeps of some spacecraft to go on with: all of them with one statement a table, as a take-over waits for it. */
import type { Pool, QueryResultRow } from 'pg';
import { alarmSchema } from '../../domain/alarm';
import type { StoredState } from '../../domain/ledger';
import { equipmentRecordSchema, recoverySchema, ruleOverrideSchema, ruleRecordSchema } from '../../domain/recovery';
import { LIST_LIMIT, type Queries } from './pg-ledger';

/** As the reader of SQLite has them. */
const MAX_KNOWN = 10_000;
const MAX_COMPLETED = 100;

/** Names of one of the spacecraft, as the range that `within` of log-scope.ts makes: from its slash to the sign behind it. */
export const ofEach = (column: string): string => `(${column} >= s.craft || '/' AND ${column} < s.craft || '0')`;
/** The same for requests, whose names have a dot instead. */
const requestsOfEach = `(request >= s.craft || '.' AND request < s.craft || '/')`;

/** @param sql for one spacecraft, found by `ofEach`. @returns the rows by spacecraft, in the order of the statement. */
export const rowsOf = async <T extends QueryResultRow>(
  pool: Queries,
  spacecraft: readonly string[],
  sql: string,
): Promise<ReadonlyMap<string, readonly T[]>> => {
  const { rows } = await pool.query<T & { readonly craft: string }>(
    `SELECT s.craft, t.* FROM unnest($1::text[]) AS s(craft) CROSS JOIN LATERAL (${sql}) t`,
    [spacecraft],
  );
  const found = new Map<string, T[]>();
  for (const { craft, ...row } of rows) {
    const own = found.get(craft);
    if (own === undefined) found.set(craft, [row as unknown as T]);
    else own.push(row as unknown as T);
  }
  return found;
};

/** The same as `LedgerReader.kept`, for each of them. */
export const readKept = async (
  pool: Pool,
  spacecraft: readonly string[],
): Promise<(spacecraft: string) => StoredState> => {
  const read = async <T extends QueryResultRow>(sql: string) => {
    const found = await rowsOf<T>(pool, spacecraft, sql);
    return (name: string): readonly T[] => found.get(name) ?? [];
  };
  const records = async <T>(table: string, column: string, schema: { parse(value: unknown): T }, more = '') => {
    const rows = await read<{ record: string }>(`SELECT record FROM ${table} WHERE ${ofEach(column)} ${more}`);
    return (name: string): T[] => rows(name).map(({ record }) => schema.parse(JSON.parse(record)));
  };
  const newest = (limit: number): string => `ORDER BY started_at DESC, id LIMIT ${String(limit)}`;
  const recoveries = (which: string, limit: number) =>
    records('recovery', 'explanation_id', recoverySchema, `AND ${which} ${newest(limit)}`);
  const [known, sequences, memory, handed, open, completed, rules, overrides, equipments, alarms] = await Promise.all([
    read<{ id: string }>(
      `SELECT id FROM recovery WHERE is_over = 1 AND ${ofEach('explanation_id')} ${newest(MAX_KNOWN)}`,
    ),
    read<{ name: string; sequence: number }>(
      `SELECT name, max(sequence) AS sequence FROM alarm WHERE ${ofEach('name')} GROUP BY name`,
    ),
    read<{ name: string; value: string }>(`SELECT name, value FROM memory WHERE ${ofEach('name')}`),
    read<{ request: string }>(`SELECT request FROM outbox WHERE ${requestsOfEach}`),
    recoveries('is_over = 0', LIST_LIMIT),
    recoveries(`is_over = 1 AND state = 'completed'`, MAX_COMPLETED),
    records('rule_state', 'rule', ruleRecordSchema),
    records('rule_override', 'rule', ruleOverrideSchema),
    records('equipment_health', 'equipment', equipmentRecordSchema),
    records(
      'alarm',
      'name',
      alarmSchema,
      `AND state <> 'cleared' ORDER BY changed_at DESC, name LIMIT ${String(LIST_LIMIT)}`,
    ),
  ]);
  return (craft) => {
    const local = (name: string): string => name.slice(craft.length + 1);
    return {
      recoveries: open(craft).reverse(),
      known: known(craft)
        .map(({ id }) => id)
        .reverse(),
      completed: completed(craft),
      handed: handed(craft).map(({ request }) => request),
      rules: rules(craft),
      overrides: overrides(craft),
      equipments: equipments(craft),
      alarms: alarms(craft).reverse(),
      sequences: Object.fromEntries(sequences(craft).map(({ name, sequence }) => [local(name), sequence])),
      memory: Object.fromEntries(memory(craft).map(({ name, value }) => [local(name), JSON.parse(value) as unknown])),
    };
  };
};
