/**
 * What a model remembers beyond its window: running summaries of each parameter, updated with every frame. A pure reducer.
 * The means forget exponentially; until they have seen as many frames as they span, they are plain means of what they saw. Until a new
 * sample comes, the last one stands: a mean that stood still beside those of the others would look like a fault in every manoeuvre.
 *
 * Behaviour is counted over two blocks of samples instead. A deviation that forgets exponentially still shows a fault of twenty deviations
 * half an hour after its end; two blocks have forgotten it after `BEHAVIOUR_SPAN` samples.
 *
 * A parameter that returns, from absence or from a declared effect, begins anew. What is remembered of it is of before, while the others
 * went on. After an effect its count is 0 until it returns, and the rest stays as it was.
 */

/** Frames that the running means span: about one, four and sixteen windows of sixteen frames. */
export const SPANS = [16, 64, 256] as const;
/** Samples that behaviour is counted over, at most. */
export const BEHAVIOUR_SPAN = 64;

/** Where each summary lies within the row of its parameter. */
export const SUMMARY = {
  /** Running means over each span, engineering units. */
  mean: [0, 1, 2],
  /** Running means of the absolute change from one measured sample to the next, engineering units. */
  change: [3, 4, 5],
  /** Variance over the two blocks, engineering units squared. */
  variance: 6,
  /** Share of samples of the two blocks that repeat the one before, 0..1. */
  repeated: 7,
  /** Measured samples since the last gap, or since the parameter began anew. */
  count: 8,
  /** Lowest and highest value of the present block and of the one before it, engineering units. */
  low: [9, 10],
  high: [11, 12],
  /** Mean, and mean absolute change from one sample to the next, over the two blocks; engineering units. */
  level: 13,
  step: 14,
  /** Measured samples in a row that repeat the one before. Only in the memory of a window, where a sum over the present block stood. */
  run: 18,
} as const;
/** What is summed up within the present block and the one before: mean, squares about it, changes, repeats. */
const PRESENT = 15;
const BEFORE = 19;
const [MEAN, SQUARES, CHANGES, REPEATS] = [0, 1, 2, 3];
/** Numbers a parameter. */
export const SUMMARIES = 23;
/** Measured samples a block: two of them reach back half to all of `BEHAVIOUR_SPAN`. */
const BLOCK = BEHAVIOUR_SPAN / 2;

export interface SummaryState {
  /** [parameters, SUMMARIES]. */
  readonly values: Float64Array;
  /** Last measured value of each parameter, and how many frames ago it was measured. */
  readonly last: Float64Array;
  readonly age: Float64Array;
  /** Measured samples in a row that repeat the one before; absent of a checkpoint of before. */
  readonly run?: Float64Array | undefined;
  /** Samples since the last gap, whether remembered or not: how often a parameter comes. Absent of a checkpoint of before. */
  readonly came?: Float64Array | undefined;
}

/** What is known of a frame besides what was measured. */
export interface FrameNotes {
  /** Frames of a window: a parameter that was absent for longer begins anew. Left out: none ever was. */
  readonly frames?: number;
  /** Rows that a declared effect explains: what is remembered of them ends here. */
  readonly excused?: readonly number[] | undefined;
}

export const initialSummaries = (parameters: number): SummaryState => ({
  values: new Float64Array(parameters * SUMMARIES),
  last: new Float64Array(parameters).fill(NaN),
  age: new Float64Array(parameters),
  run: new Float64Array(parameters),
  came: new Float64Array(parameters),
});

/** Frames seen since the last gap by the parameter that saw most. */
export const framesSeen = (memory: ArrayLike<number>): number => {
  let most = 0;
  for (let at = SUMMARY.count; at < memory.length; at += SUMMARIES) most = Math.max(most, memory[at] ?? 0);
  return most;
};

