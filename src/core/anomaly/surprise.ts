/** The scale of scores: evidence as surprise, in decades (models/README.md). */

/** surprise = base + sum slope_i * relu(log evidence - knot_i); knots rise, in log evidence. */
export interface SurpriseLine {
  readonly knots: ArrayLike<number>;
  readonly slopes: ArrayLike<number>;
  readonly base: number;
}

/** Keeps the logarithm finite for evidence of exactly zero. */
export const EVIDENCE_FLOOR = 1e-9;

/**
 * Evidence of a head, of which one is usual, is never less. Without it, a value that never changed has none at all, and the least change
 * would be many times what is usual.
 */
export const LEAST_EVIDENCE = 0.01;

export const surpriseOf = (line: SurpriseLine, value: number): number =>
  surpriseAt(line, Math.log(Math.max(value, EVIDENCE_FLOOR)));

/** The same of evidence that is a logarithm already. */
export const surpriseAt = ({ knots, slopes, base }: SurpriseLine, x: number): number => {
  let sum = base;
  for (let i = 0; i < knots.length; i += 1) sum += (slopes[i] ?? 0) * Math.max(0, x - (knots[i] ?? 0));
  return sum;
};
