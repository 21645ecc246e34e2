import { calibrationOf } from '../../src/core/metrics/calibration';
import { confusionOf } from '../../src/core/metrics/confusion';

const cases = (truth: string, verdict: string, count: number) =>
  Array.from({ length: count }, () => ({ truth, verdict }));

test('rows are shares of the true class, and large classes weigh no more than small ones', () => {
  const all = [...cases('a', 'a', 90), ...cases('a', 'b', 10), ...cases('b', 'b', 1), ...cases('b', 'a', 1)];
  expect(confusionOf(all, ['a', 'b', 'c'], 'unknown')).toEqual({
    balancedAccuracy: 0.7,
    classes: ['a', 'b'],
    confusion: [
      [0.9, 0.1],
      [0.5, 0.5],
    ],
    other: [0, 0],
    unknown: [0, 0],
    counts: [100, 2],
  });
});

test('unknown and classes that are never the truth have their own columns and count as wrong', () => {
  const all = [...cases('a', 'a', 5), ...cases('a', 'c', 2), ...cases('a', 'unknown', 3)];
  expect(confusionOf(all, ['a', 'b', 'c'], 'unknown')).toEqual({
    balancedAccuracy: 0.5,
    classes: ['a'],
    confusion: [[0.5]],
    other: [0.2],
    unknown: [0.3],
    counts: [10],
  });
});

test('nothing to judge is null, not zero', () => {
  expect(confusionOf([], ['a'], 'unknown')).toEqual({
    balancedAccuracy: null,
    classes: [],
    confusion: [],
    other: [],
    unknown: [],
    counts: [],
  });
});

const claims = (confidence: number, right: number, wrong: number) => [
  ...Array.from({ length: right }, () => ({ confidence, isRight: true })),
  ...Array.from({ length: wrong }, () => ({ confidence, isRight: false })),
];

test('calibration error is the gap of each bin, weighted; Brier is the mean squared gap of each verdict', () => {
  // Bin of 0.9: 8 of 10 right, gap 0.1. Bin of 0.6: 3 of 5 right, gap 0. ECE = (10 x 0.1 + 5 x 0) / 15.
  // Brier = (8 x 0.01 + 2 x 0.81 + 3 x 0.16 + 2 x 0.36) / 15 = 2.9 / 15.
  const { n, ece, brier, bins } = calibrationOf([...claims(0.9, 8, 2), ...claims(0.6, 3, 2)]);
  expect(n).toBe(15);
  expect(ece).toBeCloseTo(1 / 15, 12);
  expect(brier).toBeCloseTo(2.9 / 15, 12);
  expect(bins.filter((bin) => bin.n > 0)).toEqual([
    { from: 8 / 15, to: 9 / 15, n: 5, confidence: expect.closeTo(0.6, 12), accuracy: 0.6 },
    { from: 13 / 15, to: 14 / 15, n: 10, confidence: expect.closeTo(0.9, 12), accuracy: 0.8 },
  ]);
});

test('fifteen bins hold every confidence once, 0 and 1 too', () => {
  const { bins } = calibrationOf([0, 1 / 15, 0.5, 1].map((confidence) => ({ confidence, isRight: true })));
  expect(bins.flatMap(({ n }, index) => (n === 0 ? [] : [[index, n]]))).toEqual([
    [0, 2],
    [7, 1],
    [14, 1],
  ]);
  expect(bins).toHaveLength(15);
});

test('no verdict, no calibration', () => {
  expect(calibrationOf([])).toMatchObject({ n: 0, ece: null, brier: null });
});
