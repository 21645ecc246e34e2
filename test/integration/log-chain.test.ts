import Database from 'better-sqlite3';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LINKED, linkedTables, type LinkedTable } from '../../src/adapters/log/log-chain';
import { openLog, readLog } from '../../src/adapters/log/sqlite-log';
import type { Anchor, Finding } from '../../src/adapters/log/log-verify';
import { anomalyEvent, CHAIN_KEY, writeFullLog } from '../support/full-log';
import { T0 } from '../support/tiny-mission';

let folder: string;
let original: string;
let copies = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-chain-'));
  original = join(folder, 'log.db');
  writeFullLog(original);
  const database = new Database(original);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A copy of the log, worked over. */
const tampered = (work: (database: Database.Database) => void): string => {
  const path = join(folder, `copy-${String((copies += 1))}.db`);
  copyFileSync(original, path);
  const database = new Database(path);
  database.pragma('foreign_keys = OFF');
  work(database);
  database.close();
  return path;
};

const verify = (path: string, anchors: readonly Anchor[] = [], keys: readonly Uint8Array[] = [CHAIN_KEY]) => {
  const reader = readLog(path);
  try {
    return reader.verify({ keys, anchors });
  } finally {
    reader.close();
  }
};
const found = (path: string, anchors: readonly Anchor[] = []): readonly Finding[] => verify(path, anchors).findings;
const headOf = (path: string): Anchor => {
  const { sequence, mac } = verify(path).head;
  return { sequence, mac };
};

/** Something else of the same type. */
const another = (value: unknown): string | number | Uint8Array => {
  if (value instanceof Uint8Array) return Uint8Array.from([...value, 1]);
  return value === null ? 'x' : `${String(value)}x`;
};

test('a log that nobody touched verifies, with its key only', () => {
  const { findings, isSigned, links, head } = verify(original);
  expect({ findings, isSigned, links, sequence: head.sequence }).toEqual({
    findings: [],
    isSigned: true,
    links: 15,
    sequence: 15,
  });
  expect(verify(original, [], []).findings.map(({ kind }) => kind)).toEqual(['key']);
  expect(
    verify(original, [], [Buffer.from('another key, which is long enough')]).findings.map(({ kind }) => kind),
  ).toEqual(['key']);
});

const columns = linkedTables.flatMap((table): [LinkedTable, string][] =>
  [...LINKED[table], 'chain', 'mac'].map((column) => [table, column]),
);
test.each(columns)('%s.%s: a changed value is found, and the record is named', (table, column) => {
  let chain = 0;
  const path = tampered((database) => {
    const row = database.prepare(`SELECT chain, "${column}" AS value FROM ${table} ORDER BY chain LIMIT 1`).get() as {
      chain: number;
      value: unknown;
    };
    ({ chain } = row);
    const value = column === 'chain' || typeof row.value === 'number' ? Number(row.value) + 1000 : another(row.value);
    database.prepare(`UPDATE ${table} SET "${column}" = ? WHERE chain = ?`).run(value, chain);
  });
  const findings = found(path);
  expect(findings.length).toBeGreaterThan(0);
  if (column !== 'chain' && column !== 'mac') {
    expect(findings[0]).toMatchObject({ kind: 'changed', table, first: chain });
  }
});

test.each(linkedTables.map((table) => [table]))('%s: a deleted record is found by its number', (table) => {
  let chain = 0;
  const path = tampered((database) => {
    ({ chain } = database.prepare(`SELECT chain FROM ${table} ORDER BY chain LIMIT 1`).get() as { chain: number });
    database.prepare(`DELETE FROM ${table} WHERE chain = ?`).run(chain);
  });
  expect(found(path)).toMatchObject([{ kind: 'missing', first: chain, last: chain }]);
});

