import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pageQuery } from '../../src/adapters/log/log-list';
import { openLog, readLog, type FileReader } from '../../src/adapters/log/sqlite-log';
import type { AnomalyRow, LogFilter, LogPage } from '../../src/domain/log-query';
import { isoTime } from '../../src/domain/units';
import { createRandom } from '../../src/core/random';
import { anomalyEvent, recoveryEntries } from '../support/full-log';
import { T0 } from '../support/tiny-mission';

const COUNT = 400;
const SEED = 7;
const EQUIPMENT = ['rw0', 'rw1', 'rw2', 'rw3'];
const FAULTS = ['offset', 'step', 'friction-rise', 'unknown'];
const VERDICTS = ['true', 'false', 'rare-nominal'] as const;
const NEWEST: LogPage = { sort: 'start', order: 'desc', limit: 1000 };

let folder: string;
let path: string;
let reader: FileReader;
let everything: readonly AnomalyRow[];
/** Which rules answered which anomaly, and how it ended. */
const answered = new Map<string, { rule: string; state: string }>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-list-'));
  path = join(folder, 'log.db');
  const random = createRandom(SEED);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.uniform() * items.length)] as T;
  const log = openLog(path, T0);
  for (let index = 0; index < COUNT; index += 1) {
    const id = `AURORA-1/${String(index)}`;
    // Several in one millisecond, and not in order.
    const start = T0 + Math.floor(random.uniform() * 100) * 60_000;
    const equipment = pick(EQUIPMENT);
    const choice = { id, start, equipment, fault: pick(FAULTS), confidence: Math.round(random.uniform() * 100) / 100 };
    const ledger =
      random.uniform() < 0.3
        ? recoveryEntries(id, { rule: pick(['off', 'unload']), state: pick(['verified', 'waiting']), startedAt: start })
        : [];
    for (const entry of ledger) {
      if (entry.kind === 'recovery') answered.set(id, { rule: entry.record.rule, state: entry.record.state });
    }
    log.commit([anomalyEvent({ ...choice, state: pick(['open', 'closed']) })], ledger);
    if (random.uniform() < 0.2) {
      log.commit([], [{ kind: 'verdict', record: { anomaly: id, by: 'ada', verdict: pick(VERDICTS), comment: '' } }]);
    }
  }
  log.close();
  reader = readLog(path);
  everything = reader.list({}, NEWEST).items;
});
afterAll(() => {
  reader.close();
  rmSync(folder, { recursive: true });
});

/** Every word, or its beginning. */
const saysIt = (sought: string, text: string): boolean => {
  const words = text.toLowerCase().split(/[^a-z0-9_]+/);
  return sought
    .split(' ')
    .every((word) => words.some((said) => (word.endsWith('*') ? said.startsWith(word.slice(0, -1)) : said === word)));
};

/** The same by plain JavaScript over all rows. */
const passes = (filter: LogFilter, row: AnomalyRow): boolean =>
  (filter.since === undefined || row.start >= filter.since) &&
  (filter.until === undefined || row.start < filter.until) &&
  (filter.spacecraft === undefined || row.spacecraft === filter.spacecraft) &&
  (filter.equipment?.includes(row.equipment) ?? true) &&
  (filter.fault?.includes(row.fault) ?? true) &&
  row.confidence >= (filter.minConfidence ?? 0) &&
  row.confidence <= (filter.maxConfidence ?? 1) &&
  (filter.state === undefined || row.state === filter.state) &&
  (filter.severity === undefined || row.severity === filter.severity) &&
  (filter.verdict === undefined || (row.verdict ?? 'none') === filter.verdict) &&
  (filter.rule === undefined || answered.get(row.id)?.rule === filter.rule) &&
  (filter.outcome === undefined || answered.get(row.id)?.state === filter.outcome) &&
  (filter.text === undefined || saysIt(filter.text, `${row.sentence} ${row.id}`));

