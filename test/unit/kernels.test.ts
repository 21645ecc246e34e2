/** The inner loops of fitting against plain arrays: sizes and counts that are multiples of what the loops take at once, and others. */
import { createRandom } from '../../src/core/random';
import { choleskyFactor, energies, solveFactored, sumOfProducts } from '../../src/fit/math/kernels';
import { entry, flip, largestDifference, normalRows, randomCovariance, times } from '../support/plain-algebra';

const SIZES = [
  [1, 1],
  [3, 2],
  [4, 5],
  [8, 6],
  [9, 7],
] as const;

const cut = (data: Float64Array, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, row) => [...data.subarray(row * width, (row + 1) * width)]);

test.each(SIZES)('the sum of products of %i rows of %i numbers is that of the definition', (count, size) => {
  const random = createRandom(10 * count + size);
  const rows = normalRows(random, count, size);
  const centre = Float64Array.from(normalRows(random, 1, size)[0] ?? []);
  const off = rows.map((row) => row.map((value, i) => value - (centre[i] ?? NaN)));
  const expected = times(flip(off), off);
  const lower = (all: readonly (readonly number[])[]): number[] => all.flatMap((row, i) => row.slice(0, i + 1));
  expect(largestDifference(lower(cut(sumOfProducts(rows, centre), size)), lower(expected))).toBeLessThan(1e-12);
});

test.each(SIZES)('the energies of %i rows of %i numbers are sums over the columns of each block', (count, size) => {
  const random = createRandom(20 * count + size);
  const rows = normalRows(random, count, size);
  const centre = Float64Array.from(normalRows(random, 1, size)[0] ?? []);
  const off = rows.map((row) => row.map((value, i) => value - (centre[i] ?? NaN)));
  const blocks = [0, 1, 2, 5].map((columns) => normalRows(random, columns, size));
  const found = energies(
    rows,
    centre,
    blocks.map((block) => Float64Array.from(block.flat())),
  );
  const expected = blocks.map((block) =>
    off.map((row) => block.reduce((sum, column) => sum + entry(times([row], flip([column])), 0, 0) ** 2, 0)),
  );
  expect(found.map(({ length }) => length)).toEqual(blocks.map(() => count));
  expect(
    largestDifference(
      found.flatMap((own) => [...own]),
      expected.flat(),
    ),
  ).toBeLessThan(1e-12);
});

test.each([1, 4, 7, 13])('what a factor of size %i solves is solved', (size) => {
  const random = createRandom(size);
  const matrix = randomCovariance(random, size);
  const factor = choleskyFactor(Float64Array.from(matrix.flat()), size) ?? new Float64Array();
  const right = normalRows(random, size, 3);
  const solved = cut(solveFactored(factor, size, Float64Array.from(right.flat())), 3);
  const lower = cut(factor, size);
  expect(largestDifference(times(lower, flip(lower)).flat(), matrix.flat())).toBeLessThan(1e-12);
  expect(largestDifference(times(matrix, solved).flat(), right.flat())).toBeLessThan(1e-10);
});

test.each([
  ['has a negative eigenvalue', [1, 2, 2, 1]],
  ['is singular', [1, 1, 1, 1]],
  ['holds what is no number', [1, NaN, NaN, 1]],
])('a matrix that %s has no factor', (_, matrix) => {
  expect(choleskyFactor(Float64Array.from(matrix), 2)).toBeUndefined();
});
