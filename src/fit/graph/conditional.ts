/** Nodes of a `ConditionalModel`: what the others imply, how far off each parameter is, and the evidence against each equipment. */
import type { Layout } from '../layout';
import { dense, type Dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import { centring, type ConditionalModel } from '../precision';

const stack = (blocks: readonly Dense[]): Float64Array => {
  const size = blocks[0]?.data.length ?? 0;
  const all = new Float64Array(size * blocks.length);
  blocks.forEach((block, index) => all.set(block.data, index * size));
  return all;
};

/** x [n, samples] times matrix, centred by the model's mean. */
const project = (g: GraphBuilder, hint: string, x: string, mean: Float64Array, matrix: Dense): string =>
  g.gemm(
    x,
    g.constant(hint, matrix.data, [matrix.rows, matrix.columns]),
    g.constant(`${hint}/bias`, centring(mean, matrix), [matrix.columns]),
  );

export interface ParameterEvidence {
  /** [n, parameters, frames], standardised units: value minus what the other parameters imply. */
  readonly off: string;
  /** [n, parameters]: fall of the Mahalanobis distance when the parameter is left out. */
  readonly parameterScore: string;
  /** [n, 1]: Mahalanobis distance of the whole window a sample. */
  readonly total: string;
}

export const buildParameterEvidence = (
  g: GraphBuilder,
  x: string,
  model: ConditionalModel,
  { parameters, frames }: Layout,
): ParameterEvidence => {
  const size = parameters * frames;
  const u = project(g, 'precision', x, model.mean, model.precision);
  const inverses = g.constant('parameter-inverse', stack(model.parameterInverse), [parameters, frames, frames]);
  const u4 = g.reshape(u, [-1, parameters, 1, frames]);
  const off4 = g.matmul(u4, inverses);
  const parameterScore = g.reshape(g.reduceSum(g.mul(off4, u4), [3]), [-1, parameters]);
  const centred = g.sub(x, g.constant('mean', model.mean, [size]));
  const total = g.matmul(
    g.mul(u, centred),
    g.constant('mean-of-samples', new Float64Array(size).fill(1 / size), [size, 1]),
  );
  return { off: g.reshape(off4, [-1, parameters, frames]), parameterScore, total };
};

export interface GroupEvidence {
  /** [n, rows, frames]: deviations of every grouped parameter; first all whitened rows, then (if asked) all plain ones. */
  readonly views: string;
  /** How many views: 1 or 2. */
  readonly count: 1 | 2;
  /** [n, rows]: energy of each row. */
  readonly energy: string;
  /** [n, groups]: fall of the Mahalanobis distance when the group is left out, a sample. */
  readonly groupScore: string;
}

/** Rows of all groups, group by group. */
export const groupedRows = ({ groups }: Layout): number => groups.reduce((sum, group) => sum + group.length, 0);

/** [rows * views, groups * views]: 1 where a row belongs to a group of the same view. */
export const membership = (
  { groups }: Layout,
  views: number,
  value: (group: readonly number[]) => number = () => 1,
): Dense => {
  const rows = groups.reduce((sum, group) => sum + group.length, 0);
  const out = dense(rows * views, groups.length * views);
  for (let view = 0; view < views; view += 1) {
    let row = view * rows;
    groups.forEach((group, index) => {
      for (let i = 0; i < group.length; i += 1) {
        out.data[row * out.columns + view * groups.length + index] = value(group);
        row += 1;
      }
    });
  }
  return out;
};

export const buildGroupEvidence = (
  g: GraphBuilder,
  x: string,
  model: ConditionalModel,
  layout: Layout,
  hint: string,
  withPlain: boolean,
): GroupEvidence => {
  const { frames } = layout;
  const rows = groupedRows(layout);
  const columns = rows * frames;
  const count = withPlain ? 2 : 1;
  const both = dense(model.whitened.rows, columns * count);
  for (let i = 0; i < both.rows; i += 1) {
    both.data.set(model.whitened.data.subarray(i * columns, (i + 1) * columns), i * both.columns);
    if (withPlain)
      both.data.set(model.deviation.data.subarray(i * columns, (i + 1) * columns), i * both.columns + columns);
  }
  const views = g.reshape(project(g, hint, x, model.mean, both), [-1, rows * count, frames]);
  const energy = g.reduceSum(g.mul(views, views), [2]);
  const members = membership(layout, 1, (group) => 1 / (group.length * frames));
  const scoring = dense(rows * count, layout.groups.length);
  scoring.data.set(members.data);
  return {
    views,
    count,
    energy,
    groupScore: g.matmul(energy, g.constant(`${hint}/members`, scoring.data, [scoring.rows, scoring.columns])),
  };
};
