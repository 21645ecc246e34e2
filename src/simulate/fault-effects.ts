/** What a fault does to the physics and sensors of its wheel at a time. */
import type { Random } from '../core/random';
import { wheelId, type Fault } from './faults';

/** Values of a healthy wheel are 1 for factors and 0 otherwise. */
export interface WheelEffects {
  /** Multiplies the friction torque. */
  readonly frictionFactor: number;
  /** Current delivered / current asked for by the drive. */
  readonly currentFactor: number;
  /** Share of the speed change since onset that the tachometer misses. */
  readonly tachometerStuck: number;
  /** Added to the measured bearing temperature, K. */
  readonly temperatureOffset: number;
  /** Standard deviation of noise added to the measured current, A. */
  readonly currentNoise: number;
}

export const HEALTHY: WheelEffects = {
  frictionFactor: 1,
  currentFactor: 1,
  tachometerStuck: 0,
  temperatureOffset: 0,
  currentNoise: 0,
};

/** A bearing does not degrade within one sample: friction ramps up over a minute and a half. */
const FRICTION_RAMP_MS = 90_000;
/** Beyond 15 K a drifting reading would meet the plain limits, and the redundant sensor would be taken. */
const DRIFT_LIMIT_KELVIN = 15;
/** Dropouts last 4 to 20 s, 12 s in the mean. */
const DROPOUT_SHORTEST_MS = 4000;
const DROPOUT_RANGE_MS = 16_000;

/** Moments [from, to) in ms at which the drive is off, first soon after the start so that the labelled interval begins with its fault. */
const dropoutIntervals = (
  { start, durationMs, severity }: Fault,
  random: Random,
): readonly (readonly [number, number])[] => {
  const intervals: [number, number][] = [];
  if (severity <= 0) return intervals;
  const meanOffMs = DROPOUT_SHORTEST_MS + DROPOUT_RANGE_MS / 2;
  const meanOnMs = (meanOffMs * (1 - severity)) / severity;
  let time = start;
  while (time < start + durationMs) {
    const offMs = DROPOUT_SHORTEST_MS + DROPOUT_RANGE_MS * random.uniform();
    intervals.push([time, Math.min(time + offMs, start + durationMs)]);
    // Between half and one and a half times the mean: irregular, yet no long stretch of a labelled fault shows nothing.
    time += offMs + meanOnMs * (0.5 + random.uniform());
  }
  return intervals;
};

/** @returns the effects at a time (ms), HEALTHY outside the fault. `random` decides when dropouts come. */
export const createEffects = (fault: Fault, random: Random): ((time: number) => WheelEffects) => {
  const { kind, wheel, start, durationMs, severity } = fault;
  const inside = (effects: (elapsedMs: number) => WheelEffects) => (time: number) =>
    time < start || time >= start + durationMs ? HEALTHY : effects(time - start);
  switch (kind) {
    case 'friction-rise':
      return inside((elapsed) => ({
        ...HEALTHY,
        frictionFactor: 1 + severity * Math.min(1, elapsed / FRICTION_RAMP_MS),
      }));
    case 'stuck-tachometer':
      return inside(() => ({ ...HEALTHY, tachometerStuck: severity }));
    case 'torque-loss':
      return inside(() => ({ ...HEALTHY, currentFactor: 1 - severity }));
    case 'temperature-drift':
      return inside((elapsed) => {
        const drift = (severity * elapsed) / 60_000;
        return { ...HEALTHY, temperatureOffset: Math.max(-DRIFT_LIMIT_KELVIN, Math.min(DRIFT_LIMIT_KELVIN, drift)) };
      });
    case 'current-noise':
      return inside(() => ({ ...HEALTHY, currentNoise: severity }));
    case 'dropout': {
      const intervals = dropoutIntervals(fault, random.fork(`dropout/${wheelId(wheel)}/${String(start)}`));
      return inside((elapsed) => {
        const time = start + elapsed;
        return intervals.some(([from, to]) => time >= from && time < to) ? { ...HEALTHY, currentFactor: 0 } : HEALTHY;
      });
    }
  }
};
