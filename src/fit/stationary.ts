/**
 * Moments of short nominal stretches. A few hundred frames give fewer windows than a window has samples, and the windows overlap: their
 * own covariance is mostly noise.
 *
 * Nominal telemetry of one operating point is about stationary: the covariance of two samples depends only on their distance in time. So
 * every frame of the stretch tells something about every lag. With 8 parameters, 400 frames then hold 64 numbers a lag, instead of 65,536
 * in all.
 *
 * Each lag is divided by the number of all frames, which keeps the block Toeplitz matrix positive semidefinite. (Brockwell and Davis,
 * Time Series: Theory and Methods, section 11.2.)
 */
import type { Layout } from './layout';
import { dense, type Dense } from './math/dense';

/** Mean and covariance of the flattened window. */
export interface Moments {
  readonly mean: Float64Array;
  readonly covariance: Dense;
}

/** A window's standardised values, [parameters * frames], and its time. */
export interface TimedRow {
  readonly start: number;
  readonly end: number;
  readonly row: ArrayLike<number>;
}

/** The frames that the windows cover, each once, by their number since the epoch. */
const framesOf = (rows: readonly TimedRow[], { parameters, frames }: Layout): ReadonlyMap<number, Float64Array> => {
  const all = new Map<number, Float64Array>();
  for (const { start, end, row } of rows) {
    const period = frames > 1 ? (end - start) / (frames - 1) : 1;
    const first = Math.round(start / period);
    for (let t = 0; t < frames; t += 1) {
      if (all.has(first + t)) continue;
      all.set(
        first + t,
        Float64Array.from({ length: parameters }, (_, p) => row[p * frames + t] as number),
      );
    }
  }
  return all;
};

/** @param ridge added to the diagonal, relative to the mean variance. */
export const stationaryMoments = (rows: readonly TimedRow[], layout: Layout, ridge: number): Moments => {
  const { parameters, frames } = layout;
  const all = framesOf(rows, layout);
  const level = new Float64Array(parameters);
  for (const frame of all.values())
    for (let p = 0; p < parameters; p += 1) level[p] = (level[p] as number) + (frame[p] as number) / all.size;
  const centred = new Map(
    [...all].map(([time, frame]) => [time, frame.map((value, p) => value - (level[p] as number))]),
  );
  const size = parameters * frames;
  const covariance = dense(size, size);
  for (let lag = 0; lag < frames; lag += 1) {
    const products = new Float64Array(parameters * parameters);
    for (const [time, earlier] of centred) {
      const later = centred.get(time + lag);
      if (later === undefined) continue;
      for (let p = 0; p < parameters; p += 1)
        for (let q = 0; q < parameters; q += 1)
          products[p * parameters + q] =
            (products[p * parameters + q] as number) + ((later[p] as number) * (earlier[q] as number)) / centred.size;
    }
    for (let p = 0; p < parameters; p += 1)
      for (let q = 0; q < parameters; q += 1)
        for (let t = 0; t + lag < frames; t += 1) {
          const [i, j] = [p * frames + t + lag, q * frames + t];
          const value = products[p * parameters + q] as number;
          covariance.data[i * size + j] = value;
          covariance.data[j * size + i] = value;
        }
  }
  let trace = 0;
  for (let i = 0; i < size; i += 1) trace += covariance.data[i * size + i] as number;
  for (let i = 0; i < size; i += 1)
    covariance.data[i * size + i] = (covariance.data[i * size + i] as number) + (ridge * trace) / size;
  return { mean: Float64Array.from({ length: size }, (_, i) => level[Math.floor(i / frames)] as number), covariance };
};
