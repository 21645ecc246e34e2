import { createRandom } from '../../src/core/random';
import type { Dense } from '../../src/fit/math/dense';
import { samplesOf, type Layout } from '../../src/fit/layout';
import { centring, concatColumns, fitConditionalModel, RIDGE } from '../../src/fit/precision';
import {
  block,
  denseOf,
  drawGaussian,
  flip,
  identity,
  invert,
  largestDifference,
  quadratic,
  randomCovariance,
  rowsOf,
  times,
} from '../support/plain-algebra';

/** Three parameters of two frames; the first two form one equipment. */
const LAYOUT: Layout = {
  parameters: 3,
  frames: 2,
  groups: [[0, 1], [2]],
  equipment: ['a', 'b'],
  alike: false,
  conditions: [],
};
const MEAN = [1, -2, 0.5, 3, 0, -1];
const COVARIANCE = randomCovariance(createRandom(1), 6);
const WINDOWS = drawGaussian(createRandom(2), MEAN, COVARIANCE, 4000);

/** Mean and covariance that the windows really have, so that nothing below is blurred by sampling. */
const EMPIRICAL_MEAN = MEAN.map((_, i) => WINDOWS.reduce((sum, row) => sum + (row[i] ?? NaN), 0) / WINDOWS.length);
const EMPIRICAL = MEAN.map((_, i) =>
  MEAN.map(
    (__, j) =>
      WINDOWS.reduce(
        (sum, row) =>
          sum + ((row[i] ?? NaN) - (EMPIRICAL_MEAN[i] ?? NaN)) * ((row[j] ?? NaN) - (EMPIRICAL_MEAN[j] ?? NaN)),
        0,
      ) /
      (WINDOWS.length - 1),
  ),
);
const MODEL = fitConditionalModel(WINDOWS, LAYOUT, 0);

const X = [2, 0, -1, 4, 1, 1];
const CENTRED = X.map((value, i) => value - (EMPIRICAL_MEAN[i] ?? NaN));
const ALL = [0, 1, 2, 3, 4, 5];
const othersOf = (own: readonly number[]): number[] => ALL.filter((i) => !own.includes(i));

/** Textbook conditional of a Gaussian: m_b + S_ba S_aa^-1 (x_a - m_a), and S_bb - S_ba S_aa^-1 S_ab. */
const conditional = (own: readonly number[], x: readonly number[]) => {
  const others = othersOf(own);
  const cross = block(EMPIRICAL, own, others);
  const gain = times(cross, invert(block(EMPIRICAL, others, others)));
  const shift = times(
    gain,
    others.map((i) => [x[i] ?? NaN]),
  );
  return {
    mean: shift.map(([value = NaN]) => value),
    covariance: block(EMPIRICAL, own, own).map((row, i) =>
      row.map((value, j) => value - (times(gain, flip(cross))[i]?.[j] ?? NaN)),
    ),
  };
};

/** A centred window times columns of the model. */
const project = (matrix: Dense | undefined, x: readonly number[]): number[] =>
  matrix === undefined ? [] : (times([x], rowsOf(matrix))[0] ?? []);

test('mean and precision are those of the windows', () => {
  expect(largestDifference(MODEL.mean, EMPIRICAL_MEAN)).toBeLessThan(1e-12);
  expect(largestDifference(times(rowsOf(MODEL.precision), EMPIRICAL).flat(), identity(6).flat())).toBeLessThan(1e-9);
});

test('the precision of many windows is near that of the Gaussian they were drawn from', () => {
  const truth = invert(COVARIANCE).flat();
  const scale = Math.max(...truth.map(Math.abs));
  expect(largestDifference(MODEL.precision.data, truth)).toBeLessThan(0.15 * scale);
});

test.each(LAYOUT.groups.map((group, index) => [LAYOUT.equipment[index] ?? '', group, index] as const))(
  'the deviation of equipment %s is its value minus the conditional mean given all others',
  (_, group, index) => {
    const own = samplesOf(group, LAYOUT.frames);
    const expected = own.map((i, k) => (CENTRED[i] ?? NaN) - (conditional(own, CENTRED).mean[k] ?? NaN));
    expect(largestDifference(project(MODEL.deviation[index], CENTRED), expected)).toBeLessThan(1e-9);
  },
);

test.each([0, 1, 2])(
  'the deviation of parameter %i is its value minus the conditional mean given the other parameters',
  (parameter) => {
    const own = samplesOf([parameter], LAYOUT.frames);
    const expected = own.map((i, k) => (CENTRED[i] ?? NaN) - (conditional(own, CENTRED).mean[k] ?? NaN));
    const found = project(MODEL.parameterDeviation, CENTRED);
    expect(
      largestDifference(
        own.map((i) => found[i] ?? NaN),
        expected,
      ),
    ).toBeLessThan(1e-9);
  },
);

test.each([0, 1, 2])(
  'the energy of the whitened deviation of parameter %i is the fall of the distance without it',
  (parameter) => {
    const own = samplesOf([parameter], LAYOUT.frames);
    const others = othersOf(own);
    const rest = quadratic(
      invert(block(EMPIRICAL, others, others)),
      others.map((i) => CENTRED[i] ?? NaN),
    );
    const found = project(MODEL.parameterWhitened, CENTRED);
    const energy = own.reduce((sum, i) => sum + (found[i] ?? NaN) ** 2, 0);
    expect(energy).toBeCloseTo(quadratic(invert(EMPIRICAL), CENTRED) - rest, 8);
  },
);

