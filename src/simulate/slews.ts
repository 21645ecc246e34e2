/** Slews at random times: accelerate, coast, brake to a target; hold; and the same way back. */
import type { Random } from '../core/random';
import { scale, unit, ZERO, type Vector } from './vector';

/** Reference of the attitude controller: angular rate and acceleration relative to orbital pointing, body frame, rad/s and rad/s2. */
export interface SlewReference {
  readonly rate: Vector;
  readonly acceleration: Vector;
}

interface Slew {
  readonly start: number;
  readonly axis: Vector;
  /** Peak angular acceleration, rad/s2. */
  readonly acceleration: number;
  readonly burn: number;
  readonly coast: number;
}

const REST: SlewReference = { rate: ZERO, acceleration: ZERO };

/** Pairs of slews come after a pause of at least this, and a random rest with the mean below: about 25 slews a day. */
const SHORTEST_PAUSE_SECONDS = 900;
const MEAN_PAUSE_SECONDS = 4200;

const durationOf = ({ burn, coast }: Slew): number => 2 * burn + coast;

/**
 * One burn of unit height over `seconds`, (1 - cos) / 2: its value and its integral from 0 at `t`. Guidance shapes torque
 * without corners, for corners shake flexible panels.
 */
const burnProfile = (t: number, seconds: number): readonly [value: number, integral: number] => {
  if (t <= 0) return [0, 0];
  if (t >= seconds) return [0, seconds / 2];
  const angle = (2 * Math.PI * t) / seconds;
  return [(1 - Math.cos(angle)) / 2, t / 2 - (seconds * Math.sin(angle)) / (4 * Math.PI)];
};

const referenceOf = (slew: Slew, time: number): SlewReference => {
  const t = time - slew.start;
  if (t <= 0 || t >= durationOf(slew)) return REST;
  const [up, gained] = burnProfile(t, slew.burn);
  const [down, lost] = burnProfile(t - slew.burn - slew.coast, slew.burn);
  return {
    rate: scale(slew.axis, slew.acceleration * (gained - lost)),
    acceleration: scale(slew.axis, slew.acceleration * (up - down)),
  };
};

/** @returns the reference at a time (s); times must not decrease between calls. `from` is the earliest time asked for. */
export const createSlews = (random: Random, from: number): ((time: number) => SlewReference) => {
  const pause = (): number => SHORTEST_PAUSE_SECONDS - MEAN_PAUSE_SECONDS * Math.log(1 - random.uniform());
  const plan = (after: number): readonly [Slew, Slew] => {
    const axis = unit([random.normal(), random.normal(), random.normal()]);
    // At most 15 to 40 mNm about an axis of 270 kg m2, for 90 to 180 s.
    const acceleration = (0.015 + 0.025 * random.uniform()) / 270;
    const out: Slew = {
      start: after + pause(),
      axis,
      acceleration,
      burn: 90 + 90 * random.uniform(),
      coast: 20 + 130 * random.uniform(),
    };
    const hold = 180 + 1020 * random.uniform();
    return [out, { ...out, start: out.start + durationOf(out) + hold, axis: scale(axis, -1) }];
  };
  let [out, back] = plan(from);
  return (time) => {
    if (time >= back.start + durationOf(back)) [out, back] = plan(back.start + durationOf(back));
    return referenceOf(time < back.start ? out : back, time);
  };
};
