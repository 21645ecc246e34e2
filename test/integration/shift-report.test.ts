/** Notes, the hand-over of a shift and its report, from a real log. */
import Database from 'better-sqlite3';
import { openLog, type SqliteLog } from '../../src/adapters/log/sqlite-log';
import { plain } from '../../src/commands/render/look';
import { missionOf, renderLogAccount } from '../../src/commands/render/log-account';
import { queryLog } from '../../src/compose/answer-requests';
import { initialAlarms, type AlarmsState, type AlarmsStep } from '../../src/core/alarms/alarm-book';
import { orderAlarm, type AlarmOrder } from '../../src/core/alarms/alarm-orders';
import { raise } from '../../src/core/alarms/alarms';
import { shiftHtml } from '../../src/core/report/shift-html';
import { shiftMarkdown } from '../../src/core/report/shift-markdown';
import { buildShiftReport } from '../../src/core/report/shift-report';
import { shiftReportSchema, type ShiftReport } from '../../src/domain/shift-report';
import type { LedgerEntry } from '../../src/domain/ledger';
import type { Note } from '../../src/domain/note';
import type { Reply } from '../../src/domain/requests';
import { isoTime } from '../../src/domain/units';
import { anomalyEvent, recoveryEntries } from '../support/full-log';
import { T0 } from '../support/tiny-mission';
import { makeWorkspace, type Workspace } from '../support/workspace';

const HOUR = 3_600_000;
const RANGE = { since: isoTime(T0), until: isoTime(T0 + 8 * HOUR) };

let work: Workspace;
let log: SqliteLog;
let alarms: AlarmsState;
beforeEach(async () => {
  work = await makeWorkspace();
  log = openLog(work.path('shift.db'), T0);
  alarms = initialAlarms;
});
afterEach(() => {
  log.close();
  work.remove();
});

/** People act on wall time, which is not the test's: their records are put at the time they stand for. */
const at = (time: number, table: 'note' | 'operator_action', work_: () => void): void => {
  work_();
  const database = new Database(work.path('shift.db'));
  database
    .prepare(`UPDATE ${table} SET wall_time = ? WHERE sequence = (SELECT max(sequence) FROM ${table})`)
    .run(isoTime(time));
  database.close();
};

const keep = ({ state, ledger }: AlarmsStep): void => {
  alarms = state;
  log.commit([], ledger);
};
const raiseAt = (time: number, status: 'violated' | 'normal', name = 'check/p'): void => {
  const shape = { name, cause: 'warning', severity: 'high' as const, title: name, isLatching: false, value: 7 };
  keep(raise(alarms, { ...shape, status, explanationId: null, time }));
};
const orderAt = (time: number, order: AlarmOrder): void => {
  keep(orderAlarm(alarms, order, time));
};
const write = (time: number, record: Note): void => {
  at(time, 'note', () => {
    log.commit([], [{ kind: 'note', record }]);
  });
};
const ask = (asked: Parameters<typeof queryLog>[1]): Reply => queryLog(log.ledger, asked);
const reportOf = (range = RANGE): ShiftReport => buildShiftReport(range, log.shift(range));
const handOver = (time: number, text: string): number => {
  write(time, { kind: 'hand-over', about: 'shift', target: '', by: 'ada', text });
  return log.ledger.notes({ limit: 1 })[0]?.sequence ?? 0;
};

