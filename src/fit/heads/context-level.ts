/**
 * What a head's evidence usually is in a context: while a spacecraft slews or switches, every model errs more than at rest, and one
 * threshold for both is blind at rest. The logarithm of the evidence is regressed on features of the context; what is left is judged
 * in units of its nominal deviation. A context beyond all that were fitted counts as the nearest of them.
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { dense, type Dense } from '../math/dense';
import { medianOf, reachOf } from './robust';

export interface ContextLevel {
  /** Ends of the fitted range of each feature. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** [knots, features]: beyond each knot the slope may change. */
  readonly knots: Dense;
  /** [features * (1 + knots), outputs] and [outputs]. */
  readonly weights: Dense;
  readonly bias: Float64Array;
}

/** Quantiles of a feature at which the slope may change. */
const QUANTILES = [0.25, 0.5, 0.75, 0.9, 0.97];
/** Rows that each weight needs; shorter records get fewer knots, and very short ones no level at all. */
const ROWS_A_WEIGHT = 100;
/** Ridge relative to each feature's own variance. */
const RIDGE = 0.01;

/** [features, features above each knot], about nothing: the rows that the weights multiply. */
export const basisOf = (
  { low, high, knots }: Pick<ContextLevel, 'low' | 'high' | 'knots'>,
  context: ArrayLike<number>,
) => {
  const count = low.length;
  const clipped = Float64Array.from(low, (least, i) =>
    Math.min(high[i] as number, Math.max(least, context[i] as number)),
  );
  const out = new Float64Array(count * (1 + knots.rows));
  out.set(clipped);
  for (let k = 0; k < knots.rows; k += 1)
    for (let i = 0; i < count; i += 1)
      out[(k + 1) * count + i] = Math.max(0, (clipped[i] as number) - (knots.data[k * count + i] as number));
  return out;
};

const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

/** Solves (G + ridge) W = R for a positive semidefinite G. */
const solve = (gram: Dense, right: Dense, rows: number): Dense => {
  const n = gram.rows;
  const matrix = new Matrix(n, n);
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j < n; j += 1)
      matrix.set(
        i,
        j,
        (gram.data[i * n + j] as number) + (i === j ? RIDGE * (gram.data[i * n + i] as number) + 1e-6 * rows : 0),
      );
  const target = new Matrix(n, right.columns);
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j < right.columns; j += 1) target.set(i, j, right.data[i * right.columns + j] as number);
  return dense(n, right.columns, Float64Array.from(new CholeskyDecomposition(matrix).solve(target).to1DArray()));
};

/** @param contexts [rows][features]; @param targets [rows][outputs]; rows of one order. @param knotsOf take over its knots and ranges. */
export const fitContextLevel = (
  contexts: readonly ArrayLike<number>[],
  targets: readonly ArrayLike<number>[],
  knotsOf?: Pick<ContextLevel, 'low' | 'high' | 'knots'>,
): ContextLevel => {
  const rows = contexts.length;
  const features = contexts[0]?.length ?? 0;
  const outputs = targets[0]?.length ?? 0;
  const columns = Array.from({ length: features }, (_, i) =>
    Float64Array.from(contexts, (context) => context[i] as number).sort(),
  );
  const allowed = Math.min(QUANTILES.length, Math.floor(rows / ROWS_A_WEIGHT / Math.max(1, features)) - 1);
  const shares = allowed < 0 ? [] : QUANTILES.slice(0, allowed);
  const shape = knotsOf ?? {
    low: Float64Array.from(columns, (column) => column[0] ?? 0),
    high: Float64Array.from(columns, (column) => column.at(-1) ?? 0),
    knots: dense(
      shares.length,
      features,
      Float64Array.from(shares.flatMap((share) => columns.map((column) => quantile(column, share)))),
    ),
  };
  const width = features * (1 + shape.knots.rows);
  const basis = contexts.map((context) => basisOf(shape, context));
  const centre = meanRows(basis, width);
  const level = meanRows(targets, outputs);
  const weights =
    allowed < 0 ? dense(width, outputs) : solve(...normalEquations(basis, targets, { centre, level }), rows);
  const bias = level.map((value, output) => {
    let sum = value;
    for (let i = 0; i < width; i += 1) sum -= (centre[i] as number) * (weights.data[i * outputs + output] as number);
    return sum;
  });
  return { ...shape, weights, bias };
};

/** Fits after the first, each to targets drawn in to what the fit before calls ordinary. */
const REFITS = 2;

/** The same for targets of which some belong to another state: they count no further than the ordinary ones reach. */
export const fitRobustLevel = (
  contexts: readonly ArrayLike<number>[],
  targets: readonly ArrayLike<number>[],
  knotsOf?: Pick<ContextLevel, 'low' | 'high' | 'knots'>,
): ContextLevel => {
  let level = fitContextLevel(contexts, targets, knotsOf);
  for (let round = 0; round < REFITS && targets.length > 0; round += 1) {
    const usual = contexts.map((context) => levelIn(level, context));
    const about = level.bias.map((_, output) =>
      medianOf(targets.map((target, row) => (target[output] ?? 0) - (usual[row]?.[output] ?? 0))),
    );
    const off = (row: number, output: number): number =>
      (targets[row]?.[output] ?? 0) - (usual[row]?.[output] ?? 0) - (about[output] ?? 0);
    const reach = level.bias.map((_, output) => reachOf(targets.map((_target, row) => off(row, output))));
    const drawnIn = targets.map((target, row) =>
      Float64Array.from(target, (value, output) => {
        const [far, most] = [off(row, output), reach[output] ?? 0];
        return value - far + Math.min(most, far);
      }),
    );
    level = fitContextLevel(contexts, drawnIn, knotsOf);
  }
  return level;
};

const meanRows = (rows: readonly ArrayLike<number>[], width: number): Float64Array => {
  const mean = new Float64Array(width);
  for (const row of rows)
    for (let i = 0; i < width; i += 1) mean[i] = (mean[i] as number) + (row[i] as number) / rows.length;
  return mean;
};

const normalEquations = (
  basis: readonly Float64Array[],
  targets: readonly ArrayLike<number>[],
  { centre, level }: { readonly centre: Float64Array; readonly level: Float64Array },
): [Dense, Dense] => {
  const [n, m] = [centre.length, level.length];
  const gram = dense(n, n);
  const right = dense(n, m);
  basis.forEach((row, at) => {
    const target = targets[at] ?? [];
    for (let i = 0; i < n; i += 1) {
      const factor = (row[i] as number) - (centre[i] as number);
      for (let j = 0; j < n; j += 1)
        gram.data[i * n + j] = (gram.data[i * n + j] as number) + factor * ((row[j] as number) - (centre[j] as number));
      for (let j = 0; j < m; j += 1)
        right.data[i * m + j] =
          (right.data[i * m + j] as number) + factor * ((target[j] as number) - (level[j] as number));
    }
  });
  return [gram, right];
};

/** What evidence is usual in a context: [outputs]. */
export const levelIn = (level: ContextLevel, context: ArrayLike<number>): Float64Array => {
  const basis = basisOf(level, context);
  return level.bias.map((value, output) => {
    let sum = value;
    for (let i = 0; i < basis.length; i += 1)
      sum += (basis[i] as number) * (level.weights.data[i * level.bias.length + output] as number);
    return sum;
  });
};
