/**
 * Takes what the writers of the log would write to SQLite, and keeps it as rows for one statement to PostgreSQL. So the same code
 * writes chain, ledger and checkpoint, whatever keeps them.
 */
import type { Row, Value } from '../log/log-chain';
import type { Tables } from '../log/sqlite-tables';
import { STATE, type StateTable, type StateTableName } from './pg-schema';

/** What a statement's parameters are called where they differ from the column. */
const COLUMN_OF: Readonly<Record<string, string>> = {
  startedAt: 'started_at',
  explanationId: 'explanation_id',
  isOver: 'is_over',
  changedAt: 'changed_at',
  keyId: 'key_id',
  detectedAt: 'detected_at',
  revisedAt: 'revised_at',
};

export interface ChainStart {
  readonly sequence: number;
  readonly mac: Uint8Array;
  readonly keyId: string | undefined;
}

/** Where the rows of a statement go; undefined: PostgreSQL does it by itself. */
const tableOf = (sql: string): string | undefined => {
  if (sql.includes('SET severity')) return 'severities';
  if (sql.includes('SET verdict')) return 'verdicts';
  const table = /INTO (\w+)/.exec(sql)?.[1];
  return table === 'anomaly_text' ? undefined : table;
};

const isState = (table: string): table is StateTableName => table in STATE;

/** JSON has no bytes: PostgreSQL reads them in hexadecimal. */
const asJson = (value: Value): string | number | null =>
  value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value;

export class RowSink implements Tables {
  /** Anomalies that are known to be there: a verdict on nothing is not kept. */
  readonly anomalies = new Set<string>();
  private links = new Map<string, Row[]>();
  private states = new Map<string, Map<string, Row>>();

  /** @param start where the chain of the last owner ended; undefined: there is none. */
  constructor(private readonly start: ChainStart | undefined) {}

  prepare(sql: string): ReturnType<Tables['prepare']> {
    const table = tableOf(sql);
    return {
      run: (parameters) => {
        if (table === 'verdicts' && !this.anomalies.has(String(parameters['id']))) return { changes: 0 };
        // Numbers of links are those of a partition, and a hand-over is found by its number: notes are refused (pg-ledger.ts).
        if (table === 'note') return { changes: 0 };
        if (table !== undefined) this.take(table, parameters);
        return { changes: 1 };
      },
      all: () => [],
      get: () => this.known(sql),
    };
  }

  /** The batch as `fdir_commit` takes it; the sink is empty afterwards. */
  takeBatch(): Record<string, readonly unknown[]> {
    const batch: Record<string, readonly unknown[]> = {};
    for (const [table, rows] of this.links) batch[table] = rows.map(jsonRow);
    for (const [table, rows] of this.states) batch[table] = [...rows.values()].map(jsonRow);
    this.forget();
    return batch;
  }

  forget(): void {
    this.anomalies.clear();
    this.links = new Map();
    this.states = new Map();
  }

  private known(sql: string): unknown {
    if (sql.includes('FROM anomaly_latest WHERE id')) return undefined;
    if (sql.includes('max(key)')) return { key: null };
    if (sql.includes('FROM chain_head')) return this.start;
    if (sql.includes('FROM chain_key'))
      return this.start?.keyId === undefined ? undefined : { keyId: this.start.keyId };
    return { highest: null };
  }

  /** Inside the batch. */
  put(table: string, row: Row): void {
    this.take(table, row);
  }

  private take(table: string, parameters: Row): void {
    const entries = Object.entries(parameters).map(([name, value]) => [COLUMN_OF[name] ?? name, value] as const);
    const row: Row = Object.fromEntries(entries);
    if (!isState(table)) {
      this.links.set(table, [...(this.links.get(table) ?? []), row]);
      return;
    }
    // The last one stands, and one statement may touch a row only once.
    const { key }: StateTable = STATE[table];
    const rows = this.states.get(table) ?? new Map<string, Row>();
    rows.set(JSON.stringify(key.map((column) => row[column] ?? null)), table === 'memory' ? memoryRow(row) : row);
    this.states.set(table, rows);
  }
}

/** The statement calls the value a record, as all others. */
const memoryRow = ({ name = null, record = null }: Row): Row => ({ name, value: record });

const jsonRow = (row: Row): Record<string, string | number | null> =>
  Object.fromEntries(Object.entries(row).map(([column, value]) => [column, asJson(value)]));