test('a record put in beside the chain, or with a made-up place in it, is found', () => {
  const beside = tampered((database) => {
    database.exec(`INSERT INTO verdict VALUES (99, 'now', 'b', 'false', 'mallory', '', NULL, NULL)`);
  });
  expect(found(beside)).toMatchObject([{ kind: 'inserted', table: 'verdict' }]);
  const behind = tampered((database) => {
    database.exec(`INSERT INTO verdict VALUES (99, 'now', 'b', 'false', 'mallory', '', 16, randomblob(32))`);
    database.exec('UPDATE chain_head SET sequence = 16, mac = (SELECT mac FROM verdict WHERE chain = 16)');
  });
  expect(found(behind)).toMatchObject([{ kind: 'changed', table: 'verdict', first: 16 }]);
  const twice = tampered((database) => {
    database.exec('DROP INDEX verdict_by_chain');
    database.exec(
      `INSERT INTO verdict SELECT 99, wall_time, anomaly, 'false', by, comment, chain, mac FROM verdict LIMIT 1`,
    );
  });
  expect(found(twice).length).toBeGreaterThan(0);
});

test('records that changed places are found', () => {
  const path = tampered((database) => {
    const swap = database.prepare('UPDATE anomaly SET chain = ? WHERE chain = ?');
    const [first = 0, second = 0] = (
      database.prepare('SELECT chain FROM anomaly ORDER BY chain LIMIT 2').all() as { chain: number }[]
    ).map(({ chain }) => chain);
    swap.run(9999, first);
    swap.run(first, second);
    swap.run(second, 9999);
  });
  expect(found(path).map(({ kind, table }) => [kind, table])).toContainEqual(['changed', 'anomaly']);
});

test('an end that was cut off is missed by the head, and with a forged head by an anchor kept elsewhere', () => {
  const anchor = headOf(original);
  const cut = (database: Database.Database): void => {
    for (const table of linkedTables) database.exec(`DELETE FROM ${table} WHERE chain > 10`);
  };
  expect(found(tampered(cut))).toMatchObject([{ kind: 'truncated', first: 11, last: 15 }]);
  const forged = tampered((database) => {
    cut(database);
    for (const table of linkedTables) {
      database.exec(
        `UPDATE chain_head SET sequence = 10, mac = (SELECT mac FROM ${table} WHERE chain = 10)
         WHERE EXISTS (SELECT 1 FROM ${table} WHERE chain = 10)`,
      );
    }
  });
  expect(found(forged)).toEqual([]);
  expect(found(forged, [anchor])).toMatchObject([{ kind: 'truncated', first: 15 }]);
  expect(found(original, [anchor])).toEqual([]);
});

test.each([
  ['chain_head', 'sequence', 'UPDATE chain_head SET sequence = sequence + 1'],
  ['chain_head', 'mac', 'UPDATE chain_head SET mac = randomblob(32)'],
  ['chain_head', 'the row', 'DELETE FROM chain_head'],
  ['chain_key', 'first', 'UPDATE chain_key SET first = first + 3'],
  ['chain_key', 'key_id', "UPDATE chain_key SET key_id = 'none'"],
  ['chain_key', 'the row', 'DELETE FROM chain_key'],
  [
    'chain_gap',
    'a forged one',
    'DELETE FROM anomaly WHERE chain = 3; INSERT INTO chain_gap VALUES (3, 3, randomblob(32), randomblob(32))',
  ],
])('%s, %s: what describes the chain cannot be changed either', (_table, _column, sql) => {
  expect(found(tampered((database) => database.exec(sql))).length).toBeGreaterThan(0);
});

test('a forger without the key cannot make the chain anew', () => {
  const path = join(folder, 'forged.db');
  writeFullLog(path, Buffer.from('the key of somebody else, 32 long'));
  expect(verify(path).findings.map(({ kind }) => kind)).toContain('key');
  const unsigned = join(folder, 'unsigned.db');
  const log = openLog(unsigned, T0);
  log.commit([anomalyEvent({ id: 'a' })]);
  log.close();
  expect(verify(unsigned)).toMatchObject({ findings: [], isSigned: false });
});

test('a changed key begins a stretch of its own, and both keys verify it', () => {
  const path = tampered(() => undefined);
  const next = Buffer.from('the next key, as long as it should');
  const log = openLog(path, T0 + 1000, { chainKey: next });
  log.commit([anomalyEvent({ id: 'c', start: T0 + 90_000 })]);
  log.close();
  expect(verify(path, [], [CHAIN_KEY, next]).findings).toEqual([]);
  expect(verify(path, [], [CHAIN_KEY]).findings.map(({ kind }) => kind)).toEqual(['key']);
});

