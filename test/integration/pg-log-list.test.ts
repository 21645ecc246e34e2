/** Lists of a fleet's log in PostgreSQL: the rows, pages and words that the same log in SQLite has; and words are found by an index. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { FleetCommit } from '../../src/adapters/log/fleet-log';
import { pageQuery } from '../../src/adapters/log/log-list';
import type { LogReader } from '../../src/adapters/log/log-reader';
import { openFleetLog } from '../../src/adapters/log/sqlite-fleet-log';
import { readLog } from '../../src/adapters/log/sqlite-log';
import { programFile } from '../../src/adapters/host/package-root';
import { Leases } from '../../src/adapters/postgres/leases';
import { databaseOf, openPool, prepareDatabase } from '../../src/adapters/postgres/pg-connect';
import { translate } from '../../src/adapters/postgres/pg-dialect';
import { PgFleetLog } from '../../src/adapters/postgres/pg-fleet-log';
import { StoreReader } from '../../src/adapters/postgres/store-reader';
import { StoreThread } from '../../src/adapters/postgres/store-thread';
import { createRandom } from '../../src/core/random';
import type { AnomalyRow, LogFilter } from '../../src/domain/log-query';
import { anomalyEvent, recoveryEntries } from '../support/full-log';
import { describeWithDatabase, startPostgres, type Postgres } from '../support/postgres';
import { T0, tinyMission } from '../support/tiny-mission';

const COUNT = 300;
const SEED = 17;
const SPACECRAFT = 'SAT-1';
const EQUIPMENT = ['rw0', 'rw1', 'rw2'];
const FAULTS = ['offset', 'step', 'friction-rise'];

const commits = (): readonly FleetCommit[] => {
  const random = createRandom(SEED);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.uniform() * items.length)] as T;
  return Array.from({ length: COUNT }, (_, index) => {
    const id = `${SPACECRAFT}/${String(index)}`;
    const start = T0 + Math.floor(random.uniform() * 100) * 60_000;
    const event = anomalyEvent({
      ...{ id, start, equipment: pick(EQUIPMENT), fault: pick(FAULTS) },
      ...{ confidence: Math.round(random.uniform() * 100) / 100, state: pick(['open', 'closed'] as const) },
    });
    const ledger =
      random.uniform() < 0.3 ? recoveryEntries(id, { rule: pick(['off', 'unload']), startedAt: start }) : [];
    return { spacecraft: SPACECRAFT, events: [event], ledger, memory: undefined, outgoing: [] };
  });
};

const FILTERS: readonly LogFilter[] = [
  {},
  { equipment: ['rw1'] },
  { fault: ['step', 'offset'] },
  { minConfidence: 0.5 },
  { state: 'open' },
  { rule: 'unload' },
  { since: new Date(T0 + 50 * 60_000).toISOString() },
];
const TEXTS = [
  ...['friction', 'fric*', 'fric* rw1', 'RW1', 'rw', 'rw*', 'SAT-1', '12', 'step rw2', 'nothing', 'rw1 nothing'],
  ...["rw1' | 'rw2", "a':*b", 'rw1 & rw2', '!rw1', '***', '" OR 1=1 --', 'été'],
];

describeWithDatabase(`lists in PostgreSQL, seed ${String(SEED)}`, () => {
  let folder: string;
  let postgres: Postgres;
  let client: Client;
  let sqlite: LogReader & { close(): void };
  let database: StoreReader;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fdir-pg-list-'));
    postgres = await startPostgres();
    const subject = { mission: tinyMission(), manifest: undefined, program: undefined };
    const options = { now: () => T0, chainKey: undefined };
    const file = openFleetLog(join(folder, 'log.db'), options);
    const pool = openPool({ ...databaseOf(postgres.url), password: postgres.password }, () => undefined);
    await prepareDatabase(pool);
    const [owned] = await new Leases(pool, 'w1', 60_000).take([0]);
    if (owned === undefined) throw new Error('the lease of a new database is held');
    const log = await PgFleetLog.open({ ...options, pool, owned });
    file.restoreSpacecraft(SPACECRAFT, subject);
    await log.restore(new Map([[SPACECRAFT, subject]]));
    for (const commit of commits()) {
      file.commitFleet([commit], []);
      await log.commit([commit], []);
    }
    file.close();
    await pool.end();
    sqlite = readLog(join(folder, 'log.db'));
    const config = { ...databaseOf(postgres.url), password: postgres.password };
    database = new StoreReader(new StoreThread(config, programFile('compose/store-worker.js')));
    client = new Client(config);
    await client.connect();
  }, 120_000);

  afterAll(async () => {
    sqlite.close();
    database.close();
    await client.end();
    await postgres.stop();
    rmSync(folder, { recursive: true });
  });

  const pagesOf = (reader: LogReader, filter: LogFilter): readonly AnomalyRow[] => {
    const rows: AnomalyRow[] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const { items, next } = reader.list(filter, { sort: 'start', order: 'desc', limit: 41, cursor });
      rows.push(...items);
      cursor = next ?? undefined;
      more = next !== null;
    }
    return rows;
  };

  test.each(TEXTS)('%s finds the same rows beside every filter, page by page, and counts them', (text) => {
    for (const filter of FILTERS) {
      const sought = { ...filter, text };
      const expected = pagesOf(sqlite, sought);
      expect({ sought, rows: pagesOf(database, sought) }).toEqual({ sought, rows: expected });
      expect(database.count(sought)).toBe(expected.length);
    }
  });

  test('finds something, and not everything, by words and by beginnings of words', () => {
    const found = ['friction', 'fric*', 'rw1'].map((text) => database.count({ text }));
    expect(found.every((count) => count > 0 && count < COUNT)).toBe(true);
  });

  test('words are found by their index, by the query that lists them', async () => {
    // A table of three hundred rows is read whole otherwise.
    await client.query('SET enable_seqscan = off; SET enable_indexscan = off');
    const tables = {
      textIndex: 'column',
      prepare: () => ({ run: () => 0, all: () => [], get: () => ({ rows: 0 }) }),
    } as const;
    const { sql, parameters } = pageQuery(tables, { text: 'fric* rw1' }, { sort: 'start', order: 'desc', limit: 50 });
    const { text, names } = translate(sql);
    const { rows } = await client.query<Record<string, string>>(
      `EXPLAIN ${text}`,
      names.map((name) => parameters[name] ?? null),
    );
    expect(rows.flatMap((row) => Object.values(row)).join('\n')).toContain('Index Scan on latest_by_words');
  });

  test('a word that is too long for the index is left out of it, and the record is kept', async () => {
    const { rows } = await client.query<{ words: string }>(
      "SELECT fdir_words('rw1 ' || repeat('x', 5000))::text AS words",
    );
    expect(rows).toEqual([{ words: "'rw1'" }]);
  });
});
