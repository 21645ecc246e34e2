/** Nodes that join the taps: the posterior of each over unit and fault, and one of all of them by a weighted product of experts. */
import type { GraphBuilder } from '../onnx/graph-builder';
import { dense } from '../math/dense';

/** Below this a probability is none: one tap alone never rules a class out. */
const FLOOR = 1e-6;

/** [n, units, columns of a joint posterior] of P(unit) and P(kind | unit). */
export interface JointTap {
  readonly name: string;
  /** [n, units * kinds]; its rows need not sum to one. */
  readonly joint: string;
}

/** Logarithms of all experts: [n, units * kinds, experts]; the posterior over the units is the first. */
export const buildExperts = (
  g: GraphBuilder,
  { whose, kinds }: { readonly whose: string; readonly kinds: string },
  taps: readonly JointTap[],
  { units, columns }: { readonly units: number; readonly columns: number },
): string => {
  const options = units * columns;
  const repeat = dense(units, options);
  for (let unit = 0; unit < units; unit += 1)
    for (let kind = 0; kind < columns; kind += 1) repeat.data[unit * options + unit * columns + kind] = 1;
  const spread = g.matmul(whose, g.constant('fusion/units', repeat.data, [units, options]));
  const column = (tensor: string): string => g.reshape(tensor, [-1, options, 1]);
  return g.log(
    g.add(
      g.concat([column(spread), column(kinds), ...taps.map(({ joint }) => column(joint))], 2),
      g.constant('fusion/floor', [FLOOR], [1]),
    ),
  );
};

/** @param experts [n, options, count]; @returns the joint posterior [n, options]. */
export const buildFused = (g: GraphBuilder, experts: string, weights: Float64Array, options: number): string =>
  g.softmax(g.reshape(g.matmul(experts, g.constant('fusion/weights', weights, [weights.length, 1])), [-1, options]), 1);

/**
 * A joint posterior as one peephole a unit: P(anomalous) times it beside what is left for nominal, so that every row sums to one.
 * @param joint [n, units * kinds]; @param faulty [n, 1]; @returns [n, units * (kinds + 1)].
 */
export const besideNominal = (
  g: GraphBuilder,
  joint: string,
  faulty: string,
  { units, columns }: { readonly units: number; readonly columns: number },
): string => {
  const width = columns + 1;
  const table = dense(units * columns, units * width);
  for (let unit = 0; unit < units; unit += 1)
    for (let kind = 0; kind < columns; kind += 1) {
      const row = (unit * columns + kind) * table.columns + unit * width;
      table.data[row] = -1;
      table.data[row + 1 + kind] = 1;
    }
  const bias = Float64Array.from({ length: units * width }, (_, index) => (index % width === 0 ? 1 : 0));
  return g.gemm(
    g.mul(joint, faulty),
    g.constant('nominal/beside', table.data, [table.rows, table.columns]),
    g.constant('nominal/bias', bias, [table.columns]),
  );
};
