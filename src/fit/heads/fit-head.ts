/**
 * Fits one head on nominal windows: what each unit's rows are given those of the others. All evidence is cross-fitted: a model that the
 * windows of a fold had no part in judges them.
 */
import { SPANS } from '../../core/telemetry/summaries';
import type { Mission } from '../../domain/mission';
import type { Window } from '../../domain/telemetry';
import type { Scaling } from '../graph/front';
import { samplesOf, unitsOf, type Layout } from '../layout';
import type { Dense } from '../math/dense';
import { foldMoments, withSupport, type FoldMoments } from './fold-moments';
import { gaussianHead, logEvidence, type GaussianHead } from './gaussian-head';
import { rememberedWindows } from '../remembered';
import { parameterOfSamples, withWander } from '../wander';
import { slowRow, slowShape, type SlowShape } from './slow-rows';
import type { TaughtInput } from './taught-head';

export interface SlowHead {
  readonly name: string;
  readonly shape: SlowShape;
  readonly head: GaussianHead;
  /** Frames after a gap from which on it judges. */
  readonly warm: number;
}

export interface HeadsInput {
  readonly layout: Layout;
  readonly mission: Mission;
  readonly scaling: Scaling;
  /** A number of resolution steps that deviations are floored by, [parameters], standardised. */
  readonly floor: Float64Array;
  /** How far each level went one way, nominal deviations. */
  readonly wander: Float64Array;
  /** Nominal windows in time order, and which stretch each is of. */
  readonly windows: readonly Window[];
  readonly stretches: readonly number[];
  /** The fold of each window. */
  readonly folds: readonly number[];
  /** Flattened standardised windows with missing samples inferred, and features of the context. */
  readonly filled: readonly ArrayLike<number>[];
  readonly contexts: readonly ArrayLike<number>[];
  /** Rows of other heads that have the shape of a window, e.g. the residual of a detector. */
  readonly alike: readonly { readonly name: string; readonly rows: readonly ArrayLike<number>[] }[];
  /** Features of the nominal windows, and those inside taught faults; where labelled passes teach any. */
  readonly taught: Pick<TaughtInput, 'rows' | 'cases'> | undefined;
  /** Moments of the windows outside a fold, where they are not those of the rows. */
  readonly momentsOf:
    | ((
        fold: number,
        rows: readonly ArrayLike<number>[],
      ) => { readonly mean: Float64Array; readonly covariance: Dense })
    | undefined;
  readonly ridge: number;
  readonly report: (message: string, share?: number) => void;
}

const SLOW_RIDGE = 1e-5;
/** Running means are known better than single samples: this much of a resolution step. */
const STEP_OF_A_MEAN = 0.2;
/** Windows that a slow head needs for each number of its row. */
const ROWS_PER_NUMBER = 5;
const foldCount = (folds: readonly number[]): number => Math.max(0, ...folds) + 1;

/** Cross-fitted log evidence of rows that have the shape of a window: [windows][units]. */
export const evidenceOfWindows = (
  input: HeadsInput,
  rows: readonly ArrayLike<number>[],
  isOwn: boolean,
): Float64Array[] => {
  const { layout, folds, floor, ridge } = input;
  const units = unitsOf(layout).map((unit) => samplesOf(unit, layout.frames));
  const floors = Float64Array.from(rows[0] ?? [], (_, index) => floor[Math.floor(index / layout.frames)] ?? 0);
  const sums: FoldMoments | undefined = isOwn && input.momentsOf !== undefined ? undefined : foldMoments(rows, folds);
  const out: Float64Array[] = rows.map(() => new Float64Array());
  for (let fold = 0; fold < foldCount(folds); fold += 1) {
    input.report('scoring every stretch by a model of the others', fold / foldCount(folds));
    const { mean, covariance } = sums?.without(fold) ??
      input.momentsOf?.(fold, rows) ?? { mean: undefined, covariance: undefined };
    if (mean === undefined || covariance === undefined) continue;
    const support = withSupport(covariance, sums === undefined ? 0 : ridge, floors);
    const head = gaussianHead(mean, withWander(support, parameterOfSamples(layout), input.wander), units, true);
    const own = folds.flatMap((of, index) => (of === fold ? [index] : []));
    logEvidence(
      head,
      own.map((index) => rows[index] ?? []),
    ).forEach((row, at) => (out[own[at] ?? 0] = row));
  }
  return out;
};

/** The head of rows that have the shape of a window, fitted on all of them. */
export const headOfWindows = (
  { layout, floor, wander, ridge, folds }: HeadsInput,
  rows: readonly ArrayLike<number>[],
): GaussianHead => {
  const units = unitsOf(layout).map((unit) => samplesOf(unit, layout.frames));
  const floors = Float64Array.from(rows[0] ?? [], (_, index) => floor[Math.floor(index / layout.frames)] ?? 0);
  const { mean, covariance } = foldMoments(rows, folds).without();
  const support = withSupport(covariance, ridge, floors);
  return gaussianHead(mean, withWander(support, parameterOfSamples(layout), wander), units, true);
};

/** A slow head with its cross-fitted log evidence; windows too soon after a gap have none. */
export const fitSlow = (
  input: HeadsInput,
  span: number,
): { head: SlowHead; evidence: (Float64Array | undefined)[] } | undefined => {
  const { layout, windows, scaling, floor } = input;
  const shape = slowShape(layout, span);
  if (shape === undefined) return undefined;
  const warm = SPANS[span] ?? 0;
  const known = rememberedWindows(windows, warm, layout);
  if (known.length < ROWS_PER_NUMBER * shape.sources.length) return undefined;
  const rows = known.map((index) => slowRow(shape, windows[index]?.memory ?? [], scaling));
  const folds = known.map((index) => input.folds[index] ?? 0);
  const sums = foldMoments(rows, folds);
  const floors = shape.parameters.map((parameter, index) =>
    shape.units.some((unit) => unit.includes(index)) ? STEP_OF_A_MEAN * (floor[parameter] ?? 0) : 0,
  );
  const fit = (fold?: number, isJudgedOnly = true): GaussianHead => {
    const { mean, covariance } = sums.without(fold);
    const support = withSupport(covariance, SLOW_RIDGE, floors);
    return gaussianHead(mean, withWander(support, shape.parameters, input.wander), shape.units, isJudgedOnly);
  };
  const evidence: (Float64Array | undefined)[] = windows.map(() => undefined);
  for (let fold = 0; fold < foldCount(input.folds); fold += 1) {
    const own = known.flatMap((_, at) => (folds[at] === fold ? [at] : []));
    if (own.length === 0) continue;
    const out = logEvidence(
      fit(fold),
      own.map((at) => rows[at] ?? []),
    );
    out.forEach((row, at) => (evidence[known[own[at] ?? 0] ?? 0] = row));
  }
  return { head: { name: `slow${String(warm)}`, shape, head: fit(undefined, false), warm }, evidence };
};
