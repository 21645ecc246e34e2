/**
 * From evidence to surprise, for one head at one rate. The median nominal window is no surprise. Beyond the median of block maxima, the
 * share of stretches that reach so far falls exponentially. (Peaks over a threshold: Coles, An Introduction to Statistical Modeling of
 * Extreme Values, section 4.) Decades are those of the rate of openings, so heads and rates can be compared.
 */
import type { SurpriseLine } from '../../core/anomaly/surprise';
import { medianOf } from './robust';

/** Windows a block, at least; and how many blocks there are. */
const BLOCK = 50;
const FEWEST = 8;
const MOST = 60;
/** No tail falls faster than this, per nominal deviation of the median: short records always look light-tailed. */
const LEAST_SCALE = 0.15;
const LEAST_SHARE = 0.05;
/** Exceedances so few windows apart would be one anomaly. */
const TOGETHER = 4;
/** An exponential excess passes so many times its mean once in fifty. */
const FARTHEST = 4;
/** So many nominal deviations above the middle are never rare, however little a record varied. */
const ORDINARY = 1;
/** Surprise of the median nominal window, decades. */
export const HALF = -Math.log10(0.5);

/** What k of n windows hold: the third highest of the last four. */
const heldLevel = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from(values, (_, index) => {
    const last = [0, 1, 2, 3].map((back) => values[index - back] ?? -Infinity);
    return last.sort((a, b) => b - a)[2] ?? -Infinity;
  });

/** What each excursion beyond a level reaches above it; windows close to each other are one excursion, however long it lasts. */
const excursions = (held: Float64Array, start: number): number[] => {
  const peaks: number[] = [];
  let last = -Infinity;
  held.forEach((value, index) => {
    if (value <= start) return;
    const before = index - last <= TOGETHER ? (peaks.pop() ?? 0) : 0;
    peaks.push(Math.max(before, value - start));
    last = index;
  });
  return peaks;
};

/** Mean excess; an excursion of another order than the median one is another state, and counts as the farthest ordinary one. */
const scaleOf = (excess: readonly number[]): number => {
  if (excess.length === 0) return 0;
  const farthest = (FARTHEST * medianOf(excess)) / Math.LN2;
  return excess.reduce((sum, value) => sum + Math.min(value, farthest), 0) / excess.length;
};

/** @param stretches evidence of consecutive nominal windows, an array a stretch; @param leastScale no tail is shorter. */
export const tailLine = (stretches: readonly ArrayLike<number>[], leastScale = LEAST_SCALE): SurpriseLine => {
  const held = Float64Array.from(stretches.flatMap((stretch) => [...heldLevel(stretch)])).filter(Number.isFinite);
  if (held.length === 0) return { knots: [0], slopes: [0], base: 0 };
  const count = Math.max(FEWEST, Math.min(MOST, Math.floor(held.length / BLOCK)));
  const maxima = Float64Array.from({ length: count }, (_, block) =>
    held
      .subarray(Math.floor((block * held.length) / count), Math.floor(((block + 1) * held.length) / count))
      .reduce((most, value) => Math.max(most, value), -Infinity),
  )
    .filter(Number.isFinite)
    .sort();
  const middle = held.slice().sort()[Math.floor(held.length / 2)] ?? 0;
  const start = Math.max(middle + ORDINARY, maxima[Math.floor(maxima.length / 2)] ?? 0);
  const scale = Math.max(scaleOf(excursions(held, start)), LEAST_SHARE * Math.abs(start) + leastScale);
  // Half of all blocks reach the start: one window in so many.
  const decades = Math.log10(held.length / count) + HALF;
  const below = (decades - HALF) / (start - middle);
  return { knots: [middle, start], slopes: [below, Math.LOG10E / scale - below], base: HALF };
};
