/**
 * A forecast of each parameter's next change: linear in its own and the others' last values, their running means, and the commands now
 * and before. All of it is linear in a window and its memory, so that the finished head is one matrix.
 */
import { SPANS } from '../../core/telemetry/summaries';
import { foldMoments } from '../heads/fold-moments';
import type { Layout } from '../layout';
import { dense, solve, type Dense } from '../math/dense';
import { addRows } from '../math/kernels';
import { rangeOf, type NominalRange } from '../range';
import { withWander } from '../wander';

/** A weighted sum of numbers of a row [window: parameters * frames | means: parameters * spans]. */
type Sum = readonly { readonly at: number; readonly weight: number }[];

/** The range is that of the nominal running means, [parameters * spans]: what a fault left in them beyond that forecasts nothing. */
export interface Forecast extends NominalRange {
  /** Frames at the end of a window that are forecast. */
  readonly positions: number;
  /** The residual of each position and scored parameter, [row, positions * scored], and what is added to it. */
  readonly columns: Dense;
  readonly bias: Float64Array;
}

/** Own lags of a parameter that stands alone, and of each among several. */
const LAGS_ALONE = 12;
const LAGS = 8;
const COMMAND_LAGS = 4;
/** Relative to each regressor's own variance. */
const RIDGE = 0.01;
/** Frames that a fit looks at: more of them change no digit that matters. */
const MAX_ROWS = 20_000;
const MAX_POSITIONS = 8;

export interface ForecastShape {
  readonly layout: Layout;
  /** Indices of the parameters that are forecast. */
  readonly scored: readonly number[];
  readonly positions: number;
  /** Indices into `SPANS` of the means that the record is long enough for. */
  readonly spans: readonly number[];
  /** How far each level went one way, nominal deviations. */
  readonly wander: Float64Array;
}

export const forecastShape = (
  layout: Layout,
  scored: readonly number[],
  spans: readonly number[],
  { stride, wander }: { readonly stride: number; readonly wander: Float64Array },
): ForecastShape => ({
  ...{ layout, scored, spans, wander },
  positions: Math.max(1, Math.min(stride, MAX_POSITIONS, Math.floor(layout.frames / 2))),
});

/** The running mean as it was after frame `frame`: what came later is taken out of the one at the end. */
const meanAt = (
  { layout: { parameters, frames } }: ForecastShape,
  parameter: number,
  span: number,
  frame: number,
): Sum => {
  const weight = 1 / (SPANS[span] ?? 1);
  const later = Array.from({ length: frames - 1 - frame }, (_, index) => frame + 1 + index);
  return [
    { at: parameters * frames + parameter * SPANS.length + span, weight: (1 - weight) ** -(frames - 1 - frame) },
    ...later.map((k) => ({ at: parameter * frames + k, weight: -weight * (1 - weight) ** -(k - frame) })),
  ];
};

const lagsOf = ({ scored, layout, positions }: ForecastShape): number =>
  Math.min(scored.length === 1 ? LAGS_ALONE : LAGS, layout.frames - positions);

/** What the change at `frame` is forecast from. */
const regressors = (shape: ForecastShape, frame: number): readonly Sum[] => {
  const { layout, scored, spans } = shape;
  const lags = lagsOf(shape);
  const value = (parameter: number, at: number): Sum => [{ at: parameter * layout.frames + at, weight: 1 }];
  return [
    ...scored.flatMap((parameter) => [
      ...Array.from({ length: lags }, (_, lag) => value(parameter, frame - 1 - lag)),
      ...spans.map((span) => meanAt(shape, parameter, span, frame - 1)),
    ]),
    ...layout.conditions.flatMap((parameter) => [
      ...Array.from({ length: COMMAND_LAGS }, (_, lag) => value(parameter, Math.max(0, frame - lag))),
      ...spans.map((span) => meanAt(shape, parameter, span, frame)),
    ]),
  ];
};

const framesOf = ({ layout, positions }: ForecastShape): number[] =>
  Array.from({ length: positions }, (_, index) => layout.frames - positions + index);

const valueOf = (sum: Sum, row: ArrayLike<number>): number => {
  let total = 0;
  for (const { at, weight } of sum) total += weight * (row[at] ?? 0);
  return total;
};

interface Weights {
  /** [regressors, scored]. */
  readonly weights: Dense;
  readonly mean: Float64Array;
}

/** The parameter of each regressor: their levels are one. */
const regressedFrom = (shape: ForecastShape): number[] => {
  const { scored, spans, layout } = shape;
  const lags = lagsOf(shape);
  return [
    ...scored.flatMap((parameter) => new Array<number>(lags + spans.length).fill(parameter)),
    ...layout.conditions.flatMap((parameter) => new Array<number>(COMMAND_LAGS + spans.length).fill(parameter)),
  ];
};

