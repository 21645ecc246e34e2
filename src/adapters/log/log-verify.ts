/** Walks the chain of the log from the first link to the head, and names every record that does not fit. */
import { timingSafeEqual } from 'node:crypto';
import { keyIdOf, LINKED, linkedTables, macOf, ORIGIN, quoted, sealOf, type LinkedTable, type Row } from './log-chain';
import type { Tables } from './sqlite-tables';

export interface Walkable extends Tables {
  prepare(sql: string): ReturnType<Tables['prepare']> & {
    iterate(parameters: Readonly<Record<string, never>>): IterableIterator<unknown>;
  };
}

/** An end of the chain that was told to the world: its number and code, hexadecimal. */
export interface Anchor {
  readonly sequence: number;
  readonly mac: string;
}

export interface VerifyOptions {
  /** Keys the log may be signed with. */
  readonly keys: readonly Uint8Array[];
  readonly anchors?: readonly Anchor[];
  /** Told every ten thousand links. */
  readonly onProgress?: (done: number, of: number) => void;
}

export interface Finding {
  /**
   * `changed`: a record does not fit its code, or is not where it was. `missing`: links are gone that retention did not take.
   * `inserted`: a record without a place of its own. `truncated`: the end is not where the head, or an anchor, says.
   * `gap`: a gap that retention did not seal. `key`: a stretch that none of the keys fits.
   */
  readonly kind: 'changed' | 'missing' | 'inserted' | 'truncated' | 'gap' | 'key';
  readonly message: string;
  readonly table?: LinkedTable;
  /** Numbers of the links it is about. */
  readonly first?: number;
  readonly last?: number;
}

export interface Verification {
  readonly links: number;
  readonly forgotten: number;
  readonly head: { readonly sequence: number; readonly mac: string; readonly keyId: string };
  /** Whether a key vouches for it: without one anybody could have made the chain anew. */
  readonly isSigned: boolean;
  readonly findings: readonly Finding[];
}

const PROGRESS_EVERY = 10_000;
/** A log that somebody worked over has more than anybody reads. */
const MAX_FINDINGS = 1000;

interface LinkedRow {
  readonly table: LinkedTable;
  readonly row: Row;
  readonly chain: number;
  readonly mac: Uint8Array;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** How a person finds a record. */
const nameOf = (table: LinkedTable, row: Row): string => {
  const told = [
    'id',
    'revision',
    'recovery',
    'name',
    'anomaly',
    'parameter',
    'kind',
    'request',
    'time',
    'wall_time',
    'run',
  ];
  const parts = told.flatMap((column) => {
    const value = row[column];
    return (LINKED[table] as readonly string[]).includes(column) && value !== undefined
      ? [`${column} ${String(value)}`]
      : [];
  });
  return `${table} (${parts.join(', ')})`;
};

/** All links in the order of their numbers; one row a table is in memory. */
const linksOf = function* (tables: Walkable): Generator<LinkedRow, void, undefined> {
  const heads = linkedTables.map((table) => {
    const columns = LINKED[table].map(quoted).join(', ');
    const rows = tables
      .prepare(`SELECT ${columns}, chain, mac FROM ${table} WHERE chain IS NOT NULL ORDER BY chain`)
      .iterate({});
    const next = (): LinkedRow | undefined => {
      const { done, value } = rows.next();
      if (done === true) return undefined;
      const row = value as Row;
      const mac = row['mac'];
      return { table, row, chain: Number(row['chain']), mac: mac instanceof Uint8Array ? mac : new Uint8Array() };
    };
    return { next, current: next() };
  });
  for (;;) {
    let least: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.current !== undefined && (least?.current === undefined || head.current.chain < least.current.chain))
        least = head;
    }
    if (least?.current === undefined) return;
    yield least.current;
    least.current = least.next();
  }
};

