/** Receiver operating characteristic of a score: how well it ranks anomalous windows above nominal ones, at every threshold. */

/** One operating point: windows at or above `threshold` count as anomalous. */
export interface RocPoint {
  readonly threshold: number;
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

export interface Roc {
  /** From (0, 0) to (1, 1), rising; equal scores make one point. */
  readonly points: readonly RocPoint[];
  /** Chance that an anomalous window scores above a nominal one, ties counted half (Mann-Whitney). */
  readonly auc: number;
}

/** Undefined when one of the two kinds has no window. */
export const rocOf = (nominal: ArrayLike<number>, anomalous: ArrayLike<number>): Roc | undefined => {
  if (nominal.length === 0 || anomalous.length === 0) return undefined;
  const all = [
    ...Array.from(nominal, (score) => ({ score, isAnomalous: false })),
    ...Array.from(anomalous, (score) => ({ score, isAnomalous: true })),
  ].sort((a, b) => b.score - a.score);
  const points: RocPoint[] = [{ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 }];
  let auc = 0;
  let falsePositives = 0;
  let truePositives = 0;
  for (let from = 0; from < all.length;) {
    const threshold = all[from]?.score ?? NaN;
    const before = points.at(-1);
    // A score that is no number equals nothing, not even itself.
    do {
      if (all[from]?.isAnomalous === true) truePositives += 1;
      else falsePositives += 1;
      from += 1;
    } while (all[from]?.score === threshold);
    const falsePositiveRate = falsePositives / nominal.length;
    const truePositiveRate = truePositives / anomalous.length;
    // Trapezoids: within a run of equal scores half of the pairs count.
    auc +=
      (falsePositiveRate - (before?.falsePositiveRate ?? 0)) *
      ((truePositiveRate + (before?.truePositiveRate ?? 0)) / 2);
    points.push({ threshold, falsePositiveRate, truePositiveRate });
  }
  return { points, auc };
};

/** Share of scores at or above the threshold; undefined without scores. */
export const shareAtOrAbove = (scores: readonly number[], threshold: number): number | undefined =>
  scores.length === 0 ? undefined : scores.filter((score) => score >= threshold).length / scores.length;

/**
 * Lowest threshold that lets at most the share `rate` of these nominal scores through, set halfway to the next higher score;
 * undefined without scores.
 */
export const thresholdForRate = (nominal: readonly number[], rate: number): number | undefined => {
  const falling = [...nominal].sort((a, b) => b - a);
  const allowed = Math.floor(rate * falling.length);
  if (allowed >= falling.length) return falling.at(-1);
  const stopped = falling[allowed] ?? NaN;
  const passed = falling.findLast((score) => score > stopped);
  return passed === undefined ? stopped + Math.max(1e-9, 1e-6 * Math.abs(stopped)) : (stopped + passed) / 2;
};
