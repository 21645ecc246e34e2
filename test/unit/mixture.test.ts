import { createRandom } from '../../src/core/random';
import { fitMixture, logDensity, logSumExp, type Component, type MixtureSettings } from '../../src/fit/math/mixture';
import {
  drawGaussian,
  entry,
  flip,
  gaussianLogDensity,
  invert,
  largestDifference,
  times,
} from '../support/plain-algebra';

const SETTINGS: MixtureSettings = { components: 3, covariance: 'full', floor: 1e-9, iterations: 100, starts: 3 };

const rowsOf = (points: readonly (readonly number[])[]): Float64Array[] =>
  points.map((point) => Float64Array.from(point));

/** The covariance a component stands for, from its root: S = (R' R)^-1. */
const covarianceOf = ({ mean, root }: Component): number[][] => {
  const d = mean.length;
  const rows = Array.from({ length: d }, (_, i) => Array.from(root.subarray(i * d, (i + 1) * d)));
  return invert(times(flip(rows), rows));
};

const byMean = (mixture: readonly Component[]): readonly Component[] =>
  [...mixture].sort((a, b) => (a.mean[0] ?? 0) - (b.mean[0] ?? 0));

const meanLogLikelihood = (mixture: readonly Component[], rows: readonly Float64Array[]): number =>
  rows.reduce((sum, row) => sum + logSumExp(mixture.map((component) => logDensity(component, row))), 0) / rows.length;

const TRUTH = [
  {
    mean: [-6, 0],
    weight: 0.5,
    covariance: [
      [1, 0.8],
      [0.8, 1],
    ],
  },
  {
    mean: [0, 5],
    weight: 0.3,
    covariance: [
      [0.5, -0.2],
      [-0.2, 0.3],
    ],
  },
  {
    mean: [7, -3],
    weight: 0.2,
    covariance: [
      [0.2, 0],
      [0, 2],
    ],
  },
];

const POINTS = rowsOf(
  TRUTH.flatMap(({ mean, weight, covariance }, index) =>
    drawGaussian(createRandom(10 + index), mean, covariance, 2000 * weight),
  ),
);

