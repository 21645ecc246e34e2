/**
 * The chain of the log. Every record that is written once carries a number, and a code over itself and the code of the record
 * before it. The code is HMAC-SHA-256 (RFC 2104) with the operator's key. Without a key anybody can compute it, and it shows
 * accidents only. A record that is changed, deleted, inserted or moved no longer fits. If one is cut off at the end, the head
 * that was published misses it. Tables that hold the newest state of something are not links: they can be made again from what
 * is.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Tables } from './sqlite-tables';

/** What SQLite takes and gives back unchanged. */
export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, Value>>;

/** Columns of the tables that are links, in the order they are signed in; `chain` and `mac` come besides. */
export const LINKED = {
  run: ['run', 'opened_at'],
  anomaly: [
    'run',
    'id',
    'revision',
    'state',
    'spacecraft',
    'start',
    'end',
    'detected_at',
    'trigger',
    'equipment',
    'fault',
    'confidence',
    'score',
    'record',
    'frame',
  ],
  check_transition: [
    'sequence',
    'run',
    'time',
    'parameter',
    'limit_set',
    'from_status',
    'to_status',
    'value',
    'low',
    'high',
    'record',
  ],
  monitor_event: ['sequence', 'run', 'time', 'type', 'id', 'record'],
  action: [
    'run',
    'id',
    'explanation_id',
    'explanation_revision',
    'rule',
    'level',
    'time',
    'command',
    'disposition',
    'record',
  ],
  daemon_event: ['sequence', 'run', 'wall_time', 'kind', 'detail'],
  recovery_step: ['sequence', 'recovery', 'time', 'to_state', 'record'],
  alarm_step: ['step', 'name', 'sequence', 'time', 'change', 'record'],
  operator_action: ['sequence', 'wall_time', 'by', 'request', 'target', 'record'],
  verdict: ['sequence', 'wall_time', 'anomaly', 'verdict', 'by', 'comment'],
  telecommand: ['sequence', 'time', 'name', 'record'],
  onboard_event: ['sequence', 'time', 'name', 'severity', 'record'],
  note: ['sequence', 'wall_time', 'kind', 'about', 'target', 'by', 'text'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type LinkedTable = keyof typeof LINKED;
export const linkedTables = Object.keys(LINKED) as readonly LinkedTable[];

/** Columns that number the rows of a table: they take the number of the link. */
const NUMBERED: Readonly<Partial<Record<LinkedTable, string>>> = {
  check_transition: 'sequence',
  monitor_event: 'sequence',
  daemon_event: 'sequence',
  recovery_step: 'sequence',
  alarm_step: 'step',
  operator_action: 'sequence',
  verdict: 'sequence',
  telecommand: 'sequence',
  onboard_event: 'sequence',
  note: 'sequence',
};

const MAC_BYTES = 32;
/** Before the first link. */
export const ORIGIN: Uint8Array = new Uint8Array(MAC_BYTES);
/** Of a chain without a key. */
const NO_KEY = new Uint8Array();

/** Tells keys apart without telling them. */
export const keyIdOf = (key: Uint8Array | undefined): string =>
  key === undefined
    ? 'none'
    : createHash('sha256').update('fdir log chain key\0').update(key).digest('hex').slice(0, 16);

/** The code of a link. Numbers are written as JSON does, so that what SQLite gives back is signed as it was. */
export const macOf = ({
  key,
  previous,
  chain,
  table,
  row,
}: {
  readonly key: Uint8Array | undefined;
  readonly previous: Uint8Array;
  readonly chain: number;
  readonly table: LinkedTable;
  readonly row: Row;
}): Uint8Array => {
  const bytes: Uint8Array[] = [];
  const values = LINKED[table].map((column) => {
    const value = row[column] ?? null;
    if (!(value instanceof Uint8Array)) return value;
    bytes.push(value);
    return [value.length];
  });
  const hmac = createHmac('sha256', key ?? NO_KEY).update(previous);
  hmac.update(JSON.stringify([chain, table, values]));
  for (const part of bytes) hmac.update(part);
  return hmac.digest();
};

/** Vouches for a gap that retention made: the links `first` to `last` are gone, and `mac` was the code of the last. */
export const sealOf = (key: Uint8Array | undefined, first: number, last: number, mac: Uint8Array): Uint8Array =>
  createHmac('sha256', key ?? NO_KEY)
    .update(JSON.stringify(['gap', first, last]))
    .update(mac)
    .digest();

export const quoted = (column: string): string => `"${column}"`;

export interface Head {
  readonly sequence: number;
  readonly mac: Uint8Array;
  readonly keyId: string;
}

/** A place in the chain to come back to when a transaction fails. */
export type ChainMark = Pick<Head, 'sequence' | 'mac'>;

export class Chain {
  private sequence: number;
  private mac: Uint8Array;
  private readonly inserts = new Map<LinkedTable, ReturnType<Tables['prepare']>>();
  private readonly saveHead: ReturnType<Tables['prepare']>;
  readonly keyId: string;

  constructor(
    private readonly tables: Tables,
    private readonly key: Uint8Array | undefined,
  ) {
    this.keyId = keyIdOf(key);
    const head = tables.prepare('SELECT sequence, mac FROM chain_head').get({}) as ChainMark | undefined;
    this.sequence = head?.sequence ?? highestNumber(tables);
    this.mac = head?.mac ?? ORIGIN;
    this.saveHead = tables.prepare(
      `INSERT INTO chain_head VALUES (1, @sequence, @mac)
       ON CONFLICT (only) DO UPDATE SET sequence = excluded.sequence, mac = excluded.mac`,
    );
    const last = tables.prepare('SELECT key_id AS keyId FROM chain_key ORDER BY first DESC LIMIT 1').get({});
    if ((last as { readonly keyId: string } | undefined)?.keyId !== this.keyId) {
      tables
        .prepare('INSERT OR REPLACE INTO chain_key VALUES (@first, @keyId)')
        .run({ first: this.sequence + 1, keyId: this.keyId });
    }
  }

  get head(): Head {
    const { sequence, mac, keyId } = this;
    return { sequence, mac, keyId };
  }

  mark(): ChainMark {
    return { sequence: this.sequence, mac: this.mac };
  }

  reset({ sequence, mac }: ChainMark): void {
    this.sequence = sequence;
    this.mac = mac;
  }

  /** Writes a record as the next link. @returns false when a record of the same key is there, which stays. */
  insert(table: LinkedTable, given: Row): boolean {
    const chain = this.sequence + 1;
    const number = NUMBERED[table];
    const row = number === undefined ? given : { ...given, [number]: chain };
    const mac = macOf({ key: this.key, previous: this.mac, chain, table, row });
    const { changes } = this.statementOf(table).run({ ...row, chain, mac }) as { readonly changes: number };
    if (changes === 0) return false;
    this.sequence = chain;
    this.mac = mac;
    return true;
  }

  /** Inside the transaction of what was inserted. */
  save(): void {
    this.saveHead.run({ sequence: this.sequence, mac: this.mac });
  }

  /** Makes links of records that older versions wrote. @returns how many. */
  adopt(): number {
    let adopted = 0;
    for (const table of linkedTables) {
      const columns = LINKED[table].map(quoted).join(', ');
      const next = this.tables.prepare(
        `SELECT rowid AS place, ${columns} FROM ${table} WHERE chain IS NULL ORDER BY rowid LIMIT 500`,
      );
      const link = this.tables.prepare(`UPDATE ${table} SET chain = @chain, mac = @mac WHERE rowid = @place`);
      for (let rows = next.all({}) as Row[]; rows.length > 0; rows = next.all({}) as Row[]) {
        for (const row of rows) {
          this.sequence += 1;
          this.mac = macOf({ key: this.key, previous: this.mac, chain: this.sequence, table, row });
          link.run({ chain: this.sequence, mac: this.mac, place: row['place'] ?? null });
          adopted += 1;
        }
      }
    }
    this.save();
    return adopted;
  }

  private statementOf(table: LinkedTable): ReturnType<Tables['prepare']> {
    const known = this.inserts.get(table);
    if (known !== undefined) return known;
    const columns = [...LINKED[table], 'chain', 'mac'];
    const made = this.tables.prepare(
      `INSERT INTO ${table} (${columns.map(quoted).join(', ')}) VALUES (${columns.map((name) => `@${name}`).join(', ')}) ON CONFLICT DO NOTHING`,
    );
    this.inserts.set(table, made);
    return made;
  }
}

/** Numbers of links must not meet those that rows of older versions have. */
const highestNumber = (tables: Tables): number =>
  Math.max(
    0,
    ...Object.entries(NUMBERED).map(([table, column]) => {
      const row = tables.prepare(`SELECT max("${column}") AS highest FROM ${table}`).get({});
      return (row as { readonly highest: number | null }).highest ?? 0;
    }),
  );
