/**
 * Nodes of a `ConditionalModel`: what the others imply, how far off each parameter is, and the evidence against each equipment.
 * A node costs about a microsecond however little it computes, so all products with the window are one, and taken apart after.
 *
 * At one window an inference, a product costs what its weights take to read. So factors that standardise live in the weights,
 * and nodes that no output needs are not written.
 */
import { samplesOf, type Layout } from '../layout';
import { dense, multiply, select, type Dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import { concatColumns, type ConditionalModel } from '../precision';
import type { NominalRange } from '../range';
import { EVIDENCE_FLOOR } from '../../core/anomaly/surprise';
import type { Judged } from './extrapolated';
import { project, projectLeast, type Product, type Samples } from './front';

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

/** Evidence [n, groups] from the energies of the window's views. */
const buildGroupScore = (g: GraphBuilder, energy: string, layout: Layout): string => {
  const weights = groupWeights(layout, VIEWS);
  return g.gemm(
    energy,
    g.constant('window/group-weights', weights.data, [weights.rows, weights.columns]),
    g.constant('window/evidence-floor', new Float64Array(weights.columns).fill(EVIDENCE_FLOOR), [weights.columns]),
  );
};

/** Evidence [n, groups] in whitened samples [n, grouped samples]. */
export const buildWhitenedScore = (g: GraphBuilder, whitened: string, layout: Layout): string => {
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
    g.constant('whitened/group-weights', weights.data, [weights.rows, weights.columns]),
    g.constant('whitened/evidence-floor', new Float64Array(weights.columns).fill(EVIDENCE_FLOOR), [weights.columns]),
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
  /** [n, parameters * frames]: value minus what the other parameters imply, in nominal standard deviations of that difference. */
  readonly deviation: string;
  /** [n, parameters]: fall of the Mahalanobis distance when the parameter is left out. */
  readonly parameterScore: string;
  /** [n, groups]: fall of the Mahalanobis distance when the group is left out, a sample. */
  readonly groupScore: string;
  /**
   * The same two if relations go on beyond the range that nominal windows had: what departs from them there is news, whoever is to blame.
   * Parameters are left out where none is judged by itself.
   */
  readonly linear: { readonly groupScore: string; readonly parameterScore?: string };
}

/** Rows a parameter has in the window's views: whitened and plain. */
const VIEWS = 2;

type Deviations = Pick<WindowEvidence, 'deviation' | 'parameterScore' | 'views'>;
type Built = Deviations & Pick<WindowEvidence, 'linear'>;

/** A product of deviations as if relations went on beyond the range, and the least that they leave. */
const buildBoth = (
  g: GraphBuilder,
  window: Samples,
  product: Product,
  { range, units }: { readonly range: NominalRange | undefined; readonly units: readonly Judged[] },
): { readonly linear: string; readonly least: string } => {
  const linear = project(g, window, 'window-model', product);
  if (range === undefined) return { linear, least: linear };
  return { linear, least: projectLeast(g, window, 'window-model', { ...product, deviations: linear, range, units }) };
};

/** As many columns as samples, and those samples. */
const ownSamples = (parameters: readonly number[], frames: number): Judged => {
  const own = samplesOf(parameters, frames);
  return { columns: own.length, own };
};

/** All deviations by one product with the window, taken apart after. */
const buildDirect = (g: GraphBuilder, window: Samples, model: ConditionalModel, layout: Layout): Built => {
  const { parameters, frames, groups } = layout;
  const matrix = concatColumns(parameters * frames, [
    scaleColumns(
      model.parameterDeviation,
      model.sigma.map((value) => 1 / value),
    ),
    model.parameterWhitened,
    ...groups.flatMap((_, index) =>
      [model.whitened[index], model.deviation[index]].filter((block) => block !== undefined),
    ),
  ]);
  const alone = Array.from({ length: parameters }, (_, parameter) => ownSamples([parameter], frames));
  const units = [
    ...alone,
    ...alone,
    ...groups.flatMap((group) => new Array<Judged>(VIEWS).fill(ownSamples(group, frames))),
  ];
  const takenApart = (columns: string): Deviations => {
    const rows = g.reshape(columns, [-1, matrix.columns / frames, frames]);
    const sizes = [parameters, parameters, VIEWS * groupedRows(layout)];
    const [deviation = '', own = '', views = ''] = g.split(rows, 1, sizes);
    return { deviation: g.reshape(deviation, [-1, parameters * frames]), parameterScore: g.energy(own, [2]), views };
  };
  const { linear, least } = buildBoth(g, window, { mean: model.mean, matrix }, { range: model.range, units });
  const { parameterScore, views } = takenApart(linear);
  const groupScore = buildGroupScore(g, g.energy(views, [2]), layout);
  return { ...takenApart(least), linear: { parameterScore, groupScore } };
};

/** Matrices of equal shape [rows, columns], stacked: [count, rows, columns]. */
const stack = (g: GraphBuilder, hint: string, blocks: readonly Dense[]): string => {
  const { rows, columns } = blocks[0] ?? dense(0, 0);
  return g.constant(
    hint,
    blocks.flatMap(({ data }) => [...data]),
    [blocks.length, rows, columns],
  );
};

/**
 * One product gives the whitened deviations of the groups, and all others follow from those block by block: half the weights to read.
 * None of these steps magnifies rounding. Leaving out a parameter lowers the distance by no more than leaving out its group does.
 * `L^-1/2` is a nominal standard deviation at most.
 */
const buildByGroup = (g: GraphBuilder, window: Samples, model: ConditionalModel, layout: Layout): Built => {
  const { parameters, frames, groups } = layout;
  const { groupRoots, groupInverseRoots, parameterInverseRoots, sigma } = model;
  const size = groups[0]?.length ?? 0;
  const samples = size * frames;
  const product = { mean: model.mean, matrix: concatColumns(parameters * frames, model.whitened) };
  const units = groups.map((group) => ownSamples(group, frames));
  const { linear, least } = buildBoth(g, window, product, { range: model.range, units });
  const whitened = g.reshape(least, [-1, groups.length, 1, samples]);
  const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);
  const inGroup = range(0, size).map((index) => range(index * frames, frames));
  const fromWhitened = groupRoots.map((root, group) => {
    const own = inGroup.map((columns, index) => {
      const parameter = group * size + index;
      const inverseRoot = parameterInverseRoots[parameter] ?? dense(frames, frames);
      const perSigma = sigma.slice(parameter * frames, (parameter + 1) * frames).map((value) => 1 / value);
      const whitenedOwn = multiply(select(root, range(0, samples), columns), inverseRoot);
      return { whitenedOwn, deviation: multiply(whitenedOwn, scaleColumns(inverseRoot, perSigma)) };
    });
    return concatColumns(samples, [
      groupInverseRoots[group] ?? dense(samples, samples),
      ...own.map(({ whitenedOwn }) => whitenedOwn),
      ...own.map(({ deviation }) => deviation),
    ]);
  });
  const [plain = '', own = '', deviation = ''] = g.split(
    g.matmul(whitened, stack(g, 'from-whitened', fromWhitened)),
    3,
    [samples, samples, samples],
  );
  return {
    deviation: g.reshape(deviation, [-1, parameters * frames]),
    parameterScore: g.energy(g.reshape(own, [-1, parameters, frames]), [2]),
    views: g.reshape(g.concat([whitened, plain], 2), [-1, VIEWS * parameters, frames]),
    // No parameter is left over that would be judged by itself.
    linear: { groupScore: buildWhitenedScore(g, linear, layout) },
  };
};

