/**
 * What the levels of the others imply of a parameter's level. A level that was never seen is news only where the others do not explain it.
 * A spacecraft that goes on to a new operating point moves many parameters at once. Ridge regression, cross-fitted.
 */
import { foldMoments, withSupport, type FoldMoments } from '../heads/fold-moments';
import { dense, select, solve, type Dense } from '../math/dense';

export interface ImpliedLevel {
  /** [parameters, scored]: zero where the others imply nothing. */
  readonly weights: Dense;
  /** [scored]. */
  readonly bias: Float64Array;
}

interface LevelsInput {
  /** Standardised levels, [windows][parameters]. */
  readonly levels: readonly ArrayLike<number>[];
  readonly folds: readonly number[];
  readonly scored: readonly number[];
  /** For each scored parameter: which parameters may say something of it. */
  readonly others: readonly (readonly number[])[];
  /** How far each level went one way, nominal deviations. */
  readonly wander: Float64Array;
}

/** Ridge relative to the mean variance of the levels. */
const RIDGE = 0.01;
/** The others are heard if they leave at most this share of the squared error, on windows that they were not fitted on. */
const MOST_LEFT = 0.5;

const regress = (
  { mean, covariance }: ReturnType<FoldMoments['without']>,
  { scored, others, wander }: LevelsInput,
): ImpliedLevel => {
  const weights = dense(mean.length, scored.length);
  const bias = new Float64Array(scored.length);
  const ridged = withSupport(covariance, RIDGE, wander);
  scored.forEach((parameter, at) => {
    const from = others[at] ?? [];
    if (from.length === 0) return;
    const solved = solve(select(ridged, from, from), select(covariance, from, [parameter])).data;
    bias[at] = mean[parameter] ?? 0;
    from.forEach((i, index) => {
      const weight = solved[index] ?? 0;
      weights.data[i * scored.length + at] = weight;
      bias[at] = (bias[at] ?? 0) - weight * (mean[i] ?? 0);
    });
  });
  return { weights, bias };
};

/** What is implied of the scored parameters: [scored]. */
export const impliedOf = ({ weights, bias }: ImpliedLevel, levels: ArrayLike<number>): Float64Array =>
  bias.map((value, at) => {
    let sum = value;
    for (let i = 0; i < weights.rows; i += 1) sum += (levels[i] ?? 0) * (weights.data[i * weights.columns + at] ?? 0);
    return sum;
  });

/** @returns the fit on all windows, and what is implied in each window by a fit on the other folds: [windows][scored]. */
export const fitImpliedLevel = (
  input: LevelsInput,
): { readonly implied: ImpliedLevel; readonly crossFitted: readonly Float64Array[] } => {
  const { levels, folds, scored } = input;
  const crossFitted: Float64Array[] = levels.map(() => new Float64Array(scored.length));
  const moments = foldMoments(levels, folds);
  for (const fold of new Set(folds)) {
    const own = regress(moments.without(fold), input);
    folds.forEach((of, index) => {
      if (of === fold) crossFitted[index] = impliedOf(own, levels[index] ?? []);
    });
  }
  const whole = moments.without();
  const implied = regress(whole, input);
  const width = whole.mean.length;
  scored.forEach((parameter, at) => {
    const left = levels.reduce(
      (sum, row, index) => sum + ((row[parameter] ?? 0) - (crossFitted[index]?.[at] ?? 0)) ** 2,
      0,
    );
    const all = (whole.covariance.data[parameter * (width + 1)] ?? 0) * whole.count;
    if (left <= MOST_LEFT * all) return;
    for (let i = 0; i < width; i += 1) implied.weights.data[i * scored.length + at] = 0;
    implied.bias[at] = 0;
    for (const row of crossFitted) row[at] = 0;
  });
  return { implied, crossFitted };
};
