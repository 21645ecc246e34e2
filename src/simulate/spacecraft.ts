/**
 * The constants of one spacecraft: drawn once from the spacecraft seed, the same in every pass. Sizes follow wheels of the 12
 * Nms, 75 mNm class on a satellite of a few hundred kilograms. Each wheel differs a little from the catalogue, as built ones do.
 */
import { createRandom } from '../core/random';
import { misalign, NOMINAL_AXES } from './pyramid';
import type { Vector } from './vector';

export interface WheelConstants {
  /** Spin axis as mounted, body frame. */
  readonly axis: Vector;
  /** Rotor inertia, kg m2. */
  readonly inertia: number;
  /** Motor torque constant, Nm/A, as built and as the drive believes it. */
  readonly torqueConstant: number;
  readonly calibratedTorqueConstant: number;
  /** Winding resistance, ohm. */
  readonly resistance: number;
  /** Friction: Coulomb and breakaway torque (Nm), Stribeck speed (rad/s), viscous coefficient at 25 degC (Nm s/rad). */
  readonly coulomb: number;
  readonly breakaway: number;
  readonly stribeckSpeed: number;
  readonly viscous: number;
  /** Bearing and housing heat capacity (J/K), bearing-housing and housing-panel resistance (K/W), panel offset (K). */
  readonly bearingCapacity: number;
  readonly housingCapacity: number;
  readonly bearingResistance: number;
  readonly housingResistance: number;
  readonly panelOffset: number;
  /** Sensors: tachometer scale error, current bias (A), temperature bias (K). */
  readonly tachometerScale: number;
  readonly currentBias: number;
  readonly temperatureBias: number;
}

export interface Spacecraft {
  readonly wheels: readonly WheelConstants[];
  /** Principal inertia of the body without rotors, kg m2. */
  readonly inertia: Vector;
}

/** Rotor inertia that stores 12 Nms at 6000 rpm. */
const ROTOR_INERTIA = 0.0191;

/** @param seed spacecraft seed; equal seeds give equal constants whatever the pass. */
export const buildSpacecraft = (seed: number): Spacecraft => {
  const random = createRandom(seed).fork('spacecraft');
  const wheels = NOMINAL_AXES.map((axis, index): WheelConstants => {
    const wheel = random.fork(`wheel-${String(index)}`);
    // Spread of built units around the catalogue value, cut at two sigma: no unit outside would pass acceptance.
    const spread = (value: number, relative: number): number =>
      value * (1 + relative * Math.max(-2, Math.min(2, wheel.normal())));
    const torqueConstant = spread(0.05, 0.02);
    const coulomb = spread(0.0042, 0.12);
    return {
      // A tenth of a degree is a usual mounting accuracy.
      axis: misalign(axis, 0.0017 * wheel.normal(), 0.0017 * wheel.normal()),
      inertia: spread(ROTOR_INERTIA, 0.005),
      torqueConstant,
      calibratedTorqueConstant: spread(torqueConstant, 0.005),
      resistance: spread(2, 0.03),
      coulomb,
      breakaway: spread(1.6 * coulomb, 0.05),
      stribeckSpeed: spread(6, 0.1),
      viscous: spread(2.2e-5, 0.1),
      bearingCapacity: spread(160, 0.05),
      housingCapacity: spread(1500, 0.05),
      bearingResistance: spread(1.3, 0.08),
      housingResistance: spread(2.2, 0.08),
      panelOffset: 1.5 * wheel.normal(),
      tachometerScale: 1 + 0.0003 * wheel.normal(),
      currentBias: 0.004 * wheel.normal(),
      temperatureBias: 0.3 * wheel.normal(),
    };
  });
  const body = random.fork('body');
  const around = (value: number): number => value * (1 + 0.04 * (2 * body.uniform() - 1));
  return { wheels, inertia: [around(260), around(310), around(230)] };
};
