/** `GET /log/history` over HTTP, from a real log. */
import { readLog } from '../../src/adapters/log/sqlite-log';
import type { ProblemDetails } from '../../src/console/api/common';
import type { LogHistory } from '../../src/console/api/log-history';
import { historyKinds, type HistoryEntry, type HistoryFilter } from '../../src/domain/history';
import { runCli } from '../support/cli';
import { consoleLogForTests } from '../support/console-log';
import { writeFullLog } from '../support/full-log';
import { T0 } from '../support/tiny-mission';

let all: readonly HistoryEntry[];
const world = consoleLogForTests((path) => {
  writeFullLog(path);
  all = historyIn(path, {});
}, T0 + 180_000);

const historyIn = (path: string, filter: HistoryFilter): readonly HistoryEntry[] => {
  const reader = readLog(path);
  const { entries } = reader.history(filter, 1000);
  reader.close();
  return entries;
};
const historyOf = (filter: HistoryFilter): readonly HistoryEntry[] => historyIn(world.path, filter);
const get = <T>(query: string) => world.get<T>(`/log/history${query}`);

test('every kind comes in one time line, newest first', async () => {
  const { status, body } = await get<LogHistory>('');
  expect({ status, body }).toEqual({
    status: 200,
    body: { items: all, next: null, completeSince: null, unknown: [], kinds: historyKinds },
  });
  expect([...new Set(all.map(({ kind }) => kind))].sort()).toEqual([...historyKinds].sort());
  expect(all.map(({ time }) => Date.parse(time))).toEqual(
    all.map(({ time }) => Date.parse(time)).sort((a, b) => b - a),
  );
});

test.each<[string, HistoryFilter]>([
  ['?kind=alarm,order', { kinds: ['alarm', 'order'] }],
  ['?equipment=rw2', { equipment: ['rw2'] }],
  ['?fault=offset', { fault: ['offset'] }],
  ['?severity=high', { severity: 'high' }],
  ['?rule=off', { rule: 'off' }],
  ['?text=bus-low%20failed', { text: 'bus-low failed' }],
  ['?until=2026-03-01T00:00:01Z', { until: '2026-03-01T00:00:01Z' }],
  ['?since=179s', { since: '2026-03-01T00:00:01Z' }],
])('%s', async (query, filter) => {
  const { items } = (await get<LogHistory>(query)).body;
  expect(items).toEqual(historyOf(filter));
  expect(items.length).toBeGreaterThan(0);
  expect(items.length).toBeLessThan(all.length);
});

test('the command line shows the same', async () => {
  const { items } = (await get<LogHistory>('?kind=anomaly,transition&text=rw2')).body;
  const options = ['--kind', 'anomaly,transition', '--text', 'rw2'];
  const { stdout } = await runCli(['log', 'history', '--log', world.path, '--json', ...options]);
  expect(JSON.parse(stdout)).toEqual(items.reverse());
  expect(items.length).toBeGreaterThan(0);
}, 30_000);

test('names that the log does not have are told in the words of the command line', async () => {
  const { body } = await get<LogHistory>('?equipment=rv1&fault=ofset');
  const { stderr } = await runCli([
    ...['log', 'history', '--log', world.path, '--equipment', 'rv1', '--fault', 'ofset'],
  ]);
  expect(body.items).toEqual([]);
  expect(body.unknown.length).toBe(2);
  expect(stderr.split('\n').slice(0, 2)).toEqual(body.unknown);
}, 30_000);

test.each([1, 2, 3])('pages of %d follow each other without a gap, also within one instant', async (limit) => {
  const seen: HistoryEntry[] = [];
  for (let cursor = '', isLast = false; !isLast;) {
    const { body } = await get<LogHistory>(`?limit=${String(limit)}${cursor}`);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    seen.push(...body.items);
    cursor = `&cursor=${encodeURIComponent(String(body.next))}`;
    isLast = body.next === null;
  }
  expect(seen).toEqual(all);
  expect(new Set(all.map(({ time }) => time)).size).toBeLessThan(all.length);
});

test.each([
  ['?kind=moon-rise', 'kind'],
  ['?since=yesterday', 'since'],
  ['?limit=0', 'limit'],
  ['?limit=501', 'limit'],
  ['?cursor=older', 'cursor'],
  ['?cursor=2026-03-01T00:00:00Z~99999', 'cursor'],
  ['?outcome=verified', 'outcome'],
])('%s is refused, and named', async (query, name) => {
  const { status, body } = await get<ProblemDetails>(query);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain(name);
});
