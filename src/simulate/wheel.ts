/** One reaction wheel: friction, drive, motor, rotor and bearing temperature. SI units; temperatures in degC. */
import type { WheelEffects } from './fault-effects';
import type { WheelConstants } from './spacecraft';
import { clamp } from './vector';

export interface WheelState {
  /** Rotor speed, rad/s. */
  speed: number;
  /** Motor current, A, with the sign of its torque. */
  current: number;
  bearing: number;
  housing: number;
  /** The drive's estimate of the friction torque, Nm. */
  frictionEstimate: number;
}

/** Peak current of the drive, A: 75 mNm over friction with reserve. */
const CURRENT_LIMIT = 2.2;
/** Time constant of the drive's friction observer, s: slow against its current loop, quick against an orbit. */
const OBSERVER_SECONDS = 10;
/** Smooths the sign of Coulomb friction around standstill, rad/s, so that the fixed step stays stable. */
const STANDSTILL_SPEED = 0.5;
/** Relative loss of lubricant viscosity per kelvin around 25 degC. */
const VISCOSITY_PER_KELVIN = 0.02;

/**
 * Friction torque opposing the rotation, Nm: Coulomb + Stribeck + viscous (the model of Armstrong-Helouvry 1991),
 * the viscous part thinning with temperature.
 */
export const frictionTorque = (constants: WheelConstants, speed: number, bearingTemperature: number): number => {
  const { coulomb, breakaway, stribeckSpeed, viscous } = constants;
  const dry = coulomb + (breakaway - coulomb) * Math.exp(-((speed / stribeckSpeed) ** 2));
  const thinning = Math.exp(-VISCOSITY_PER_KELVIN * (bearingTemperature - 25));
  return dry * Math.tanh(speed / STANDSTILL_SPEED) + viscous * thinning * speed;
};

/** A wheel that has run at `speed` long enough for its temperatures to settle over a panel at `panel` degC. */
export const settledWheel = (constants: WheelConstants, speed: number, panel: number): WheelState => {
  let bearing = panel + constants.panelOffset;
  let housing = bearing;
  let friction = 0;
  // The thinning of the lubricant makes this a fixed-point problem; a few rounds settle it far below sensor noise.
  for (let round = 0; round < 20; round += 1) {
    friction = frictionTorque(constants, speed, bearing);
    const heat = friction * speed + (friction / constants.torqueConstant) ** 2 * constants.resistance;
    housing = panel + constants.panelOffset + heat * constants.housingResistance;
    bearing = housing + heat * constants.bearingResistance;
  }
  return { speed, current: friction / constants.torqueConstant, bearing, housing, frictionEstimate: friction };
};

/**
 * Advances the wheel by `dt` seconds under `command` (Nm on the rotor) and returns the net torque on the rotor, Nm.
 *
 * The drive asks for (command + estimated friction) / Kt. Its observer estimates friction from the measured current and its own
 * commutation speed, Kt i - J dw/dt. So a growing friction is compensated at the price of current. A motor that does not deliver
 * the current asked for is not compensated, for the observer still sees the true friction.
 */
export const stepWheel = ({
  constants,
  state,
  command,
  panel,
  dragFactor,
  effects,
  dt,
}: {
  readonly constants: WheelConstants;
  readonly state: WheelState;
  readonly command: number;
  readonly panel: number;
  readonly dragFactor: number;
  readonly effects: WheelEffects;
  readonly dt: number;
}): number => {
  const friction = frictionTorque(constants, state.speed, state.bearing) * dragFactor * effects.frictionFactor;
  const asked = clamp((command + state.frictionEstimate) / constants.calibratedTorqueConstant, CURRENT_LIMIT);
  state.current = asked * effects.currentFactor;
  const net = constants.torqueConstant * state.current - friction;
  state.speed += (net / constants.inertia) * dt;
  state.frictionEstimate += (dt / OBSERVER_SECONDS) * (friction - state.frictionEstimate);

  const heat = friction * state.speed + state.current ** 2 * constants.resistance;
  const toHousing = (state.bearing - state.housing) / constants.bearingResistance;
  const toPanel = (state.housing - panel - constants.panelOffset) / constants.housingResistance;
  state.bearing += ((heat - toHousing) / constants.bearingCapacity) * dt;
  state.housing += ((toHousing - toPanel) / constants.housingCapacity) * dt;
  return net;
};
