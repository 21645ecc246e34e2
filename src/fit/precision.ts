/**
 * What the channels of nominal telemetry imply about each other: the Gaussian model of a window, inverted.
 *
 * Let L be the precision of the flattened standardised window x (mean m), and `u = L (x - m)`. A block b of samples deviates from what
 * all others imply by `L_bb^-1 u_b`. Leaving it out lowers the Mahalanobis distance of the window by `u_b' L_bb^-1 u_b`. (Conditional of
 * a Gaussian: Bishop, Pattern Recognition and Machine Learning, equations 2.73 to 2.75.)
 *
 * If the block is one equipment, that is the evidence against it. Errors common to all equipments (a slew that no model follows) are
 * explained by the others and cancel. A score of the whole window cannot do that.
 */
import { samplesOf, type Layout } from './layout';
import {
  covariance,
  dense,
  identity,
  inverse,
  meanOf,
  multiply,
  select,
  symmetricFunction,
  type Dense,
} from './math/dense';
import type { NominalRange } from './range';
import type { Moments } from './stationary';

export interface ConditionalModel {
  /** Of the samples that it was fitted on, beyond which it extrapolates; left out where that is not asked. */
  readonly range?: NominalRange;
  readonly mean: Float64Array;
  readonly precision: Dense;
  /** Columns that give every parameter's whitened deviation L_pp^-1/2 u_p: its energy is the fall of the distance without it. */
  readonly parameterWhitened: Dense;
  /** Columns that give every parameter's plain deviation L_pp^-1 u_p from what all others imply: [samples, samples]. */
  readonly parameterDeviation: Dense;
  /** Nominal standard deviation of each sample given the other parameters, [parameters * frames], standardised units. */
  readonly sigma: Float64Array;
  /** For each group the columns of its whitened deviation L_gg^-1/2 u_g: [samples, samples of the group]. */
  readonly whitened: readonly Dense[];
  /** For each group the columns of its plain deviation L_gg^-1 u_g, same shape. */
  readonly deviation: readonly Dense[];
  /** For each group L_gg^1/2 and L_gg^-1/2, for each parameter L_pp^-1/2: what leads from one deviation to another. */
  readonly groupRoots: readonly Dense[];
  readonly groupInverseRoots: readonly Dense[];
  readonly parameterInverseRoots: readonly Dense[];
}

/**
 * Added to the covariance's diagonal, relative to the mean variance. The relations between channels live in the smallest eigenvalues. At
 * 1e-2 most faults of simulated wheels are lost; at 1e-3 stuck tachometers still are. The value here keeps them and holds the inverse
 * well within double precision.
 */
export const RIDGE = 1e-5;

/** Blocks side by side. */
export const concatColumns = (rows: number, blocks: readonly Dense[]): Dense => {
  const columns = blocks.reduce((sum, block) => sum + block.columns, 0);
  const out = dense(rows, columns);
  let from = 0;
  for (const block of blocks) {
    for (let i = 0; i < rows; i += 1)
      out.data.set(block.data.subarray(i * block.columns, (i + 1) * block.columns), i * columns + from);
    from += block.columns;
  }
  return out;
};

/** @param windows flattened standardised windows; more than twice as many as samples, else the ridge alone holds the inverse. */
export const fitConditionalModel = (
  windows: readonly ArrayLike<number>[],
  layout: Layout,
  ridge = RIDGE,
): ConditionalModel => {
  const mean = meanOf(windows, layout.parameters * layout.frames);
  return conditionalModelOf({ mean, covariance: covariance(windows, mean, ridge) }, layout);
};

/** The same of moments that are known. */
export const conditionalModelOf = ({ mean, covariance: spread }: Moments, layout: Layout): ConditionalModel => {
  const size = layout.parameters * layout.frames;
  const all = Array.from({ length: size }, (_, index) => index);
  const precision = inverse(spread);
  const nothing = {
    columns: dense(size, layout.frames),
    inverse: identity(layout.frames),
    root: dense(layout.frames, layout.frames),
  };
  const own = Array.from({ length: layout.parameters }, (_, p) => {
    // A condition is given: it deviates from nothing.
    if (layout.conditions.includes(p)) return nothing;
    const samples = samplesOf([p], layout.frames);
    const block = select(precision, samples, samples);
    return {
      columns: select(precision, all, samples),
      inverse: inverse(block),
      root: symmetricFunction(block, (w) => 1 / Math.sqrt(w)),
    };
  });
  const sigma = Float64Array.from(all, (i) => {
    const block = own[Math.floor(i / layout.frames)]?.inverse;
    const t = i % layout.frames;
    return Math.sqrt(block?.data[t * layout.frames + t] ?? 1);
  });
  const parameterDeviation = concatColumns(
    size,
    own.map((block) => multiply(block.columns, block.inverse)),
  );
  const parameterWhitened = concatColumns(
    size,
    own.map((block) => multiply(block.columns, block.root)),
  );
  const parts = layout.groups.map((group) => {
    const samples = samplesOf(group, layout.frames);
    const block = select(precision, samples, samples);
    const columns = select(precision, all, samples);
    const inverseRoot = symmetricFunction(block, (w) => 1 / Math.sqrt(w));
    return {
      root: symmetricFunction(block, Math.sqrt),
      inverseRoot,
      whitened: multiply(columns, inverseRoot),
      deviation: multiply(columns, inverse(block)),
    };
  });
  return {
    mean,
    precision,
    parameterWhitened,
    parameterDeviation,
    sigma,
    whitened: parts.map(({ whitened }) => whitened),
    deviation: parts.map(({ deviation }) => deviation),
    groupRoots: parts.map(({ root }) => root),
    groupInverseRoots: parts.map(({ inverseRoot }) => inverseRoot),
    parameterInverseRoots: own.map(({ root }) => root),
  };
};

/** -mean times matrix: the bias that centres a product. */
export const centring = (mean: Float64Array, matrix: Dense): Float64Array =>
  multiply(dense(1, mean.length, mean), matrix).data.map((value) => -value);
