/**
 * Nodes of a `ConditionalModel`: what the others imply, how far off each parameter is, and the evidence against each equipment.
 * A node costs about a microsecond however little it computes, so all products with the window are one, and taken apart after.
 */
import type { Layout } from '../layout';
import { dense, type Dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import { centring, concatColumns, type ConditionalModel } from '../precision';
import { EVIDENCE_FLOOR } from '../surprise';

/** x [n, samples] times matrix, centred by the model's mean. */
const project = (g: GraphBuilder, hint: string, x: string, mean: Float64Array, matrix: Dense): string =>
  g.gemm(
    x,
    g.constant(hint, matrix.data, [matrix.rows, matrix.columns]),
    g.constant(`${hint}/bias`, centring(mean, matrix), [matrix.columns]),
  );

/** Column j of `matrix` times `factors[j]`. */
const scaleColumns = (matrix: Dense, factors: Float64Array): Dense =>
  dense(
    matrix.rows,
    matrix.columns,
    matrix.data.map((value, index) => value * (factors[index % matrix.columns] as number)),
  );

/** Rows of the grouped parameters, group by group. */
export const groupedRows = ({ groups }: Layout): number => groups.reduce((sum, group) => sum + group.length, 0);

/** Sums of squares of rows to evidence a sample of each group: [rows, groups]. `views` says how many rows a parameter has. */
export const groupWeights = ({ groups, frames }: Layout, views: number): Dense => {
  const out = dense(views * groups.reduce((sum, group) => sum + group.length, 0), groups.length);
  let row = 0;
  groups.forEach((group, index) => {
    // Only the first view, the whitened one, is evidence; the second says the same in other units.
    for (let i = 0; i < group.length; i += 1) out.data[(row + i) * groups.length + index] = 1 / (group.length * frames);
    row += views * group.length;
  });
  return out;
};

const groupScoreOf = (g: GraphBuilder, energy: string, layout: Layout, views: number, hint: string): string => {
  const weights = groupWeights(layout, views);
  return g.gemm(
    energy,
    g.constant(`${hint}/group-weights`, weights.data, [weights.rows, weights.columns]),
    g.constant(`${hint}/evidence-floor`, new Float64Array(weights.columns).fill(EVIDENCE_FLOOR), [weights.columns]),
  );
};

/** Deviations of the grouped parameters, to be looked at by shape. */
export interface Views {
  /** [n, rows, frames]: for each group its whitened rows, then (if `count` is 2) its plain rows. */
  readonly views: string;
  /** [n, rows]: energy of each of those rows. */
  readonly energy: string;
  /** Rows a parameter has. */
  readonly count: number;
}

export interface WindowEvidence extends Views {
  /** [n, parameters, frames]: value minus what the other parameters imply, in nominal standard deviations of that difference. */
  readonly deviation: string;
  /** [n, parameters, frames], standardised units times `per`: the same difference. */
  readonly parameterScore: string;
  /** [n, groups]: fall of the Mahalanobis distance when the group is left out, a sample. */
  readonly groupScore: string;
}

/** Rows a parameter has in the window's views: whitened and plain. */
const VIEWS = 2;

export const buildWindowEvidence = (
  g: GraphBuilder,
  x: string,
  model: ConditionalModel,
  layout: Layout,
): WindowEvidence => {
  const { parameters, frames, groups } = layout;
  const all = concatColumns(parameters * frames, [
    scaleColumns(
      model.parameterDeviation,
      model.sigma.map((value) => 1 / value),
    ),
    model.parameterWhitened,
    ...groups.flatMap((_, index) =>
      [model.whitened[index], model.deviation[index]].filter((block) => block !== undefined),
    ),
  ]);
  const rows = g.reshape(project(g, 'window-model', x, model.mean, all), [-1, all.columns / frames, frames]);
  const [deviation = '', own = '', views = ''] = g.split(rows, 1, [
    parameters,
    parameters,
    VIEWS * groupedRows(layout),
  ]);
  const energy = g.energy(views, [2]);
  return {
    deviation,
    parameterScore: g.energy(own, [2]),
    views,
    energy,
    count: VIEWS,
    groupScore: groupScoreOf(g, energy, layout, VIEWS, 'window'),
  };
};

/** The detector's residual [n, samples], standardised, whitened: [n, grouped samples], group by group. */
export const buildWhitenedResidual = (
  g: GraphBuilder,
  residual: string,
  model: ConditionalModel,
  { parameters, frames }: Layout,
): string => project(g, 'residual-model', residual, model.mean, concatColumns(parameters * frames, model.whitened));

/** Evidence [n, groups] in a whitened residual. */
export const buildResidualScore = (g: GraphBuilder, whitened: string, layout: Layout): string => {
  const { groups, frames } = layout;
  const weights = dense(groupedRows(layout) * frames, groups.length);
  let row = 0;
  groups.forEach((group, index) => {
    for (let i = 0; i < group.length * frames; i += 1)
      weights.data[(row + i) * groups.length + index] = 1 / (group.length * frames);
    row += group.length * frames;
  });
  return g.gemm(
    g.mul(whitened, whitened),
    g.constant('residual/group-weights', weights.data, [weights.rows, weights.columns]),
    g.constant('residual/evidence-floor', new Float64Array(weights.columns).fill(EVIDENCE_FLOOR), [weights.columns]),
  );
};

/** A whitened residual as views, to be looked at by shape. */
export const buildResidualViews = (g: GraphBuilder, whitened: string, layout: Layout): Views => {
  const views = g.reshape(whitened, [-1, groupedRows(layout), layout.frames]);
  return { views, energy: g.energy(views, [2]), count: 1 };
};
