/**
 * What a model remembers beyond its window: running summaries of each parameter, updated with every frame. A pure reducer.
 * The means forget exponentially; until they have seen as many frames as they span, they are plain means of what they saw.
 */

/** Frames that the running means span: about one, four and sixteen windows of sixteen frames. */
export const SPANS = [16, 64, 256] as const;
/** Span of the variance and of the share of repeated values, frames. */
export const BEHAVIOUR_SPAN = 64;

/** Where each summary lies within the row of its parameter. */
export const SUMMARY = {
  /** Running means over each span, engineering units. */
  mean: [0, 1, 2],
  /** Running means of the absolute change from one measured sample to the next, engineering units. */
  change: [3, 4, 5],
  /** Running variance, engineering units squared. */
  variance: 6,
  /** Share of samples that repeat the one before, 0..1. */
  repeated: 7,
  /** Measured samples since the last gap. */
  count: 8,
  /** Lowest and highest value of the present block and of the one before it, engineering units. */
  low: [9, 10],
  high: [11, 12],
} as const;
/** Numbers a parameter. */
export const SUMMARIES = 13;
/** Measured samples a block: two of them reach back half to all of `BEHAVIOUR_SPAN`. */
const BLOCK = BEHAVIOUR_SPAN / 2;

export interface SummaryState {
  /** [parameters, SUMMARIES]. */
  readonly values: Float64Array;
  /** Last measured value of each parameter, and how many frames ago it was measured. */
  readonly last: Float64Array;
  readonly age: Float64Array;
}

export const initialSummaries = (parameters: number): SummaryState => ({
  values: new Float64Array(parameters * SUMMARIES),
  last: new Float64Array(parameters).fill(NaN),
  age: new Float64Array(parameters),
});

/** Frames seen since the last gap by the parameter that saw most. */
export const framesSeen = (memory: ArrayLike<number>): number => {
  let most = 0;
  for (let at = SUMMARY.count; at < memory.length; at += SUMMARIES) most = Math.max(most, memory[at] ?? 0);
  return most;
};

/** Weight of a sample that comes `gap` frames after the one before, when `count` were seen already. */
const weightOf = (span: number, gap: number, count: number): number =>
  Math.max(1 - (1 - 1 / span) ** gap, 1 / (count + 1));

/** Takes one measured value into the row of its parameter, in place. */
const take = (
  values: Float64Array,
  base: number,
  { value, before, gap }: { readonly value: number; readonly before: number; readonly gap: number },
): void => {
  const count = values[base + SUMMARY.count] ?? 0;
  const change = Number.isNaN(before) ? 0 : Math.abs(value - before);
  const toward = (index: number, target: number, span: number): void => {
    const at = base + index;
    const old = values[at] ?? 0;
    values[at] = old + weightOf(span, gap, count) * (target - old);
  };
  const weight = weightOf(BEHAVIOUR_SPAN, gap, count);
  const off = value - (count === 0 ? value : (values[base + SUMMARY.mean[1]] ?? 0));
  const spread = values[base + SUMMARY.variance] ?? 0;
  values[base + SUMMARY.variance] = (1 - weight) * (spread + weight * off * off);
  toward(SUMMARY.repeated, count > 0 && change === 0 ? 1 : 0, BEHAVIOUR_SPAN);
  SPANS.forEach((span, index) => {
    toward(SUMMARY.mean[index] ?? 0, value, span);
    toward(SUMMARY.change[index] ?? 0, change, span);
  });
  takeExtremes(values, base, { value, count });
  values[base + SUMMARY.count] = count + 1;
};

/** Extremes of two blocks of samples that follow each other. */
const takeExtremes = (
  values: Float64Array,
  base: number,
  { value, count }: { readonly value: number; readonly count: number },
): void => {
  const [low, high] = [SUMMARY.low.map((index) => base + index), SUMMARY.high.map((index) => base + index)];
  const [lowNow = 0, lowBefore = 0] = low;
  const [highNow = 0, highBefore = 0] = high;
  if (count % BLOCK === 0) {
    values[lowBefore] = count === 0 ? value : (values[lowNow] ?? value);
    values[highBefore] = count === 0 ? value : (values[highNow] ?? value);
    values[lowNow] = value;
    values[highNow] = value;
  }
  values[lowNow] = Math.min(values[lowNow] ?? value, value);
  values[highNow] = Math.max(values[highNow] ?? value, value);
};

/**
 * The summaries after one more frame.
 * @param measured [parameters], engineering values; NaN where nothing was measured in this frame.
 */
export const summarise = (before: SummaryState, measured: ArrayLike<number>): SummaryState => {
  const values = before.values.slice();
  const last = before.last.slice();
  const age = before.age.slice();
  for (let parameter = 0; parameter < last.length; parameter += 1) {
    const value = measured[parameter] ?? NaN;
    const gap = (age[parameter] ?? 0) + 1;
    age[parameter] = gap;
    if (Number.isNaN(value)) continue;
    take(values, parameter * SUMMARIES, { value, before: last[parameter] ?? NaN, gap });
    last[parameter] = value;
    age[parameter] = 0;
  }
  return { values, last, age };
};
