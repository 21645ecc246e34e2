/** The log as the console reads it, when it is well and when it is not. */
import Database from 'better-sqlite3';
import { copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { anomalyParts } from '../../src/adapters/log/anomaly-parquet';
import { openLog, type SqliteLog } from '../../src/adapters/log/sqlite-log';
import { consoleLog } from '../../src/compose/console-log';
import { filterOf } from '../../src/commands/log/filters';
import { readLogFilter } from '../../src/core/log-filter';
import { logFilterSchema } from '../../src/domain/log-query';
import { anomalyFilter, anomalyListQuery, type AnomalyListQuery } from '../../src/console/api/anomalies';
import { isoTime } from '../../src/domain/units';
import { anomalyEvent, recoveryEntries } from '../support/full-log';
import { T0 } from '../support/tiny-mission';

const COUNT = 1200;
const NOW = T0 + COUNT * 60_000;

let folder: string;
let path: string;
let writer: SqliteLog;
let log: ReturnType<typeof consoleLog>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-console-log-'));
  path = join(folder, 'log.db');
  writer = openLog(path, T0);
  log = consoleLog(path, () => NOW);
});
afterEach(() => {
  log.close();
  writer.close();
  rmSync(folder, { recursive: true });
});

const query = (given: Record<string, unknown> = {}): AnomalyListQuery => anomalyListQuery.parse(given);
const id = (index: number): string => `TINY-1/${String(index)}`;
/** One a minute, on two wheels in turn. */
const fill = (): void => {
  const indices = Array.from({ length: COUNT }, (_, index) => index);
  const startOf = (index: number): number => T0 + index * 60_000;
  writer.commit(
    indices.map((index) => anomalyEvent({ id: id(index), start: startOf(index), equipment: `rw${String(index % 2)}` })),
    indices
      .filter((index) => index % 10 === 0)
      .flatMap((index) => recoveryEntries(id(index), { rule: 'off', state: 'verified', startedAt: startOf(index) })),
  );
  writer.commit([], [{ kind: 'verdict', record: { anomaly: id(7), by: 'ann', verdict: 'false', comment: 'slew' } }]);
};

test('pages follow each other without a gap, and an export is all of them', () => {
  fill();
  const seen: string[] = [];
  for (let cursor: string | undefined, isLast = false; !isLast;) {
    const { items, next } = log.list(query({ limit: '500', ...(cursor !== undefined && { cursor }) }));
    seen.push(...items.map((item) => item.id));
    cursor = next ?? undefined;
    isLast = next === null;
  }
  expect(seen).toEqual(Array.from({ length: COUNT }, (_, index) => id(COUNT - 1 - index)));
  const batches = [...log.batches({})];
  expect(batches.map(({ length }) => length)).toEqual([500, 500, 200]);
  expect(batches.flat().map((item) => item.id)).toEqual([...seen].reverse());
});

test('a Parquet file is made group after group, and holds what passes; readers of others read it', async () => {
  fill();
  const whole = [...log.parquet({})];
  const small = [...anomalyParts(log.batches({ equipment: ['rw1'] }), 200)];
  // A part a group, of one read at least, and the end of the file: memory is that of a group.
  expect([whole.length, small.length]).toEqual([2, 3]);
  const rowsOf = (parts: readonly Uint8Array[]) => {
    const { buffer } = Uint8Array.from(Buffer.concat(parts));
    return parquetReadObjects({ file: buffer });
  };
  const rows = await rowsOf(whole);
  expect(rows.length).toBe(COUNT);
  expect(rows[7]).toMatchObject({ id: id(7), revision: 1, verdict: 'false', severity: 'medium', end: null });
  expect((await rowsOf(small)).map((row) => row['id'])).toEqual(
    rows.map((row) => row['id'] as string).filter((name) => Number(name.split('/')[1]) % 2 === 1),
  );
  // Nothing passes: a file without rows is still one.
  expect(await rowsOf([...log.parquet({ equipment: ['rw9'] })])).toEqual([]);
});