/** Groups of one size, in the order of the parameters, none left over. */
const isRegular = ({ groups, parameters }: Layout): boolean =>
  groups.length > 1 &&
  groups.every(({ length }) => length === groups[0]?.length) &&
  groups.flat().length === parameters &&
  groups.flat().every((parameter, index) => parameter === index);

export const buildWindowEvidence = (
  g: GraphBuilder,
  window: Samples,
  model: ConditionalModel,
  layout: Layout,
): WindowEvidence => {
  const build = isRegular(layout) ? buildByGroup : buildDirect;
  const { views, ...rest } = build(g, window, model, layout);
  const energy = g.energy(views, [2]);
  return { ...rest, views, energy, count: VIEWS, groupScore: buildGroupScore(g, energy, layout) };
};

/** The detector's residual, whitened: [n, grouped samples], group by group. */
export const buildWhitenedResidual = (
  g: GraphBuilder,
  residual: Samples,
  model: ConditionalModel,
  { parameters, frames }: Layout,
): string =>
  project(g, residual, 'residual-model', {
    mean: model.mean,
    matrix: concatColumns(parameters * frames, model.whitened),
  });

/** A whitened residual as views, to be looked at by shape. */
export const buildResidualViews = (g: GraphBuilder, whitened: string, layout: Layout): Views => {
  const views = g.reshape(whitened, [-1, groupedRows(layout), layout.frames]);
  return { views, energy: g.energy(views, [2]), count: 1 };
};
