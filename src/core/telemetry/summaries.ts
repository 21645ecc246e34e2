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
} as const;
/** Numbers a parameter. */
export const SUMMARIES = 9;

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
  values[base + SUMMARY.count] = count + 1;
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
