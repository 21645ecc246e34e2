/**
 * What a head's evidence usually is in a context. While a spacecraft slews or switches, every model errs more than at rest, and one
 * threshold for both is blind at rest. So the logarithm of the evidence is regressed on features of the context. What is left is judged
 * in units of its nominal deviation. A context beyond all that were fitted counts as the nearest of them.
 */
import { dense, solve, type Dense } from '../math/dense';
import { addRows, sumOfProducts } from '../math/kernels';
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
const ROWS_PER_WEIGHT = 100;
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

/** Rows of one record whose levels are sought: what does not depend on their targets. */
interface Prepared {
  readonly shape: Pick<ContextLevel, 'low' | 'high' | 'knots'>;
  /** [rows][features * (1 + knots)], and its mean. */
  readonly basis: readonly Float64Array[];
  readonly centre: Float64Array;
  /** Moments of the basis with their ridge; undefined where the record is too short for a level. */
  readonly gram: Dense | undefined;
}

const prepare = (contexts: readonly ArrayLike<number>[], knotsOf: Prepared['shape'] | undefined): Prepared => {
  const rows = contexts.length;
  const features = contexts[0]?.length ?? 0;
  const allowed = Math.min(QUANTILES.length, Math.floor(rows / ROWS_PER_WEIGHT / Math.max(1, features)) - 1);
  const shape = knotsOf ?? shapeOf(contexts, features, QUANTILES.slice(0, Math.max(0, allowed)));
  const basis = contexts.map((context) => basisOf(shape, context));
  const centre = meanRows(basis, features * (1 + shape.knots.rows));
  return { shape, basis, centre, gram: allowed < 0 ? undefined : gramOf(basis, centre) };
};

const shapeOf = (
  contexts: readonly ArrayLike<number>[],
  features: number,
  shares: readonly number[],
): Prepared['shape'] => {
  const columns = Array.from({ length: features }, (_, i) =>
    Float64Array.from(contexts, (context) => context[i] as number).sort(),
  );
  return {
    low: Float64Array.from(columns, (column) => column[0] ?? 0),
    high: Float64Array.from(columns, (column) => column.at(-1) ?? 0),
    knots: dense(
      shares.length,
      features,
      Float64Array.from(shares.flatMap((share) => columns.map((column) => quantile(column, share)))),
    ),
  };
};

/** Lower triangle of the moments of the basis; positive definite by its ridge. */
const gramOf = (basis: readonly Float64Array[], centre: Float64Array): Dense => {
  const n = centre.length;
  const sums = sumOfProducts(basis, centre);
  for (let at = 0; at < sums.length; at += n + 1) {
    const own = sums[at] as number;
    sums[at] = own + (RIDGE * own + 1e-6 * basis.length);
  }
  return dense(n, n, sums);
};

const levelOf = ({ shape, basis, centre, gram }: Prepared, targets: readonly ArrayLike<number>[]): ContextLevel => {
  const width = centre.length;
  const outputs = targets[0]?.length ?? 0;
  const level = meanRows(targets, outputs);
  const right = dense(width, outputs);
  if (gram !== undefined)
    basis.forEach((row, at) => {
      const target = Float64Array.from(level, (value, j) => (targets[at]?.[j] as number) - value);
      for (let i = 0; i < width; i += 1) {
        const factor = (row[i] as number) - (centre[i] as number);
        for (let j = 0; j < outputs; j += 1)
          right.data[i * outputs + j] = (right.data[i * outputs + j] as number) + factor * (target[j] as number);
      }
    });
  const weights = gram === undefined ? right : solve(gram, right);
  const bias = level.map((value, output) => {
    let sum = value;
    for (let i = 0; i < width; i += 1) sum -= (centre[i] as number) * (weights.data[i * outputs + output] as number);
    return sum;
  });
  return { ...shape, weights, bias };
};

/** @param contexts [rows][features]; @param targets [rows][outputs]; rows of one order. @param knotsOf take over its knots and ranges. */
export const fitContextLevel = (
  contexts: readonly ArrayLike<number>[],
  targets: readonly ArrayLike<number>[],
  knotsOf?: Prepared['shape'],
): ContextLevel => levelOf(prepare(contexts, knotsOf), targets);

/** Fits after the first, each to targets drawn in to what the fit before calls ordinary. */
const REFITS = 2;

/** The same for targets of which some belong to another state: they count no further than the ordinary ones reach. */
export const fitRobustLevel = (
  contexts: readonly ArrayLike<number>[],
  targets: readonly ArrayLike<number>[],
  knotsOf?: Prepared['shape'],
): ContextLevel => {
  const prepared = prepare(contexts, knotsOf);
  let level = levelOf(prepared, targets);
  for (let round = 0; round < REFITS && targets.length > 0; round += 1) {
    const usual = prepared.basis.map((basis) => levelOn(level, basis));
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
    level = levelOf(prepared, drawnIn);
  }
  return level;
};

const meanRows = (rows: readonly ArrayLike<number>[], width: number): Float64Array => {
  const mean = new Float64Array(width);
  for (const row of rows)
    for (let i = 0; i < width; i += 1) mean[i] = (mean[i] as number) + (row[i] as number) / rows.length;
  return mean;
};

const levelOn = ({ weights, bias }: Pick<ContextLevel, 'weights' | 'bias'>, basis: Float64Array): Float64Array => {
  const out = bias.slice();
  addRows(out, 0, { source: weights.data, from: 0, columns: out.length }, basis);
  return out;
};

/** What evidence is usual in a context: [outputs]. */
export const levelIn = (level: ContextLevel, context: ArrayLike<number>): Float64Array =>
  levelOn(level, basisOf(level, context));
