/**
 * A head: some numbers of a row are judged by what all others of it imply. Let L be the precision of the row and `u = L (x - m)`. Leaving
 * out a unit's numbers b lowers the Mahalanobis distance by `u_b' L_bb^-1 u_b`, the evidence against that unit. (Bishop, Pattern
 * Recognition and Machine Learning, equations 2.73 to 2.75.) Numbers that belong to no unit are conditions: they imply, and are not
 * judged.
 */
import { dense, inverse, multiply, select, transpose, type Dense } from '../math/dense';
import { energies } from '../math/kernels';
import { LEAST_EVIDENCE } from '../../core/anomaly/surprise';

export interface GaussianHead {
  readonly mean: Float64Array;
  /** Indices of each unit's numbers within the row; a unit may have none. */
  readonly units: readonly (readonly number[])[];
  /** For each unit, columns whose products with (x - m) have the unit's evidence as their sum of squares: [row, numbers of the unit]. */
  readonly whitened: readonly Dense[];
  /** Columns of the signed deviation of each number from what all others imply, in nominal deviations: [row, row]; zero for conditions. */
  readonly deviation: Dense;
}

/** Lower triangle of the Cholesky factor. */
const cholesky = (m: Dense): Dense => {
  const n = m.rows;
  const out = dense(n, n);
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = m.data[i * n + j] as number;
      for (let k = 0; k < j; k += 1) sum -= (out.data[i * n + k] as number) * (out.data[j * n + k] as number);
      out.data[i * n + j] =
        i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / (out.data[j * n + j] as number);
    }
  return out;
};

/**
 * @param isJudgedOnly leaves the deviations out. @param covariance of the whole row, with its support; @throws Error when it is not
 * positive definite: a program error.
 */
export const gaussianHead = (
  mean: Float64Array,
  covariance: Dense,
  units: readonly (readonly number[])[],
  isJudgedOnly = false,
): GaussianHead => {
  const size = mean.length;
  const all = Array.from({ length: size }, (_, index) => index);
  const precision = inverse(covariance);
  const whitened = units.map((unit) => {
    if (unit.length === 0) return dense(size, 0);
    // L_bb^-1 = R R' with R lower: the columns of L_.b R then carry u_b' L_bb^-1 u_b.
    const root = cholesky(inverse(select(precision, unit, unit)));
    return multiply(select(precision, all, unit), root);
  });
  const deviation = isJudgedOnly ? dense(size, 0) : dense(size, size);
  for (const index of isJudgedOnly ? [] : units.flat()) {
    const scale = 1 / Math.sqrt(precision.data[index * size + index] as number);
    for (let i = 0; i < size; i += 1)
      deviation.data[i * size + index] = (precision.data[i * size + index] as number) * scale;
  }
  return { mean, units, whitened, deviation };
};

/** Logarithms of the evidence, a number of a unit: [rows][units]. */
export const logEvidence = (
  { mean, units, whitened }: GaussianHead,
  rows: readonly ArrayLike<number>[],
): Float64Array[] => {
  const byUnit = energies(
    rows,
    mean,
    whitened.map((block) => transpose(block).data),
  );
  return rows.map((_, index) =>
    Float64Array.from(units, ({ length }, at) =>
      Math.log((byUnit[at]?.[index] ?? 0) / Math.max(1, length) + LEAST_EVIDENCE),
    ),
  );
};
