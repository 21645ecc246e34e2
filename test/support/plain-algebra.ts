/** Linear algebra for checking: slow, in plain arrays of rows, and written apart from what it checks. */
import type { Random } from '../../src/core/random';
import { dense, type Dense } from '../../src/fit/math/dense';

export type Rows = readonly (readonly number[])[];

export const rowsOf = ({ rows, columns, data }: Dense): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)));

export const denseOf = (rows: Rows): Dense => dense(rows.length, rows[0]?.length ?? 0, Float64Array.from(rows.flat()));

export const entry = (rows: Rows, i: number, j: number): number => rows[i]?.[j] ?? NaN;

export const times = (a: Rows, b: Rows): number[][] =>
  a.map((row) => (b[0] ?? []).map((_, j) => row.reduce((sum, value, k) => sum + value * entry(b, k, j), 0)));

export const flip = (a: Rows): number[][] => (a[0] ?? []).map((_, j) => a.map((row) => row[j] ?? NaN));

export const identity = (size: number): number[][] =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));

/** Solves a x = b by Gauss's elimination with pivoting; b is a matrix. */
export const solve = (a: Rows, b: Rows): number[][] => {
  const work = a.map((row, i) => [...row, ...(b[i] ?? [])]);
  const size = a.length;
  for (let k = 0; k < size; k += 1) {
    let pivot = k;
    for (let i = k; i < size; i += 1) if (Math.abs(entry(work, i, k)) > Math.abs(entry(work, pivot, k))) pivot = i;
    const [top, other] = [work[pivot] ?? [], work[k] ?? []];
    work[pivot] = other;
    work[k] = top.map((value) => value / (top[k] ?? NaN));
    for (let i = 0; i < size; i += 1) {
      const factor = entry(work, i, k);
      if (i !== k) work[i] = (work[i] ?? []).map((value, j) => value - factor * entry(work, k, j));
    }
  }
  return work.map((row) => row.slice(size));
};

export const invert = (a: Rows): number[][] => solve(a, identity(a.length));

/** Rows and columns of a matrix by index. */
export const block = (a: Rows, rows: readonly number[], columns: readonly number[]): number[][] =>
  rows.map((i) => columns.map((j) => entry(a, i, j)));

/** x' a x. */
export const quadratic = (a: Rows, x: readonly number[]): number =>
  x.reduce((sum, value, i) => sum + value * x.reduce((inner, other, j) => inner + entry(a, i, j) * other, 0), 0);

export const normals = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.normal());

export const normalRows = (random: Random, rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, () => normals(random, columns));

/** A random symmetric positive definite matrix, well conditioned. */
export const randomCovariance = (random: Random, size: number): number[][] => {
  const factor = normalRows(random, size, size);
  return times(factor, flip(factor)).map((row, i) => row.map((value, j) => value / size + (i === j ? 0.3 : 0)));
};

/** Lower triangular factor, for drawing: l l' = a. */
export const lowerFactor = (a: Rows): number[][] => {
  const l = a.map((row) => row.map(() => 0));
  a.forEach((row, i) => {
    for (let j = 0; j <= i; j += 1) {
      let sum = row[j] ?? NaN;
      for (let k = 0; k < j; k += 1) sum -= entry(l, i, k) * entry(l, j, k);
      (l[i] ?? [])[j] = i === j ? Math.sqrt(sum) : sum / entry(l, j, j);
    }
  });
  return l;
};

/** `count` draws of a Gaussian. */
export const drawGaussian = (random: Random, mean: readonly number[], covariance: Rows, count: number): number[][] => {
  const lower = lowerFactor(covariance);
  return Array.from({ length: count }, () => {
    const z = normals(random, mean.length);
    return mean.map((value, i) => value + z.reduce((sum, each, j) => sum + entry(lower, i, j) * each, 0));
  });
};

export const determinant = (a: Rows): number =>
  lowerFactor(a).reduce((product, row, i) => product * (row[i] ?? NaN) ** 2, 1);

/** log density of a Gaussian at x, by its definition. */
export const gaussianLogDensity = (mean: readonly number[], covariance: Rows, x: readonly number[]): number =>
  -0.5 *
  (mean.length * Math.log(2 * Math.PI) +
    Math.log(determinant(covariance)) +
    quadratic(
      invert(covariance),
      x.map((value, i) => value - (mean[i] ?? NaN)),
    ));

/** Largest absolute difference of two arrays of equal length; NaN when anything is not a number or the lengths differ. */
export const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return NaN;
  return Array.from(a).reduce((most, value, i) => {
    const difference = Math.abs(value - (b[i] ?? NaN));
    return Number.isNaN(difference) || Number.isNaN(most) ? NaN : Math.max(most, difference);
  }, 0);
};
