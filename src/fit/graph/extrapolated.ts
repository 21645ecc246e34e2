/**
 * What the others imply, beyond what fitting saw of them. A linear relation was seen within the range of nominal rows. Outside of it the
 * others may imply what the line says, or no more than it says at the edge, or anything between. Whatever leaves the least evidence
 * against all units together is taken. So a relation that goes on accuses nobody, and two units that fail at once accuse no third one.
 * This is for telling who is to blame. Whether anything is wrong is judged by the line alone, for what departs from it is news either way.
 *
 * A unit's own numbers are taken as they are, so what one unit does alone counts in full. Within the range all of this changes nothing,
 * and its nodes do not run.
 */
import { dense, type Dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import type { NominalRange } from '../range';

/** Keeps 0 / 0 of rows that lie inside, beside others that do not, at 0. */
const TINY = 1e-12;

/** Columns that judge a unit, and the numbers of the row that are its own. */
export interface Judged {
  readonly columns: number;
  readonly own: readonly number[];
}

/** The matrix without each unit's own rows: what the others have in each column. */
const ofOthers = (matrix: Dense, units: readonly Judged[]): Dense => {
  const out = dense(matrix.rows, matrix.columns, matrix.data.slice());
  let from = 0;
  for (const { columns, own } of units) {
    for (const row of own) out.data.fill(0, row * matrix.columns + from, row * matrix.columns + from + columns);
    from += columns;
  }
  return out;
};

/**
 * @param row [n, size]; @param deviations [n, columns]: `row` less its mean, times `matrix`; @param units in the order of the columns.
 * @returns [n, columns]: of the deviations between extrapolated and bounded, those whose squares have the least sum.
 */
export const buildLeastExtrapolated = (
  g: GraphBuilder,
  { row, deviations, range, hint }: { row: string; deviations: string; range: NominalRange; hint: string },
  matrix: Dense,
  units: readonly Judged[],
): string => {
  const { rows: size, columns } = matrix;
  const constant = (name: string, values: ArrayLike<number>, dims: readonly number[]): string =>
    g.constant(`${hint}/${name}`, values, dims);
  const low = constant('low', range.low, [1, size]);
  const excess = g.sub(row, g.node('Min', [g.node('Max', [row, low]), constant('high', range.high, [1, size])]));
  const none = constant('none', [0], [1]);
  const isOutside = g.node('Less', [none, g.reduceMax(g.node('Abs', [excess]), [0, 1])]);
  const bounded = (): string => {
    const owed = g.matmul(excess, constant('others', ofOthers(matrix, units).data, [size, columns]));
    const squares = g.add(g.energy(owed, [1], true), constant('tiny', [TINY], [1]));
    const least = g.div(g.reduceSum(g.mul(deviations, owed), [1], true), squares);
    const share = g.node('Min', [g.node('Max', [least, none]), constant('all', [1], [1])]);
    return g.sub(deviations, g.mul(owed, share));
  };
  return g.when(isOutside, bounded, deviations);
};