/** How many of `count` samples the level is the mean of: those of the present block and of the one before it. */
export const levelSamples = (count: number): number => (count <= BLOCK ? count : BLOCK + ((count - 1) % BLOCK) + 1);

/** Weight of a sample that comes `gap` frames after the one before, when `count` were seen already. */
export const weightOf = (span: number, gap: number, count: number): number =>
  Math.max(1 - (gap === 1 ? 1 - 1 / span : (1 - 1 / span) ** gap), 1 / (count + 1));

const moveToward = (values: Float64Array, at: number, target: number, weight: number): void => {
  const old = values[at] ?? 0;
  values[at] = old + weight * (target - old);
};

/** Takes one measured value into the row of its parameter, in place. It runs for each value of each frame, so it allocates nothing. */
const take = (
  values: Float64Array,
  base: number,
  { value, before, gap }: { readonly value: number; readonly before: number; readonly gap: number },
): void => {
  const count = values[base + SUMMARY.count] ?? 0;
  if (count === 0) values.fill(0, base, base + SUMMARIES);
  const change = Number.isNaN(before) ? 0 : Math.abs(value - before);
  for (let index = 0; index < SPANS.length; index += 1) {
    const span = SPANS[index] ?? 0;
    moveToward(values, base + (SUMMARY.mean[index] ?? 0), value, weightOf(span, 1, count));
    moveToward(values, base + (SUMMARY.change[index] ?? 0), change, weightOf(span, gap, count));
  }
  takeExtremes(values, base, value, count);
  takeBehaviour(values, base, value, change);
  values[base + SUMMARY.count] = count + 1;
};

/** A frame without a sample: the means go on towards the last one. */
const hold = (values: Float64Array, base: number, value: number): void => {
  if (Number.isNaN(value)) return;
  for (let index = 0; index < SPANS.length; index += 1)
    moveToward(values, base + (SUMMARY.mean[index] ?? 0), value, 1 / (SPANS[index] ?? 1));
};

/** Level, spread, changes and repeats over two blocks of samples that follow each other. */
const takeBehaviour = (values: Float64Array, base: number, value: number, change: number): void => {
  const count = values[base + SUMMARY.count] ?? 0;
  const [now, old] = [base + PRESENT, base + BEFORE];
  if (count % BLOCK === 0) {
    values.copyWithin(old, now, now + BEFORE - PRESENT);
    values.fill(0, now, now + BEFORE - PRESENT);
  }
  const [n, m] = [(count % BLOCK) + 1, count < BLOCK ? 0 : BLOCK];
  const [usual, earlier] = [values[now + MEAN] ?? 0, values[old + MEAN] ?? 0];
  const mean = usual + (value - usual) / n;
  const squares = (values[now + SQUARES] ?? 0) + (value - usual) * (value - mean);
  const changes = (values[now + CHANGES] ?? 0) + change;
  const repeats = (values[now + REPEATS] ?? 0) + (count > 0 && change === 0 ? 1 : 0);
  values[now + MEAN] = mean;
  values[now + SQUARES] = squares;
  values[now + CHANGES] = changes;
  values[now + REPEATS] = repeats;
  const both = n + m;
  values[base + SUMMARY.level] = (n * mean + m * earlier) / both;
  // The squares of two parts about their common mean (Chan, Golub, LeVeque, The American Statistician 37, 1983).
  const between = (n * m * (mean - earlier) ** 2) / both;
  values[base + SUMMARY.variance] = (squares + (values[old + SQUARES] ?? 0) + between) / both;
  values[base + SUMMARY.step] = (changes + (values[old + CHANGES] ?? 0)) / both;
  values[base + SUMMARY.repeated] = (repeats + (values[old + REPEATS] ?? 0)) / both;
};

