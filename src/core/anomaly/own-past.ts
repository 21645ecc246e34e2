/**
 * Evidence against a parameter from its own past: what it does, and how it behaves, against a forecast and against all that was nominal.
 * Where the others imply nothing of it (one value and command flags) this is all there is to judge. A pure reducer.
 *
 * Such evidence follows every change of regime. So it is divided by the highest level of the time before: what has been so for a while
 * is no news. While an anomaly is open the level is frozen, so that a fault does not become its own excuse.
 */
import type { Manifest } from '../../domain/manifest';
import { surpriseAt } from './surprise';

export type OwnPast = NonNullable<Manifest['calibration']['ownPast']>;

export interface OwnPastState {
  /** [heads, signals]. */
  readonly smoothed: Float64Array;
  /** Windows for which nothing is said, after a command that fitting never saw. */
  readonly silent: number;
  /** Highest levels of the blocks before, the newest first, and of the present one: [blocks][heads, units]. */
  readonly blocks: readonly Float64Array[];
  readonly current: Float64Array;
  /** Windows in the present block. */
  readonly count: number;
}

export interface OwnPastStep {
  readonly state: OwnPastState;
  /** Decades; -Infinity while nothing is said. */
  readonly score: number;
  /** [heads]: the highest ratio of the level to that of the time before. */
  readonly ratios: readonly number[];
}

export interface OwnPastInput {
  /** [heads, signals], as the graph gives them. */
  readonly signals: ArrayLike<number>;
  /** Frames since the last gap. */
  readonly seen: number;
  /** Whether a command lies outside what fitting saw. */
  readonly unseen: boolean;
  /** Rows of the parameters that are absent (`absent.ts`); left out: none is. */
  readonly absent?: readonly number[];
  /** Whether an anomaly is open. */
  readonly frozen: boolean;
}

/** Blocks that make up the time before: the newest ones may hold the onset of what is judged, and are left out. */
export const RECENT_BLOCKS = 2;
export const PAST_BLOCKS = 6;
/** The head that takes the past of all parameters. */
const FORECAST = 'forecast';
/** The head that counts runs of one value. */
export const FROZEN = 'frozen';
/** Level of the longest nominal run, where that is not a short one: twice as long alarms if a level of 3.2 does (`fit/own-past/frozen.ts`). */
export const LONGEST_LEVEL = 1.6;
/** Levels below this are ordinary, and divide nothing. */
const ORDINARY = 1;

const initial = ({ heads, parameters, units }: OwnPast): OwnPastState => ({
  smoothed: new Float64Array(heads.length * parameters.length),
  silent: 0,
  blocks: [],
  current: new Float64Array(heads.length * units.length),
  count: 0,
});

/** How far a parameter is above the middle of a head, in units of what is usual; 0 below it. @param at its place in the output. */
export const aboveUsual = (
  { median, unit }: Pick<OwnPast['heads'][number], 'median' | 'unit'>,
  at: number,
  signal: number,
): number => Math.max(0, (signal - (median[at] ?? 0)) / (unit[at] ?? 1));

/** Levels of the units, in units of what is usual: the root mean square of those of their parameters that are above it. */
export const unitLevels = (
  { parameters, units, unitOf }: Pick<OwnPast, 'parameters' | 'units' | 'unitOf'>,
  head: Pick<OwnPast['heads'][number], 'median' | 'unit'>,
  smoothed: ArrayLike<number>,
): Float64Array => {
  const squares = new Float64Array(units.length);
  const counts = new Float64Array(units.length);
  for (let at = 0; at < parameters.length; at += 1) {
    const of = unitOf[at] ?? 0;
    const level = aboveUsual(head, at, smoothed[at] ?? 0);
    squares[of] = (squares[of] ?? 0) + level * level;
    counts[of] = (counts[of] ?? 0) + 1;
  }
  return squares.map((sum, index) => Math.sqrt(sum / Math.max(1, counts[index] ?? 1)));
};

