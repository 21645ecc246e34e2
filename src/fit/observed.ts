/** What every parameter did in the nominal recordings, so that an explanation can hold a value against it. */
import { longestRun, meanChange } from '../core/anomaly/behaviour';
import type { ObservedRange } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import { medianOf } from './heads/robust';

/** A parameter with more values than these has no levels. */
const MAX_LEVELS = 8;

/** Shares of windows whose mean change lies below: the upper part, in which a parameter is active that mostly rests. */
export const ACTIVE_SHARES = [0.75, 0.9, 0.95, 0.98] as const;

const at = (sorted: Float64Array, share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;

/** More samples than this tell quartiles no better. */
const MAX_SAMPLES = 100_000;

/** Quartiles of one parameter; undefined without a value. */
const quartilesOf = (rows: readonly Float32Array[]): ObservedRange['quartiles'] => {
  const total = rows.reduce((sum, { length }) => sum + length, 0);
  const step = Math.max(1, Math.ceil(total / MAX_SAMPLES));
  const sorted = Float64Array.from(
    rows.filter((_, index) => index % step === 0).flatMap((row) => [...row.filter((value) => !Number.isNaN(value))]),
  ).sort();
  return sorted.length === 0 ? undefined : [at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75)];
};

/** @param windows nominal, [parameters, frames] each; at least one. @returns by parameter. */
export const observedOf = (windows: readonly Window[], parameters: number, frames: number): readonly ObservedRange[] =>
  Array.from({ length: parameters }, (_, row): ObservedRange => {
    const levels = new Set<number>();
    let [low, high, run] = [Infinity, -Infinity, 0];
    const spread = { low: Infinity, high: 0 };
    const changes: number[] = [];
    for (const { values } of windows) {
      const own = values.subarray(row * frames, (row + 1) * frames);
      for (const value of own) {
        if (Number.isNaN(value)) continue;
        if (levels.size <= MAX_LEVELS) levels.add(value);
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      const change = meanChange(own);
      changes.push(change);
      spread.low = Math.min(spread.low, change);
      spread.high = Math.max(spread.high, change);
      run = Math.max(run, longestRun(own).frames);
    }
    const quartiles = quartilesOf(windows.map(({ values }) => values.subarray(row * frames, (row + 1) * frames)));
    const sorted = Float64Array.from(changes).sort();
    return {
      low,
      high,
      ...(levels.size <= MAX_LEVELS && { levels: [...levels].sort((a, b) => a - b) }),
      spread: { ...spread, usual: medianOf(changes), active: ACTIVE_SHARES.map((share) => at(sorted, share)) },
      ...(quartiles && { quartiles }),
      longestRun: run,
    };
  });
