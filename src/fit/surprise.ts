/**
 * Evidence on a common scale: surprise is `-log10` of the share of nominal windows with at least this much of it. Up to the rarest
 * calibrated share it is the empirical quantile. Beyond, it is a straight line in the logarithm of the evidence (a Pareto tail). So
 * evidence with a light nominal tail can be compared with evidence that has a heavy one. A large fault still outranks a small one.
 */
import { EVIDENCE_FLOOR, type SurpriseLine } from '../core/anomaly/surprise';

export interface SurpriseCurve extends SurpriseLine {
  /** Knots in log evidence, rising. */
  readonly knots: Float64Array;
  /** Change of slope at each knot: surprise = base + sum slope_i * relu(log evidence - knot_i). */
  readonly slopes: Float64Array;
  readonly base: number;
}

/** Shares of nominal windows at the knots; those the calibration set is too small for are left out. */
const SHARES = [0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002];
/** The rarest share that a short recording is asked for: the median of its blocks. */
const SHORT_SHARE = 0.5;
/** A quantile needs this many windows beyond it. */
const LEAST_BEYOND = 5;
/**
 * No tail is steeper, in decades for each factor e of evidence. A few hundred windows always look light-tailed, and a nominal window of
 * tomorrow would be a surprise of twenty decades. Recordings of many days show about 3.5.
 */
const STEEPEST = 4;

/** What the tails of recordings of many days show, decades for each factor e of evidence. */
const USUAL_TAIL = 3.5;

/** Evidence that is none. */
export const NO_SURPRISE: SurpriseCurve = { knots: Float64Array.of(0), slopes: Float64Array.of(0), base: 0 };

/**
 * @param values evidence of nominal windows, one kind.
 * @param isShort they are a few blocks of dependent windows: their tail shows nothing, and the usual one is taken from the median on.
 */
export const fitSurprise = (values: ArrayLike<number>, isShort = false): SurpriseCurve => {
  const sorted = Float64Array.from(values)
    .map((value) => Math.log(Math.max(value, EVIDENCE_FLOOR)))
    .sort();
  const n = sorted.length;
  const points = SHARES.filter((share) => share * n >= LEAST_BEYOND && !(isShort && share < SHORT_SHARE))
    .map((share) => ({ x: sorted[Math.min(n - 1, Math.floor((1 - share) * n))] as number, y: -Math.log10(share) }))
    .filter(({ x }, index, all) => index === 0 || x > (all[index - 1]?.x ?? -Infinity) + 1e-6);
  const first = points[0] ?? { x: 0, y: 0 };
  const segment = points.slice(1).map((point, index) => {
    const before = points[index] ?? first;
    return Math.min(STEEPEST, (point.y - before.y) / (point.x - before.x));
  });
  // The tail goes on as the mean slope of the last two segments: one alone hangs on a handful of windows.
  const tail = isShort
    ? USUAL_TAIL
    : segment.length === 0
      ? 1
      : segment.slice(-2).reduce((a, b) => a + b, 0) / Math.min(2, segment.length);
  const all = [...segment, tail];
  return {
    knots: Float64Array.from(points.length === 0 ? [first] : points, ({ x }) => x),
    slopes: Float64Array.from(all, (value, index) => value - (all[index - 1] ?? 0)),
    base: first.y,
  };
};
