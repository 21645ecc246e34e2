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
   * `gap`: a gap that retention did not seal. `key`: a stretch that none of the keys fits. `writers`: two daemons wrote at once.
   */
  readonly kind: 'changed' | 'missing' | 'inserted' | 'truncated' | 'gap' | 'key' | 'writers';
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

interface SealedGap {
  readonly first: number;
  readonly last: number;
  readonly mac: Uint8Array;
}

/** One walk: what it knows of keys, gaps and anchors, where it is, and what it found. */
class ChainWalk {
  readonly findings: Finding[] = [];
  links = 0;
  forgotten = 0;
  private readonly knownKeys: ReadonlyMap<string, Uint8Array | undefined>;
  private readonly stretches: readonly { readonly first: number; readonly keyId: string }[];
  private readonly sealed: readonly SealedGap[];
  private readonly gapAt: ReadonlyMap<number, SealedGap>;
  private readonly anchored: Map<number, string>;
  private readonly head: { readonly sequence: number; readonly mac: Uint8Array } | undefined;
  /** Code of the link before; undefined after a missing link, where the next one cannot be judged. */
  private previous: Uint8Array | undefined = ORIGIN;
  /** Number of the next link; undefined before the first. */
  private expected: number | undefined;

  constructor(
    private readonly tables: Walkable,
    private readonly options: VerifyOptions,
  ) {
    const { keys, anchors = [] } = options;
    this.knownKeys = new Map([undefined, ...keys].map((key) => [keyIdOf(key), key]));
    this.stretches = this.read('SELECT first, key_id AS keyId FROM chain_key ORDER BY first');
    this.anchored = new Map(anchors.map(({ sequence, mac }) => [sequence, mac.toLowerCase()]));
    this.head = this.read<{ sequence: number; mac: Uint8Array }>('SELECT sequence, mac FROM chain_head')[0];
    this.checkKeys();
    this.sealed = this.checkGaps();
    this.gapAt = new Map(this.sealed.map((gap) => [gap.first, gap]));
  }

  /** The whole walk. */
  run(): Verification {
    this.checkStrays();
    for (const row of linksOf(this.tables)) this.checkLink(row);
    this.checkEnd();
    this.checkHeadCode();
    this.checkAnchors();
    const { sequence = 0, mac = ORIGIN } = this.head ?? {};
    return {
      links: this.links,
      forgotten: this.forgotten,
      head: { sequence, mac: hex(mac), keyId: this.stretches.at(-1)?.keyId ?? 'none' },
      isSigned: this.stretches.length > 0 && this.stretches.every(({ keyId }) => keyId !== 'none'),
      findings: this.findings,
    };
  }

  private read<T>(sql: string): readonly T[] {
    return this.tables.prepare(sql).all({}) as T[];
  }

  private find(finding: Finding): void {
    if (this.findings.length < MAX_FINDINGS) this.findings.push(finding);
  }

  private checkKeys(): void {
    for (const { first, keyId } of this.stretches) {
      if (this.knownKeys.has(keyId)) continue;
      const message = `from link ${String(first)} on the log is signed with the key ${keyId}, which was not given`;
      this.find({ kind: 'key', message, first });
    }
  }

  /** Gaps that retention sealed. */
  private checkGaps(): readonly SealedGap[] {
    const gaps = this.read<SealedGap & { readonly seal: Uint8Array }>(
      'SELECT first, last, mac, seal FROM chain_gap ORDER BY first',
    );
    return gaps.filter(({ first, last, mac, seal }) => {
      const fits = [...this.knownKeys.values()].some((key) => same(seal, sealOf(key, first, last, mac)));
      const message = `the gap from ${String(first)} to ${String(last)} was not made by retention`;
      if (!fits) this.find({ kind: 'gap', message, first, last });
      return fits;
    });
  }

  /** Records beside the chain. */
  private checkStrays(): void {
    for (const table of linkedTables) {
      const rows = this.read<{ extra: number }>(`SELECT count(*) AS extra FROM ${table} WHERE chain IS NULL`);
      const extra = rows[0]?.extra ?? 0;
      const message = `${String(extra)} records of ${table} are no links: they were put in beside the chain`;
      if (extra > 0) this.find({ kind: 'inserted', table, message });
    }
  }

