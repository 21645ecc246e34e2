/** What a series of measurements says. */

/** The value below which a share of the sorted values lies (nearest rank); NaN of nothing. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
};

const round = (value: number): number => Number(value.toPrecision(4));

/** For a few repetitions: all of them, so that the noise can be seen. */
export const ofRuns = (values: readonly number[]) => ({
  median: round(quantile(values, 0.5)),
  runs: values.map(round),
});

/** For many events. */
export const ofEvents = (values: readonly number[]) => ({
  count: values.length,
  p50: round(quantile(values, 0.5)),
  p99: round(quantile(values, 0.99)),
  max: round(Math.max(...values)),
});
