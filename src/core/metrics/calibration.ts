/** Whether a stated confidence is earned: of the verdicts given with 80 % confidence, eight in ten should be right. */

export interface ConfidenceClaim {
  /** 0..1. */
  readonly confidence: number;
  readonly isRight: boolean;
}

export interface MeasuredBin {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  /** Mean stated confidence; null in an empty bin. */
  readonly confidence: number | null;
  /** Share that was right; null in an empty bin. */
  readonly accuracy: number | null;
}

export interface Calibration {
  readonly n: number;
  /** Expected calibration error: gap between confidence and accuracy, weighted by bin (Naeini et al., AAAI 2015). */
  readonly ece: number | null;
  /** Mean squared difference of confidence and outcome, of the top label alone (Brier, 1950). */
  readonly brier: number | null;
  readonly bins: readonly MeasuredBin[];
}

/** Equal-width bins, as the literature the figure is compared with (Guo et al., ICML 2017). */
const BINS = 15;

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;

/** A confidence on the edge of two bins belongs to the lower one. */
const binOf = (confidence: number): number => Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1));

export const calibrationOf = (claims: readonly ConfidenceClaim[]): Calibration => {
  const bins = Array.from({ length: BINS }, (_, index): MeasuredBin => {
    const own = claims.filter(({ confidence }) => binOf(confidence) === index);
    return {
      from: index / BINS,
      to: (index + 1) / BINS,
      n: own.length,
      confidence: mean(own.map(({ confidence }) => confidence)),
      accuracy: mean(own.map(({ isRight }) => Number(isRight))),
    };
  });
  const gaps = bins.map(({ n, confidence, accuracy }) => n * Math.abs((accuracy ?? 0) - (confidence ?? 0)));
  return {
    n: claims.length,
    ece: claims.length === 0 ? null : gaps.reduce((a, b) => a + b, 0) / claims.length,
    brier: mean(claims.map(({ confidence, isRight }) => (confidence - Number(isRight)) ** 2)),
    bins,
  };
};
