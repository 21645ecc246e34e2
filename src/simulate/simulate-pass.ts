/** A pass of telemetry of the reaction-wheel assembly, frame by frame, from seeds and faults alone. */
import { createRandom } from '../core/random';
import type { Frame } from '../domain/telemetry';
import { controlStep, restingAttitude, stepBody } from './attitude';
import { createEnvironment } from './environment';
import { createEffects, HEALTHY, type WheelEffects } from './fault-effects';
import { wheelId, type Fault } from './faults';
import { NULL_SIGNS } from './pyramid';
import { createSensors } from './sensors';
import { createSlews } from './slews';
import { buildSpacecraft } from './spacecraft';
import { add } from './vector';
import { settledWheel, stepWheel } from './wheel';

export interface PassOptions {
  /** Time of the first frame, ms since 1970 UTC. */
  readonly start: number;
  readonly durationMs: number;
  readonly periodMs: number;
  /** Decides the constants of wheels and body. */
  readonly spacecraftSeed: number;
  /** Decides everything that happens: orbit phase, disturbances, slews, noise. */
  readonly passSeed: number;
  readonly faults: readonly Fault[];
}

/** Physics advances in steps of at most half a second: a tenth of the fastest time constant that matters, the friction observer. */
const LONGEST_STEP_SECONDS = 0.5;
/** Two orbits before the first frame, so that a pass begins in the middle of a mission and not at switch-on. */
const LEAD_SECONDS = 11_400;

/** Parameters of a frame, in the order of its values. */
export const simulatedParameters: readonly string[] = NULL_SIGNS.flatMap((_, wheel) =>
  ['speed_rpm', 'torque_cmd_mnm', 'current_a', 'bearing_temp_c'].map((quantity) => `${wheelId(wheel)}_${quantity}`),
);

/** How many frames a pass has: at least one, the end exclusive. */
export const frameCount = ({ durationMs, periodMs }: Pick<PassOptions, 'durationMs' | 'periodMs'>): number =>
  Math.max(1, Math.ceil(durationMs / periodMs));

/** Frames with the values of `simulatedParameters`. The same options give the same frames; a longer pass begins with the shorter one. */
export function* simulatePass(options: PassOptions): Generator<Frame, void, undefined> {
  const { start, periodMs, faults } = options;
  const spacecraft = buildSpacecraft(options.spacecraftSeed);
  const random = createRandom(options.passSeed).fork('pass');
  const periodSeconds = periodMs / 1000;
  const steps = Math.ceil(periodSeconds / LONGEST_STEP_SECONDS);
  const dt = periodSeconds / steps;
  const leadFrames = Math.ceil(LEAD_SECONDS / periodSeconds);

  const environmentAt = createEnvironment(random.fork('environment'), spacecraft.wheels.length);
  const slewAt = createSlews(random.fork('slews'), -leadFrames * periodSeconds);
  const gyro = random.fork('gyro');
  let surroundings = environmentAt(-leadFrames * periodSeconds, periodSeconds);
  const attitude = restingAttitude();
  const wheels = spacecraft.wheels.map((constants, index) => {
    const effects = faults
      .filter(({ wheel }) => wheel === index)
      .map((fault) => ({ fault, at: createEffects(fault, random) }));
    return {
      constants,
      state: settledWheel(constants, (NULL_SIGNS[index] ?? 1) * surroundings.biasSpeed, surroundings.panel),
      sensors: createSensors(constants, random.fork(`sensors-${String(index)}`)),
      command: 0,
      effectsAt: (time: number): WheelEffects =>
        effects.find(({ fault }) => time >= fault.start && time < fault.start + fault.durationMs)?.at(time) ?? HEALTHY,
    };
  });

  const advance = (time: number): void => {
    const seconds = (time - start) / 1000;
    const reference = slewAt(seconds);
    const effects = wheels.map(({ effectsAt }) => effectsAt(time));
    const speeds = wheels.map(({ sensors, state }, index) => sensors.speed(state, effects[index] ?? HEALTHY));
    const { commands, magnetic } = controlStep({ spacecraft, attitude, reference, surroundings, speeds, gyro, dt });
    const net = wheels.map((wheel, index) => {
      wheel.command = commands[index] ?? 0;
      const drag = surroundings.drag[index] ?? 1;
      return stepWheel({
        constants: wheel.constants,
        state: wheel.state,
        command: wheel.command,
        panel: surroundings.panel,
        dragFactor: drag,
        effects: effects[index] ?? HEALTHY,
        dt,
      });
    });
    const momenta = wheels.map(({ constants, state }) => constants.inertia * state.speed);
    stepBody({ spacecraft, attitude, reference, external: add(surroundings.disturbance, magnetic), net, momenta, dt });
  };

  const frames = frameCount(options);
  for (let frame = -leadFrames; frame < frames; frame += 1) {
    const time = start + frame * periodMs;
    if (frame >= 0) {
      const values = wheels.flatMap(({ sensors, state, command, effectsAt }) => {
        const { speedRpm, currentA, bearingC } = sensors.read(state, effectsAt(time));
        return [speedRpm, command * 1000, currentA, bearingC];
      });
      yield { time, values: Float64Array.from(values) };
    }
    for (let step = 0; step < steps; step += 1) advance(time + step * dt * 1000);
    surroundings = environmentAt((time + periodMs - start) / 1000, periodSeconds);
  }
}