/** The level of the time before, of one head and unit. */
export const levelBefore = ({ blocks }: Pick<OwnPastState, 'blocks'>, index: number): number =>
  blocks.slice(RECENT_BLOCKS).reduce((most, block) => Math.max(most, block[index] ?? 0), ORDINARY);

/**
 * The level goes on, a block at a time. A run grows slowly, and must not be its own time before: it counts there once people were told that
 * it is the new regime, until it ends.
 */
const advance = (state: OwnPastState, levels: Float64Array, { heads, units, block }: OwnPast): OwnPastState => {
  const current = state.current.map((most, index) => {
    const level = levels[index] ?? 0;
    if (heads[Math.floor(index / units.length)]?.name !== FROZEN) return Math.max(most, level);
    return level < ORDINARY ? 0 : (state.blocks[0]?.[index] ?? 0);
  });
  if (state.count + 1 < block) return { ...state, current, count: state.count + 1 };
  return {
    ...state,
    blocks: [current, ...state.blocks].slice(0, PAST_BLOCKS),
    current: new Float64Array(current.length),
    count: 0,
  };
};

/** Takes one window. */
export const judgeOwnPast = (
  spec: OwnPast,
  from: OwnPastState | undefined,
  { signals, seen, unseen, absent = [], frozen }: OwnPastInput,
): OwnPastStep => {
  const old = from ?? initial(spec);
  const nothing = spec.heads.map(() => 0);
  // The level of the time before a gap stands: what began soon after it is news.
  if (seen < spec.warm)
    return { state: { ...old, smoothed: initial(spec).smoothed, silent: 0 }, score: -Infinity, ratios: nothing };
  const silent = unseen ? spec.silence : Math.max(0, old.silent - 1);
  if (silent > 0) return { state: { ...old, silent }, score: -Infinity, ratios: nothing };
  const each = spec.parameters.length;
  const isPartial = absent.length > 0;
  const smoothed = old.smoothed.map((value, index) => {
    const head = spec.heads[Math.floor(index / each)];
    const isOut = (isPartial && head?.name === FORECAST) || absent.includes(spec.parameters[index % each] ?? -1);
    const signal = isOut ? head?.median[index % each] : signals[index];
    return value + (head?.rate ?? 1) * ((signal ?? 0) - value);
  });
  const levels = new Float64Array(spec.heads.length * spec.units.length);
  spec.heads.forEach((head, at) => {
    levels.set(unitLevels(spec, head, smoothed.subarray(at * each, (at + 1) * each)), at * spec.units.length);
  });
  const ratios = spec.heads.map((_, at) => {
    let most = 0;
    for (let index = at * spec.units.length; index < (at + 1) * spec.units.length; index += 1)
      most = Math.max(most, (levels[index] ?? 0) / levelBefore(old, index));
    return most;
  });
  // What has been so since the beginning is no news: without a time before there is nothing to compare with.
  const score =
    old.blocks.length <= RECENT_BLOCKS
      ? -Infinity
      : spec.heads.reduce((most, { line }, at) => Math.max(most, surpriseAt(line, ratios[at] ?? 0)), -Infinity);
  const next = { ...old, smoothed, silent };
  return { state: frozen ? next : advance(next, levels, spec), score, ratios };
};

/** The state after people were told that what is now is a new regime: it is the level from here on. */
export const acceptOwnPast = (spec: OwnPast, state: OwnPastState): OwnPastState => {
  const each = spec.parameters.length;
  const levels = new Float64Array(spec.heads.length * spec.units.length);
  spec.heads.forEach((head, at) => {
    levels.set(unitLevels(spec, head, state.smoothed.subarray(at * each, (at + 1) * each)), at * spec.units.length);
  });
  return { ...state, blocks: Array.from({ length: PAST_BLOCKS }, () => levels.slice()), current: levels, count: 0 };
};
