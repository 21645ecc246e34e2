import fc from 'fast-check';
import { createRandom } from '../../src/core/random';
import { EVIDENCE_FLOOR, surpriseOf } from '../../src/core/anomaly/surprise';
import { fitSurprise, NO_SURPRISE } from '../../src/fit/surprise';

/** Evidence as nominal windows have it: positive and skewed. */
const nominalEvidence = (count: number, seed: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => Math.exp(0.5 * random.normal()));
};

const shareAtLeast = (values: readonly number[], x: number): number =>
  values.filter((value) => value >= x).length / values.length;

describe('fitted on enough windows', () => {
  const values = nominalEvidence(5000, 1);
  const curve = fitSurprise(values);

  test('has a knot a calibrated share, and at each the surprise is -log10 of the share of windows with as much evidence', () => {
    const shares = [0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002];
    expect(curve.knots).toHaveLength(shares.length);
    curve.knots.forEach((knot, index) => {
      const atKnot = Math.exp(knot);
      expect(surpriseOf(curve, atKnot)).toBeCloseTo(-Math.log10(shares[index] ?? NaN), 9);
      expect(Math.abs(shareAtLeast(values, atKnot * (1 - 1e-12)) - (shares[index] ?? NaN))).toBeLessThanOrEqual(
        1 / 5000 + 1e-12,
      );
    });
  });

  test('between knots it is a straight line in the log of the evidence', () => {
    const [low = NaN, high = NaN] = [curve.knots[3], curve.knots[4]];
    const at = (part: number): number => surpriseOf(curve, Math.exp(low + part * (high - low)));
    expect(at(0.25)).toBeCloseTo(0.75 * at(0) + 0.25 * at(1), 9);
    expect(at(0.6)).toBeCloseTo(0.4 * at(0) + 0.6 * at(1), 9);
  });

  test('beyond the last knot it rises with the mean slope of the last two segments, for ever', () => {
    const [x0 = NaN, x1 = NaN, x2 = NaN] = curve.knots.slice(-3);
    const y = (x: number): number => surpriseOf(curve, Math.exp(x));
    const slope = ((y(x1) - y(x0)) / (x1 - x0) + (y(x2) - y(x1)) / (x2 - x1)) / 2;
    expect([1, 5, 30].map((d) => (y(x2 + d) - y(x2)) / d - slope).every((rest) => Math.abs(rest) < 1e-9)).toBe(true);
  });

  test('below the first knot nothing is surprising, not even no evidence at all', () => {
    const least = -Math.log10(0.9);
    expect(
      [0, 1e-30, EVIDENCE_FLOOR, Math.exp((curve.knots[0] ?? NaN) - 1)].map((value) => surpriseOf(curve, value)),
    ).toEqual([least, least, least, least]);
  });

  test('does not depend on the order of the windows', () => {
    expect(fitSurprise([...values].reverse())).toEqual(curve);
  });

  test('doubling all evidence moves the curve and bends nothing', () => {
    const doubled = fitSurprise(values.map((value) => 2 * value));
    [0.1, 1, 2.5, 40].forEach((value) => {
      expect(surpriseOf(doubled, 2 * value)).toBeCloseTo(surpriseOf(curve, value), 6);
    });
  });
});

test('more evidence is never less surprising, whatever the calibration windows were', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 400 }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      (values, a, b) => {
        const curve = fitSurprise(values);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((value) => surpriseOf(curve, value));
        expect(Number.isFinite(low) && Number.isFinite(high)).toBe(true);
        expect((high ?? NaN) - (low ?? NaN)).toBeGreaterThanOrEqual(-1e-9);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

describe('few or odd windows', () => {
  test.each([
    [0, 1],
    [4, 1],
    [6, 1],
    [10, 2],
    [25, 3],
    [50, 4],
    [100, 5],
    [250, 6],
    [2500, 9],
  ])('%i windows carry %i knots: a share needs five windows beyond it', (count, knots) => {
    expect(fitSurprise(nominalEvidence(count, 2)).knots).toHaveLength(knots);
  });

  test('windows that are all alike give one knot and a decade a factor of e beyond it', () => {
    const curve = fitSurprise(Array.from({ length: 1000 }, () => 3));
    expect(curve).toEqual({
      knots: Float64Array.of(Math.log(3)),
      slopes: Float64Array.of(1),
      base: -Math.log10(0.9),
    });
    expect(surpriseOf(curve, 3 * Math.E)).toBeCloseTo(1 - Math.log10(0.9), 9);
  });

  test('nearly equal evidence does not turn a rounding difference into a surprise: no slope is steeper than 12', () => {
    const curve = fitSurprise(Array.from({ length: 1000 }, (_, i) => 1 + i * 1e-7));
    const slopes = curve.slopes.reduce<number[]>((sums, change) => [...sums, (sums.at(-1) ?? 0) + change], []);
    expect(Math.max(...slopes)).toBeLessThanOrEqual(12 + 1e-9);
    expect(surpriseOf(curve, 1.001)).toBeLessThan(0.1);
  });

  test('evidence that is mostly zero has finite knots', () => {
    const curve = fitSurprise(Array.from({ length: 1000 }, (_, i) => (i < 800 ? 0 : i)));
    expect([...curve.knots].every(Number.isFinite)).toBe(true);
    expect(surpriseOf(curve, 0)).toBeCloseTo(-Math.log10(0.9), 9);
    expect(surpriseOf(curve, 900)).toBeGreaterThan(0.9);
  });
});

describe('fitted on a short recording', () => {
  const curve = fitSurprise(nominalEvidence(90, 9), true);

  test('has its median, and beyond it the tail that long recordings show: 3.5 decades for each factor e', () => {
    const median = Math.exp(curve.knots.at(-1) ?? NaN);
    expect(surpriseOf(curve, median)).toBeCloseTo(-Math.log10(0.5), 9);
    expect(surpriseOf(curve, median * Math.E) - surpriseOf(curve, median)).toBeCloseTo(3.5, 9);
  });

  test('one outlying block moves nothing', () => {
    const values = nominalEvidence(90, 9);
    const outlying = [...values.slice(0, 80), ...values.slice(80).map((value) => 1000 + value)];
    const other = fitSurprise(outlying, true);
    expect(Math.abs(surpriseOf(other, 3) - surpriseOf(curve, 3))).toBeLessThan(0.7);
  });
});

test('evidence that is none never surprises', () => {
  expect([0, 1, 1e9].map((value) => surpriseOf(NO_SURPRISE, value))).toEqual([0, 0, 0]);
});
