/**
 * Fits what judges a parameter by its own past: the forecast, the behaviour, and what is usual of each. It also fits how the ratio of
 * their level to that of the time before is judged. All of it is counted on windows that the head judging them was not fitted on.
 */
import { FROZEN, judgeOwnPast, type OwnPast, type OwnPastState } from '../../core/anomaly/own-past';
import { SPANS, SUMMARIES, SUMMARY } from '../../core/telemetry/summaries';
import { surpriseAt } from '../../core/anomaly/surprise';
import type { Mission } from '../../domain/mission';
import type { Window } from '../../domain/telemetry';
import type { Scaling } from '../graph/front';
import { medianOf } from '../heads/robust';
import { unitNames } from '../heads/units';
import { unitsOf, type Layout } from '../layout';
import { rememberedWindows } from '../remembered';
import { fitBehaviour, type Behaviour } from './behaviour';
import { fitForecast, forecastShape, type Forecast } from './forecast';
import { runsOf, usualRuns } from './frozen';
import { ratioLines, type OtherHeads } from './ratio-line';

export interface OwnPastHeads {
  readonly spec: OwnPast;
  readonly scored: readonly number[];
  readonly forecast: Forecast;
  readonly behaviour: Behaviour;
  /** [heads][windows]: -Infinity where nothing is said. */
  readonly scores: readonly Float64Array[];
}

export interface OwnPastFit {
  readonly layout: Layout;
  readonly mission: Mission;
  readonly scaling: Scaling;
  /** Nominal windows in time order, the stretch and the fold of each, and their standardised values with missing samples inferred. */
  readonly windows: readonly Window[];
  readonly stretches: readonly number[];
  readonly folds: readonly number[];
  readonly filled: readonly ArrayLike<number>[];
  readonly others: OtherHeads;
  /** How far each level went one way, nominal deviations. */
  readonly wander: Float64Array;
  readonly report: (message: string, share?: number) => void;
}

/** Frames: the span that smooths the residual of the forecast, the length of a block of the level, and the least block of maxima. */
const SMOOTHED = 30;
const BLOCK = 50;
const MAXIMA_BLOCK = 200;
const FEWEST_BLOCKS = 4;
const MAX_BLOCKS = 12;
/** Share of the block maxima that is the unit of a level. */
const UPPER = 0.75;
/** Least unit: a record that never changes would make anything a surprise of any size. */
const LEAST_UNIT = 0.02;
/** A record shows the running means of spans that it holds so many times. */
const LEAST_SPANS = 6;

/** Standardised window and running means, as the forecast takes them. */
export const pastRow = (filled: ArrayLike<number>, memory: ArrayLike<number>, { mean, std }: Scaling): Float64Array => {
  const parameters = mean.length;
  const row = new Float64Array(filled.length + parameters * SPANS.length);
  row.set(filled);
  for (let parameter = 0; parameter < parameters; parameter += 1)
    SUMMARY.mean.forEach((index, span) => {
      const value = (memory[parameter * SUMMARIES + index] ?? 0) - (mean[parameter] ?? 0);
      row[filled.length + parameter * SPANS.length + span] = value / (std[parameter] ?? 1);
    });
  return row;
};

/** Middle and unit of each signal, over windows that follow each other. */
const usualOf = (rows: readonly ArrayLike<number>[], stride: number): { median: number[]; unit: number[] } => {
  const width = rows[0]?.length ?? 0;
  const count = Math.max(FEWEST_BLOCKS, Math.min(MAX_BLOCKS, Math.floor((rows.length * stride) / MAXIMA_BLOCK)));
  const median: number[] = [];
  const unit: number[] = [];
  for (let at = 0; at < width; at += 1) {
    const own = Float64Array.from(rows, (row) => row[at] ?? 0);
    const middle = medianOf(own);
    const maxima = Float64Array.from({ length: count }, (_, block) =>
      own
        .subarray(Math.floor((block * own.length) / count), Math.floor(((block + 1) * own.length) / count))
        .reduce((most, value) => Math.max(most, value), middle),
    ).sort();
    median.push(middle);
    unit.push(Math.max(LEAST_UNIT, (maxima[Math.floor(UPPER * (count - 1))] ?? middle) - middle));
  }
  return { median, unit };
};

/** Signals smoothed as in operation, stretch by stretch. */
const smooth = (rows: readonly Float64Array[], stretches: readonly number[], rate: number): Float64Array[] => {
  let before = new Float64Array();
  return rows.map((row, index) => {
    const isFirst = index === 0 || stretches[index] !== stretches[index - 1];
    const old = isFirst ? new Float64Array(row.length) : before;
    before = row.map((value, at) => (old[at] ?? 0) + rate * (value - (old[at] ?? 0)));
    return before;
  });
};

