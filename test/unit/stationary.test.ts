import { createRandom } from '../../src/core/random';
import type { Layout } from '../../src/fit/layout';
import { eigen } from '../../src/fit/math/dense';
import { stationaryMoments, type TimedRow } from '../../src/fit/stationary';

const FRAMES = 6;
const LAYOUT: Layout = { parameters: 2, frames: FRAMES, groups: [[0, 1]], equipment: [], alike: true, conditions: [] };
const PERIOD = 1000;

/** Two parameters driven by one AR(1): x(t) = 0.8 x(t - 1) + e; the second follows the first one frame later, negated, plus a level. */
const series = (length: number, seed: number): number[][] => {
  const random = createRandom(seed);
  const x: number[] = [random.normal()];
  for (let t = 1; t < length; t += 1) x.push(0.8 * (x[t - 1] ?? 0) + 0.6 * random.normal());
  return x.map((value, t) => [value, 5 - (x[t - 1] ?? 0)]);
};

const windowsOf = (values: readonly number[][], stride: number): TimedRow[] =>
  Array.from({ length: Math.floor((values.length - FRAMES) / stride) + 1 }, (_, i) => {
    const from = i * stride;
    const row = [0, 1].flatMap((p) => values.slice(from, from + FRAMES).map((frame) => frame[p] ?? NaN));
    return { start: from * PERIOD, end: (from + FRAMES - 1) * PERIOD, row };
  });

test('covariances are those of the process: they depend on the distance in time only', () => {
  const { mean, covariance } = stationaryMoments(windowsOf(series(40_000, 1), 3), LAYOUT, 0);
  const at = (i: number, j: number): number => covariance.data[i * 2 * FRAMES + j] ?? NaN;
  for (let i = 0; i < FRAMES; i += 1)
    for (let j = 0; j < FRAMES; j += 1) {
      // Of an AR(1) with variance one: 0.8^lag; the second parameter is minus the first, one frame later.
      expect(Math.abs(at(i, j) - 0.8 ** Math.abs(i - j))).toBeLessThan(0.06);
      expect(Math.abs(at(FRAMES + i, FRAMES + j) - 0.8 ** Math.abs(i - j))).toBeLessThan(0.06);
      expect(Math.abs(at(FRAMES + i, j) + 0.8 ** Math.abs(i - 1 - j))).toBeLessThan(0.06);
    }
  expect(mean.subarray(FRAMES).every((value) => Math.abs(value - 5) < 0.1)).toBe(true);
});

test('every frame counts once, however many windows cover it', () => {
  const values = series(300, 2);
  const plain = stationaryMoments(windowsOf(values, 1), LAYOUT, 0);
  const repeated = stationaryMoments([...windowsOf(values, 1), ...windowsOf(values, 1)], LAYOUT, 0);
  expect(repeated).toEqual(plain);
});

test.each([20, 13, 7])('of %i frames, fewer than would hold a covariance, no eigenvalue is negative', (length) => {
  const { covariance } = stationaryMoments(windowsOf(series(length, 3), 1), LAYOUT, 0);
  expect(Math.min(...eigen(covariance).values)).toBeGreaterThan(-1e-9);
});

test('frames on the two sides of a gap are no neighbours', () => {
  const values = series(200, 4);
  const shifted = windowsOf(values.slice(100), 1).map(({ start, end, row }) => ({
    start: start + 1e6 * PERIOD,
    end: end + 1e6 * PERIOD,
    row,
  }));
  const joined = windowsOf(values.slice(100), 1).map(({ start, end, row }) => ({
    start: start + 100 * PERIOD,
    end: end + 100 * PERIOD,
    row,
  }));
  const before = windowsOf(values.slice(0, 100), 1);
  const apart = stationaryMoments([...before, ...shifted], LAYOUT, 0).covariance;
  const together = stationaryMoments([...before, ...joined], LAYOUT, 0).covariance;
  const at = (m: typeof apart, i: number, j: number): number => m.data[i * 2 * FRAMES + j] ?? NaN;
  // Lag 0 is the same; at lag 1 exactly the product across the joint is missing.
  expect(at(apart, 0, 0)).toBeCloseTo(at(together, 0, 0), 12);
  const mean = values.reduce((sum, [x = NaN]) => sum + x, 0) / 200;
  const across = (((values[99]?.[0] ?? NaN) - mean) * ((values[100]?.[0] ?? NaN) - mean)) / 200;
  expect(at(together, 1, 0) - at(apart, 1, 0)).toBeCloseTo(across, 12);
});

test('the ridge is a share of the mean variance', () => {
  const rows = windowsOf(series(200, 5), 1);
  const [without, withRidge] = [stationaryMoments(rows, LAYOUT, 0), stationaryMoments(rows, LAYOUT, 0.1)];
  const size = 2 * FRAMES;
  const trace = Array.from({ length: size }, (_, i) => without.covariance.data[i * size + i] ?? NaN);
  const meanVariance = trace.reduce((a, b) => a + b, 0) / size;
  expect((withRidge.covariance.data[0] ?? NaN) - (without.covariance.data[0] ?? NaN)).toBeCloseTo(
    0.1 * meanVariance,
    9,
  );
});
