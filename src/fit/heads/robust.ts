/**
 * Scales that one rare nominal state does not stretch (Huber, Robust Statistics, section 6). A spacecraft that runs in for its first
 * hours, or sleeps for some, is unusual for a tenth of a record. The rest must not be measured by that tenth. Such a state has more
 * evidence, never less: only values far above the middle are drawn in.
 */

/** Values further above the middle than so many robust deviations count as that far. */
const CLIP = 3;
/** Makes the median absolute deviation of a Gaussian its standard deviation. */
const PER_MAD = 1.4826;

/** The middle value; NaN of none. */
export const medianOf = (values: ArrayLike<number>): number => {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] as number) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
};

/** How far above zero values count: beyond it they are of another state. */
export const reachOf = (values: ArrayLike<number>): number =>
  CLIP * PER_MAD * medianOf(Float64Array.from(values).map(Math.abs));

/** Root mean square about zero; values of another state count as far as the ordinary ones reach. */
export const robustSpread = (values: ArrayLike<number>): number => {
  const reach = reachOf(values);
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += Math.min(reach, values[i] as number) ** 2;
  return Math.sqrt(sum / Math.max(1, values.length));
};
