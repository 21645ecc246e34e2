/** `GET /daemon/events` over HTTP, from a real log. */
import { openLog } from '../../src/adapters/log/sqlite-log';
import type { DaemonEventList } from '../../src/console/api/daemon-events';
import type { ProblemDetails } from '../../src/console/api/common';
import { daemonEventKinds } from '../../src/domain/daemon-event';
import { consoleLogForTests } from '../support/console-log';
import { T0 } from '../support/tiny-mission';

const world = consoleLogForTests((path) => {
  const writer = openLog(path, T0);
  writer.note(T0, { kind: 'started', detail: { mode: 'active', model: 'tiny' } });
  writer.note(T0 + 60_000, { kind: 'link-down', detail: {} });
  writer.note(T0 + 90_000, { kind: 'log-gone', detail: {} });
  writer.note(T0 + 120_000, { kind: 'link-up', detail: { seconds: 60 } });
  writer.close();
}, T0 + 180_000);

const get = <T>(query: string) => world.get<T>(`/daemon/events${query}`);
const kindsOf = ({ items }: DaemonEventList): readonly string[] => items.map(({ kind }) => kind);

test('they come newest first, with their sentence and every kind that can be asked for', async () => {
  const { status, body } = await get<DaemonEventList>('');
  expect({ status, next: body.next, kinds: body.kinds, shown: kindsOf(body), first: body.items[0] }).toEqual({
    status: 200,
    next: null,
    kinds: daemonEventKinds,
    shown: ['link-up', 'log-gone', 'link-down', 'started'],
    first: {
      sequence: 5,
      run: 1,
      time: '2026-03-01T00:02:00Z',
      kind: 'link-up',
      severity: 'info',
      sentence: 'telemetry is connected after 60 s',
      detail: { seconds: 60 },
    },
  });
});

test.each([
  ['?severity=warning', ['log-gone', 'link-down']],
  ['?severity=error', ['log-gone']],
  ['?kind=started,link-up', ['link-up', 'started']],
  ['?kind=started&severity=error', []],
  ['?since=2m', ['link-up', 'log-gone', 'link-down']],
  ['?until=2026-03-01T00:01:00Z', ['started']],
])('%s', async (query, kinds) => {
  expect(kindsOf((await get<DaemonEventList>(query)).body)).toEqual(kinds);
});

test('pages follow each other without a gap', async () => {
  const seen: string[] = [];
  for (let before = '', isLast = false; !isLast;) {
    const { body } = await get<DaemonEventList>(`?limit=3${before}`);
    seen.push(...kindsOf(body));
    before = `&before=${String(body.next)}`;
    isLast = body.next === null;
  }
  expect(seen).toEqual(['link-up', 'log-gone', 'link-down', 'started']);
});

test.each([
  ['?kind=moon-rise', 'kind'],
  ['?since=yesterday', 'since'],
  ['?limit=0', 'limit'],
  ['?before=-1', 'before'],
  ['?colour=red', 'colour'],
])('%s is refused, and named', async (query, name) => {
  const { status, body } = await get<ProblemDetails>(query);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain(name);
});
