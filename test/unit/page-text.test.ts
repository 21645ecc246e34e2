/** What the console's page says of times, and how it lays out the trace of a rule. */
import { byDayOfYear, duration, readable } from '../../src/console/page/time';
import { traceTree, type TraceItem } from '../../src/console/page/trace-tree';

test.each([
  ['2026-01-01T00:00:00Z', '2026-001T00:00:00Z', '1 Jan 2026 00:00:00 UTC'],
  ['2026-11-25T12:34:56.789Z', '2026-329T12:34:56Z', '25 Nov 2026 12:34:56 UTC'],
  ['2028-12-31T23:59:59Z', '2028-366T23:59:59Z', '31 Dec 2028 23:59:59 UTC'],
  ['2027-12-31T23:59:59Z', '2027-365T23:59:59Z', '31 Dec 2027 23:59:59 UTC'],
])('%s has its day of year', (iso, byDay, byDate) => {
  expect([byDayOfYear(iso), readable(iso)]).toEqual([byDay, byDate]);
});

test.each([
  [-3, '0 s'],
  [0, '0 s'],
  [59.4, '59 s'],
  [60, '1 min 00 s'],
  [3725, '1 h 02 min'],
  [90_000, '1 d 01 h'],
])('%d seconds are "%s"', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

const item = (condition: string): TraceItem => ({ condition, actual: true, holds: true });

test('a condition hangs below the smallest one that holds it; those that nothing holds stand beside each other', () => {
  const trace = ['a > 1', 'b == 2', 'a > 1 && b == 2', '(a > 1 && b == 2) || c', 'd'].map(item);
  const [a, b, both, either, d] = trace;
  expect(traceTree(trace)).toEqual([
    {
      item: either,
      children: [
        {
          item: both,
          children: [
            { item: a, children: [] },
            { item: b, children: [] },
          ],
        },
      ],
    },
    { item: d, children: [] },
  ]);
});

test('the same condition twice is shown twice', () => {
  expect(traceTree([item('a'), item('a')])).toHaveLength(2);
});
