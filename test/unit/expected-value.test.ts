import fc from 'fast-check';
import { leastDeviation } from '../../src/core/anomaly/chance';
import { expectedValue, outsideOf } from '../../src/core/anomaly/expected-value';
import type { ObservedRange } from '../../src/domain/manifest';

const observed = (low: number, high: number, levels?: readonly number[]): ObservedRange => ({
  low,
  high,
  ...(levels !== undefined && { levels: [...levels] }),
  spread: { low: 0, high: 1 },
  longestRun: 1,
});

test('what is implied beyond all that fitting saw is moved to its end, and says so', () => {
  expect(expectedValue(5206, undefined, observed(2661, 3956))).toEqual({ expected: 3956, bound: 'high' });
  expect(expectedValue(-177, undefined, observed(0, 420))).toEqual({ expected: 0, bound: 'low' });
  expect(expectedValue(300, undefined, observed(0, 420))).toEqual({ expected: 300 });
  expect(expectedValue(5206, [0, 3000], observed(2661, 3956))).toEqual({ expected: 3000, bound: 'high' });
  // Of a value that never changed there is one to expect; of levels the nearest; and of older packages nothing is known.
  expect(expectedValue(9, undefined, observed(4, 4))).toEqual({ expected: 4 });
  expect(expectedValue(9, undefined, observed(0, 2, [0, 2]))).toEqual({ expected: 2 });
  expect(expectedValue(9, undefined, undefined)).toEqual({ expected: 9 });
});

test('nothing is ever expected outside of what the parameter can take', () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(number, number, fc.double({ min: 0, max: 1e6, noNaN: true }), (implied, low, width) => {
      const range = observed(low, low + width);
      const { expected, bound } = expectedValue(implied, undefined, range);
      expect(expected).toBeGreaterThanOrEqual(range.low);
      expect(expected).toBeLessThanOrEqual(range.high);
      if (bound !== undefined) expect(expected).toBe(range[bound]);
    }),
    { seed: 11, numRuns: 500 },
  );
});

test('how far a value lies outside is a share of the range', () => {
  expect([13, 25, 20, 7].map((value) => outsideOf(value, observed(10, 20)))).toEqual([0, 0.5, 0, 0.3]);
});

test('a deviation must be the larger, the more samples were looked at', () => {
  const told = [1, 16, 272, 528, 100_000].map((samples) => Number(leastDeviation(samples).toFixed(2)));
  expect(told).toEqual([3, 3.44, 4.14, 4.29, 5.33]);
});