/** A shift with something of everything. */
const liveThrough = (): void => {
  log.note(T0 - HOUR, { kind: 'started', detail: { mode: 'active', model: 'rw-cae' } });
  const number = handOver(T0 - HOUR / 2, 'wheel 2 is noisy');
  write(T0 + 1000, { kind: 'confirmation', about: 'shift', target: String(number), by: 'bob', text: '' });
  log.commit([anomalyEvent({ id: 'old', start: T0 - HOUR, equipment: 'rw0' })], []);
  log.commit(
    [anomalyEvent({ id: 'a', start: T0 + HOUR, equipment: 'rw2' })],
    recoveryEntries('a', { state: 'waiting', startedAt: T0 + HOUR }),
  );
  raiseAt(T0 + HOUR, 'violated');
  orderAt(T0 + HOUR + 1000, { kind: 'acknowledge', name: 'check/p', by: 'bob', comment: 'a test of ours' });
  raiseAt(T0 + 2 * HOUR, 'violated', 'check/q');
  orderAt(T0 + 2 * HOUR, { kind: 'shelve', name: 'check/q', by: 'bob', comment: 'sensor', forMs: 2 * HOUR });
  raiseAt(T0 + 3 * HOUR, 'violated', 'check/r');
  raiseAt(T0 + 4 * HOUR, 'normal', 'check/r');
  orderAt(T0 + 4 * HOUR, { kind: 'acknowledge', name: 'check/r', by: 'bob', comment: '' });
  log.note(T0 + HOUR, { kind: 'link-down', detail: {} });
  log.note(T0 + HOUR, { kind: 'reloaded', detail: { by: 'bob', message: 'rules are loaded' } });
  at(T0 + HOUR, 'operator_action', () => {
    const record = { time: isoTime(T0), by: 'bob', request: 'alarm-ack', target: 'check/p', ok: true, message: 'done' };
    log.commit([], [{ kind: 'operator', record }]);
  });
  write(T0 + 5 * HOUR, { kind: 'note', about: 'anomaly', target: 'a', by: 'bob', text: 'same bearing | <as> before' });
};

test('a shift is told with what is open, new or from before, acknowledged, shelved, waiting, lost, changed, ordered and written', () => {
  liveThrough();
  const report = reportOf();
  expect(shiftReportSchema.parse(report)).toEqual(report);
  expect(report).toMatchObject({
    takenOver: { note: { text: 'wheel 2 is noisy', by: 'ada' }, confirmedBy: 'bob' },
    alarms: {
      open: [
        {
          name: 'check/p',
          state: 'acknowledged',
          acknowledged: { by: 'bob', because: 'a test of ours' },
          shelved: null,
        },
        {
          name: 'check/q',
          acknowledged: null,
          shelved: { by: 'bob', because: 'sensor', until: isoTime(T0 + 4 * HOUR) },
        },
      ],
      triggered: 3,
      cleared: 1,
    },
    waiting: ['a/off'],
    outages: [{ kind: 'link-down' }],
    changes: [{ kind: 'reloaded' }],
    orders: [{ by: 'bob', request: 'alarm-ack', target: 'check/p' }],
    notes: [
      { by: 'bob', kind: 'confirmation', about: 'shift' },
      { by: 'bob', kind: 'note', about: 'anomaly', target: 'a' },
    ],
  });
  expect(report.daemon?.state).toBe('started');
  expect(report.anomalies.map(({ id, isNew, closedAt }) => ({ id, isNew, closedAt }))).toEqual([
    { id: 'old', isNew: false, closedAt: null },
    { id: 'a', isNew: true, closedAt: null },
  ]);
});

test('a hand-over that is given and confirmed within the shift shows both', () => {
  const number = handOver(T0 + HOUR, 'quiet');
  write(T0 + 2 * HOUR, { kind: 'confirmation', about: 'shift', target: String(number), by: 'bob', text: 'got it' });
  expect(reportOf().notes).toMatchObject([
    { kind: 'hand-over', by: 'ada', text: 'quiet' },
    { kind: 'confirmation', by: 'bob', target: String(number), text: 'got it' },
  ]);
  expect(shiftMarkdown(reportOf())).toMatch(
    new RegExp(`\\| bob \\| confirmation \\| hand.{1,2}over ${String(number)} \\| got it \\|`),
  );
});

test('the same range renders the same bytes, whatever happens afterwards', () => {
  liveThrough();
  const texts = (): readonly string[] => [JSON.stringify(reportOf()), shiftMarkdown(reportOf()), shiftHtml(reportOf())];
  const before = texts();
  const later = T0 + 9 * HOUR;
  const closed = { ...anomalyEvent({ id: 'a', revision: 2, start: T0 + HOUR, state: 'closed', equipment: 'rw2' }) };
  log.commit([{ ...closed, revisedAt: isoTime(later) } as typeof closed], []);
  raiseAt(later, 'normal');
  orderAt(later, { kind: 'unshelve', name: 'check/q', by: 'cy', comment: '' });
  raiseAt(later, 'normal', 'check/q');
  orderAt(later, { kind: 'acknowledge', name: 'check/q', by: 'cy', comment: '' });
  write(later, { kind: 'note', about: 'shift', target: '', by: 'cy', text: 'quiet' });
  log.note(later, { kind: 'state', detail: { state: 'degraded' } });
  expect(texts()).toEqual(before);
});

