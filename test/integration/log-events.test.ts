/** Daemon events: noted, listed by time and kind, and as they come. */
import { openLog, type SqliteLog } from '../../src/adapters/log/sqlite-log';
import { T0 } from '../support/tiny-mission';
import { isoTime } from '../../src/domain/units';

let log: SqliteLog;
beforeEach(() => {
  log = openLog(':memory:', T0);
  log.note(T0, { kind: 'started', detail: { mode: 'active', model: 'tiny' } });
  log.note(T0 + 500, { kind: 'link-up', detail: { seconds: 0.5 } });
  log.note(T0 + 60_000, { kind: 'link-down', detail: {} });
  log.note(T0 + 90_250, { kind: 'link-up', detail: { seconds: 30.2 } });
});
afterEach(() => {
  log.close();
});

const kindsAt = (events: ReturnType<SqliteLog['events']>): string[] =>
  events.map(({ time, kind, severity }) => `${time} ${kind} ${severity}`);

test('they are listed newest first, with their severity', () => {
  expect(kindsAt(log.events({}, { limit: 10 }))).toEqual([
    '2026-03-01T00:01:30.250Z link-up info',
    '2026-03-01T00:01:00Z link-down warning',
    '2026-03-01T00:00:00.500Z link-up info',
    '2026-03-01T00:00:00Z started info',
  ]);
});

test.each([
  ['since a whole second', { since: isoTime(T0 + 60_000) }, ['link-down', 'link-up']],
  ['since a fraction of a second', { since: isoTime(T0 + 250) }, ['link-up', 'link-down', 'link-up']],
  ['until, which is not included', { until: isoTime(T0 + 500) }, ['started']],
  ['of some kinds', { kinds: ['started', 'link-down'] }, ['started', 'link-down']],
  ['after a number', { after: 4 }, ['link-up']],
  ['before a number', { before: 3 }, ['started']],
  ['of no kind', { kinds: [] }, []],
])('filter: %s', (_, filter, kinds) => {
  expect(log.events(filter, { limit: 10, order: 'asc' }).map(({ kind }) => kind)).toEqual(kinds);
});

test('a page holds no more than is asked for', () => {
  expect(log.events({}, { limit: 1 }).map(({ sequence }) => sequence)).toEqual([5]);
});
