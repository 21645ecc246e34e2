/**
 * How another spacecraft of a type differs from the one a package was fitted on: an offset and a scale for each parameter. Both are read
 * off few nominal hours. Re-centring all parameters keeps every linear relation between them, whatever moved them.
 */
import type { Manifest, ObservedRange } from '../../domain/manifest';
import type { Window } from '../../domain/telemetry';
import { medianOf } from '../heads/robust';
import { observedOf } from '../observed';

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

/** What a package says that a shift is read from. */
interface ShiftSource extends Pick<Manifest, 'conditions' | 'observed' | 'scaling'> {
  readonly sampling: Pick<Manifest['sampling'], 'window'>;
  readonly calibration: Pick<Manifest['calibration'], 'sustained'>;
}

/** Conditions, telecommands and parameters of few levels mean the same on every spacecraft. */
export const isShifted = ({ conditions = [], calibration, observed }: ShiftSource, row: number): boolean =>
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

/** Windows of its active part change so many times as much as the usual window: such a parameter rests for most of the time. */
const LEAST_ACTIVITY = 3;
/** Shares of activity, and its range, agree on a scale when they differ by less than this factor. */
const AGREEMENT = 1.1;
/** At rest its middle half lies within this share of its range. */
const REST = 0.1;

const isPlain = (gain: number): boolean => Math.max(gain, 1 / gain) >= LEAST_GAIN;

const agree = (gains: readonly number[]): boolean => Math.max(...gains) <= AGREEMENT * Math.min(...gains);

const isActive = ({ spread }: ObservedRange): boolean =>
  (spread.active ?? []).some((change) => change >= LEAST_ACTIVITY * (spread.usual ?? Infinity));

/** By the usual change; 1 if it shows none. */
const usualGain = (old: ObservedRange, now: ObservedRange): number => {
  const [before, after] = [old.spread.usual ?? 0, now.spread.usual ?? 0];
  return before > 0 && after > 0 && isPlain(before / after) ? before / after : 1;
};

/**
 * The usual change of a parameter that mostly rests is the noise of its sensor, whatever its scale. If the upper shares of its changes and
 * its range differ alike, that is its scale. Slow drift is in the range alone, so the range may say less if the usual change says the same.
 * Else the scale cannot be told.
 */
const activeGain = (old: ObservedRange, now: ObservedRange): number => {
  const [before, after] = [old.spread.active ?? [], now.spread.active ?? []];
  const range = (old.high - old.low) / (now.high - now.low);
  const changes = before.map((change, index) => change / (after[index] ?? NaN));
  const [gain, usual] = [medianOf(changes), usualGain(old, now)];
  if (!isPlain(gain)) return 1;
  if (agree([...changes, range])) return gain;
  return agree([gain, usual]) ? usual : 1;
};

/** The factor from the new spacecraft's scale to the old one's. */
const gainOf = (old: ObservedRange | undefined, now: ObservedRange | undefined): number => {
  if (old === undefined || now === undefined) return 1;
  return isActive(old) ? activeGain(old, now) : usualGain(old, now);
};

/** Where a parameter rests; undefined of one that does not. Its mean depends on how much of the hours it was active. */
const restOf = ({ low, high, quartiles }: ObservedRange): number | undefined => {
  if (quartiles === undefined) return undefined;
  const [lower, middle, upper] = quartiles;
  return upper - lower <= REST * (high - low) ? middle : undefined;
};

/** The value of the new spacecraft that stands for the mean of the old one. */
const levelOf = (
  old: ObservedRange | undefined,
  now: ObservedRange | undefined,
  fitted: number,
  gain: number,
): number | undefined => {
  if (old === undefined || now === undefined || !isActive(old)) return undefined;
  const [before, after] = [restOf(old), restOf(now)];
  return before === undefined || after === undefined ? undefined : after + (fitted - before) / gain;
};

/** What is taken from the new hours: a package may fit another spacecraft as it is, and few hours may show its scales wrongly. */
export type Taken = 'nothing' | 'offsets' | 'offsets and scales';

/** @param windows nominal ones of the new spacecraft, [parameters, frames] each; at least one. */
export const shiftOf = (manifest: ShiftSource, windows: readonly Window[], taken: Taken): Shift => {
  const frames = manifest.sampling.window;
  const fitted = Float64Array.from(manifest.scaling.mean);
  const [mean, gain] = [fitted.slice(), new Float64Array(fitted.length).fill(1)];
  if (taken === 'nothing') return { mean, fitted, gain };
  const seen = observedOf(windows, fitted.length, frames);
  for (let row = 0; row < fitted.length; row += 1) {
    if (!isShifted(manifest, row)) continue;
    const own = windows.map(({ values }) => values.subarray(row * frames, (row + 1) * frames));
    const level = meanOf(own);
    if (!Number.isFinite(level)) continue;
    const [old, now] = [manifest.observed?.[row], seen[row]];
    const scale = taken === 'offsets' ? 1 : gainOf(old, now);
    mean[row] = levelOf(old, now, fitted[row] ?? 0, scale) ?? level;
    gain[row] = scale;
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
