import { rocOf, shareAtOrAbove, thresholdForRate } from '../../src/core/metrics/roc';

test('the area counts the pairs that are ranked right, ties half', () => {
  // Pairs of (anomalous, nominal): 3 beats 1 and 2 and ties 3; 4 beats all: 5.5 of 6.
  expect(rocOf([1, 2, 3], [3, 4])?.auc).toBeCloseTo(5.5 / 6, 12);
});

test('equal scores make one operating point', () => {
  expect(rocOf([1, 3, 3], [3, 3])?.points).toEqual([
    { threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 },
    { threshold: 3, falsePositiveRate: 2 / 3, truePositiveRate: 1 },
    { threshold: 1, falsePositiveRate: 1, truePositiveRate: 1 },
  ]);
});

test.each([
  ['separates both kinds', [0, 1], [2, 3], 1],
  ['is upside down', [2, 3], [0, 1], 0],
  ['says the same of every window', [1, 1], [1, 1], 0.5],
])('a score that %s', (_what, nominal, anomalous, auc) => {
  expect(rocOf(nominal, anomalous)?.auc).toBe(auc);
});

test('scores that are no numbers end, each a point of its own', () => {
  expect(rocOf([NaN, 1], [NaN, 2])?.points).toHaveLength(5);
});

test('with one kind of window only there is no curve', () => {
  expect([rocOf([], [1]), rocOf([1], [])]).toEqual([undefined, undefined]);
});

const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

test.each([
  [0.01, 99.5, 0.01],
  [0.05, 95.5, 0.05],
  [0.015, 99.5, 0.01],
])('a rate of %p lets at most that share of nominal windows through', (rate, threshold, share) => {
  expect(thresholdForRate(hundred, rate)).toBe(threshold);
  expect(shareAtOrAbove(hundred, threshold)).toBe(share);
});

test.each([
  ['too few windows for the rate', [1, 2, 3], 0.01],
  ['all windows score the same', [5, 5, 5, 5], 0.5],
])('%s: none gets through', (_what, scores, rate) => {
  expect(shareAtOrAbove(scores, thresholdForRate(scores, rate) ?? NaN)).toBe(0);
});

test('no nominal window, no threshold', () => {
  expect(thresholdForRate([], 0.01)).toBeUndefined();
});
