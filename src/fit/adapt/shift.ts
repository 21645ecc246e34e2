/**
 * How another spacecraft of a type differs from the one a package was fitted on: an offset and a scale for each parameter. Both are read
 * off few nominal hours. Re-centring all parameters keeps every linear relation between them, whatever moved them.
 */
import { meanChange } from '../../core/anomaly/behaviour';
import type { Manifest, ObservedRange } from '../../domain/manifest';
import type { Window } from '../../domain/telemetry';
import { medianOf } from '../heads/robust';

/** A value `x` of the new spacecraft stands where `(x - mean) * gain + fitted` stood on the old one; engineering values, by parameter. */
export interface Shift {
  readonly mean: Float64Array;
  readonly fitted: Float64Array;
  readonly gain: Float64Array;
}

/**
 * The mean change from frame to frame tells a scale, for it does not depend on where in its range a parameter happens to be. Hours of
 * one spacecraft differ by less than this factor (measured on simulated wheels: 4 %), so that a smaller one is none.
 */
const LEAST_GAIN = 1.1;

/** Conditions, telecommands and parameters of few levels mean the same on every spacecraft. */
export const isShifted = ({ conditions = [], calibration, observed }: Manifest, row: number): boolean =>
  !conditions.includes(row) &&
  observed?.[row]?.levels === undefined &&
  calibration.sustained?.commands.some(({ parameter }) => parameter === row) !== true;

const meanOf = (rows: readonly Float32Array[]): number => {
  let [sum, count] = [0, 0];
  for (const row of rows)
    for (const value of row) {
      if (Number.isNaN(value)) continue;
      sum += value;
      count += 1;
    }
  return count === 0 ? NaN : sum / count;
};

/** The factor from the new spacecraft's scale to the old one's. */
const gainOf = (rows: readonly Float32Array[], observed: ObservedRange | undefined): number => {
  const usual = observed?.spread.usual ?? 0;
  const now = medianOf(Float64Array.from(rows, meanChange));
  if (usual <= 0 || now <= 0) return 1;
  const gain = usual / now;
  return Math.max(gain, 1 / gain) < LEAST_GAIN ? 1 : gain;
};

/** @param windows nominal ones of the new spacecraft, [parameters, frames] each; at least one. */
export const shiftOf = (manifest: Manifest, windows: readonly Window[]): Shift => {
  const frames = manifest.sampling.window;
  const fitted = Float64Array.from(manifest.scaling.mean);
  const [mean, gain] = [fitted.slice(), new Float64Array(fitted.length).fill(1)];
  for (let row = 0; row < fitted.length; row += 1) {
    if (!isShifted(manifest, row)) continue;
    const own = windows.map(({ values }) => values.subarray(row * frames, (row + 1) * frames));
    const level = meanOf(own);
    if (!Number.isFinite(level)) continue;
    mean[row] = level;
    gain[row] = gainOf(own, manifest.observed?.[row]);
  }
  return { mean, fitted, gain };
};

/** What nominal telemetry of the new spacecraft may look like: as on the old one, shifted, and as its own hours were. */
export const shiftObserved = (
  { observed }: Manifest,
  shift: Shift,
  seen: readonly ObservedRange[],
): ObservedRange[] | undefined =>
  observed?.map((old, row): ObservedRange => {
    const [mean, fitted, gain] = [shift.mean[row] ?? 0, shift.fitted[row] ?? 0, shift.gain[row] ?? 1];
    const own = seen[row] ?? old;
    const back = (value: number): number => (value - fitted) / gain + mean;
    const { usual } = own.spread;
    return {
      low: Math.min(back(old.low), own.low),
      high: Math.max(back(old.high), own.high),
      ...(old.levels && { levels: [...new Set([...old.levels, ...(own.levels ?? [])])].sort((a, b) => a - b) }),
      spread: {
        low: Math.min(old.spread.low / gain, own.spread.low),
        high: Math.max(old.spread.high / gain, own.spread.high),
        ...(usual !== undefined && { usual }),
      },
      longestRun: Math.max(old.longestRun, own.longestRun),
    };
  });
