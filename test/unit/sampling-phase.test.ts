/** Samples that are off the grid: each finds its slot, none is lost in silence, and all are checked against limits. */
import { checkSamples, initialChecks, planChecks } from '../../src/core/monitoring/limit-checks';
import { createRandom } from '../../src/core/random';
import { planAssembly } from '../../src/core/telemetry/assembly-plan';
import type { Drop } from '../../src/core/telemetry/drop';
import { initialAssembler, type AssembledFrame } from '../../src/core/telemetry/assembler-state';
import { assembleFrames, flushFrames } from '../../src/core/telemetry/frame-assembler';
import type { ReceivedSample as ReceivedSample } from '../../src/core/telemetry/open-slot';
import { initialPhase, learnPhase } from '../../src/core/telemetry/sampling-phase';
import { missionSchema } from '../../src/domain/mission';
import { isoTime } from '../../src/domain/units';

const T0 = Date.UTC(2026, 2, 1);
const missionOf = (period: string) =>
  missionSchema.parse({
    spacecraft: 'T1',
    sampling: { period, window: 4, stride: 1 },
    parameters: [{ id: 'batt_v', units: 'V', limits: { critical: [6, 9] } }],
  });
type Sample = readonly [time: number, value: number];

const run = (period: string, samples: readonly Sample[]) => {
  const mission = missionOf(period);
  const plan = planAssembly(mission);
  const checks = planChecks(mission);
  const frames: AssembledFrame[] = [];
  const drops: Drop[] = [];
  const received: ReceivedSample[] = [];
  let state = initialAssembler;
  const take = (step: ReturnType<typeof flushFrames>): void => {
    state = step.state;
    drops.push(...step.drops);
    received.push(...step.samples);
    for (const item of step.items) if (item.kind === 'frame') frames.push(item);
  };
  for (const [time, value] of samples) take(assembleFrames(plan, state, { time, values: { batt_v: value } }));
  take(flushFrames(plan, state));
  const { events } = checkSamples(checks, initialChecks(checks), received);
  return { frames, drops, events };
};

test('a period of 10 s and samples at :15, :26, :34, :45 and :56: the 4.0 V at :34 is alarmed, and no sample is dropped', () => {
  const seconds = [15, 26, 34, 45, 56];
  const { frames, drops, events } = run(
    '10s',
    seconds.map((second) => [T0 + second * 1000, second === 34 ? 4 : 7.5]),
  );
  expect(drops).toEqual([]);
  expect(frames.map(({ frame }) => frame.values[0])).toEqual([7.5, 7.5, 4, 7.5, 7.5]);
  expect(events.map(({ time, to, value }) => [time, to, value])).toEqual([
    [isoTime(T0 + 34_000), 'belowLowLimit', 4],
    [isoTime(T0 + 45_000), 'withinLimits', 7.5],
  ]);
});

test.each([0, 0.25, 0.5, 0.75, 0.999])(
  'a pass shifted by %s of a period with 20 ms of jitter keeps every frame',
  (share) => {
    const random = createRandom(7);
    const samples = Array.from({ length: 5400 }, (_, index): Sample => [
      Math.round(T0 + 4000 * (index + share) + 40 * (random.uniform() - 0.5)),
      7 + (index % 5) / 10,
    ]);
    const { frames, drops } = run('4s', samples);
    expect(drops).toEqual([]);
    expect(frames.map(({ frame }) => frame.values[0])).toEqual(samples.map(([, value]) => value));
  },
);

test('a clock that drifts through a whole period costs a slot or a sample each time round, not a quarter of the frames', () => {
  const random = createRandom(11);
  const samples = Array.from({ length: 8000 }, (_, index): Sample => [
    Math.round(T0 + 4001 * index + 20 * (random.uniform() - 0.5)),
    7,
  ]);
  const { frames, drops } = run('4s', samples);
  expect(drops.length).toBeLessThanOrEqual(2);
  const held = frames.filter(({ received }) => Number.isNaN(received[0])).length;
  expect(held).toBeLessThanOrEqual(4);
});

test('of two samples in one slot the second is in no frame, is counted, and is checked', () => {
  const { frames, drops, events } = run('10s', [
    [T0, 7.5],
    [T0 + 3000, 4],
    [T0 + 10_000, 7.5],
  ]);
  expect(frames.map(({ frame }) => frame.values[0])).toEqual([7.5, 7.5]);
  expect(drops).toEqual([expect.objectContaining({ reason: 'late' })]);
  expect(events.map(({ time, to, value }) => [time, to, value])).toEqual([
    [isoTime(T0 + 3000), 'belowLowLimit', 4],
    [isoTime(T0 + 10_000), 'withinLimits', 7.5],
  ]);
});

test('on the grid, and near it, the phase stays 0', () => {
  const random = createRandom(13);
  let state = initialPhase;
  for (let index = 0; index < 200; index += 1) {
    const time = T0 + 4000 * index + Math.round(2000 * (random.uniform() - 0.5));
    state = learnPhase(state, time, 4000, index === 0);
    expect(state.phase).toBe(0);
  }
});
