import { createRandom } from '../../src/core/random';
import { fitDiscriminant, reduce } from '../../src/fit/math/discriminant';
import { drawGaussian, largestDifference, normals } from '../support/plain-algebra';

/** `perClass` draws around each centre, classes interleaved. */
const classesAround = (centres: readonly (readonly number[])[], perClass: number, seed: number, noise = 1) => {
  const random = createRandom(seed);
  const rows: number[][] = [];
  const labels: number[] = [];
  for (let i = 0; i < perClass; i += 1) {
    centres.forEach((centre, label) => {
      rows.push(centre.map((value) => value + noise * random.normal()));
      labels.push(label);
    });
  }
  return { rows, labels };
};

const column = (vectors: readonly Float64Array[], index: number): number[] =>
  vectors.map((vector) => vector[index] ?? NaN);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2));

/** Share of rows nearer to the centre of their own class than to any other, in reduced space. */
const nearestCentre = (vectors: readonly Float64Array[], labels: readonly number[]): number => {
  const classes = [...new Set(labels)];
  const size = vectors[0]?.length ?? 0;
  const centres = classes.map((label) =>
    Array.from({ length: size }, (_, j) =>
      mean(
        column(
          vectors.filter((__, i) => labels[i] === label),
          j,
        ),
      ),
    ),
  );
  const distance = (vector: Float64Array, centre: readonly number[]): number =>
    centre.reduce((sum, value, j) => sum + (value - (vector[j] ?? NaN)) ** 2, 0);
  const right = vectors.filter((vector, i) => {
    const distances = centres.map((centre) => distance(vector, centre));
    return classes[distances.indexOf(Math.min(...distances))] === labels[i];
  });
  return right.length / vectors.length;
};

test('classes that differ in one faint direction under loud common noise are told apart', () => {
  // The sum of the two features carries noise of deviation 10, their difference the class: 4 against noise 1.
  const random = createRandom(1);
  const labels = Array.from({ length: 600 }, (_, i) => i % 2);
  const rows = labels.map((label) => {
    const [common, own] = [10 * random.normal(), random.normal() + 4 * label];
    return [common + own / 2, common - own / 2, random.normal()];
  });
  const reduction = fitDiscriminant(rows, labels, 1);
  const reduced = rows.map((row) => reduce(reduction, row));
  // Two classes at 4 deviations: the best possible is Phi(2) = 0.977.
  expect(nearestCentre(reduced, labels)).toBeGreaterThan(0.95);
  const unreduced = rows.map((row) => Float64Array.from(row));
  expect(nearestCentre(unreduced, labels)).toBeLessThan(0.75);
});

test("the first direction is Fisher's: within-class spread inverted times the difference of the means", () => {
  const covariance = [
    [1, 0.6],
    [0.6, 1],
  ];
  const random = createRandom(2);
  const rows = [
    ...drawGaussian(random, [0, 0], covariance, 20_000),
    ...drawGaussian(random, [2, 0], covariance, 20_000),
  ];
  const labels = rows.map((_, i) => (i < 20_000 ? 0 : 1));
  const { matrix } = fitDiscriminant(rows, labels, 1);
  const [a = NaN, b = NaN] = matrix.data;
  // S^-1 (2, 0) is along (1, -0.6). The ridge of 0.05 on standardised features turns it by a few degrees.
  expect(b / a).toBeGreaterThan(-0.61);
  expect(b / a).toBeLessThan(-0.5);
});

test('every direction has mean 0 and variance 1 over the rows, and directions are not correlated within classes', () => {
  const { rows, labels } = classesAround(
    [
      [0, 0, 0, 0],
      [3, 0, 0, 1],
      [0, 4, 0, -1],
      [0, 0, 2, 0],
    ],
    200,
    3,
  );
  const reduction = fitDiscriminant(rows, labels, 3);
  const reduced = rows.map((row) => reduce(reduction, row));
  const columns = [0, 1, 2].map((j) => column(reduced, j));
  expect(largestDifference(columns.map(mean), [0, 0, 0])).toBeLessThan(1e-9);
  expect(largestDifference(columns.map(variance), [1, 1, 1])).toBeLessThan(1e-6);
  expect(nearestCentre(reduced, labels)).toBeGreaterThan(0.85);
});