/** Ridge regression from the moments of [regressors | changes]. */
const regress = (shape: ForecastShape, { mean, covariance }: { mean: Float64Array; covariance: Dense }): Weights => {
  const targets = shape.scored.length;
  const size = covariance.rows;
  const count = size - targets;
  const gram = dense(count, count);
  const right = dense(count, targets);
  for (let i = 0; i < count; i += 1) {
    const own = covariance.data[i * size + i] ?? 0;
    for (let j = 0; j < count; j += 1)
      gram.data[i * count + j] = (covariance.data[i * size + j] ?? 0) + (i === j ? RIDGE * own + 1e-9 : 0);
    for (let j = 0; j < targets; j += 1) right.data[i * targets + j] = covariance.data[i * size + count + j] ?? 0;
  }
  return { weights: solve(withWander(gram, regressedFrom(shape), shape.wander), right), mean };
};

/** change - forecast = (change - its mean) - (regressors - their means) W. */
const headOf = (shape: ForecastShape, { weights, mean }: Weights, range: NominalRange): Forecast => {
  const { layout, scored, positions } = shape;
  const width = positions * scored.length;
  const columns = dense(layout.parameters * (layout.frames + SPANS.length), width);
  const bias = new Float64Array(width);
  const add = (at: number, column: number, value: number): void => {
    columns.data[at * width + column] = (columns.data[at * width + column] ?? 0) + value;
  };
  framesOf(shape).forEach((frame, position) => {
    const sums = regressors(shape, frame);
    scored.forEach((parameter, index) => {
      const column = position * scored.length + index;
      add(parameter * layout.frames + frame, column, 1);
      add(parameter * layout.frames + frame - 1, column, -1);
      bias[column] = -(mean[sums.length + index] ?? 0);
      sums.forEach((sum, i) => {
        const weight = weights.data[i * scored.length + index] ?? 0;
        for (const item of sum) add(item.at, column, -weight * item.weight);
        bias[column] = (bias[column] ?? 0) + weight * (mean[i] ?? 0);
      });
    });
  });
  return { positions, columns, bias, ...range };
};

/** Mean absolute residual of each scored parameter over the positions: [rows][scored]. */
export const forecastSignals = (
  { positions, columns, bias }: Forecast,
  rows: readonly ArrayLike<number>[],
): Float64Array[] => {
  const width = columns.columns;
  const scored = width / positions;
  return rows.map((row) => {
    const residual = bias.slice();
    addRows(residual, 0, { source: columns.data, from: 0, columns: width }, row);
    const out = new Float64Array(scored);
    residual.forEach((value, j) => (out[j % scored] = (out[j % scored] ?? 0) + Math.abs(value) / positions));
    return out;
  });
};

/** NominalRange of the running means over nominal rows. */
const rangeOfMeans = ({ layout, wander }: ForecastShape, rows: readonly ArrayLike<number>[]): NominalRange => {
  const parameterOf = Array.from({ length: layout.parameters * SPANS.length }, (_, at) =>
    Math.floor(at / SPANS.length),
  );
  return rangeOf(rows, parameterOf, wander, layout.parameters * layout.frames);
};

/**
 * @param rows standardised windows with their means, see `Sum`; @param folds the fold of each.
 * @returns the head of all rows, and the signals of each row by a head that was not fitted on its fold.
 */
export const fitForecast = (
  shape: ForecastShape,
  rows: readonly ArrayLike<number>[],
  folds: readonly number[],
): { readonly head: Forecast; readonly signals: readonly Float64Array[] } => {
  const frames = framesOf(shape);
  const sums = frames.map((frame) => regressors(shape, frame));
  const step = Math.max(1, Math.ceil((rows.length * frames.length) / MAX_ROWS));
  const taken: Float64Array[] = [];
  const takenFolds: number[] = [];
  rows.forEach((row, index) => {
    if (index % step !== 0) return;
    frames.forEach((frame, position) => {
      const own = sums[position] ?? [];
      taken.push(
        Float64Array.from([
          ...own.map((sum) => valueOf(sum, row)),
          ...shape.scored.map(
            (parameter) =>
              (row[parameter * shape.layout.frames + frame] ?? 0) -
              (row[parameter * shape.layout.frames + frame - 1] ?? 0),
          ),
        ]),
      );
      takenFolds.push(folds[index] ?? 0);
    });
  });
  const moments = foldMoments(taken, takenFolds);
  const range = rangeOfMeans(shape, rows);
  const fit = (fold?: number): Forecast => headOf(shape, regress(shape, moments.without(fold)), range);
  const signals: Float64Array[] = rows.map(() => new Float64Array());
  for (const fold of new Set(folds)) {
    const own = folds.flatMap((of, index) => (of === fold ? [index] : []));
    forecastSignals(
      fit(fold),
      own.map((index) => rows[index] ?? []),
    ).forEach((row, at) => (signals[own[at] ?? 0] = row));
  }
  return { head: fit(), signals };
};