/** The ratio of each head in each window: [stretches][windows][heads], and the scores. */
const runOver = (spec: OwnPast, signals: readonly Float64Array[], stretches: readonly number[]) => {
  let state: OwnPastState | undefined;
  return signals.map((row, index) => {
    if (index === 0 || stretches[index] !== stretches[index - 1]) state = undefined;
    const step = judgeOwnPast(spec, state, { signals: row, seen: Infinity, unseen: false, frozen: false });
    state = step.state;
    return step;
  });
};

const joinRows = (a: readonly Float64Array[], b: readonly Float64Array[]): Float64Array[] =>
  a.map((row, index) => Float64Array.from([...row, ...(b[index] ?? [])]));

const byStretch = <T>(items: readonly T[], stretches: readonly number[]): T[][] => {
  const out: T[][] = [];
  items.forEach((item, index) => {
    if (index === 0 || stretches[index] !== stretches[index - 1]) out.push([]);
    out.at(-1)?.push(item);
  });
  return out;
};

/** Units without the parameters that roll over: a step from 359 to 0 and the mean of both say nothing of what they do. */
const steadyUnits = (layout: Layout, { parameters }: Mission): readonly (readonly number[])[] =>
  unitsOf(layout).map((unit) => unit.filter((parameter) => parameters[parameter]?.modulus === undefined));

/** Undefined where the recordings are too short to show what is usual, or every parameter rolls over. */
export const fitOwnPast = (input: OwnPastFit): OwnPastHeads | undefined => {
  const { layout, mission, scaling, windows } = input;
  const { stride } = mission.sampling;
  const units = steadyUnits(layout, mission);
  const scored = units.flat();
  const spans = SPANS.flatMap((span, index) => (windows.length * stride >= LEAST_SPANS * span ? [index] : []));
  const warm = Math.max(SPANS[spans.at(-1) ?? 0] ?? 0, SPANS[1]);
  const known = rememberedWindows(windows, warm, layout);
  // What is usual is read off the highest of several blocks.
  if (scored.length === 0 || spans.length === 0 || known.length * stride < FEWEST_BLOCKS * MAXIMA_BLOCK)
    return undefined;
  const of = <T>(items: readonly T[]): T[] => known.flatMap((index) => items.slice(index, index + 1));
  const stretches = of(input.stretches);
  const memories = known.map((index) => windows[index]?.memory ?? []);
  const rows = known.map((index, at) => pastRow(input.filled[index] ?? [], memories[at] ?? [], scaling));
  const rolling = mission.parameters.filter(({ modulus }) => modulus !== undefined).map(({ id }) => id);
  if (rolling.length > 0) input.report(`not judged by their own past, for they roll over: ${rolling.join(', ')}`);
  input.report('forecasting every parameter from its past');
  const forecast = fitForecast(
    forecastShape(layout, scored, spans, { stride, wander: input.wander }),
    rows,
    of(input.folds),
  );
  const scoredOutside = (unit: readonly number[]): readonly number[] => scored.filter((other) => !unit.includes(other));
  const behaviour = fitBehaviour({
    ...{ scored, scaling, memories, stretches, stride, folds: of(input.folds), wander: input.wander },
    others: units.flatMap((unit) => unit.map(() => scoredOutside(unit))),
    report: (share) => {
      input.report('comparing behaviour with all that was nominal', share);
    },
  });
  const runs = runsOf(memories, scored);
  const rate = Math.min(1, stride / SMOOTHED);
  const line = { knots: [0], slopes: [0], base: 0 };
  const plain: OwnPast = {
    heads: [
      { name: 'forecast', rate, line, ...usualOf(smooth(forecast.signals, stretches, rate), stride) },
      { name: 'behaviour', rate: 1, line, ...usualOf(behaviour.signals, stride) },
      { name: FROZEN, rate: 1, line, ...usualRuns(runs) },
    ],
    parameters: [...scored],
    units: unitNames(layout, mission),
    unitOf: units.flatMap((unit, index) => unit.map(() => index)),
    warm,
    silence: Math.ceil(warm / stride),
    block: Math.max(1, Math.round(BLOCK / stride)),
  };
  const signals = joinRows(joinRows(forecast.signals, behaviour.signals), runs);
  const steps = runOver(plain, signals, stretches);
  const ratiosOf = (head: number): number[] =>
    steps.map(({ score, ratios }) => (score > -Infinity ? (ratios[head] ?? 0) : -Infinity));
  const lines = ratioLines(
    plain.heads.map((_, head) => byStretch(ratiosOf(head), stretches)),
    plain.units.length,
    input.others,
  );
  const heads = plain.heads.map((head, at) => ({ ...head, line: lines[at] ?? line }));
  const spec = { ...plain, heads };
  const scores = spec.heads.map(({ line: own }, head) => {
    const all = new Float64Array(windows.length).fill(-Infinity);
    steps.forEach(({ score, ratios }, at) => {
      if (score > -Infinity) all[known[at] ?? 0] = surpriseAt(own, ratios[head] ?? 0);
    });
    return all;
  });
  return { spec, scored, forecast: forecast.head, behaviour: behaviour.head, scores };
};
