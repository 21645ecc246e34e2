import { createRandom } from '../../src/core/random';
import {
  covariance,
  dense,
  eigen,
  inverse,
  meanOf,
  multiply,
  select,
  symmetricFunction,
  transpose,
} from '../../src/fit/math/dense';
import {
  block,
  denseOf,
  flip,
  identity,
  invert,
  largestDifference,
  normalRows,
  randomCovariance,
  rowsOf,
  times,
} from '../support/plain-algebra';

const differ = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  largestDifference(a.flat(), b.flat());

describe('products', () => {
  test('a product is rows times columns, also of matrices that are not square and hold zeros', () => {
    const a = [
      [1, 2, 0],
      [0, -1, 4],
    ];
    const b = [
      [3, 0, 1, 1],
      [0, 5, 2, 0],
      [7, 1, 0, -2],
    ];
    expect(rowsOf(multiply(denseOf(a), denseOf(b)))).toEqual([
      [3, 10, 5, 1],
      [28, -1, -2, -8],
    ]);
  });

  test('a product agrees with the definition on random matrices', () => {
    const random = createRandom(1);
    const [a, b] = [normalRows(random, 7, 5), normalRows(random, 5, 9)];
    expect(differ(rowsOf(multiply(denseOf(a), denseOf(b))), times(a, b))).toBeLessThan(1e-12);
  });

  test('a transpose swaps rows and columns, a selection keeps the order asked for', () => {
    const a = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expect(rowsOf(transpose(denseOf(a)))).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(rowsOf(select(denseOf(a), [1, 0], [2, 0]))).toEqual([
      [6, 4],
      [3, 1],
    ]);
  });
});

describe('means and covariances', () => {
  const rows = [
    [1, 10, -2],
    [3, 14, 0],
    [5, 12, 5],
  ];

  test('a covariance is the textbook one, divided by rows less one', () => {
    const mean = meanOf(rows, 3);
    expect([...mean]).toEqual([3, 12, 1]);
    expect(rowsOf(covariance(rows, mean, 0))).toEqual([
      [4, 2, 7],
      [2, 4, 2],
      [7, 2, 13],
    ]);
  });

  test('the ridge adds its share of the mean variance to the diagonal only', () => {
    expect(rowsOf(covariance(rows, meanOf(rows, 3), 0.1))).toEqual([
      [4 + 0.7, 2, 7],
      [2, 4 + 0.7, 2],
      [7, 2, 13 + 0.7],
    ]);
  });

  test('with a ridge a covariance of fewer rows than dimensions can be inverted, without it cannot', () => {
    const few = normalRows(createRandom(2), 3, 8);
    const mean = meanOf(few, 8);
    expect(() => inverse(covariance(few, mean, 0))).toThrow('matrix is not positive definite');
    const ridged = covariance(few, mean, 1e-3);
    expect(differ(times(rowsOf(ridged), rowsOf(inverse(ridged))), identity(8))).toBeLessThan(1e-8);
  });

  test('no row has a mean of zeros', () => {
    expect([...meanOf([], 2)]).toEqual([0, 0]);
  });
});

describe('inverse', () => {
  test.each([1, 2, 5, 24])('of a covariance of size %i times the covariance is the identity', (size) => {
    const a = randomCovariance(createRandom(size), size);
    const found = rowsOf(inverse(denseOf(a)));
    expect(differ(times(found, a), identity(size))).toBeLessThan(1e-10);
    expect(differ(found, invert(a))).toBeLessThan(1e-9);
  });

  test('is exactly symmetric, so that what is built of it is too', () => {
    const found = rowsOf(inverse(denseOf(randomCovariance(createRandom(4), 9))));
    expect(found).toEqual(flip(found));
  });

  test('survives eigenvalues five decades apart', () => {
    const random = createRandom(5);
    const long = normalRows(random, 400, 3);
    const rows = long.map((row) => [
      ...row,
      ...row.map((value, i) => value + 0.003 * random.normal() + 0.1 * (row[i - 1] ?? 0)),
    ]);
    const a = covariance(rows, meanOf(rows, 6), 0);
    expect(differ(times(rowsOf(a), rowsOf(inverse(a))), identity(6))).toBeLessThan(1e-9);
  });

  test('refuses a matrix that is not positive definite', () => {
    expect(() =>
      inverse(
        denseOf([
          [1, 2],
          [2, 1],
        ]),
      ),
    ).toThrow('matrix is not positive definite');
  });
});

