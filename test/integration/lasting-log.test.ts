import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { LastingLog } from '../../src/adapters/log/lasting-log';
import { openLog, readLog } from '../../src/adapters/log/sqlite-log';
import { initialResponse } from '../../src/core/response/response';
import type { CheckEvent } from '../../src/domain/events';
import { nothingKept } from '../../src/domain/ledger';
import { openAnomaly } from '../support/open-anomaly';
import { T0, tinyMission } from '../support/tiny-mission';

const check: CheckEvent = {
  type: 'check',
  time: '2026-03-01T00:00:00Z',
  parameter: 'rw0_speed',
  limit: 'warning',
  from: 'withinLimits',
  to: 'aboveHighLimit',
  value: 60,
  range: [-50, 50],
};

describe('a log that is damaged', () => {
  let folder: string;
  let path: string;
  let aside: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fdir-lasting-'));
    path = join(folder, 'log.db');
    aside = [];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const open = () => new LastingLog(path, { now: () => T0, onSetAside: (file) => aside.push(file) });
  const events = (): string[] => {
    const database = new Database(path, { readonly: true });
    const rows = database.prepare('SELECT kind FROM daemon_event ORDER BY sequence').all() as { kind: string }[];
    database.close();
    return rows.map(({ kind }) => kind);
  };

  test.each([
    ['bytes that are no database', 'x'.repeat(10_000)],
    ['a database with its schema shot through', undefined],
  ])('at the start is set aside under a name with the time, and a new one is begun: %s', (_what, bytes) => {
    if (bytes === undefined) {
      const log = openLog(path, T0);
      log.commit([check]);
      log.close();
      const database = new Database(path).unsafeMode();
      database.exec("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'nonsense' WHERE name = 'anomaly'");
      database.close();
    } else writeFileSync(path, bytes);
    const log = open();
    log.commit([check], []);
    log.close();
    expect(aside).toEqual([`${path}.damaged-20260301T000000Z`]);
    expect(readdirSync(folder).filter((name) => !/-(wal|shm)$|\.lock$/.test(name))).toEqual([
      'log.db',
      'log.db.damaged-20260301T000000Z',
    ]);
    expect(events()).toEqual(['log-set-aside']);
  });

  test('midway is replaced by one that has what the judgement remembers, and nothing that is committed is lost', () => {
    const mission = tinyMission();
    const log = open();
    log.resume({ mission, manifest: undefined, program: undefined });
    const alarm = {
      name: 'a',
      sequence: 3,
      state: 'triggered' as const,
      severity: 'high' as const,
      title: 'a',
      isLatching: true,
      causes: { a: 'high' as const },
      trigger: { time: check.time, value: 60 },
      count: 1,
      nearMisses: 0,
      worst: { time: check.time, value: 60 },
      current: { time: check.time, value: 60 },
      acknowledged: null,
      shelved: null,
      explanationId: null,
      changedAt: check.time,
      squelch: { tokens: 1, at: T0, suppressed: 0 },
    };
    const parts = { mission, mode: 'active' as const, isAnswered: true, latchFrom: 'high' as const };
    const response = initialResponse({ ...parts, kept: { ...nothingKept, alarms: [alarm] } }, undefined);
    const keeping = { publications: [{ topic: 't', payload: 'p' }], memory: { response, seen: ['m'] } };
    log.commit([check], [], keeping);
    const other = new Database(path).unsafeMode();
    other.exec(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'nonsense' WHERE name = 'anomaly'; PRAGMA schema_version = 9999",
    );
    other.close();
    log.commit([{ type: 'anomaly', ...openAnomaly({ id: 'x' }) }], [], keeping);
    expect(aside).toEqual([`${path}.damaged-20260301T000000Z`]);
    expect(log.publications.next(0, 10).map(({ payload }) => payload)).toEqual(['p']);
    log.close();
    const reader = readLog(path);
    expect([reader.showAnomaly('x')?.revisions.length, reader.ledger.listAlarms().map(({ name }) => name)]).toEqual([
      1,
      ['a'],
    ]);
    reader.close();
    const reopened = openLog(path, T0);
    expect(reopened.resume({ mission, manifest: undefined, program: undefined }).resumed.seen).toEqual(['m']);
    reopened.close();
  });

  test.each([
    ['the outbox is written', (log: LastingLog) => log.outbox(() => T0), 'outbox'],
    ['what is to be published is read', undefined, 'publication'],
    ['an event is noted', undefined, 'daemon_event'],
  ] as const)('noticed when %s: the new one begins with what was committed last', (_what, makeOutbox, table) => {
    const mission = tinyMission();
    const log = open();
    log.resume({ mission, manifest: undefined, program: undefined });
    const parts = { mission, mode: 'active' as const, isAnswered: true, latchFrom: 'high' as const };
    const initial = initialResponse(parts, undefined);
    const response = { ...initial, supervisor: { ...initial.supervisor, modeOverride: 'passive' as const } };
    const publications = ['p', 'q', 'r'].map((payload) => ({ topic: 't', payload }));
    log.commit([check], [], { publications, memory: { response, seen: ['m'] } });
    const handedOn = log.publications.next(0, 10).map(({ sequence }) => sequence);
    const outbox = makeOutbox?.(log);
    const other = new Database(path).unsafeMode();
    other.exec(
      `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'nonsense' WHERE name = '${table}'; PRAGMA schema_version = 9999`,
    );
    other.close();
    const last = handedOn.at(-1) ?? 0;
    const message = { messageId: 7, isRelease: false, topic: 'a', payload: '{"id":"x"}', expirySeconds: null };
    if (outbox !== undefined) {
      outbox.write([{ kind: 'put', message }]);
      expect(outbox.find(7)).toEqual(message);
    } else if (table === 'publication') expect(log.publications.next(last, 10)).toEqual([]);
    else log.note(T0, { kind: 'state', detail: { state: 'online' } });
    expect(aside).toEqual([`${path}.damaged-20260301T000000Z`]);
    // The broker has the first three by now, and what comes next goes out although the file counts from one again.
    for (const sequence of handedOn) log.publications.settle(sequence);
    log.commit([], [], { publications: [{ topic: 't', payload: 's' }], memory: { seen: ['n'] } });
    const next = log.publications.next(last, 10);
    expect(next.map(({ payload }) => payload)).toEqual(['s']);
    expect(next[0]?.sequence).toBeGreaterThan(last);
    log.close();
    const reopened = openLog(path, T0);
    expect(reopened.restore().memory['mode']).toBe('passive');
    expect(reopened.resume({ mission, manifest: undefined, program: undefined }).resumed.seen).toEqual(['n']);
    reopened.close();
  });

  test('that is another file, or of a later version, is not touched', () => {
    const database = new Database(path);
    database.exec('PRAGMA user_version = 9999');
    database.close();
    expect(open).toThrow(/later version/);
    expect(aside).toEqual([]);
  });
});

test('a full disk refuses the commit and takes it when there is room, with nothing lost or halved', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fdir-full-'));
  const path = join(folder, 'log.db');
  openLog(path, T0).close();
  const log = openLog(path, T0);
  log.resume({ mission: tinyMission(), manifest: undefined, program: undefined });
  log.limitPages(1);
  const keeping = { publications: [{ topic: 't', payload: 'p'.repeat(100_000) }], memory: { seen: ['m'] } };
  const commit = (): void => {
    log.commit([{ type: 'anomaly', ...openAnomaly({ id: 'x' }) }], [], keeping);
  };
  expect(commit).toThrow(/full/);
  expect([log.publications.size, log.showAnomaly('x'), log.publications.next(0, 9)]).toEqual([0, undefined, []]);
  log.limitPages(1_000_000);
  commit();
  expect([log.publications.size, log.showAnomaly('x')?.revisions.length]).toEqual([1, 1]);
  log.close();
  rmSync(folder, { recursive: true });
});
