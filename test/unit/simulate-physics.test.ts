import { createRandom } from '../../src/core/random';
import { controlStep, restingAttitude, stepBody } from '../../src/simulate/attitude';
import { ORBIT_RATE, type Surroundings } from '../../src/simulate/environment';
import { HEALTHY } from '../../src/simulate/fault-effects';
import { combine, distribute, NOMINAL_AXES, NULL_SIGNS } from '../../src/simulate/pyramid';
import { createSlews } from '../../src/simulate/slews';
import { buildSpacecraft } from '../../src/simulate/spacecraft';
import { simulatedParameters } from '../../src/simulate/simulate-pass';
import { add, dot, times, ZERO } from '../../src/simulate/vector';
import { frictionTorque, settledWheel, stepWheel } from '../../src/simulate/wheel';
import { channel, mean, pass } from '../support/simulate-support';
import { loadMission } from '../../src/config/load-mission';

const WHEELS = ['rw0', 'rw1', 'rw2', 'rw3'];
const spacecraft = buildSpacecraft(1);
const [constants] = spacecraft.wheels;
if (constants === undefined) throw new Error('a spacecraft has wheels');

describe('the wheel pyramid', () => {
  it('delivers the demanded body torque through the pseudo-inverse, with the smallest wheel torques', () => {
    const demand = [0.012, -0.034, 0.021] as const;
    const shares = distribute(demand);
    combine(NOMINAL_AXES, shares).forEach((value, axis) => expect(value).toBeCloseTo(demand[axis] ?? NaN, 12));
    expect(shares.reduce((sum, share, wheel) => sum + share * (NULL_SIGNS[wheel] ?? NaN), 0)).toBeCloseTo(0, 12);
  });

  it('stores no momentum when the wheels turn in null motion', () => {
    combine(NOMINAL_AXES, NULL_SIGNS).forEach((value) => expect(value).toBeCloseTo(0, 12));
  });
});

describe('the momentum of body and wheels', () => {
  it('is conserved through slews when nothing acts from outside', () => {
    // Finer than the simulator's own step, to tell the equations from the error of their integration.
    const dt = 0.1;
    const seconds = 2 * 3600;
    const surroundings: Surroundings = {
      disturbance: ZERO,
      field: [1, 0, 0],
      panel: 16,
      biasSpeed: 280,
      drag: [1, 1, 1, 1],
    };
    const wheels = spacecraft.wheels.map((wheel, index) => ({
      wheel,
      // Off the null motion by a few hundred rpm, so that there is momentum to conserve.
      state: settledWheel(wheel, (NULL_SIGNS[index] ?? 1) * 280 + 30, 16),
    }));
    const attitude = restingAttitude();
    const slews = createSlews(createRandom(4), 0);
    const gyro = createRandom(5);
    const momenta = (): number[] => wheels.map(({ wheel, state }) => wheel.inertia * state.speed);
    const axes = spacecraft.wheels.map(({ axis }) => axis);
    const total = (time: number): number => {
      const rate = add(add([0, -ORBIT_RATE, 0], slews(time).rate), attitude.rateError);
      const momentum = add(times(spacecraft.inertia, rate), combine(axes, momenta()));
      return Math.sqrt(dot(momentum, momentum));
    };
    const before = total(0);
    let strongest = 0;
    for (let step = 0; step < seconds / dt; step += 1) {
      const reference = slews(step * dt);
      const speeds = wheels.map(({ state }) => state.speed);
      const { commands } = controlStep({ spacecraft, attitude, reference, surroundings, speeds, gyro, dt });
      strongest = Math.max(strongest, ...commands);
      const net = wheels.map(({ wheel, state }, index) =>
        stepWheel({
          constants: wheel,
          state,
          command: commands[index] ?? 0,
          panel: 16,
          dragFactor: 1,
          effects: HEALTHY,
          dt,
        }),
      );
      stepBody({ spacecraft, attitude, reference, external: ZERO, net, momenta: momenta(), dt });
    }
    expect(strongest).toBeGreaterThan(0.01);
    expect(before).toBeGreaterThan(0.5);
    expect(Math.abs(total(seconds) / before - 1)).toBeLessThan(0.002);
  });
});