describe('eigenvectors', () => {
  test('of a known matrix: values fall, the largest entry of each vector is positive', () => {
    // 2 x 2 with eigenvalues 3 and 1 along (1, 1) and (1, -1), beside a 7 on its own.
    const { values, vectors } = eigen(
      denseOf([
        [2, 1, 0],
        [1, 2, 0],
        [0, 0, 7],
      ]),
    );
    expect(largestDifference(values, [7, 3, 1])).toBeLessThan(1e-12);
    const half = Math.SQRT1_2;
    expect(
      rowsOf(transpose(vectors)).map((vector) => vector.map(Math.abs).map((value) => Math.round(value * 1e9) / 1e9)),
    ).toEqual(
      [
        [0, 0, 1],
        [half, half, 0],
        [half, half, 0],
      ].map((vector) => vector.map((value) => Math.round(value * 1e9) / 1e9)),
    );
    expect((vectors.data[1] ?? 0) * (vectors.data[4] ?? 0)).toBeGreaterThan(0);
    expect((vectors.data[2] ?? 0) * (vectors.data[5] ?? 0)).toBeLessThan(0);
  });

  const random = createRandom(6);
  const size = 12;
  const a = randomCovariance(random, size);
  const { values, vectors } = eigen(denseOf(a));
  const v = rowsOf(vectors);

  test('are orthonormal and rebuild the matrix', () => {
    expect(differ(times(flip(v), v), identity(size))).toBeLessThan(1e-12);
    const scaled = v.map((row) => row.map((value, j) => value * (values[j] ?? NaN)));
    expect(differ(times(scaled, flip(v)), a)).toBeLessThan(1e-10);
    expect([...values]).toEqual([...values].sort((x, y) => y - x));
  });

  test('have signs that do not depend on the order of the variables', () => {
    const order = Array.from({ length: size }, (_, i) => (i * 5) % size);
    const turned = eigen(denseOf(block(a, order, order)));
    expect(largestDifference(turned.values, values)).toBeLessThan(1e-10);
    const back = rowsOf(turned.vectors);
    const expected = order.map((i) => v[i] ?? []);
    expect(differ(back, expected)).toBeLessThan(1e-8);
  });

  test('have a positive largest entry each', () => {
    const largest = flip(v).map((vector) =>
      vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0),
    );
    expect(largest.filter((value) => value <= 0)).toEqual([]);
  });
});

describe('functions of a symmetric matrix', () => {
  const a = randomCovariance(createRandom(7), 6);

  test('the square root squared is the matrix, and the function of w is the matrix itself', () => {
    const root = rowsOf(symmetricFunction(denseOf(a), Math.sqrt));
    expect(differ(times(root, root), a)).toBeLessThan(1e-10);
    expect(differ(rowsOf(symmetricFunction(denseOf(a), (w) => w)), a)).toBeLessThan(1e-10);
  });

  test('one over the root whitens', () => {
    const white = rowsOf(symmetricFunction(denseOf(a), (w) => 1 / Math.sqrt(w)));
    expect(differ(times(times(white, a), white), identity(6))).toBeLessThan(1e-9);
    expect(differ(white, flip(white))).toBeLessThan(1e-10);
  });

  test('one over w is the inverse', () => {
    expect(differ(rowsOf(symmetricFunction(denseOf(a), (w) => 1 / w)), rowsOf(inverse(denseOf(a))))).toBeLessThan(1e-9);
  });
});

test('an empty matrix is zeros', () => {
  expect(dense(2, 2)).toEqual({ rows: 2, columns: 2, data: new Float64Array(4) });
});
