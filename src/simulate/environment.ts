/** What the orbit does to the spacecraft: disturbance torques, magnetic field direction, panel temperature, and slow drifts. */
import type { Random } from '../core/random';
import { unit, type Vector } from './vector';

/** A 95 minute orbit, s. */
export const ORBIT_SECONDS = 5700;
export const ORBIT_RATE = (2 * Math.PI) / ORBIT_SECONDS;

/**
 * A stationary, slowly wandering quantity (Ornstein-Uhlenbeck): mean 0, standard deviation `sigma`, correlation time `seconds`.
 * Being stationary, a pass of a few days shows everything that another pass may show.
 */
export const createDrift = (random: Random, sigma: number, seconds: number): ((dt: number) => number) => {
  let value = sigma * random.normal();
  return (dt) => {
    const keep = Math.exp(-dt / seconds);
    value = value * keep + sigma * Math.sqrt(1 - keep * keep) * random.normal();
    return value;
  };
};

export interface Surroundings {
  /** External torque on the body, Nm. */
  readonly disturbance: Vector;
  /** Direction of the magnetic field, body frame. */
  readonly field: Vector;
  /** Temperature of the panel that carries the wheels, degC. */
  readonly panel: number;
  /** Common null-motion speed the wheels are held at, rad/s. */
  readonly biasSpeed: number;
  /** Slow wander of each wheel's bearing drag around 1. */
  readonly drag: readonly number[];
}

const RPM = Math.PI / 30;
/** Far enough from zero that slews and disturbances seldom bring a wheel to standstill, far below 5200 rpm. */
const BIAS_SPEED = 2750 * RPM;
const PANEL_MEAN = 16;
const MAGNETIC_TILT = 0.35;

/** Torque amplitudes, Nm: constant (residual dipole, solar), once an orbit (aerodynamic), twice an orbit (gravity gradient). */
const DISTURBANCE_CONSTANT = 2e-4;
const DISTURBANCE_ORBITAL: Vector = [6e-4, 1.1e-3, 5e-4];
const DISTURBANCE_TWICE: Vector = [6e-4, 8e-4, 3e-4];
/** Solar array drive, antenna and payload mechanisms turn the body back and forth within minutes: standard deviation (Nm) and time. */
const MECHANISMS = 2e-3;
const MECHANISM_SECONDS = 90;

/** @returns a function of time (s from the start of the pass) and of the time since the last call. */
export const createEnvironment = (random: Random, wheels: number): ((time: number, dt: number) => Surroundings) => {
  const phases = random.fork('phases');
  const orbitPhase = 2 * Math.PI * phases.uniform();
  const axes = [0, 1, 2].map((axis) => {
    const own = random.fork(`axis-${String(axis)}`);
    return {
      constant: DISTURBANCE_CONSTANT * own.normal(),
      once: 2 * Math.PI * own.uniform(),
      twice: 2 * Math.PI * own.uniform(),
      // Density of the upper atmosphere and attitude change the amplitude from orbit to orbit.
      amplitude: createDrift(own.fork('amplitude'), 0.3, 2 * ORBIT_SECONDS),
      mechanisms: createDrift(own.fork('mechanisms'), MECHANISMS, MECHANISM_SECONDS),
    };
  });
  const panelDrift = createDrift(random.fork('panel'), 2, 3 * 3600);
  const biasDrift = createDrift(random.fork('bias'), 150 * RPM, 3 * 3600);
  const drags = Array.from({ length: wheels }, (_, wheel) =>
    createDrift(random.fork(`drag-${String(wheel)}`), 0.01, 1800),
  );

  return (time, dt) => {
    const angle = ORBIT_RATE * time + orbitPhase;
    const torque = axes.map(({ constant, once, twice, amplitude, mechanisms }, axis) => {
      const orbital = (DISTURBANCE_ORBITAL[axis] ?? 0) * Math.sin(angle + once);
      const doubled = (DISTURBANCE_TWICE[axis] ?? 0) * Math.sin(2 * angle + twice);
      return constant + (1 + amplitude(dt)) * (orbital + doubled) + mechanisms(dt);
    });
    return {
      disturbance: [torque[0] ?? 0, torque[1] ?? 0, torque[2] ?? 0],
      // A tilted dipole seen from a polar orbit turns twice for every revolution.
      field: unit([Math.cos(angle), MAGNETIC_TILT, 2 * Math.sin(angle)]),
      panel: PANEL_MEAN + 3.5 * Math.cos(angle) + panelDrift(dt),
      biasSpeed: BIAS_SPEED + biasDrift(dt),
      drag: drags.map((drift) => 1 + drift(dt)),
    };
  };
};