/** Extremes of two blocks of samples that follow each other. */
const takeExtremes = (values: Float64Array, base: number, value: number, count: number): void => {
  const [lowNow, lowBefore] = [base + SUMMARY.low[0], base + SUMMARY.low[1]];
  const [highNow, highBefore] = [base + SUMMARY.high[0], base + SUMMARY.high[1]];
  if (count % BLOCK === 0) {
    values[lowBefore] = count === 0 ? value : (values[lowNow] ?? value);
    values[highBefore] = count === 0 ? value : (values[highNow] ?? value);
    values[lowNow] = value;
    values[highNow] = value;
  }
  values[lowNow] = Math.min(values[lowNow] ?? value, value);
  values[highNow] = Math.max(values[highNow] ?? value, value);
};

/** A parameter is absent when it has not come for a window and so many times its usual interval. */
const LONG = 4;

/** Samples of each row since the last gap; by the counts in a checkpoint of before, where nothing had begun anew. */
const cameOf = ({ came, values, age }: SummaryState): Float64Array =>
  came ?? age.map((_, row) => values[row * SUMMARIES + SUMMARY.count] ?? 0);

const most = (came: Float64Array): number => came.reduce((highest, samples) => Math.max(highest, samples), 0);

/**
 * The summaries after one more frame.
 * @param measured [parameters], engineering values; NaN where nothing was measured in this frame.
 */
export const summarise = (
  before: SummaryState,
  measured: ArrayLike<number>,
  { frames = Infinity, excused = [] }: FrameNotes = {},
): SummaryState => {
  const values = before.values.slice();
  const last = before.last.slice();
  const age = before.age.slice();
  const run = before.run?.slice() ?? new Float64Array(last.length);
  const came = cameOf(before).slice();
  const seen = most(came);
  const forget = (parameter: number): void => {
    values[parameter * SUMMARIES + SUMMARY.count] = 0;
    last[parameter] = NaN;
    age[parameter] = 0;
    run[parameter] = 0;
  };
  const isExcused = new Set(excused);
  for (let parameter = 0; parameter < last.length; parameter += 1) {
    const value = measured[parameter] ?? NaN;
    const isMeasured = !Number.isNaN(value);
    const wasAbsent = (age[parameter] ?? 0) > (LONG * seen) / (came[parameter] ?? 0) + frames;
    if (isMeasured) came[parameter] = (came[parameter] ?? 0) + 1;
    if (isExcused.has(parameter)) {
      forget(parameter);
      continue;
    }
    if (isMeasured && wasAbsent) forget(parameter);
    const gap = (age[parameter] ?? 0) + 1;
    age[parameter] = gap;
    if (!isMeasured) {
      hold(values, parameter * SUMMARIES, last[parameter] ?? NaN);
      continue;
    }
    take(values, parameter * SUMMARIES, { value, before: last[parameter] ?? NaN, gap });
    run[parameter] = value === last[parameter] ? (run[parameter] ?? 0) + 1 : 0;
    last[parameter] = value;
    age[parameter] = 0;
  }
  return { values, last, age, run, came };
};

/**
 * The memory of a window of so many frames: [parameters, SUMMARIES], with a count of 0 for what is absent. What began anew counts as
 * absent until it has been back for as long as behaviour is counted over. A mean of a few samples would look like a fault.
 */
export const memoryOf = (state: SummaryState, frames: number): Float32Array => {
  const { values, age, run = new Float64Array(age.length) } = state;
  const memory = Float32Array.from(values);
  run.forEach((samples, row) => (memory[row * SUMMARIES + SUMMARY.run] = samples));
  const came = cameOf(state);
  const seen = most(came);
  age.forEach((frame, row) => {
    const count = row * SUMMARIES + SUMMARY.count;
    const [own, all] = [values[count] ?? 0, came[row] ?? 0];
    // The interval is that of all its samples: a few new ones would tell a wrong one.
    const interval = seen / all;
    const isBack = own < all && own * interval < Math.max(BEHAVIOUR_SPAN, frames);
    if (isBack || frame > LONG * interval + frames) memory[count] = 0;
  });
  return memory;
};