test('a note on an anomaly stands in its account, for people in the terminal as well', () => {
  liveThrough();
  const account = log.account('a');
  expect(account?.notes.map(({ by, text }) => [by, text])).toEqual([['bob', 'same bearing | <as> before']]);
  if (account?.revisions[0] === undefined) throw new Error('it has one');
  const lines = renderLogAccount(missionOf(account.revisions[0]), account, { width: 100, paint: plain });
  expect(lines.join('\n')).toMatch(/Notes\n +2026-03-01T05:00:00Z +bob: same bearing/);
});

test('Markdown and HTML hold what people wrote as text, and nothing of it as markup', () => {
  liveThrough();
  expect(shiftMarkdown(reportOf())).toContain('same bearing \\| \\<as\\> before');
  expect(shiftHtml(reportOf())).toContain('same bearing | &lt;as&gt; before');
});

test('a list longer than a person reads is cut, and the rest counted', () => {
  const ledger: LedgerEntry[] = [];
  for (let index = 0; index < 230; index += 1) {
    const shape = { cause: 'warning', severity: 'low' as const, title: '', isLatching: false, value: 1 };
    const condition = { ...shape, status: 'violated' as const, explanationId: null, time: T0 + 1000 };
    const step = raise(alarms, { ...condition, name: `check/p${String(index)}` });
    alarms = step.state;
    ledger.push(...step.ledger);
  }
  log.commit([], ledger);
  const { alarms: told, leftOut } = reportOf();
  expect({ shown: told.open.length, leftOut }).toEqual({ shown: 200, leftOut: { alarms: 30 } });
  expect(shiftMarkdown(reportOf())).toContain('30 alarms are not shown');
});

describe('a hand-over', () => {
  const confirm = (number: number, by: string): Reply => {
    const record: Note = { kind: 'confirmation', about: 'shift', target: String(number), by, text: '' };
    log.commit([], [{ kind: 'note', record }]);
    return ask({ name: 'shift-confirm', asked: { by, comment: '', number } });
  };

  test('is confirmed once, by the one who takes the shift', () => {
    const number = handOver(T0, 'all quiet');
    expect(confirm(number, 'ada').message).toMatch(
      /ada wrote the hand-over .*: the one who takes the shift confirms it/,
    );
    expect(confirm(number, 'bob')).toMatchObject({
      ok: true,
      message: `bob has confirmed the hand-over ${String(number)}`,
    });
    expect(confirm(number, 'cy')).toEqual({
      ok: false,
      message: `the hand-over ${String(number)} was confirmed by bob`,
    });
    expect(confirm(999, 'bob')).toEqual({ ok: false, message: 'no hand-over has the number 999' });
    expect(log.ledger.notes({ kinds: ['confirmation'], limit: 9 })).toHaveLength(1);
  });
});

test('a note on what is not there is not kept, and its author is told', () => {
  for (const [about, target, message] of [
    ['anomaly', 'nowhere', 'no anomaly has the id nowhere'],
    ['alarm', 'check/nothing', 'no alarm is called check/nothing'],
  ] as const) {
    const record: Note = { kind: 'note', about, target, by: 'ada', text: 'hm' };
    log.commit([], [{ kind: 'note', record }]);
    expect(ask({ name: 'note-add', asked: { by: 'ada', about, target, text: 'hm' } })).toEqual({ ok: false, message });
  }
  expect(ask({ name: 'note-list', asked: { limit: 10 } })).toEqual({ ok: true, message: '0 notes', data: [] });
});

test('notes are links of the chain: one that is changed is found', () => {
  log.commit([], [{ kind: 'note', record: { kind: 'note', about: 'shift', target: '', by: 'ada', text: 'true' } }]);
  const verify = () => log.verify({ keys: [], anchors: [] }).findings;
  const before = verify();
  const database = new Database(work.path('shift.db'));
  database.exec("UPDATE note SET text = 'false'");
  database.close();
  expect({ before, after: verify().map(({ kind }) => kind) }).toEqual({ before: [], after: ['changed'] });
});