  private checkLink(link: LinkedRow): void {
    const { table, row, chain, mac } = link;
    this.expected ??= Math.min(this.stretches[0]?.first ?? chain, chain, this.sealed[0]?.first ?? chain);
    if (chain < this.expected) {
      const message = `${nameOf(table, row)} has the number ${String(chain)}, which is another's`;
      this.find({ kind: 'inserted', table, first: chain, message });
      return;
    }
    this.passTo(chain);
    this.checkCode(link);
    const anchor = this.anchored.get(chain);
    if (anchor !== undefined && anchor !== hex(mac)) {
      const message = `link ${String(chain)} is not the one that was anchored`;
      this.find({ kind: 'changed', table, first: chain, message });
    }
    this.anchored.delete(chain);
    this.previous = mac;
    this.expected = chain + 1;
    this.links += 1;
    if (this.links % PROGRESS_EVERY === 0) this.options.onProgress?.(this.links, this.head?.sequence ?? this.links);
  }

  /** The code of what follows a missing link cannot be judged; its own code still binds what comes after. */
  private checkCode({ table, row, chain, mac }: LinkedRow): void {
    const { keyId = 'none' } = this.stretches.findLast(({ first }) => first <= chain) ?? {};
    const { previous } = this;
    if (!this.knownKeys.has(keyId) || previous === undefined) return;
    if (same(mac, macOf({ key: this.knownKeys.get(keyId), previous, chain, table, row }))) return;
    const message = `${nameOf(table, row)}, link ${String(chain)}, was changed or moved`;
    this.find({ kind: 'changed', table, first: chain, message });
  }

  /** Passes over what retention took; the rest that is not there is missing. */
  private passTo(chain: number): void {
    while (this.expected !== undefined && this.expected < chain) {
      const { expected } = this;
      const gap = this.gapAt.get(expected);
      if (gap !== undefined && gap.last < chain) {
        this.skip(gap);
        continue;
      }
      const next = this.sealed.find(({ first }) => first > expected && first < chain)?.first ?? chain;
      const message = `links ${String(expected)} to ${String(next - 1)} are missing`;
      this.find({ kind: 'missing', message, first: expected, last: next - 1 });
      this.previous = undefined;
      this.expected = next;
    }
  }

  private skip({ first, last, mac }: SealedGap): void {
    this.forgotten += last - first + 1;
    this.previous = mac;
    this.expected = last + 1;
  }

  /** Whether the last link is the one that the head names. */
  private checkEnd(): void {
    const { expected, head } = this;
    if (expected !== undefined && head !== undefined && expected <= head.sequence) {
      const open = this.gapAt.get(expected);
      if (open?.last === head.sequence) {
        this.skip(open);
        return;
      }
      const message = `links ${String(expected)} to ${String(head.sequence)} are missing at the end`;
      this.find({ kind: 'truncated', first: expected, last: head.sequence, message });
    } else if (head === undefined || (expected !== undefined && expected - 1 > head.sequence)) {
      const last = String((expected ?? 1) - 1);
      const message = `the head says ${String(head?.sequence ?? 'nothing')}, and the last link is ${last}`;
      this.find({ kind: 'truncated', message });
    }
  }

  private checkHeadCode(): void {
    const { head, previous, findings, expected } = this;
    if (head === undefined || previous === undefined || expected === undefined) return;
    if (expected - 1 > head.sequence || findings.some(({ kind }) => kind === 'truncated')) return;
    if (same(previous, head.mac)) return;
    this.find({ kind: 'truncated', message: 'the code of the head is not that of the last link' });
  }

  private checkAnchors(): void {
    for (const sequence of this.anchored.keys()) {
      if (this.sealed.some(({ first, last }) => first <= sequence && sequence <= last)) continue;
      const message = `link ${String(sequence)}, which was anchored, is not there`;
      this.find({ kind: 'truncated', first: sequence, message });
    }
  }
}

/** Walks the whole chain. @returns what fits and what does not; at most a thousand findings. */
export const verifyLog = (tables: Walkable, options: VerifyOptions): Verification =>
  new ChainWalk(tables, options).run();
