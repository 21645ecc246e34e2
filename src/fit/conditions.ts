/** Which periodic parameters only hold a few levels: setpoints, modes and flags, which condition the others and are not scored. */
import type { Window } from '../domain/telemetry';

/** A setpoint has a handful of levels; a coarse measurement has more, or changes more often. */
const MAX_LEVELS = 16;
/** Share of samples that differ from the one before. */
const MAX_CHANGES = 0.05;

/**
 * @param windows of nominal recordings. A parameter that never changes is no setpoint: a change of it is news.
 * @returns indices of the parameters, rising.
 */
export const heldParameters = (windows: readonly Window[], parameters: number, frames: number): number[] => {
  const held: number[] = [];
  for (let parameter = 0; parameter < parameters; parameter += 1) {
    const levels = new Set<number>();
    let changes = 0;
    let samples = 0;
    for (const { values } of windows) {
      if (levels.size > MAX_LEVELS) break;
      for (let t = 0; t < frames; t += 1) {
        const value = values[parameter * frames + t] ?? NaN;
        levels.add(value);
        if (t > 0) {
          samples += 1;
          if (value !== values[parameter * frames + t - 1]) changes += 1;
        }
      }
    }
    if (levels.size >= 2 && levels.size <= MAX_LEVELS && changes <= MAX_CHANGES * samples) held.push(parameter);
  }
  return held;
};

/** The smallest step that a parameter's values are apart, in nominal deviations; 0 where no step is seen. One that never changed shows none. */
export const resolutionOf = (
  windows: readonly Window[],
  parameters: number,
  frames: number,
  std: ArrayLike<number>,
): Float64Array =>
  Float64Array.from({ length: parameters }, (_, parameter) => {
    const seen = new Set<number>();
    for (const { values } of windows) {
      if (seen.size > MAX_SEEN) return 0;
      for (let t = 0; t < frames; t += 1) seen.add(values[parameter * frames + t] ?? NaN);
    }
    const levels = Float64Array.from(seen).sort();
    if (levels.length === 1) return (CONSTANT_STEP * Math.abs(levels[0] ?? 0)) / (std[parameter] ?? 1);
    const steps = levels.subarray(1).map((value, index) => value - (levels[index] ?? 0));
    return steps.length < 2 ? 0 : (steps.sort()[Math.floor(steps.length * LOW_SHARE)] ?? 0) / (std[parameter] ?? 1);
  });

/** Step of a value that never changed, relative: measurements are seldom better. */
const CONSTANT_STEP = 0.01;
/** More distinct values than this are no coarse steps. */
const MAX_SEEN = 2000;
/** The step is a low quantile of the distances: rounding makes some of them smaller. */
const LOW_SHARE = 0.05;
