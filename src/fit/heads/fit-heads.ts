/**
 * Fits every head but the detector on nominal windows: what each unit's evidence is given the others, what it usually is in a context,
 * and how it is judged over time. All evidence is of windows that the model judging them was not fitted on.
 */
import { sustain, type Sustained, type SustainedState } from '../../core/anomaly/sustained';
import { surpriseAt } from '../../core/anomaly/surprise';
import { framesSeen, SPANS } from '../../core/telemetry/summaries';
import type { Mission } from '../../domain/mission';
import type { Window } from '../../domain/telemetry';
import type { Scaling } from '../graph/front';
import { samplesOf, unitsOf, type Layout } from '../layout';
import type { Dense } from '../math/dense';
import { foldMoments, withSupport, type FoldMoments } from './fold-moments';
import { fitRobustLevel, levelIn, type ContextLevel } from './context-level';
import { gaussianHead, logEvidence, type GaussianHead } from './gaussian-head';
import { slowRow, slowShape, type SlowShape } from './slow-rows';
import { robustSpread } from './robust';
import { slowSpansOf } from './slow-spans';
import { tailLine } from './tail-lines';
import { commandsOf, unitNames } from './units';

export interface SlowHead {
  readonly name: string;
  readonly shape: SlowShape;
  readonly head: GaussianHead;
  /** Frames after a gap from which on it judges. */
  readonly warm: number;
}

export interface Heads {
  readonly names: readonly string[];
  /** Heads whose rows have the shape of a window, besides the window itself. */
  readonly alike: readonly { readonly name: string; readonly head: GaussianHead }[];
  readonly slow: readonly SlowHead[];
  readonly level: ContextLevel;
  /** [heads * units]: nominal deviation of the log evidence about its level. */
  readonly spread: Float64Array;
  readonly sustained: Sustained;
  /** Scores of the nominal windows, an array a stretch. */
  readonly scores: readonly Float64Array[];
  /** Scores of the same windows on their own, as the graph gives them. */
  readonly instant: Float64Array;
}

export interface HeadsInput {
  readonly layout: Layout;
  readonly mission: Mission;
  readonly scaling: Scaling;
  /** A number of resolution steps that deviations are floored by, [parameters], standardised. */
  readonly floor: Float64Array;
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

/** Weights of a new window in the smoothed evidence: the window alone, about four windows, about sixteen. */
const RATES = [1, 1 / 4, 1 / 16];
const SLOW_RIDGE = 1e-5;
/** Running means are known better than single samples: this much of a resolution step. */
const STEP_OF_A_MEAN = 0.2;
/** Windows that a slow head needs for each number of its row. */
const ROWS_A_NUMBER = 5;
/** The spread is no smaller: a record that is short or quieted by rounding would make everything a surprise. */
const LEAST_SPREAD = 0.1;
/** Windows for which a command that was never seen silences the fast heads; slow ones are silent for so many of their spans. */
const SILENT_WINDOWS = 30;
const SILENT_SPANS = 3;

const foldCount = (folds: readonly number[]): number => Math.max(0, ...folds) + 1;

/** Cross-fitted log evidence of rows that have the shape of a window: [windows][units]. */
const evidenceOfWindows = (input: HeadsInput, rows: readonly ArrayLike<number>[], isOwn: boolean): Float64Array[] => {
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
    const head = gaussianHead(mean, withSupport(covariance, sums === undefined ? 0 : ridge, floors), units, true);
    const own = folds.flatMap((of, index) => (of === fold ? [index] : []));
    logEvidence(
      head,
      own.map((index) => rows[index] ?? []),
    ).forEach((row, at) => (out[own[at] ?? 0] = row));
  }
  return out;
};

/** The head of rows that have the shape of a window, fitted on all of them. */
const headOfWindows = (
  { layout, floor, ridge, folds }: HeadsInput,
  rows: readonly ArrayLike<number>[],
): GaussianHead => {
  const units = unitsOf(layout).map((unit) => samplesOf(unit, layout.frames));
  const floors = Float64Array.from(rows[0] ?? [], (_, index) => floor[Math.floor(index / layout.frames)] ?? 0);
  const { mean, covariance } = foldMoments(rows, folds).without();
  return gaussianHead(mean, withSupport(covariance, ridge, floors), units, true);
};

