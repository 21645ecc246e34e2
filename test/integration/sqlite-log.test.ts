import Database from 'better-sqlite3';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog, readLog } from '../../src/adapters/log/sqlite-log';
import { SCHEMA_VERSION } from '../../src/adapters/log/sqlite-schema';
import { FdirError } from '../../src/domain/errors';
import type { CheckEvent, PipelineEvent, RecoveryRequest } from '../../src/domain/events';
import { openAnomaly } from '../support/open-anomaly';
import { T0 } from '../support/tiny-mission';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-log-'));
  path = join(folder, 'log.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const anomaly = (choice: Parameters<typeof openAnomaly>[0]): PipelineEvent => ({
  type: 'anomaly',
  ...openAnomaly(choice),
});
const check: CheckEvent = {
  type: 'check',
  time: '2026-03-01T00:00:00Z',
  parameter: 'rw0_speed',
  limit: 'warning',
  from: 'unchecked',
  to: 'aboveHighLimit',
  value: 60,
  range: [-50, 50],
};
const request: RecoveryRequest = {
  schemaVersion: 1,
  id: 'a/off',
  rule: 'off',
  level: 1,
  spacecraft: 'AURORA-1',
  time: '2026-03-01T00:00:00Z',
  command: 'OFF',
  arguments: { wheel: 'rw2' },
  expiry: '2026-03-01T00:01:00Z',
  explanationId: 'a',
  explanationRevision: 1,
  disposition: 'passive',
  trace: [],
  because: 'test',
};
const codeOf = (attempt: () => unknown): string => {
  try {
    attempt();
  } catch (error) {
    return error instanceof FdirError ? error.code : String(error);
  }
  return 'no error';
};

test('every revision is kept and the latest is listed, newest anomaly first', () => {
  const log = openLog(path, T0);
  log.commit([anomaly({ id: 'a', start: T0 }), check, { type: 'action', ...request }]);
  log.commit([
    anomaly({ id: 'a', start: T0, revision: 2, state: 'closed' }),
    anomaly({ id: 'b', start: T0 + 1000, equipment: 'rw1' }),
  ]);
  log.close();
  const reader = readLog(path);
  expect(reader.listAnomalies().map(({ id, revision, state }) => [id, revision, state])).toEqual([
    ['b', 1, 'open'],
    ['a', 2, 'closed'],
  ]);
  expect(reader.showAnomaly('a')).toEqual({
    revisions: [openAnomaly({ id: 'a', start: T0 }), openAnomaly({ id: 'a', start: T0, revision: 2, state: 'closed' })],
    actions: [request],
  });
  expect(reader.showAnomaly('nobody')).toBeUndefined();
  expect(reader.listAnomalies({ equipment: 'rw1' }).map(({ id }) => id)).toEqual(['b']);
  expect(reader.listAnomalies({ fault: 'offset' })).toEqual([]);
  expect(reader.listAnomalies({ since: '2026-03-01T00:00:01Z' }).map(({ id }) => id)).toEqual(['b']);
  reader.close();
});

test.each([
  [[6, null], 'belowLowLimit', 5.9],
  [[null, 6], 'aboveHighLimit', 6.1],
] as const)('the transition of a limit with one side, %j, is kept and read again', (range, to, value) => {
  const log = openLog(path, T0);
  log.commit([{ ...check, range: [...range], to, value }]);
  log.close();
  const reader = readLog(path);
  const { entries } = reader.history({}, 10);
  reader.close();
  expect(entries.length).toBe(1);
  expect(JSON.stringify(entries)).toContain(to);
  expect(JSON.stringify(entries)).toContain(String(value));
});

test('a commit is all or nothing', () => {
  const log = openLog(path, T0);
  const unwritable = { ...check, parameter: null } as unknown as CheckEvent;
  expect(() => {
    log.commit([anomaly({ id: 'a' }), unwritable]);
  }).toThrow();
  expect(log.listAnomalies()).toEqual([]);
  log.commit([anomaly({ id: 'a' })]);
  expect(log.listAnomalies().length).toBe(1);
  log.close();
});

