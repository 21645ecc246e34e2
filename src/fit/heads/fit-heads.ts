/**
 * Fits all heads together on nominal windows: what each unit's evidence usually is in a context, and how it is judged over time. The
 * evidence is cross-fitted (`fit-head.ts`).
 */
import { sustain, type SustainedCalibration, type SustainedState } from '../../core/anomaly/sustained';
import { surpriseAt } from '../../core/anomaly/surprise';
import { SPANS } from '../../core/telemetry/summaries';
import { unitsOf } from '../layout';
import { fitRobustLevel, levelIn, type ContextLevel } from './context-level';
import { evidenceOfWindows, fitSlow, headOfWindows, type HeadsInput, type SlowHead } from './fit-head';
import type { GaussianHead } from './gaussian-head';
import { robustSpread } from './robust';
import { slowSpansOf } from './slow-spans';
import { tailLine } from './tail-lines';
import { fitTaught, type TaughtHead } from './taught-head';
import { commandsOf, unitNames } from './units';

export interface Heads {
  readonly names: readonly string[];
  /** Heads whose rows have the shape of a window, besides the window itself. */
  readonly alike: readonly { readonly name: string; readonly head: GaussianHead }[];
  /** Of packages that labelled passes teach. */
  readonly taught?: TaughtHead | undefined;
  readonly slow: readonly SlowHead[];
  readonly level: ContextLevel;
  /** [heads * units]: nominal deviation of the log evidence about its level. */
  readonly spread: Float64Array;
  readonly sustained: SustainedCalibration;
  /** Scores of the nominal windows, an array a stretch. */
  readonly scores: readonly Float64Array[];
  /** Scores of the same windows on their own, as the graph gives them. */
  readonly instant: Float64Array;
}

/** The head of taught faults. */
const TAUGHT = 'taught';
/** Weights of a new window in the smoothed evidence: the window alone, about four windows, about sixteen. */
const RATES = [1, 1 / 4, 1 / 16];
/** The spread is no smaller: a record that is short or quieted by rounding would make everything a surprise. */
const LEAST_SPREAD = 0.1;
/** Windows for which a command that was never seen silences the fast heads; slow ones are silent for so many of their spans. */
const SILENT_WINDOWS = 30;
const SILENT_SPANS = 3;

/** Running means are not smoothed again: they would show what is over for longer, and nothing sooner. */
const SILENT = { knots: [0], slopes: [0], base: 0 };

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
const runSustained = (
  spec: SustainedCalibration,
  rows: readonly Float64Array[],
  stretches: readonly number[],
  unseen = false,
) => {
  const out: { score: number; smoothed: Float64Array }[][] = [];
  let state: SustainedState | undefined;
  rows.forEach((row, index) => {
    if (index === 0 || stretches[index] !== stretches[index - 1]) {
      state = undefined;
      out.push([]);
    }
    const step = sustain(spec, state, row, { unseen, isPartial: false });
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
  const taught = input.taught && fitTaught({ layout, folds: input.folds, wander: input.wander, ...input.taught });
  const fast = [
    ...[{ name: 'window', rows: input.filled }, ...input.alike].map(({ name, rows }) => ({
      name,
      evidence: evidenceOfWindows(input, rows, name === 'window') as (Float64Array | undefined)[],
    })),
    ...(taught ? [{ name: TAUGHT, evidence: taught.evidence as (Float64Array | undefined)[] }] : []),
  ];
  const all = [...fast, ...slow.map(({ head, evidence }) => ({ name: head.name, evidence }))];
  const shape = levelOn(undefined, all[0]?.evidence ?? [], contexts);
  // Filters regress on the conditions themselves, so that no context is left to tell anything of them.
  const nowhere = contexts.map(({ length }) => new Float64Array(length));
  const levels = all.map(({ name, evidence }) => levelOn(shape, evidence, name === TAUGHT ? nowhere : contexts));
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
  const plain: SustainedCalibration = {
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
      if (rate > 0 && head >= fast.length) return SILENT;
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
    taught: taught?.head,
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