/** A slow head with its cross-fitted log evidence; windows too soon after a gap have none. */
const fitSlow = (
  input: HeadsInput,
  span: number,
): { head: SlowHead; evidence: (Float64Array | undefined)[] } | undefined => {
  const { layout, windows, scaling, floor } = input;
  const shape = slowShape(layout, span);
  if (shape === undefined) return undefined;
  const warm = SPANS[span] ?? 0;
  const known = windows.flatMap(({ memory }, index) =>
    memory !== undefined && framesSeen(memory) >= warm ? [index] : [],
  );
  if (known.length < ROWS_A_NUMBER * shape.sources.length) return undefined;
  const rows = known.map((index) => slowRow(shape, windows[index]?.memory ?? [], scaling));
  const folds = known.map((index) => input.folds[index] ?? 0);
  const sums = foldMoments(rows, folds);
  const floors = shape.parameters.map((parameter, index) =>
    shape.units.some((unit) => unit.includes(index)) ? STEP_OF_A_MEAN * (floor[parameter] ?? 0) : 0,
  );
  const fit = (fold?: number, isJudgedOnly = true): GaussianHead => {
    const { mean, covariance } = sums.without(fold);
    return gaussianHead(mean, withSupport(covariance, SLOW_RIDGE, floors), shape.units, isJudgedOnly);
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
  return { head: { name: `slow${String(SPANS[span])}`, shape, head: fit(undefined, false), warm }, evidence };
};

/** Slow evidence counts as far as faster evidence against the same unit supports it: what has passed lingers in a running mean. */
export const GATE = { base: 1, factor: 2 } as const;
const gated = (rows: readonly (readonly Float64Array[])[], slowFrom: number): Float64Array[][] =>
  rows.map((heads) =>
    heads.map((own, head): Float64Array => {
      const faster = head > slowFrom ? heads[head - 1] : undefined;
      return faster === undefined
        ? own
        : own.map((value, unit) => Math.min(value, GATE.base + GATE.factor * Math.max(0, faster[unit] ?? 0)));
    }),
  );

/** Evidence [windows][heads][units] through the reducer that will judge it in operation, stretch by stretch. */
const runSustained = (spec: Sustained, rows: readonly Float64Array[], stretches: readonly number[], unseen = false) => {
  const out: { score: number; smoothed: Float64Array }[][] = [];
  let state: SustainedState | undefined;
  rows.forEach((row, index) => {
    if (index === 0 || stretches[index] !== stretches[index - 1]) {
      state = undefined;
      out.push([]);
    }
    const step = sustain(spec, state, row, unseen);
    state = step.state;
    out.at(-1)?.push({ score: step.score, smoothed: step.state.smoothed });
  });
  return out;
};

const spreadOf = (rows: readonly (Float64Array | undefined)[], units: number): Float64Array => {
  const known = rows.filter((row) => row !== undefined);
  return Float64Array.from({ length: units }, (_, unit) => {
    return known.length === 0 ? LEAST_SPREAD : Math.max(LEAST_SPREAD, robustSpread(known.map((row) => row[unit] ?? 0)));
  });
};

/** Joins the levels of heads that were fitted on different windows: the same knots, weights side by side. */
const sideBySide = (levels: readonly ContextLevel[], shape: ContextLevel): ContextLevel => {
  const outputs = levels.reduce((sum, { bias }) => sum + bias.length, 0);
  const rows = shape.weights.rows;
  const data = new Float64Array(rows * outputs);
  const bias = new Float64Array(outputs);
  let from = 0;
  for (const level of levels) {
    const own = level.bias.length;
    for (let i = 0; i < rows; i += 1)
      for (let j = 0; j < own; j += 1) data[i * outputs + from + j] = level.weights.data[i * own + j] ?? 0;
    bias.set(level.bias, from);
    from += own;
  }
  return { ...shape, weights: { rows, columns: outputs, data }, bias };
};

export const fitHeads = (input: HeadsInput): Heads => {
  const { layout, mission, windows, contexts, stretches } = input;
  const units = unitsOf(layout);
  const slow = slowSpansOf(windows.length, mission.sampling).flatMap((span) => fitSlow(input, span) ?? []);
  const fast = [{ name: 'window', rows: input.filled }, ...input.alike].map(({ name, rows }) => ({
    name,
    evidence: evidenceOfWindows(input, rows, name === 'window') as (Float64Array | undefined)[],
  }));
  const all = [...fast, ...slow.map(({ head, evidence }) => ({ name: head.name, evidence }))];
  const shape = levelOn(undefined, all[0]?.evidence ?? [], contexts);
  const levels = all.map(({ evidence }) => levelOn(shape, evidence, contexts));
  const residuals = all.map(({ evidence }, at) =>
    evidence.map((row, index) => {
      const level = levels[at];
      if (row === undefined || level === undefined) return undefined;
      const usual = levelIn(level, contexts[index] ?? []);
      return row.map((value, unit) => value - (usual[unit] ?? 0));
    }),
  );
  const spreads = residuals.map((rows) => spreadOf(rows, units.length));
  const rows = windows.map((_, index) =>
    residuals.map((heads, head) =>
      Float64Array.from(units, (_unit, unit) => (heads[index]?.[unit] ?? 0) / (spreads[head]?.[unit] ?? 1)),
    ),
  );
  const evidence = gated(rows, fast.length).map((heads) => Float64Array.from(heads.flatMap((row) => [...row])));
  const stride = mission.sampling.stride;
  const plain: Sustained = {
    heads: all.map(({ name }, head) => ({
      name,
      fast: head <= fast.length && (slow[head - fast.length]?.head.warm ?? 0) <= SPANS[0],
      memory:
        head < fast.length
          ? SILENT_WINDOWS
          : Math.max(SILENT_WINDOWS, Math.ceil((SILENT_SPANS * (slow[head - fast.length]?.head.warm ?? 0)) / stride)),
    })),
    units: unitNames(layout, mission),
    rates: [...RATES],
    lines: RATES.map(() => all.map(() => ({ knots: [0], slopes: [0], base: 0 }))),
    commands: commandsOf(layout, mission, windows),
  };
  const smoothed = runSustained(plain, evidence, stretches);
  const lines = RATES.map((_, rate) =>
    all.map((_head, head) => {
      const of = smoothed.map((stretch) =>
        stretch.map(({ smoothed: values }) => {
          const from = (rate * all.length + head) * units.length;
          return values.subarray(from, from + units.length).reduce((most, value) => Math.max(most, value), -Infinity);
        }),
      );
      const { knots, slopes, base } = tailLine(of);
      return { knots: [...Array.from(knots)], slopes: [...Array.from(slopes)], base };
    }),
  );
  const sustained = { ...plain, lines };
  const instant = Float64Array.from(evidence, (row) =>
    Math.max(
      ...all.map((_, head) => {
        const own = row.subarray(head * units.length, (head + 1) * units.length);
        const line = lines[0]?.[head] ?? { knots: [0], slopes: [0], base: 0 };
        return surpriseAt(
          line,
          own.reduce((most, value) => Math.max(most, value), -Infinity),
        );
      }),
    ),
  );
  return {
    names: all.map(({ name }) => name),
    alike: input.alike.map(({ name, rows: own }) => ({ name, head: headOfWindows(input, own) })),
    slow: slow.map(({ head }) => head),
    level: sideBySide(levels, shape),
    spread: Float64Array.from(spreads.flatMap((row) => [...row])),
    sustained,
    instant,
    scores: runSustained(sustained, evidence, stretches).map((stretch) =>
      Float64Array.from(stretch, ({ score }) => score),
    ),
  };
};

/** The level of one head, on the knots of another. */
const levelOn = (
  shape: ContextLevel | undefined,
  evidence: readonly (Float64Array | undefined)[],
  contexts: readonly ArrayLike<number>[],
): ContextLevel => {
  const known = contexts.flatMap((_, index) => (evidence[index] === undefined ? [] : [index]));
  return fitRobustLevel(
    known.map((index) => contexts[index] ?? []),
    known.map((index) => evidence[index] ?? []),
    shape,
  );
};