test('sigma is the conditional standard deviation: deviations of nominal windows in sigmas have variance one', () => {
  [0, 1, 2].forEach((parameter) => {
    const own = samplesOf([parameter], LAYOUT.frames);
    const { covariance } = conditional(own, CENTRED);
    const sigma = own.map((i) => MODEL.sigma[i] ?? NaN);
    expect(
      largestDifference(
        sigma,
        covariance.map((row, i) => Math.sqrt(row[i] ?? NaN)),
      ),
    ).toBeLessThan(1e-9);
  });
  const deviations = WINDOWS.map((row) =>
    project(
      MODEL.parameterDeviation,
      row.map((value, i) => value - (EMPIRICAL_MEAN[i] ?? NaN)),
    ),
  );
  const variances = ALL.map(
    (i) =>
      deviations.reduce((sum, row) => sum + ((row[i] ?? NaN) / (MODEL.sigma[i] ?? NaN)) ** 2, 0) / (WINDOWS.length - 1),
  );
  expect(largestDifference(variances, [1, 1, 1, 1, 1, 1])).toBeLessThan(1e-8);
});

test('the whitened deviation of each equipment over nominal windows has the identity as covariance', () => {
  LAYOUT.groups.forEach((_, index) => {
    const own = WINDOWS.map((row) =>
      project(
        MODEL.whitened[index],
        row.map((value, i) => value - (EMPIRICAL_MEAN[i] ?? NaN)),
      ),
    );
    const covariance = times(flip(own), own).map((row) => row.map((value) => value / (WINDOWS.length - 1)));
    expect(largestDifference(covariance.flat(), identity(own[0]?.length ?? 0).flat())).toBeLessThan(1e-8);
  });
});

test('the energy of a whitened deviation is the fall of the Mahalanobis distance when the equipment is left out', () => {
  const whole = quadratic(invert(EMPIRICAL), CENTRED);
  LAYOUT.groups.forEach((group, index) => {
    const others = othersOf(samplesOf(group, LAYOUT.frames));
    const rest = quadratic(
      invert(block(EMPIRICAL, others, others)),
      others.map((i) => CENTRED[i] ?? NaN),
    );
    const energy = project(MODEL.whitened[index], CENTRED).reduce((sum, value) => sum + value * value, 0);
    expect(energy).toBeCloseTo(whole - rest, 8);
  });
});

test('a single group of everything has the whole Mahalanobis distance as its energy', () => {
  const model = fitConditionalModel(WINDOWS, { ...LAYOUT, groups: [[0, 1, 2]], equipment: [] }, 0);
  const energy = project(model.whitened[0], CENTRED).reduce((sum, value) => sum + value * value, 0);
  expect(energy).toBeCloseTo(quadratic(invert(EMPIRICAL), CENTRED), 8);
  expect(largestDifference(project(model.deviation[0], CENTRED), CENTRED)).toBeLessThan(1e-9);
});

test('groups may take parameters in any order, and leave some out', () => {
  const model = fitConditionalModel(WINDOWS, { ...LAYOUT, groups: [[2, 0]], equipment: ['a'] }, 0);
  const own = samplesOf([2, 0], 2);
  expect(own).toEqual([4, 5, 0, 1]);
  const expected = own.map((i, k) => (CENTRED[i] ?? NaN) - (conditional(own, CENTRED).mean[k] ?? NaN));
  expect(largestDifference(project(model.deviation[0], CENTRED), expected)).toBeLessThan(1e-9);
});

test('the ridge is relative to the mean variance: a covariance of rank one can be inverted', () => {
  const random = createRandom(3);
  const rows = Array.from({ length: 100 }, () => {
    const z = random.normal();
    return ALL.map((i) => z * (i + 1));
  });
  const model = fitConditionalModel(rows, LAYOUT);
  const meanVariance = [1, 2, 3, 4, 5, 6].reduce((sum, each) => sum + each * each, 0) / 6;
  const variance = rows.reduce((sum, row) => sum + ((row[0] ?? NaN) - (model.mean[0] ?? NaN)) ** 2, 0) / 99;
  // Directions that never move have the ridge alone: precision 1 / (ridge x mean variance).
  const expected = 1 / (RIDGE * meanVariance * variance);
  expect(Math.max(...model.precision.data) / expected).toBeGreaterThan(0.9);
  expect(Math.max(...model.precision.data) / expected).toBeLessThanOrEqual(1 + 1e-6);
});

test('centring is minus the mean times the matrix', () => {
  const matrix = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];
  expect([...centring(Float64Array.of(1, 0, -1), denseOf(matrix))]).toEqual([4, 4]);
});

test('blocks side by side keep their rows', () => {
  const joined = concatColumns(2, [
    denseOf([
      [1, 2],
      [3, 4],
    ]),
    denseOf([[5], [6]]),
  ]);
  expect(rowsOf(joined)).toEqual([
    [1, 2, 5],
    [3, 4, 6],
  ]);
});
