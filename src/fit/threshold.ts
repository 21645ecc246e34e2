/**
 * From a budget of false alarms a day to a threshold. What counts is not windows above a threshold but anomalies opened: k of n
 * overlapping windows. So the persistence itself is run over nominal stretches that nothing else was fitted on, and its openings
 * are counted at every threshold.
 */

import { HALF } from './heads/tail-lines';

export interface PersistenceRule {
  readonly k: number;
  readonly n: number;
}

/** Three of the last four windows: one impulse or one slew transient never opens an anomaly on its own. */
export const PERSISTENCE: PersistenceRule = { k: 3, n: 4 };

/** An open anomaly goes on while the score stays within one decade of the threshold. */
const HYSTERESIS = 1;

/** Below this an open anomaly returns to normal. It lies above the score of the median nominal window, or none would ever close. */
export const returnOf = (threshold: number): number => Math.max(threshold - HYSTERESIS, (threshold + HALF) / 2);

/** Anomalies that a stretch of scores opens at a threshold: as `core/anomaly-tracker`, with one equipment. */
export const countOpenings = (scores: ArrayLike<number>, threshold: number, { k, n }: PersistenceRule): number => {
  let openings = 0;
  let isOpen = false;
  let misses = 0;
  const recent: boolean[] = [];
  for (let i = 0; i < scores.length; i += 1) {
    const hit = (scores[i] as number) >= (isOpen ? returnOf(threshold) : threshold);
    recent.push(hit);
    if (recent.length > n) recent.shift();
    if (isOpen) {
      misses = hit ? 0 : misses + 1;
      if (misses >= n) {
        isOpen = false;
        recent.length = 0;
      }
    } else if (hit && recent.filter(Boolean).length >= k) {
      isOpen = true;
      misses = 0;
      openings += 1;
    }
  }
  return openings;
};

export interface CalibratedThreshold {
  readonly falseAlarmsPerDay: number;
  readonly threshold: number;
  /** The record was too short to see this rate; the threshold was extrapolated. */
  readonly extrapolated: boolean;
}

/** Openings below which a count says little about a rate. */
const LEAST_OPENINGS = 3;
const GRID_STEP = 0.02;
/** Scores without a bound make the grid coarser, not longer. */
const MOST_STEPS = 100_000;
/** Extrapolation ends this far above the highest nominal score, decades: a threshold that nothing can reach protects nobody. */
const FARTHEST = 1;
/** How a budget is read. */
export interface ThresholdRule {
  /** Share of the budget that may be spent on the record the threshold is chosen on. */
  readonly caution: number;
  /** How far above the highest nominal score the threshold may lie, decades. */
  readonly farthest: number;
  /** A record too short to hold three openings may open as many as chance explains. */
  readonly isLenient: boolean;
}

/** Scores of stretches that nothing was fitted on. */
export const PLAIN_RULE: ThresholdRule = { caution: 1, farthest: FARTHEST, isLenient: false };
/** Evidence over time: levels and tails were fitted on the same stretches, and passes that nothing was fitted on open more. */
export const SUSTAINED_RULE: ThresholdRule = { caution: 0.6, farthest: 0.75, isLenient: true };

/** Decades of rate for each decade of score where a record shows no slope: what independent windows would give. */
const PLAIN_SLOPE = -1;

/** Nominal telemetry, scored. */
export interface ScoredRecord {
  /** Scores of consecutive windows, an array a stretch. */
  readonly stretches: readonly ArrayLike<number>[];
  /** Scores that alarms are counted on, where they are not those that thresholds are chosen on; stretches as long. */
  readonly counted?: readonly ArrayLike<number>[];
  /** Time between windows. */
  readonly strideMs: number;
}

/**
 * Thresholds for several budgets. Scores are surprises (decades), so the logarithm of the opening rate falls about linearly with the
 * threshold. Rates rarer than the record can show are extrapolated on that line.
 */
