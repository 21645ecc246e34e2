/** One writer a log, a log file that goes away under the daemon, and copies of a log that is being written. */
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LastingLog } from '../../src/adapters/log/lasting-log';
import { lockLog } from '../../src/adapters/log/log-lock';
import { readLog } from '../../src/adapters/log/sqlite-log';
import { anomalyEvent } from '../support/full-log';
import { T0 } from '../support/tiny-mission';
import { runCli } from '../support/cli';

const TIMEOUT_MS = 60_000;

let folder: string;
const path = (name = 'x.db'): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-owner-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const gone: string[] = [];
const open = (): LastingLog =>
  new LastingLog(path(), {
    now: () => T0,
    onSetAside: (aside) => gone.push(aside),
    onGone: () => gone.push('gone'),
  });

test('a second writer of a log is refused, and told who has it; after the first has closed it may write', () => {
  const first = open();
  expect(open).toThrow(
    new RegExp(`is written by process ${String(process.pid)} on .*, since 2026-03-01T00:00:00Z: one daemon a log`),
  );
  first.close();
  open().close();
});

test('if somebody removes the lock and two daemons write, verify says which', () => {
  const first = open();
  first.note(T0, { kind: 'log-gone', detail: {} });
  rmSync(`${path()}.lock`);
  const second = open();
  second.note(T0, { kind: 'log-gone', detail: {} });
  first.note(T0, { kind: 'log-gone', detail: {} });
  second.close();
  first.close();
  const reader = readLog(path());
  const { findings } = reader.verify({ keys: [] });
  reader.close();
  expect(findings.map(({ kind }) => kind)).toContain('writers');
  expect(findings.map(({ message }) => message)).toContain(
    'run 1 wrote link 3 after run 2 had begun with link 3: two daemons wrote this log at once',
  );
});

test('a lock that a dead process left is no lock', () => {
  lockLog(path(), T0).release();
  expect(existsSync(`${path()}.lock`)).toBe(true);
  open().close();
});

test.each([
  [
    'moved',
    () => {
      renameSync(path(), path('moved.db'));
    },
  ],
  [
    'deleted',
    () => {
      rmSync(path());
    },
  ],
])('a file that is %s is noticed, and a new one is begun where it was', (_, act) => {
  gone.length = 0;
  const log = open();
  log.commit([anomalyEvent({ id: 'before', equipment: 'rw1' })], []);
  expect(log.checkFile()).toBe(true);
  act();
  expect(log.checkFile()).toBe(false);
  log.commit([anomalyEvent({ id: 'after', equipment: 'rw1' })], []);
  expect(log.checkFile()).toBe(true);
  log.close();
  const reader = readLog(path());
  const ids = reader.listAnomalies().map(({ id }) => id);
  const kinds = reader.events({}, { limit: 10 }).map(({ kind }) => kind);
  reader.close();
  expect({ gone, ids, kinds }).toEqual({ gone: ['gone'], ids: ['after'], kinds: ['log-gone'] });
});

test(
  'a plain copy of a log that is written is told to lack the newest records; a backup has them all',
  async () => {
    const log = open();
    log.note(T0, { kind: 'started', detail: { mode: 'active', model: null } });
    log.commit([anomalyEvent({ id: 'a', equipment: 'rw1' })], []);
    const made = await runCli(['log', 'backup', path('backup.db'), '--log', path()]);
    expect({ status: made.status, isOne: !existsSync(path('backup.db-wal')) }).toEqual({ status: 0, isOne: true });
    const again = await runCli(['log', 'backup', path('backup.db'), '--log', path()]);
    expect(again.status).toBe(2);
    const whole = await runCli(['log', 'verify', '--log', path('backup.db')]);
    expect({ status: whole.status, isTold: whole.stdout.includes('may be missing') }).toEqual({
      status: 0,
      isTold: false,
    });
    const reader = readLog(path('backup.db'));
    expect(reader.listAnomalies().map(({ id }) => id)).toEqual(['a']);
    reader.close();
    log.log.checkpointNow();
    copyFileSync(path(), path('copy.db'));
    const copied = await runCli(['log', 'verify', '--log', path('copy.db')]);
    expect(copied.stdout).toMatch(/newest records may be missing; "fdir log backup" makes a complete copy/);
    log.close();
  },
  TIMEOUT_MS,
);
