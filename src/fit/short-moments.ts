/**
 * Folds and moments of short recordings: contiguous blocks, each judged by a model of the others. Few windows estimate a covariance badly,
 * unless telemetry is stationary (`stationary.ts`). Telemetry that repeats in cycles is not, and windows at the same phase are alike. Of
 * the two ways, the one under which blocks that it was not fitted on are likelier is taken.
 */
import type { Window } from '../domain/telemetry';
import { foldsOf, type NominalFold } from './cross-fit';
import { SHORT_RIDGE, type EquipmentInput } from './fit-input';
import { withSupport } from './heads/fold-moments';
import { medianOf } from './heads/robust';
import type { Layout } from './layout';
import { covariance, dense, meanOf, transpose } from './math/dense';
import { choleskyFactor, solveFactored } from './math/kernels';
import { stationaryMoments, type Moments, type TimedRow } from './stationary';

type Estimate = (rows: readonly TimedRow[]) => Moments;

const plainMoments: Estimate = (rows) => {
  const own = rows.map(({ row }) => row);
  const mean = meanOf(own, own[0]?.length ?? 0);
  return { mean, covariance: withSupport(covariance(own, mean, 0), SHORT_RIDGE, []) };
};

/** Logarithm of the Gaussian density of each row, but for what is the same for every model of rows of this length. */
const logDensities = ({ mean, covariance: spread }: Moments, rows: readonly ArrayLike<number>[]): number[] => {
  const size = mean.length;
  const factor = choleskyFactor(spread.data, size);
  if (factor === undefined) return rows.map(() => -Infinity);
  let half = 0;
  for (let i = 0; i < size; i += 1) half += Math.log(factor[i * size + i] as number);
  const off = rows.map((row) => mean.map((value, i) => (row[i] as number) - value));
  const right = transpose(dense(rows.length, size, Float64Array.from(off.flatMap((row) => [...row]))));
  const solved = solveFactored(factor, size, right.data);
  return off.map((row, at) =>
    row.reduce((sum, value, i) => sum - (value * (solved[i * rows.length + at] as number)) / 2, -half),
  );
};

/**
 * @param rows standardised samples of the windows of all passes, in their order.
 * @returns also whether telemetry is taken as stationary.
 */
export const shortFolds = (
  passes: readonly (readonly Window[])[],
  layout: Layout,
  rows: readonly ArrayLike<number>[],
): Pick<EquipmentInput, 'folds' | 'momentsOf'> & { readonly isStationary: boolean } => {
  const blocks = foldsOf(passes);
  const all = passes.flat();
  const indexOf = new Map(all.map((window, index) => [window, index]));
  const timed = (windows: readonly Window[], of: readonly ArrayLike<number>[]): TimedRow[] =>
    windows.map((window) => {
      const row = of[indexOf.get(window) ?? 0] ?? [];
      return { start: window.start, end: window.end, row };
    });
  const stationary: Estimate = (own) => stationaryMoments(own, layout, SHORT_RIDGE);
  const densityOf = (estimate: Estimate): number =>
    medianOf(
      blocks.flatMap(({ shape, heldOut }: NominalFold) =>
        logDensities(
          estimate(timed(shape, rows)),
          timed(heldOut, rows).map(({ row }) => row),
        ),
      ),
    );
  const isStationary = densityOf(stationary) >= densityOf(plainMoments);
  return {
    isStationary,
    folds: blocks.flatMap(({ heldOut }, fold) => heldOut.map(() => fold)),
    momentsOf: (fold, of) => {
      const shape = fold === undefined ? all : (blocks[fold]?.shape ?? all);
      return (isStationary ? stationary : plainMoments)(timed(shape, of));
    },
  };
};
