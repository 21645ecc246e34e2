/**
 * Conformal sets of classes: the smallest set that holds the truth in nine of ten such cases. That is measured on cases that
 * nothing else was fitted on (least ambiguous set-valued classifier; Sadinle, Lei and Wasserman, JASA 2019).
 */

/** Share of cases whose set holds the truth. */
export const COVERAGE = 0.9;

/** (1 - 0.9) * 20 is a little less than two. */
const ROUNDING = 1e-9;

/** A case held back: the posterior of its true class, and how much it counts. */
export interface HeldCase {
  readonly posterior: number;
  readonly weight: number;
}

/** The level that the posterior of the true class reaches in nine of ten cases; 0 without any. */
export const coverageLevel = (cases: readonly HeldCase[]): number => {
  const sorted = [...cases].sort((a, b) => a.posterior - b.posterior);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  // One case more than there are, whose posterior is zero: exact for the next case, whatever the distribution.
  const mean = total / Math.max(1, sorted.length);
  const below = (1 - COVERAGE) * (total + mean) + ROUNDING * mean;
  let [sum, level] = [mean, 0];
  for (const { posterior, weight } of sorted) {
    if (sum > below) break;
    level = posterior;
    sum += weight;
  }
  return level;
};
