/** Covariances of everything but one fold: second moments are summed fold by fold once, and each is the total less its own. */
import { dense, type Dense } from '../math/dense';
import { sumOfProducts } from '../math/kernels';

interface Sums {
  readonly count: number;
  readonly first: Float64Array;
  /** Lower triangle, [size, size]. */
  readonly second: Float64Array;
}

export interface FoldMoments {
  /** Mean and covariance of all rows that are not in `fold`; of all when it is left out. */
  without(fold?: number): { readonly mean: Float64Array; readonly covariance: Dense; readonly count: number };
}

const sumsOf = (rows: readonly ArrayLike<number>[], shift: Float64Array): Sums => {
  const first = new Float64Array(shift.length);
  for (const row of rows)
    for (let i = 0; i < first.length; i += 1)
      first[i] = (first[i] as number) + ((row[i] as number) - (shift[i] as number));
  return { count: rows.length, first, second: sumOfProducts(rows, shift) };
};

/** @param rows of one length; @param folds the fold of each row, -1 for a row that counts nowhere. */
export const foldMoments = (rows: readonly ArrayLike<number>[], folds: readonly number[]): FoldMoments => {
  const size = rows[0]?.length ?? 0;
  // Any row about the middle will do: it keeps the sums small.
  const shift = Float64Array.from(rows[Math.floor(rows.length / 2)] ?? []);
  const members = Array.from(
    { length: folds.reduce((most, fold) => Math.max(most, fold), 0) + 1 },
    () => [] as ArrayLike<number>[],
  );
  rows.forEach((row, index) => members[folds[index] ?? -1]?.push(row));
  const parts = members.map((own) => sumsOf(own, shift));
  return {
    without: (fold) => {
      const kept = parts.filter((_, index) => index !== fold);
      const count = kept.reduce((sum, part) => sum + part.count, 0);
      const first = new Float64Array(size);
      const second = new Float64Array(size * size);
      for (const part of kept) {
        for (let i = 0; i < size; i += 1) first[i] = (first[i] as number) + (part.first[i] as number);
        for (let i = 0; i < second.length; i += 1) second[i] = (second[i] as number) + (part.second[i] as number);
      }
      const covariance = dense(size, size);
      for (let i = 0; i < size; i += 1)
        for (let j = 0; j <= i; j += 1) {
          const product = ((first[i] as number) * (first[j] as number)) / Math.max(1, count);
          const value = ((second[i * size + j] as number) - product) / Math.max(1, count - 1);
          covariance.data[i * size + j] = value;
          covariance.data[j * size + i] = value;
        }
      return { mean: first.map((sum, i) => sum / Math.max(1, count) + (shift[i] as number)), covariance, count };
    },
  };
};

/** Added to a diagonal: `ridge` times the mean variance, and the square of each entry's floor. */
export const withSupport = (covariance: Dense, ridge: number, floor: ArrayLike<number>): Dense => {
  const size = covariance.rows;
  let trace = 0;
  for (let i = 0; i < size; i += 1) trace += covariance.data[i * size + i] as number;
  const out = dense(size, size, covariance.data.slice());
  for (let i = 0; i < size; i += 1)
    out.data[i * size + i] =
      (out.data[i * size + i] as number) + Math.max(1e-12, (ridge * trace) / size) + (floor[i] ?? 0) ** 2;
  return out;
};
