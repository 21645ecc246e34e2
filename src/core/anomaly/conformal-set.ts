/**
 * Conformal sets of classes: the smallest set that holds the truth in nine of ten such cases. That is measured on cases that
 * nothing else was fitted on (least ambiguous set-valued classifier; Sadinle, Lei and Wasserman, JASA 2019).
 */

/** Share of cases whose set holds the truth. */
export const COVERAGE = 0.9;

/** (1 - 0.9) * 20 is a little less than two. */
const ROUNDING = 1e-9;

/** The level that the posterior of the true class reaches in nine of ten cases; 0 without any. */
export const coverageLevel = (posteriorOfTruth: readonly number[]): number => {
  const sorted = [...posteriorOfTruth].sort((a, b) => a - b);
  // One case more than there are, whose posterior is zero: exact for the next case, whatever the distribution.
  return sorted[Math.floor((1 - COVERAGE) * (sorted.length + 1) + ROUNDING) - 1] ?? 0;
};