describe('a wheel', () => {
  it('has friction against its rotation: odd in speed, a Stribeck minimum, then growing with speed and thinning with warmth', () => {
    const at = (speed: number, temperature = 25) => frictionTorque(constants, speed, temperature);
    expect(at(-200)).toBe(-at(200));
    expect(at(3)).toBeGreaterThan(at(20));
    expect(at(400)).toBeGreaterThan(at(200));
    expect(at(200, 45)).toBeLessThan(at(200, 25));
  });

  it('follows the commanded torque and pays for it with current', () => {
    const state = settledWheel(constants, 280, 16);
    const before = { ...state };
    for (let step = 0; step < 20; step += 1)
      stepWheel({ constants, state, command: 0.02, panel: 16, dragFactor: 1, effects: HEALTHY, dt: 0.5 });
    const accelerated = (constants.inertia * (state.speed - before.speed)) / 10;
    expect(accelerated / 0.02).toBeCloseTo(1, 1);
    expect((state.current - before.current) * constants.torqueConstant).toBeCloseTo(0.02, 3);
  });

  it('warms up with friction and settles', () => {
    const slow = settledWheel(constants, 100, 16);
    const fast = settledWheel(constants, 400, 16);
    expect(fast.bearing).toBeGreaterThan(slow.bearing + 3);
    expect(fast.bearing).toBeGreaterThan(fast.housing);
    const state = { ...fast };
    const net = Array.from({ length: 7200 }, () =>
      stepWheel({ constants, state, command: 0, panel: 16, dragFactor: 1, effects: HEALTHY, dt: 0.5 }),
    );
    expect(Math.abs(mean(net))).toBeLessThan(2e-4);
    expect(state.bearing).toBeCloseTo(fast.bearing, 0);
  });
});

describe('a nominal pass', () => {
  const frames = pass(360);

  it('has current that is torque plus friction over the torque constant, in every wheel and through slews', () => {
    spacecraft.wheels.forEach((wheel, index) => {
      const of = (quantity: string) => channel(frames, `rw${String(index)}_${quantity}`);
      const [speed, torque, current, bearing] = [
        of('speed_rpm'),
        of('torque_cmd_mnm'),
        of('current_a'),
        of('bearing_temp_c'),
      ];
      expect(Math.max(...torque.map(Math.abs))).toBeGreaterThan(8);
      const residual = current.map((value, frame) => {
        const friction = frictionTorque(wheel, ((speed[frame] ?? 0) * Math.PI) / 30, bearing[frame] ?? 0);
        return value - wheel.currentBias - ((torque[frame] ?? 0) / 1000 + friction) / wheel.torqueConstant;
      });
      // 6 mA of sensor noise, one per cent of drag and of calibration.
      expect(Math.abs(mean(residual))).toBeLessThan(0.004);
      expect(Math.sqrt(mean(residual.map((value) => value * value)))).toBeLessThan(0.012);
    });
  });

  it('changes speed as the commanded torque over the rotor inertia says', () => {
    const speed = channel(frames, 'rw2_speed_rpm');
    const torque = channel(frames, 'rw2_torque_cmd_mnm');
    const inertia = spacecraft.wheels[2]?.inertia ?? NaN;
    const differences = speed.slice(1).map((value, frame) => value - (speed[frame] ?? NaN));
    const expected = torque
      .slice(1)
      .map((value, frame) => ((value + (torque[frame] ?? NaN)) / 2000 / inertia) * 4 * (30 / Math.PI));
    const centred = (values: readonly number[]) => values.map((value) => value - mean(values));
    const [a, b] = [centred(differences), centred(expected)];
    const product = mean(a.map((value, frame) => value * (b[frame] ?? NaN)));
    expect(
      product / Math.sqrt(mean(a.map((value) => value ** 2)) * mean(b.map((value) => value ** 2))),
    ).toBeGreaterThan(0.97);
  });

  it('stays inside the warning limits of the mission', () => {
    const mission = loadMission('rules/mission.yaml');
    const outside = mission.parameters.filter(({ id, limits, valid }) => {
      const [low, high] = limits?.warning ?? valid ?? [-Infinity, Infinity];
      return channel(frames, id).some((value) => value < low || value > high);
    });
    expect(outside).toEqual([]);
  });

  it('has finite values of sixteen parameters', () => {
    expect(simulatedParameters).toHaveLength(4 * WHEELS.length);
    expect(frames).toHaveLength(5400);
    expect(frames.every((values) => values.length === 16 && values.every(Number.isFinite))).toBe(true);
  });
});

describe('the seeds', () => {
  it('keep spacecraft and pass apart: the spacecraft seed alone decides the constants', () => {
    expect(buildSpacecraft(1)).toEqual(spacecraft);
    expect(buildSpacecraft(2)).not.toEqual(spacecraft);
  });

  it('give another pass for another pass seed, and another spacecraft in the same orbit for another spacecraft seed', () => {
    const reference = pass(5);
    expect(pass(5)).toEqual(reference);
    expect(pass(5, { passSeed: 6 })).not.toEqual(reference);
    expect(pass(5, { spacecraftSeed: 2 })).not.toEqual(reference);
  });

  it('let a longer pass begin with the shorter one', () => {
    const short = pass(5);
    expect(pass(10).slice(0, short.length)).toEqual(short);
  });
});
