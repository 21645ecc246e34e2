/** The sensors of one wheel: scale and bias errors, noise, and the faults that sit in the sensor. */
import type { Random } from '../core/random';
import type { WheelEffects } from './fault-effects';
import type { WheelConstants } from './spacecraft';
import type { WheelState } from './wheel';

export const RPM_PER_RAD_S = 30 / Math.PI;

/** Noise, one standard deviation: rpm, A, K. Usual for a Hall tachometer, a shunt amplifier and a thermistor. */
export const SPEED_NOISE = 0.5;
export const CURRENT_NOISE = 0.006;
export const TEMPERATURE_NOISE = 0.03;

export interface SensorReadings {
  readonly speedRpm: number;
  readonly currentA: number;
  readonly bearingC: number;
}

export interface WheelSensors {
  /** Speed as the on-board software sees it in a control step, rad/s: no telemetry noise, but stuck when the tachometer is. */
  readonly speed: (state: WheelState, effects: WheelEffects) => number;
  /** What telemetry carries; to be called once a frame. */
  readonly read: (state: WheelState, effects: WheelEffects) => SensorReadings;
}

/** @param random the noise of this wheel in this pass; `faulty` noise is drawn from a fork, so that a fault never shifts nominal noise. */
export const createSensors = (constants: WheelConstants, random: Random): WheelSensors => {
  const faulty = random.fork('faulty');
  const trueSpeed = (state: WheelState): number => state.speed * constants.tachometerScale;
  let heldSpeed: number | undefined;
  let heldReading: number | undefined;
  return {
    speed: (state, { tachometerStuck }) => {
      if (tachometerStuck === 0) {
        heldSpeed = undefined;
        return trueSpeed(state);
      }
      heldSpeed ??= trueSpeed(state);
      return heldSpeed + (1 - tachometerStuck) * (trueSpeed(state) - heldSpeed);
    },
    read: (state, { tachometerStuck, temperatureOffset, currentNoise }) => {
      const speedRpm = trueSpeed(state) * RPM_PER_RAD_S + SPEED_NOISE * random.normal();
      const currentA = state.current + constants.currentBias + CURRENT_NOISE * random.normal();
      const bearingC = state.bearing + constants.temperatureBias + TEMPERATURE_NOISE * random.normal();
      heldReading = tachometerStuck === 0 ? undefined : (heldReading ?? speedRpm);
      return {
        speedRpm: heldReading === undefined ? speedRpm : heldReading + (1 - tachometerStuck) * (speedRpm - heldReading),
        currentA: currentNoise === 0 ? currentA : currentA + currentNoise * faulty.normal(),
        bearingC: bearingC + temperatureOffset,
      };
    },
  };
};