export const thresholdsFor = (
  budgets: readonly number[],
  { stretches, strideMs }: ScoredRecord,
  persistence: PersistenceRule,
  { caution, farthest, isLenient }: ThresholdRule = PLAIN_RULE,
): CalibratedThreshold[] => {
  const days = (stretches.reduce((sum, scores) => sum + scores.length, 0) * strideMs) / 86_400_000;
  let top = 1;
  for (const scores of stretches) for (let i = 0; i < scores.length; i += 1) top = Math.max(top, scores[i] as number);
  const curve: { threshold: number; openings: number }[] = [];
  // From one decade up: below, windows above the threshold run into each other and openings fall again.
  const step = Math.max(GRID_STEP, top / MOST_STEPS);
  for (let threshold = 1; threshold <= top + 2 * step; threshold += step) {
    curve.push({
      threshold,
      openings: stretches.reduce((sum, scores) => sum + countOpenings(scores, threshold, persistence), 0),
    });
  }
  // The rate never rises again with the threshold: take the largest count at or above it.
  for (let i = curve.length - 2; i >= 0; i -= 1) {
    const [here, above] = [curve[i], curve[i + 1]];
    if (here && above && above.openings > here.openings) curve[i] = { ...here, openings: above.openings };
  }
  const seen = curve.filter(({ openings }) => openings >= LEAST_OPENINGS).slice(-75);
  const highest = curve.findLast(({ openings }) => openings > 0)?.threshold ?? top;
  const line = fitLine(
    seen.map(({ threshold }) => threshold),
    seen.map(({ openings }) => Math.log10(openings)),
  );
  return budgets.map((falseAlarmsPerDay) => {
    const allowed = caution * falseAlarmsPerDay * days;
    const found = curve.find(({ openings }) => openings <= allowed);
    if (allowed >= LEAST_OPENINGS && found)
      return { falseAlarmsPerDay, threshold: found.threshold, extrapolated: false };
    // Anomalies are counted, not windows: a record is worth one just below the highest threshold that opens any, which persistence
    // puts below its highest score. Never below what it exceeds so often that chance does not explain it.
    const plausible = isLenient ? allowed + Math.sqrt(allowed) : allowed;
    const least = curve.find(({ openings }) => openings <= plausible)?.threshold ?? highest;
    const onLine =
      line.slope < -0.05
        ? (Math.log10(allowed) - line.intercept) / line.slope
        : highest + Math.log10(allowed) / PLAIN_SLOPE;
    const threshold = Math.min(highest + farthest, Math.max(onLine, least));
    return { falseAlarmsPerDay, threshold, extrapolated: true };
  });
};

/**
 * The rate a budget really gives: thresholds chosen on every other stretch are counted on the stretches between, and the other way
 * round. Undefined with fewer than two stretches.
 */
export const realisedRate = (
  falseAlarmsPerDay: number,
  { stretches, counted = stretches, strideMs }: ScoredRecord,
  persistence: PersistenceRule,
  rule: ThresholdRule = PLAIN_RULE,
): { openings: number; days: number; perDay: number } | undefined => {
  const halvesOf = (all: readonly ArrayLike<number>[]) =>
    [0, 1].map((parity) => all.filter((_, index) => index % 2 === parity));
  const halves = halvesOf(stretches);
  if (halves.some((half) => half.length === 0)) return undefined;
  let openings = 0;
  let windows = 0;
  halvesOf(counted).forEach((half, index) => {
    const record = { stretches: halves[1 - index] ?? [], strideMs };
    const [chosen] = thresholdsFor([falseAlarmsPerDay], record, persistence, rule);
    for (const scores of half) {
      openings += countOpenings(scores, chosen?.threshold ?? Infinity, persistence);
      windows += scores.length;
    }
  });
  const days = (windows * strideMs) / 86_400_000;
  return { openings, days: Number(days.toPrecision(4)), perDay: Number((openings / days).toFixed(3)) };
};

/** Ends of the 95 % interval of a Poisson count, by Wilson and Hilferty's approximation of the exact ones (Garwood, 1936). */
export const poissonInterval = (count: number): { readonly low: number; readonly high: number } => {
  const end = (n: number, z: number): number => n * (1 - 1 / (9 * n) + z / (3 * Math.sqrt(n))) ** 3;
  // With none counted the one-sided bound is 3: "below 3 in so many days".
  return { low: count === 0 ? 0 : Math.max(0, end(count, -1.96)), high: count === 0 ? 3 : end(count + 1, 1.96) };
};

const fitLine = (x: readonly number[], y: readonly number[]): { slope: number; intercept: number } => {
  const n = x.length;
  if (n < 2) return { slope: 0, intercept: 0 };
  const mx = x.reduce((a, b) => a + b, 0) / n;
  const my = y.reduce((a, b) => a + b, 0) / n;
  let sxy = 0;
  let sxx = 0;
  x.forEach((value, i) => {
    sxy += (value - mx) * ((y[i] ?? 0) - my);
    sxx += (value - mx) ** 2;
  });
  const slope = sxx > 0 ? sxy / sxx : 0;
  return { slope, intercept: my - slope * mx };
};