/** One of each documented filter; some let nothing pass. */
const FILTERS: readonly LogFilter[] = [
  { since: isoTime(T0 + 50 * 60_000) },
  { until: isoTime(T0 + 20 * 60_000) },
  { spacecraft: 'AURORA-1' },
  { equipment: ['rw1'] },
  { equipment: ['rw1', 'rw3'] },
  { fault: ['step'] },
  { fault: ['offset', 'unknown'] },
  { minConfidence: 0.8 },
  { maxConfidence: 0.1 },
  { state: 'open' },
  { severity: 'medium' },
  { severity: 'high' },
  { rule: 'unload' },
  { outcome: 'waiting' },
  { verdict: 'false' },
  { verdict: 'none' },
  { text: 'friction' },
  { text: 'fric* rw1' },
];
const pairs = FILTERS.flatMap((first, index) =>
  FILTERS.slice(index).map((second): [string, LogFilter] => {
    const both = { ...first, ...second };
    return [JSON.stringify(both), both];
  }),
);

test('every anomaly is listed, newest first', () => {
  expect(everything.length).toBe(COUNT);
  expect(everything.map(({ start }) => start)).toEqual([...everything.map(({ start }) => start)].sort().reverse());
});

test.each(pairs)('%s: exactly what passes, page by page, in both orders', (_name, filter) => {
  const expected = everything.filter((row) => passes(filter, row)).map(({ id }) => id);
  for (const order of ['desc', 'asc'] as const) {
    const ids: string[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const { items, next } = reader.list(filter, { sort: 'start', order, limit: 17, cursor });
      ids.push(...items.map(({ id }) => id));
      cursor = next ?? undefined;
      more = next !== null;
    }
    expect(order === 'desc' ? ids : ids.reverse()).toEqual(expected);
  }
  expect(reader.count(filter)).toBe(expected.length);
  expect(reader.histogram(filter, 13).total).toBe(expected.length);
  expect(reader.stats(filter).anomalies).toBe(expected.length);
});

test.each(['confidence', 'score', 'equipment', 'fault'] as const)('sorted by %s, page by page', (sort) => {
  const filter: LogFilter = { state: 'closed' };
  const seen: AnomalyRow[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const { items, next } = reader.list(filter, { sort, order: 'asc', limit: 23, cursor });
    seen.push(...items);
    cursor = next ?? undefined;
    more = next !== null;
  }
  expect(new Set(seen.map(({ id }) => id)).size).toBe(everything.filter(({ state }) => state === 'closed').length);
  const values = seen.map((row) => row[sort]);
  expect(values).toEqual([...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
});

test.each(FILTERS.map((filter): [string, LogFilter] => [JSON.stringify(filter), filter]))(
  '%s: no table is scanned',
  (_name, filter) => {
    const database = new Database(path, { readonly: true });
    const { sql, parameters } = pageQuery(database, filter, { ...NEWEST, limit: 50 });
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[];
    database.close();
    const details = plan.map(({ detail }) => detail);
    // In the order of the list and stopped at the limit, a walk along an index is no scan of the table.
    const scans = details.filter((detail) => /^SCAN (a|r|anomaly_latest|recovery)\b(?!.*INDEX)/.test(detail));
    expect(scans).toEqual([]);
    expect(details.filter((detail) => /^USE TEMP B-TREE FOR ORDER BY/.test(detail))).toEqual([]);
  },
);

test('a cursor that no list gave is refused', () => {
  for (const cursor of [
    'x',
    Buffer.from('{"a":1}').toString('base64url'),
    Buffer.from('["a","b"]').toString('base64url'),
  ]) {
    expect(() => reader.list({}, { ...NEWEST, cursor })).toThrow(/the cursor is none that a list gave/);
  }
});

test('words of a search mean nothing to the database', () => {
  for (const text of ['" OR 1=1 --', "'); DROP TABLE anomaly; --", 'NEAR(', 'a AND', '*', '-x', 'col:y', '\u0000']) {
    expect(() => reader.list({ text }, NEWEST)).not.toThrow();
  }
  expect(reader.list({ text: '***' }, NEWEST).items).toEqual([]);
});
