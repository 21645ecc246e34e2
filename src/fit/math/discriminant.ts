/** Linear discriminant analysis: the directions in which classes differ most against their spread within (Fisher, 1936). */
import { at, covariance, dense, eigen, meanOf, multiply, symmetricFunction, type Dense } from './dense';

export interface Reduction {
  /** Subtracted first. */
  readonly mean: Float64Array;
  /** [features, dimensions]. */
  readonly matrix: Dense;
}

/** Ridge on the within-class spread of standardised features: some features are copies of others. */
const RIDGE = 0.05;
/** Variance, relative to the squared mean, of a constant in float32. */
const CONSTANT = 1e-12;

/**
 * 1 / standard deviation of each feature. A feature that never changes gets no weight: a needless direction may lie along it, and would
 * magnify its last digit.
 */
const weightsOf = (rows: readonly ArrayLike<number>[], mean: Float64Array): Float64Array => {
  const size = mean.length;
  const scale = new Float64Array(size);
  for (const row of rows)
    for (let i = 0; i < size; i += 1) scale[i] = (scale[i] as number) + ((row[i] as number) - (mean[i] as number)) ** 2;
  for (let i = 0; i < size; i += 1) {
    const variance = (scale[i] as number) / rows.length;
    scale[i] = variance > CONSTANT * Math.max(1, (mean[i] as number) ** 2) ? 1 / Math.sqrt(variance) : 0;
  }
  return scale;
};

/**
 * @param rows feature vectors; @param labels class index of each; @param dimensions at most classes - 1 directions are useful.
 * @returns the reduction of standardised features, with the standardisation folded in and unit variance on every direction.
 */
export const fitDiscriminant = (
  rows: readonly ArrayLike<number>[],
  labels: readonly number[],
  dimensions: number,
): Reduction => {
  const size = rows[0]?.length ?? 0;
  const mean = meanOf(rows, size);
  const scale = weightsOf(rows, mean);
  const standardised = rows.map((row) =>
    Float64Array.from({ length: size }, (_, i) => ((row[i] as number) - (mean[i] as number)) * (scale[i] as number)),
  );

  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const within = dense(size, size);
  const between = dense(size, size);
  for (const label of classes) {
    const members = standardised.filter((_, index) => labels[index] === label);
    const centre = meanOf(members, size);
    const spread = covariance(members, centre, 0);
    for (let i = 0; i < size; i += 1) {
      for (let j = 0; j < size; j += 1) {
        const k = i * size + j;
        // Classes weigh the same however many windows they have.
        within.data[k] =
          (within.data[k] as number) +
          (spread.data[k] as number) / classes.length +
          (i === j ? RIDGE / classes.length : 0);
        between.data[k] =
          (between.data[k] as number) + ((centre[i] as number) * (centre[j] as number)) / classes.length;
      }
    }
  }
  const whitening = symmetricFunction(within, (w) => 1 / Math.sqrt(Math.max(w, 1e-9)));
  const { vectors } = eigen(multiply(multiply(whitening, between), whitening));
  const count = Math.min(dimensions, size);
  const first = dense(size, count);
  for (let i = 0; i < size; i += 1) for (let j = 0; j < count; j += 1) first.data[i * count + j] = at(vectors, i, j);
  const directions = multiply(whitening, first);

  const projected = standardised.map((row) => multiply(dense(1, size, row), directions).data);
  const centre = meanOf(projected, count);
  const deviation = Float64Array.from({ length: count }, (_, j) =>
    Math.sqrt(
      projected.reduce((sum, row) => sum + ((row[j] as number) - (centre[j] as number)) ** 2, 0) / projected.length +
        1e-12,
    ),
  );
  const matrix = dense(size, count);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < count; j += 1)
      matrix.data[i * count + j] = (at(directions, i, j) * (scale[i] as number)) / (deviation[j] as number);
  }
  return { mean, matrix };
};

/** Reduced vector of one row. */
export const reduce = ({ mean, matrix }: Reduction, row: ArrayLike<number>): Float64Array =>
  multiply(
    dense(
      1,
      mean.length,
      Float64Array.from(mean, (value, i) => (row[i] as number) - value),
    ),
    matrix,
  ).data;