export const verifyLog = (tables: Walkable, { keys, anchors = [], onProgress }: VerifyOptions): Verification => {
  const findings: Finding[] = [];
  const find = (finding: Finding): void => {
    if (findings.length < MAX_FINDINGS) findings.push(finding);
  };
  const read = <T>(sql: string): readonly T[] => tables.prepare(sql).all({}) as T[];
  const known = new Map([undefined, ...keys].map((key) => [keyIdOf(key), key]));
  const stretches = read<{ first: number; keyId: string }>(
    'SELECT first, key_id AS keyId FROM chain_key ORDER BY first',
  );
  const unknown = stretches.filter(({ keyId }) => !known.has(keyId));
  for (const { first, keyId } of unknown) {
    find({
      kind: 'key',
      message: `from link ${String(first)} on the log is signed with the key ${keyId}, which was not given`,
      first,
    });
  }
  const keyAt = (chain: number): { readonly isKnown: boolean; readonly key: Uint8Array | undefined } => {
    const { keyId = 'none' } = stretches.findLast(({ first }) => first <= chain) ?? {};
    return { isKnown: known.has(keyId), key: known.get(keyId) };
  };
  const gaps = read<{ first: number; last: number; mac: Uint8Array; seal: Uint8Array }>(
    'SELECT first, last, mac, seal FROM chain_gap ORDER BY first',
  );
  const sealed = gaps.filter(({ first, last, mac, seal }) => {
    const fits = [...known.values()].some((key) => same(seal, sealOf(key, first, last, mac)));
    if (!fits)
      find({
        kind: 'gap',
        message: `the gap from ${String(first)} to ${String(last)} was not made by retention`,
        first,
        last,
      });
    return fits;
  });
  const gapAt = new Map(sealed.map((gap) => [gap.first, gap]));
  const anchored = new Map(anchors.map(({ sequence, mac }) => [sequence, mac.toLowerCase()]));
  for (const table of linkedTables) {
    const { extra } = read<{ extra: number }>(`SELECT count(*) AS extra FROM ${table} WHERE chain IS NULL`)[0] ?? {
      extra: 0,
    };
    if (extra > 0) {
      find({
        kind: 'inserted',
        table,
        message: `${String(extra)} records of ${table} are no links: they were put in beside the chain`,
      });
    }
  }
  const head = read<{ sequence: number; mac: Uint8Array }>('SELECT sequence, mac FROM chain_head')[0];
  let [links, forgotten] = [0, 0];
  let previous: Uint8Array | undefined = ORIGIN;
  let expected: number | undefined;
  /** Passes over what retention took; the rest that is not there is missing. */
  const passTo = (chain: number): void => {
    while (expected !== undefined && expected < chain) {
      const gap = gapAt.get(expected);
      if (gap !== undefined && gap.last < chain) {
        forgotten += gap.last - gap.first + 1;
        previous = gap.mac;
        expected = gap.last + 1;
        continue;
      }
      const next =
        sealed.find(({ first }) => expected !== undefined && first > expected && first < chain)?.first ?? chain;
      find({
        kind: 'missing',
        message: `links ${String(expected)} to ${String(next - 1)} are missing`,
        first: expected,
        last: next - 1,
      });
      previous = undefined;
      expected = next;
    }
  };
  for (const { table, row, chain, mac } of linksOf(tables)) {
    expected ??= Math.min(stretches[0]?.first ?? chain, chain, sealed[0]?.first ?? chain);
    if (chain < expected) {
      find({
        kind: 'inserted',
        table,
        first: chain,
        message: `${nameOf(table, row)} has the number ${String(chain)}, which is another's`,
      });
      continue;
    }
    passTo(chain);
    const { isKnown, key } = keyAt(chain);
    // What follows a missing link cannot be judged by the code before it; its own code still binds what comes after.
    if (isKnown && previous !== undefined && !same(mac, macOf({ key, previous, chain, table, row }))) {
      find({
        kind: 'changed',
        table,
        first: chain,
        message: `${nameOf(table, row)}, link ${String(chain)}, was changed or moved`,
      });
    }
    const told = anchored.get(chain);
    if (told !== undefined && told !== hex(mac)) {
      find({ kind: 'changed', table, first: chain, message: `link ${String(chain)} is not the one that was anchored` });
    }
    anchored.delete(chain);
    previous = mac;
    expected = chain + 1;
    links += 1;
    if (links % PROGRESS_EVERY === 0) onProgress?.(links, head?.sequence ?? links);
  }
  if (expected !== undefined && head !== undefined && expected <= head.sequence) {
    const open = gapAt.get(expected);
    if (open?.last === head.sequence) {
      forgotten += open.last - open.first + 1;
      previous = open.mac;
    } else {
      find({
        kind: 'truncated',
        first: expected,
        last: head.sequence,
        message: `links ${String(expected)} to ${String(head.sequence)} are missing at the end`,
      });
    }
  } else if (head === undefined || (expected !== undefined && expected - 1 > head.sequence)) {
    find({
      kind: 'truncated',
      message: `the head says ${String(head?.sequence ?? 'nothing')}, and the last link is ${String((expected ?? 1) - 1)}`,
    });
  }
  if (
    head !== undefined &&
    previous !== undefined &&
    expected !== undefined &&
    expected - 1 <= head.sequence &&
    findings.every(({ kind }) => kind !== 'truncated') &&
    !same(previous, head.mac)
  ) {
    find({ kind: 'truncated', message: 'the code of the head is not that of the last link' });
  }
  for (const sequence of anchored.keys()) {
    const isForgotten = sealed.some(({ first, last }) => first <= sequence && sequence <= last);
    if (!isForgotten)
      find({
        kind: 'truncated',
        first: sequence,
        message: `link ${String(sequence)}, which was anchored, is not there`,
      });
  }
  return {
    links,
    forgotten,
    head: { sequence: head?.sequence ?? 0, mac: hex(head?.mac ?? ORIGIN), keyId: stretches.at(-1)?.keyId ?? 'none' },
    isSigned: stretches.length > 0 && stretches.every(({ keyId }) => keyId !== 'none'),
    findings,
  };
};
