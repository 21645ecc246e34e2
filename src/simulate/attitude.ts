/** The body, its attitude controller and the momentum management: what the wheels are commanded to do, and what comes of it. */
import type { Random } from '../core/random';
import { ORBIT_RATE, type Surroundings } from './environment';
import { combine, distribute, NOMINAL_AXES, NULL_SIGNS } from './pyramid';
import type { SlewReference } from './slews';
import type { Spacecraft } from './spacecraft';
import { add, clamp, clampEach, cross, dot, scale, subtract, times, ZERO, type Vector } from './vector';

/** Controller bandwidth (rad/s) and damping: settles within two minutes, well above the orbit and below flexible modes. */
const BANDWIDTH = 0.04;
const DAMPING = 0.9;
/** Integral action removes a standing pointing error in a few minutes. */
const INTEGRAL_SECONDS = 120;
/** Rate noise of the gyro within one control step, rad/s. */
const GYRO_NOISE = 8e-6;
/** Torque limit of a wheel, Nm (catalogue). */
export const TORQUE_LIMIT = 0.075;
/** Magnetorquers bleed momentum with this time constant (s) and at most this torque (Nm). */
const BLEED_SECONDS = 1800;
const MAGNETIC_LIMIT = 4e-3;
/** Null motion returns to the bias speed with this time constant (s) and at most this torque a wheel (Nm). */
const NULL_SECONDS = 400;
const NULL_LIMIT = 4e-3;
/** Rotor inertia in the on-board software, kg m2: the catalogue value, not the one of each wheel. */
const ONBOARD_ROTOR_INERTIA = 0.0191;
/** Between slews the spacecraft turns with the orbit about its y axis. */
const POINTING_RATE: Vector = [0, -ORBIT_RATE, 0];

export interface Attitude {
  /** Rotation from the reference, rad, and its rate, rad/s. */
  error: Vector;
  rateError: Vector;
  integral: Vector;
}

export const restingAttitude = (): Attitude => ({ error: ZERO, rateError: ZERO, integral: ZERO });

/**
 * One control step: commanded torque on each rotor, Nm, and the magnetorquers' torque on the body, Nm. Feedback of pointing and rate
 * errors makes every wheel answer when one of them does not do what it was told.
 */
export const controlStep = ({
  spacecraft,
  attitude,
  reference,
  surroundings,
  speeds,
  gyro,
  dt,
}: {
  readonly spacecraft: Spacecraft;
  readonly attitude: Attitude;
  readonly reference: SlewReference;
  readonly surroundings: Surroundings; /** Wheel speeds as the tachometers report them, rad/s. */
  readonly speeds: readonly number[];
  readonly gyro: Random;
  readonly dt: number;
}): { readonly commands: readonly number[]; readonly magnetic: Vector } => {
  const { inertia } = spacecraft;
  const rate = add(POINTING_RATE, reference.rate);
  const wheelMomentum = combine(
    NOMINAL_AXES,
    speeds.map((speed) => ONBOARD_ROTOR_INERTIA * speed),
  );
  const momentum = add(times(inertia, rate), wheelMomentum);

  const noise: Vector = [GYRO_NOISE * gyro.normal(), GYRO_NOISE * gyro.normal(), GYRO_NOISE * gyro.normal()];
  attitude.integral = clampEach(add(attitude.integral, scale(attitude.error, dt / INTEGRAL_SECONDS)), 0.05);
  const stiffness = scale(inertia, BANDWIDTH ** 2);
  const damping = scale(inertia, 2 * DAMPING * BANDWIDTH);
  const feedback = add(
    times(stiffness, add(attitude.error, attitude.integral)),
    times(damping, add(attitude.rateError, noise)),
  );
  const feedforward = add(times(inertia, reference.acceleration), cross(rate, momentum));
  // The body is turned by the reaction to the torque on the rotors, hence the sign.
  const shares = distribute(subtract(feedback, feedforward));

  const nullSpeed = speeds.reduce((sum, speed, wheel) => sum + (speed * (NULL_SIGNS[wheel] ?? 0)) / speeds.length, 0);
  const nullTorque = clamp((ONBOARD_ROTOR_INERTIA * (surroundings.biasSpeed - nullSpeed)) / NULL_SECONDS, NULL_LIMIT);
  const commands = shares.map((share, wheel) => clamp(share + nullTorque * (NULL_SIGNS[wheel] ?? 0), TORQUE_LIMIT));

  // A magnetic torque is always across the field (m x B). The body's own momentum about the orbit is no excess to bleed.
  const excess = add(times(inertia, reference.rate), wheelMomentum);
  const across = subtract(excess, scale(surroundings.field, dot(surroundings.field, excess)));
  return { commands, magnetic: clampEach(scale(across, -1 / BLEED_SECONDS), MAGNETIC_LIMIT) };
};

/**
 * Euler's equation for the body with rotors (Wertz 1978, chapter 16), integrated relative to the reference: `J dw/dt = T_ext - w x (J w +
 * h) - sum(a_k T_k)`.
 * @param external torque on the body, Nm; @param net torque on each rotor, Nm; @param momenta of the rotors, Nms.
 */
export const stepBody = ({
  spacecraft,
  attitude,
  reference,
  external,
  net,
  momenta,
  dt,
}: {
  readonly spacecraft: Spacecraft;
  readonly attitude: Attitude;
  readonly reference: SlewReference;
  readonly external: Vector;
  readonly net: readonly number[];
  readonly momenta: readonly number[];
  readonly dt: number;
}): void => {
  const axes = spacecraft.wheels.map(({ axis }) => axis);
  const { inertia } = spacecraft;
  const rate = add(add(POINTING_RATE, reference.rate), attitude.rateError);
  const momentum = add(times(inertia, rate), combine(axes, momenta));
  const torque = subtract(subtract(external, cross(rate, momentum)), combine(axes, net));
  const acceleration: Vector = [torque[0] / inertia[0], torque[1] / inertia[1], torque[2] / inertia[2]];
  attitude.rateError = add(attitude.rateError, scale(subtract(acceleration, reference.acceleration), dt));
  attitude.error = add(attitude.error, scale(attitude.rateError, dt));
};