test('scale and offset of a feature change nothing', () => {
  const { rows, labels } = classesAround(
    [
      [0, 0, 0],
      [3, 0, 0],
      [0, 3, 1],
    ],
    100,
    4,
  );
  const other = rows.map(([a = NaN, b = NaN, c = NaN]) => [1000 * a - 5, 0.001 * b + 7, c]);
  const [one, two] = [rows, other].map((each) => {
    const reduction = fitDiscriminant(each, labels, 2);
    return each.flatMap((row) => [...reduce(reduction, row)]);
  });
  expect(largestDifference(one ?? [], two ?? [NaN])).toBeLessThan(1e-4);
});

test('a class of few rows weighs as much as a class of many', () => {
  // Class 2 stands out along the second feature only, with 6 rows among 606.
  const random = createRandom(5);
  const labels = Array.from({ length: 606 }, (_, i) => (i >= 600 ? 2 : i % 2));
  const rows = labels.map((label) => [
    normals(random, 1)[0] ?? NaN,
    random.normal() + (label === 2 ? 30 : 0),
    random.normal() + 0.5 * label,
  ]);
  const reduction = fitDiscriminant(rows, labels, 1);
  const reduced = rows.map((row) => reduce(reduction, row)[0] ?? NaN);
  const rare = reduced.filter((_, i) => labels[i] === 2);
  const rest = reduced.filter((_, i) => labels[i] !== 2);
  const between = Math.abs(mean(rare) - mean(rest));
  expect(between).toBeGreaterThan(6 * Math.sqrt(variance(rest)));
});

describe('degenerate features', () => {
  const { rows, labels } = classesAround(
    [
      [0, 0],
      [4, 0],
      [0, 4],
    ],
    150,
    6,
  );

  test('copies of a feature change neither the separation nor the size of the weights', () => {
    const copied = rows.map(([a = NaN, b = NaN]) => [a, b, a, a, b]);
    const reduction = fitDiscriminant(copied, labels, 2);
    const reduced = copied.map((row) => reduce(reduction, row));
    expect(reduction.matrix.data.every((value) => Math.abs(value) < 10)).toBe(true);
    expect(nearestCentre(reduced, labels)).toBeGreaterThan(0.9);
  });

  test.each([1, 2, 3])('a feature that never changes gets no weight, asked for %i directions', (dimensions) => {
    const constant = rows.map(([a = NaN, b = NaN]) => [a, -6.907755, b]);
    const reduction = fitDiscriminant(constant, labels, dimensions);
    const weights = Array.from({ length: dimensions }, (_, j) => reduction.matrix.data[dimensions + j] ?? NaN);
    expect(
      largestDifference(
        weights,
        weights.map(() => 0),
      ),
    ).toBeLessThan(1e-6);
    // float32 features cannot be told from these; a weight of millions would magnify their last digit.
    const nudged = constant.map(([a = NaN, c = NaN, b = NaN]) => [a, c + 4e-7, b]);
    const [one, two] = [constant, nudged].map((each) => each.flatMap((row) => [...reduce(reduction, row)]));
    expect(largestDifference(one ?? [], two ?? [NaN])).toBeLessThan(1e-3);
  });

  test('two classes asked for two directions: the needless second one stays of ordinary size', () => {
    const two = classesAround(
      [
        [0, 0, 0],
        [4, 0, 0],
      ],
      100,
      7,
    );
    const reduction = fitDiscriminant(two.rows, two.labels, 2);
    const reduced = two.rows.map((row) => reduce(reduction, row));
    expect(
      largestDifference(
        [0, 1].map((j) => variance(column(reduced, j))),
        [1, 1],
      ),
    ).toBeLessThan(1e-6);
    expect(reduction.matrix.data.every((value) => Math.abs(value) < 10)).toBe(true);
  });

  test('one class alone can be reduced: numbers stay finite', () => {
    const own = rows.filter((_, i) => labels[i] === 0);
    const reduction = fitDiscriminant(
      own,
      own.map(() => 0),
      2,
    );
    expect(
      [...reduction.matrix.data, ...reduction.mean].every((value) => Number.isFinite(value) && Math.abs(value) < 100),
    ).toBe(true);
  });

  test('more directions than features gives as many as there are features', () => {
    const { matrix } = fitDiscriminant(rows, labels, 9);
    expect([matrix.rows, matrix.columns]).toEqual([2, 2]);
  });
});

test('two fits are equal to the last bit', () => {
  const { rows, labels } = classesAround(
    [
      [0, 0],
      [1, 1],
    ],
    50,
    8,
  );
  expect(fitDiscriminant(rows, labels, 2)).toEqual(fitDiscriminant(rows, labels, 2));
});
