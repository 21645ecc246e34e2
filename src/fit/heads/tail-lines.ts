/**
 * From evidence to surprise, for one head at one rate: the median nominal window is no surprise, and beyond the median of block maxima
 * the share of stretches that reach so far falls exponentially (peaks over a threshold: Coles, An Introduction to Statistical
 * Modeling of Extreme Values, section 4). Decades are those of the rate of openings, so that heads and rates can be compared.
 */
import type { SurpriseLine } from '../../core/anomaly/surprise';

/** Windows a block, at least; and how many blocks there are. */
const BLOCK = 50;
const FEWEST = 8;
const MOST = 60;
/** No tail falls faster than this, per nominal deviation of the median: short records always look light-tailed. */
const LEAST_SCALE = 0.15;
const LEAST_SHARE = 0.05;
const HALF = -Math.log10(0.5);

/** What k of n windows hold: the third highest of the last four. */
const heldLevel = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from(values, (_, index) => {
    const last = [0, 1, 2, 3].map((back) => values[index - back] ?? -Infinity);
    return last.sort((a, b) => b - a)[2] ?? -Infinity;
  });

/** @param stretches evidence of consecutive nominal windows, an array a stretch. */
export const tailLine = (stretches: readonly ArrayLike<number>[]): SurpriseLine => {
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
  const start = Math.max(middle + 1e-3, maxima[Math.floor(maxima.length / 2)] ?? 0);
  const beyond = maxima.filter((value) => value > start);
  const mean = beyond.reduce((sum, value) => sum + value - start, 0) / Math.max(1, beyond.length);
  const scale = Math.max(mean, LEAST_SHARE * Math.abs(start) + LEAST_SCALE);
  // Half of all blocks reach the start: one window in so many.
  const decades = Math.log10(held.length / count) + HALF;
  const below = (decades - HALF) / (start - middle);
  return { knots: [middle, start], slopes: [below, Math.LOG10E / scale - below], base: HALF };
};