test('filters are those of fdir log list; times may be durations back from now', () => {
  fill();
  const found = (given: Record<string, unknown>) => log.list(query(given)).items.map((item) => item.id);
  expect(found({ since: '3m' })).toEqual([id(1199), id(1198), id(1197)]);
  expect(found({ since: '6m', until: isoTime(NOW - 3 * 60_000), equipment: 'rw0' })).toEqual([id(1196), id(1194)]);
  expect(found({ verdict: 'false' })).toEqual([id(7)]);
  expect(found({ rule: 'off', outcome: 'verified', equipment: 'rw0,rw1', limit: '2' })).toEqual([id(1190), id(1180)]);
  expect(found({ equipment: 'rw9' })).toEqual([]);
  const { counts, total } = log.histogram({ equipment: ['rw1'] }, 4);
  expect([counts, total]).toEqual([[150, 150, 150, 150], 600]);
});

test.each([
  [{ since: '1h', until: '2h' }, /since/],
  [{ minConfidence: '0.9', maxConfidence: '0.1' }, /minConfidence/],
  [{ cursor: 'nonsense' }, /cursor/],
  [{ since: 'yesterday' }, /since/],
])('%j is told to be impossible', (given, told) => {
  fill();
  expect(() => log.list(query(given))).toThrow(told);
});

test('command line and console name the same filters, each in its own way', () => {
  expect(Object.keys(anomalyFilter.shape).sort()).toEqual(Object.keys(logFilterSchema.shape).sort());
  const given = { minConfidence: 0.9, maxConfidence: 0.1 };
  expect(() => filterOf(given, NOW)).toThrow(/^--min-confidence: no confidence is at least/);
  expect(() => readLogFilter(given, NOW)).toThrow(/^minConfidence: no confidence is at least/);
  expect(filterOf({ since: '2h', text: 'slew' }, NOW)).toEqual({ since: isoTime(NOW - 7_200_000), text: 'slew' });
});

test('an account holds what came of it, and what people said', () => {
  fill();
  expect(log.account(id(7))).toMatchObject({
    revisions: [{ id: id(7) }],
    verdicts: [{ by: 'ann', verdict: 'false', comment: 'slew' }],
  });
  expect(log.account(id(10))?.recoveries).toMatchObject([{ recovery: { rule: 'off', state: 'verified' } }]);
  expect(log.account('none')).toBeUndefined();
  expect(log.ruleCounts().get('off')).toMatchObject({ states: { verified: COUNT / 10 } });
});

describe('a log that cannot be read says why, and is read again when it can', () => {
  const list = (): number => log.list(query()).items.length;
  /** Nobody has it open, so that all of it is in the one file. */
  const closeAll = (): void => {
    log.close();
    writer.close();
  };
  const away = (): string => `${path}.away`;

  beforeEach(() => {
    writer.commit([anomalyEvent({ id: id(1) })]);
    expect(list()).toBe(1);
  });

  test('it is away, and another in its place', () => {
    renameSync(path, away());
    expect(list).toThrow('cannot open the log');
    renameSync(away(), path);
    expect(list()).toBe(1);
    closeAll();
    expect(list()).toBe(1);
    renameSync(path, away());
    openLog(path, T0).close();
    expect(list()).toBe(0);
    writer = openLog(':memory:', T0);
  });

  test('somebody holds it', () => {
    closeAll();
    const holder = new Database(path);
    holder.pragma('journal_mode = DELETE');
    holder.exec('BEGIN EXCLUSIVE');
    expect(list).toThrow('locked');
    holder.exec('COMMIT');
    holder.close();
    expect(list()).toBe(1);
    writer = openLog(':memory:', T0);
  });

  test.each([
    [
      'it is cut',
      () => {
        truncateSync(path, 5000);
      },
      /malformed/,
    ],
    [
      'no database is there',
      () => {
        writeFileSync(path, 'a text, and no database at all. '.repeat(200));
      },
      /not a database/,
    ],
    [
      'an empty file is there',
      () => {
        writeFileSync(path, '');
      },
      /not a log of fdir/,
    ],
    [
      'the database of somebody else is there',
      () => {
        rmSync(path);
        const foreign = new Database(path);
        foreign.exec('CREATE TABLE anomaly (id TEXT)');
        foreign.close();
      },
      /not a log of fdir/,
    ],
  ])('%s', (_what, spoil, told) => {
    closeAll();
    copyFileSync(path, away());
    spoil();
    expect(list).toThrow(told);
    rmSync(path);
    renameSync(away(), path);
    expect(list()).toBe(1);
    writer = openLog(':memory:', T0);
  });
});
