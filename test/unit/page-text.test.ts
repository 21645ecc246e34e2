/** What the console's page says of times, and how it lays out the trace of a rule. */
import { byDayOfYear, duration, readable } from '../../src/console/page/time';
import { qualityTables } from '../../src/console/page/quality';
import { tellChance } from '../../src/core/anomaly/likelihood';
import { traceTree, type ShownTraceItem } from '../../src/console/page/trace-tree';

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

const item = (condition: string): ShownTraceItem => ({ condition, actual: true, holds: true });

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

test.each([
  [0.0029, 1 / 1001, '1 in 344'],
  [0.000999, 1 / 1001, 'less than 1 in 1,000 (not more can be shown)'],
  [0, 1 / 1001, 'less than 1 in 1,000 (not more can be shown)'],
  [0.25, 1 / 5, '1 in 4'],
  [0.2, 1 / 5, 'less than 1 in 4 (not more can be shown)'],
  [0.000999, null, '1 in 1,001'],
  [0, null, 'less than can be shown'],
])('a p-value of %d where %d is the least is "%s"', (pValue, least, text) => {
  expect(tellChance(pValue, least)).toBe(text);
});

test('figures of a package become tables, and nothing of them is left out', () => {
  const quality = {
    reconstructionMse: 0.005,
    sensitivity: { offset: 1, dropout: 0.8 },
    casesByClass: { offset: 10, unknown: 2 },
    realisedFalseAlarms: { openings: 4, days: 11, perDay: 0.36 },
    predictedFalseAlarms: { perDay: 0.4, low: 0.1, high: 0.9, nominalDays: 11 },
    residual: { heldCases: 100, heldAccuracy: 0.9, calibrationErrorBefore: 0.04, calibrationErrorAfter: 0.01 },
    fused: { heldCases: 50, heldAccuracy: 0.95, weights: { unit: 1.5 } },
    isolation: { bank: 0.3 },
    reliability: [{ from: 0.8, to: 0.9, n: 40, right: 33 }],
  };
  expect(qualityTables(quality)).toEqual({
    warnings: [],
    classes: [
      { name: 'offset', cases: 10, sensitivity: 1 },
      { name: 'dropout', cases: null, sensitivity: 0.8 },
      { name: 'unknown', cases: 2, sensitivity: null },
    ],
    heads: [
      { name: 'residual', cases: 100, accuracy: 0.9, errorBefore: 0.04, errorAfter: 0.01, unknownRate: null },
      { name: 'fused', cases: 50, accuracy: 0.95, errorBefore: null, errorAfter: null, unknownRate: null },
    ],
    falseAlarms: { seen: 0.36, openings: 4, days: 11, range: [0.1, 0.9] },
    reliability: [{ from: 0.8, to: 0.9, n: 40, right: 33 }],
    others: [
      { name: '', rows: [['reconstructionMse', 0.005]] },
      { name: 'isolation', rows: [['bank', 0.3]] },
      { name: 'fused, weights', rows: [['unit', 1.5]] },
    ],
  });
});