test('a failed commit leaves the chain where it was', () => {
  const path = tampered(() => undefined);
  const log = openLog(path, T0 + 1000, { chainKey: CHAIN_KEY });
  const broken = { ...anomalyEvent({ id: 'x' }), start: null } as never;
  expect(() => {
    log.commit([anomalyEvent({ id: 'c', start: T0 + 90_000 }), broken]);
  }).toThrow();
  log.commit([anomalyEvent({ id: 'c', start: T0 + 90_000 })]);
  log.close();
  expect(found(path)).toEqual([]);
});

test('what retention forgets leaves a sealed gap: the rest still verifies, and open or unfinished things stay', () => {
  const path = tampered(() => undefined);
  const log = openLog(path, T0 + 1000, { chainKey: CHAIN_KEY });
  const anchor = headOf(path);
  const later = T0 + 10 * 86_400_000;
  log.commit([anomalyEvent({ id: 'c', start: later, state: 'closed' })]);
  expect(log.prune({ ageMs: 86_400_000 }, later)).toMatchObject({ anomalies: 1, isDone: true });
  // `b` is open.
  expect(log.listAnomalies().map(({ id }) => id)).toEqual(['c', 'b']);
  log.commit([anomalyEvent({ id: 'd', start: later + 1000 })]);
  log.close();
  const result = verify(path, [anchor]);
  expect(result.findings).toEqual([]);
  expect(result.forgotten).toBeGreaterThan(5);
  // The gap does not cover a record that is taken out of what was left.
  const database = new Database(path);
  database.exec("DELETE FROM anomaly WHERE id = 'd'");
  database.close();
  expect(found(path).map(({ kind }) => kind)).toEqual(['truncated']);
});

test('records of older versions become links when the log is brought up to date', () => {
  const path = tampered((database) => {
    // As version 2 would have left it: no links.
    const later: readonly string[] = ['verdict', 'telecommand', 'onboard_event', 'note'];
    for (const table of linkedTables.filter((name) => !later.includes(name))) {
      database.exec(
        `DROP INDEX ${table}_by_chain; ALTER TABLE ${table} DROP COLUMN chain; ALTER TABLE ${table} DROP COLUMN mac`,
      );
    }
    database.exec(`UPDATE anomaly SET record = json_set(record, '$.freezeFrame.parameters', json('{}'),
      '$.freezeFrame.reconstruction', json('{}'), '$.freezeFrame.expected', json('{}'))`);
    database.exec(`ALTER TABLE anomaly DROP COLUMN frame; DROP INDEX recovery_by_rule; DROP INDEX recovery_by_state; DROP INDEX recovery_by_anomaly;
      ALTER TABLE recovery DROP COLUMN anomaly_key; DROP TABLE verdict; DROP TABLE telecommand; DROP TABLE onboard_event; DROP TABLE note; DROP TABLE notification; DROP TABLE notified; DROP TABLE chain_head; DROP TABLE chain_key;
      DROP TABLE chain_gap; DROP TABLE checkpoint; DROP TABLE publication; DROP TABLE anomaly_latest; DROP TABLE anomaly_text; DROP INDEX daemon_event_by_time;
      DROP INDEX action_by_time; DROP INDEX recovery_step_by_time; DROP INDEX operator_action_by_time; DROP INDEX anomaly_by_revision_time;
      DROP INDEX alarm_by_explanation; DROP INDEX alarm_by_state; DROP INDEX outbox_under_way; PRAGMA user_version = 2`);
  });
  const log = openLog(path, T0 + 1000, { chainKey: CHAIN_KEY });
  expect(log.listAnomalies().map(({ id, revision }) => [id, revision])).toEqual([
    ['b', 1],
    ['a', 2],
  ]);
  expect(log.list({ rule: 'off' }, { sort: 'start', order: 'desc', limit: 5 }).items.map(({ id }) => id)).toEqual([
    'a',
  ]);
  expect(log.list({ text: 'step' }, { sort: 'start', order: 'desc', limit: 5 }).items.map(({ id }) => id)).toEqual([
    'b',
  ]);
  log.close();
  expect(verify(path)).toMatchObject({ findings: [], links: 12 });
});
