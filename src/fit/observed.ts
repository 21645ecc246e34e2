/** What every parameter did in the nominal recordings, so that an explanation can hold a value against it. */
import { longestRun, meanChange } from '../core/anomaly/behaviour';
import type { ObservedRange } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import { medianOf } from './heads/robust';

/** A parameter with more values than these has no levels. */
const MAX_LEVELS = 8;

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
    return {
      low,
      high,
      ...(levels.size <= MAX_LEVELS && { levels: [...levels].sort((a, b) => a - b) }),
      spread: { ...spread, usual: medianOf(changes) },
      longestRun: run,
    };
  });
