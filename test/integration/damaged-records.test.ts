/** Records of a log whose text was damaged where SQLite cannot see it: the daemon sets the log aside, and people are told. */
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import * as fc from 'fast-check';
import { LastingLog } from '../../src/adapters/log/lasting-log';
import { openLog } from '../../src/adapters/log/sqlite-log';
import { queryLog } from '../../src/compose/answer-requests';
import { withReader } from '../../src/commands/log/source';
import { tinyMission, T0 } from '../support/tiny-mission';
import { anomalyEvent, recoveryEntries } from '../support/full-log';
import { damagedText, damagedTree, refusesAtMost } from '../support/mutations';

let folder: string;
const path = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-records-'));
  const log = openLog(path('whole.db'), T0);
  for (const state of ['waiting', 'verified'] as const)
    log.commit(
      [anomalyEvent({ id: `TINY-1/${state}`, start: T0 })],
      [
        ...recoveryEntries(`TINY-1/${state}`, { rule: 'off', state, startedAt: T0 }),
        { kind: 'memory', name: 'mode', value: 'passive' },
        { kind: 'note', record: { kind: 'note', about: 'shift', target: '', by: 'ada', text: 'x' } },
        { kind: 'telecommand', record: { time: '2026-03-01T00:00:00Z', name: 'ON', arguments: { a: 1 } } },
      ],
    );
  recovery = log.ledger.listRecoveries({ all: true })[0]?.id ?? '';
  const message = { messageId: 7, isRelease: false, topic: 'a', payload: '{"id":"x"}', expirySeconds: null };
  log.outbox(() => T0).write([{ kind: 'put', message }]);
  log.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let recovery = '';
const PLACES = [
  ['anomaly', 'record'],
  ['anomaly_latest', 'score'],
  ['recovery', 'record'],
  ['recovery_step', 'record'],
  ['telecommand', 'record'],
  ['note', 'kind'],
  ['memory', 'value'],
  ['outbox', 'message'],
] as const;

test.each(PLACES)('a damaged %s.%s', (table, column) => {
  const whole = new Database(path('whole.db'), { readonly: true });
  const original = String(
    (whole.prepare(`SELECT ${column} AS text FROM ${table} LIMIT 1`).get() as { text: unknown }).text,
  );
  whole.close();
  let tree: unknown = original;
  try {
    tree = JSON.parse(original);
  } catch {
    // Plain text.
  }
  const contents = fc.oneof(
    damagedText(original),
    damagedTree(tree).map((damaged) => JSON.stringify(damaged) ?? ''),
    fc.constantFrom('', 'null', '{', '7'),
  );
  fc.assert(
    fc.property(contents, (content) => {
      for (const name of readdirSync(folder)) if (name.startsWith('log.db')) rmSync(path(name));
      copyFileSync(path('whole.db'), path('log.db'));
      const database = new Database(path('log.db'));
      const isStrict = column === 'score';
      database.pragma('journal_mode = DELETE');
      database.prepare(`UPDATE ${table} SET ${column} = ?`).run(isStrict ? Number(content) || 0 : content);
      database.close();
      const options = { log: path('log.db') };
      refusesAtMost(() => {
        withReader(options, (reader) => {
          reader.list({}, { sort: 'start', order: 'asc', limit: 10 });
          reader.account('TINY-1/waiting');
          reader.telecommands({ limit: 10 });
          reader.ledger.listRecoveries({ all: true });
          reader.ledger.listAlarms({ all: true });
          reader.ledger.notes({ limit: 10 });
          reader.shift({ since: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' });
          reader.verify({ keys: [], anchors: [] });
        });
      }, ['input']);
      withReader(options, ({ ledger }) => {
        // Asked of the daemon, in its flow: an answer whatever the record.
        for (const name of ['action-list', 'alarm-list'] as const)
          expect(typeof queryLog(ledger, { name, asked: { all: true } }).message).toBe('string');
        queryLog(ledger, { name: 'action-show', asked: { id: recovery } });
      });
      const aside: string[] = [];
      const log = new LastingLog(path('log.db'), { now: () => T0, onSetAside: (file) => aside.push(file) });
      const kept = log.restore();
      log.resume({ mission: tinyMission(), manifest: undefined, program: undefined });
      log.openAnomalies(10);
      const underWay = log.outbox(() => T0).underWay();
      log.close();
      // Set aside it is not lost: it lies beside the new one.
      for (const file of aside) expect(readdirSync(folder).map(path)).toContain(file);
      if (aside.length === 0) expect([kept.recoveries.length, underWay.length]).toEqual([1, 1]);
    }),
    { numRuns: 40 },
  );
});