test('a second run with the same ids replaces nothing', () => {
  for (const revisions of [2, 1]) {
    const log = openLog(path, T0);
    for (let revision = 1; revision <= revisions; revision += 1) log.commit([anomaly({ id: 'a', revision })]);
    log.close();
  }
  const database = new Database(path, { readonly: true });
  expect(database.prepare('SELECT run, revision FROM anomaly ORDER BY run, revision').all()).toEqual([
    { run: 1, revision: 1 },
    { run: 1, revision: 2 },
    { run: 2, revision: 1 },
  ]);
  database.close();
  const reader = readLog(path);
  expect(reader.listAnomalies().map(({ revision }) => revision)).toEqual([1]);
  reader.close();
});

test('the log is read while it is written', () => {
  const log = openLog(path, T0);
  const reader = readLog(path);
  log.commit([anomaly({ id: 'a' })]);
  expect(reader.listAnomalies().length).toBe(1);
  reader.close();
  log.close();
});

test('the file says its version and is synchronised on every commit', () => {
  openLog(path, T0).close();
  const database = new Database(path);
  expect({
    version: database.pragma('user_version', { simple: true }),
    mode: database.pragma('journal_mode', { simple: true }),
  }).toEqual({ version: SCHEMA_VERSION, mode: 'wal' });
  database.close();
});

test('files that are no log are refused, not changed', () => {
  writeFileSync(path, 'this is not a database, and long enough not to be taken for an empty one'.repeat(20));
  expect([codeOf(() => openLog(path, T0)), codeOf(() => readLog(path))]).toEqual(['runtime', 'input']);
  const other = join(folder, 'other.db');
  const database = new Database(other);
  database.exec('CREATE TABLE mine (x)');
  database.close();
  expect([codeOf(() => openLog(other, T0)), codeOf(() => readLog(other))]).toEqual(['runtime', 'input']);
  expect([
    codeOf(() => readLog(join(folder, 'nowhere.db'))),
    codeOf(() => openLog(join(folder, 'no/where.db'), T0)),
  ]).toEqual(['input', 'runtime']);
});

test('a log of a later version is refused', () => {
  const database = new Database(path);
  database.pragma('user_version = 99');
  database.close();
  expect([codeOf(() => openLog(path, T0)), codeOf(() => readLog(path))]).toEqual(['input', 'input']);
});

test('retention forgets by age from the newest entry, requests with their anomaly', () => {
  const log = openLog(path, T0);
  const day = 86_400_000;
  log.commit([
    anomaly({ id: 'a', start: T0, state: 'closed' }),
    { type: 'action', ...request },
    check,
    anomaly({ id: 'b', start: T0 + 3 * day, state: 'closed' }),
  ]);
  expect(log.prune({ ageMs: 4 * day }, T0)).toEqual({ removed: 0, anomalies: 0, before: null, isDone: true });
  expect(log.prune({ ageMs: 2 * day }, T0)).toEqual({
    removed: 3,
    anomalies: 1,
    before: new Date(T0 + day).toISOString().replace('.000', ''),
    isDone: true,
  });
  expect(log.listAnomalies().map(({ id }) => id)).toEqual(['b']);
  log.close();
});

test('retention by size keeps the newest and comes to an end', () => {
  const log = openLog(path, T0);
  for (let index = 0; index < 200; index += 1)
    log.commit([anomaly({ id: `a${String(index)}`, start: T0 + index * 1000, state: 'closed' })]);
  log.prune({ sizeBytes: 500_000 }, T0);
  const left = log.listAnomalies();
  expect(left[0]?.id).toBe('a199');
  expect(left.length).toBeLessThan(200);
  expect(left.length).toBeGreaterThan(10);
  log.prune({ sizeBytes: 1 }, T0);
  log.close();
});

test('a place that cannot be written is named, and nothing is made there', () => {
  // No file system takes a file here, whoever asks.
  const nowhere = '/proc/fdir/log.db';
  expect(() => openLog(nowhere, T0)).toThrow(/cannot open the log \/proc\/fdir\/log\.db/);
  expect(codeOf(() => openLog(nowhere, T0))).toBe('runtime');
});
