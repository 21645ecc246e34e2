/** Telemetry of a fleet for the campaign: simulated, the same for every run of a seed, with a fault on some spacecraft. */
import { isoTime } from '../../domain/units';
import type { Fault } from '../../simulate/faults';
import { BENCH_START, type Workshop } from '../workshop';

export interface FleetMessage {
  readonly topic: string;
  readonly payload: string;
}

/** Frames of a spacecraft: a fault begins, is found, ends, and its anomaly closes. */
const FRAMES = 110;
const FAULT_AT = 30;
const FAULT_FRAMES = 30;
/** Frames of one message. */
const TOGETHER = 2;
/** Passes that differ; spacecraft share them. */
const PASSES = 12;

const RULES = {
  eventActions: [
    {
      id: 'assess',
      title: 'campaign',
      level: 1,
      when: {},
      action: {
        command: 'REQUEST_GROUND_ASSESSMENT',
        arguments: { assembly: 'rwa', reason: 'campaign', priority: 'routine' },
        // Outlasts every run: whether each request comes once is not to depend on how busy the machine is.
        expiry: '1d',
      },
      because: 'Each anomaly asks once.',
    },
  ],
};

const nameOf = (index: number): string => `SAT-${String(index + 1).padStart(3, '0')}`;

/** Messages in the order they are sent: those of one spacecraft in the order of their times. */
export const fleetTelemetry = (
  workshop: Workshop,
  { seed, spacecraft, faults }: { readonly seed: number; readonly spacecraft: number; readonly faults: number },
): { readonly messages: readonly FleetMessage[]; readonly frames: number; readonly rules: string } => {
  const { mission } = workshop.loaded;
  const { periodMs } = mission.sampling;
  const passOf = (pass: number, isFaulty: boolean): readonly string[] => {
    const fault: Fault = {
      kind: 'torque-loss',
      wheel: pass % 4,
      start: BENCH_START + FAULT_AT * periodMs,
      durationMs: FAULT_FRAMES * periodMs,
      severity: 0.4,
    };
    const frames = [...workshop.frames(FRAMES, isFaulty ? [fault] : [], seed * 1000 + pass)].map(
      ({ time, values }) => ({
        time: isoTime(time),
        values: Object.fromEntries(mission.parameters.map(({ id }, index) => [id, values[index] ?? null])),
      }),
    );
    return Array.from({ length: FRAMES / TOGETHER }, (_, index) =>
      JSON.stringify(frames.slice(index * TOGETHER, (index + 1) * TOGETHER)),
    );
  };
  const [nominal, faulty] = [false, true].map((isFaulty) =>
    Array.from({ length: PASSES }, (_, pass) => passOf(pass, isFaulty)),
  );
  const messages = Array.from({ length: FRAMES / TOGETHER }, (_, step) =>
    Array.from({ length: spacecraft }, (_unused, index): FleetMessage => {
      const pass = (index < faults ? faulty : nominal)?.[index % PASSES];
      return { topic: `fdir/${nameOf(index)}/tm`, payload: pass?.[step] ?? '[]' };
    }),
  ).flat();
  return { messages, frames: FRAMES * spacecraft, rules: JSON.stringify(RULES) };
};