describe('well separated components', () => {
  const mixture = byMean(fitMixture(POINTS, SETTINGS, createRandom(1)));

  test('are recovered: weights, means and full covariances', () => {
    expect(mixture).toHaveLength(3);
    TRUTH.forEach((truth, k) => {
      const found = mixture[k];
      if (found === undefined) throw new Error('a component is missing');
      expect(found.weight).toBeCloseTo(truth.weight, 3);
      // Three standard errors of a mean of 400 points of variance 2.
      expect(largestDifference(found.mean, truth.mean)).toBeLessThan(0.2);
      expect(largestDifference(covarianceOf(found).flat(), truth.covariance.flat())).toBeLessThan(0.3);
    });
  });

  test('have the mean and covariance of the points drawn from them, to rounding', () => {
    const own = POINTS.slice(0, 1000);
    const mean = [0, 1].map((i) => own.reduce((sum, row) => sum + (row[i] ?? NaN), 0) / own.length);
    const scatter = [0, 1].map((i) =>
      [0, 1].map(
        (j) =>
          own.reduce(
            (sum, row) => sum + ((row[i] ?? NaN) - (mean[i] ?? NaN)) * ((row[j] ?? NaN) - (mean[j] ?? NaN)),
            0,
          ) / own.length,
      ),
    );
    const found = mixture[0];
    if (found === undefined) throw new Error('a component is missing');
    expect(largestDifference(found.mean, mean)).toBeLessThan(1e-4);
    expect(largestDifference(covarianceOf(found).flat(), scatter.flat())).toBeLessThan(1e-3);
  });

  test('weights sum to one', () => {
    expect(mixture.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
  });

  test('a component answers the log of its weight times the Gaussian density', () => {
    for (const component of mixture) {
      const x = [1.3, -0.7];
      const expected = Math.log(component.weight) + gaussianLogDensity([...component.mean], covarianceOf(component), x);
      expect(logDensity(component, x)).toBeCloseTo(expected, 6);
    }
  });

  test('diagonal components have no correlation, and the variances of the points', () => {
    const diagonal = byMean(fitMixture(POINTS, { ...SETTINGS, covariance: 'diagonal' }, createRandom(1)));
    expect(diagonal).toHaveLength(3);
    diagonal.forEach((component, k) => {
      const [full, own] = [covarianceOf(mixture[k] ?? component), covarianceOf(component)];
      expect(own[0]?.[1]).toBeCloseTo(0, 12);
      expect(entry(own, 0, 0)).toBeCloseTo(entry(full, 0, 0), 2);
      expect(entry(own, 1, 1)).toBeCloseTo(entry(full, 1, 1), 2);
    });
  });

  test('correlated points are likelier under full covariances than under diagonal ones', () => {
    const diagonal = fitMixture(POINTS, { ...SETTINGS, covariance: 'diagonal' }, createRandom(1));
    // Half of the points have correlation 0.8: -log sqrt(1 - 0.64) = 0.51 nats each.
    expect(meanLogLikelihood(mixture, POINTS) - meanLogLikelihood(diagonal, POINTS)).toBeGreaterThan(0.2);
  });
});

describe('the algorithm', () => {
  test('the log-likelihood never falls from one round to the next', () => {
    const rows = rowsOf(
      drawGaussian(
        createRandom(3),
        [0, 0, 0],
        [
          [1, 0.3, 0],
          [0.3, 1, 0.5],
          [0, 0.5, 1],
        ],
        300,
      ),
    );
    const likelihoods = Array.from({ length: 25 }, (_, iterations) =>
      meanLogLikelihood(fitMixture(rows, { ...SETTINGS, components: 5, iterations, starts: 1 }, createRandom(4)), rows),
    );
    expect(likelihoods.slice(1).filter((value, index) => value < (likelihoods[index] ?? NaN) - 1e-9)).toEqual([]);
    expect((likelihoods[24] ?? 0) - (likelihoods[0] ?? 0)).toBeGreaterThan(0.005);
  });

  test('more starts never give a less likely mixture', () => {
    const rows = rowsOf(POINTS.filter((_, index) => index % 5 === 0).map((row) => [...row]));
    const likelihoods = [1, 2, 4, 8].map((starts) =>
      meanLogLikelihood(fitMixture(rows, { ...SETTINGS, components: 6, starts }, createRandom(5)), rows),
    );
    // A start ends when a round gains less than 1e-4; the ranking of two starts is that exact.
    expect(likelihoods.slice(1).filter((value, index) => value < (likelihoods[index] ?? NaN) - 2e-4)).toEqual([]);
  });

  test('two runs of one seed are equal to the last bit, another seed differs', () => {
    const fit = (seed: number) =>
      fitMixture(POINTS, { ...SETTINGS, components: 6, iterations: 5, starts: 2 }, createRandom(seed));
    expect(fit(7)).toEqual(fit(7));
    expect(fit(8)).not.toEqual(fit(7));
  });

  test('the rows given are left as they were', () => {
    const before = POINTS.map((row) => [...row]);
    fitMixture(POINTS, SETTINGS, createRandom(1));
    expect(POINTS.map((row) => [...row])).toEqual(before);
  });
});

describe('too little to fit', () => {
  test('a component of copies of one point keeps the variance floor, and no number is lost', () => {
    const copies = [...Array.from({ length: 40 }, () => [1, 2]), ...Array.from({ length: 40 }, () => [5, -1])];
    const mixture = byMean(fitMixture(rowsOf(copies), { ...SETTINGS, components: 2, floor: 0.02 }, createRandom(1)));
    expect(mixture.map(({ weight, mean }) => ({ weight, mean: [...mean] }))).toEqual([
      { weight: 0.5, mean: [1, 2] },
      { weight: 0.5, mean: [5, -1] },
    ]);
    for (const component of mixture) {
      expect(largestDifference(covarianceOf(component).flat(), [0.02, 0, 0, 0.02])).toBeLessThan(1e-9);
    }
    expect(mixture[0] && logDensity(mixture[0], [1, 2])).toBeCloseTo(Math.log(0.5) - Math.log(2 * Math.PI * 0.02), 9);
  });

  test('components that no point chose are dropped', () => {
    const copies = rowsOf([...Array.from({ length: 50 }, () => [1, 2]), ...Array.from({ length: 50 }, () => [5, -1])]);
    const mixture = fitMixture(copies, { ...SETTINGS, components: 7, floor: 0.02 }, createRandom(1));
    expect(mixture).toHaveLength(2);
    expect(mixture.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
  });

  test('a component needs five points: few rows get few components', () => {
    const sizes = [2, 9, 10, 24, 1000].map(
      (count) =>
        fitMixture(POINTS.slice(0, count), { ...SETTINGS, components: 4, floor: 0.02 }, createRandom(1)).length,
    );
    expect(sizes).toEqual([1, 1, 2, 4, 4]);
  });

  test('one component is the mean and covariance of all points', () => {
    const rows = POINTS.slice(0, 7);
    const [only] = fitMixture(rows, { ...SETTINGS, components: 1, floor: 0.5 }, createRandom(1));
    if (only === undefined) throw new Error('no component');
    const mean = [0, 1].map((i) => rows.reduce((sum, row) => sum + (row[i] ?? NaN), 0) / 7);
    const scatter = [0, 1].map((i) =>
      [0, 1].map(
        (j) =>
          rows.reduce(
            (sum, row) => sum + ((row[i] ?? NaN) - (mean[i] ?? NaN)) * ((row[j] ?? NaN) - (mean[j] ?? NaN)),
            0,
          ) /
            7 +
          (i === j ? 0.5 : 0),
      ),
    );
    expect(only.weight).toBe(1);
    expect(largestDifference(only.mean, mean)).toBeLessThan(1e-12);
    expect(largestDifference(covarianceOf(only).flat(), scatter.flat())).toBeLessThan(1e-9);
  });
});

describe('logSumExp', () => {
  test('is the log of the sum of exponentials, also where these overflow or vanish', () => {
    expect(logSumExp([Math.log(2), Math.log(3)])).toBeCloseTo(Math.log(5), 12);
    expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.LN2, 9);
    expect(logSumExp([-1000, -1001])).toBeCloseTo(-1000 + Math.log(1 + Math.exp(-1)), 9);
    expect(logSumExp([-Infinity, 0])).toBe(0);
    expect(logSumExp([-Infinity, -Infinity])).toBe(-Infinity);
    expect(logSumExp([])).toBe(-Infinity);
  });
});
