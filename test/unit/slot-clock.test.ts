/** Slots that the clock closes: what comes last before a silence is judged without the next packet. */
import { planAssembly } from '../../src/core/telemetry/assembly-plan';
import { initialAssembler, type AssemblerState, type AssemblerStep } from '../../src/core/telemetry/assembler-state';
import { assembleFrames } from '../../src/core/telemetry/frame-assembler';
import { closeByClock } from '../../src/core/telemetry/slot-clock';
import { missionSchema } from '../../src/domain/mission';
import type { PartialFrame } from '../../src/domain/telemetry';

const T0 = Date.UTC(2026, 2, 1);
const WALL = Date.UTC(2026, 5, 1);
const plan = planAssembly(
  missionSchema.parse({
    spacecraft: 'T1',
    sampling: { period: '4s', window: 4, stride: 1 },
    parameters: [{ id: 'batt_v', limits: { critical: [6, 9] } }, { id: 'temp_c' }],
  }),
);

/** Frames at packet seconds, each at the wall second that is beside it. */
const after = (...frames: readonly (readonly [packet: number, wall: number, values: PartialFrame['values']])[]) => {
  let state: AssemblerState = initialAssembler;
  const steps: AssemblerStep[] = [];
  for (const [packet, wall, values] of frames) {
    const step = assembleFrames(plan, state, { time: T0 + packet * 1000, values }, WALL + wall * 1000);
    steps.push(step);
    state = step.state;
  }
  return { state, steps };
};
const both = { batt_v: 7.5, temp_c: 20 };
const timesOf = ({ items }: Pick<AssemblerStep, 'items'>): unknown[] =>
  items.map((item) => (item.kind === 'frame' ? (item.frame.time - T0) / 1000 : item.kind));

test('a sample is handed out to be checked when it arrives, in a slot that is still open', () => {
  const { steps } = after([0, 0, both], [4, 4, { batt_v: 4 }]);
  expect(steps[1]?.items).toEqual([]);
  expect(steps[1]?.samples).toEqual([{ row: 0, time: T0 + 4000, value: 4 }]);
});

test('a slot that lacks a parameter is closed two and a half periods after it began to arrive, and not before', () => {
  const { state } = after([0, 0, both], [4, 4, { batt_v: 4 }]);
  const early = closeByClock(plan, state, WALL + 13_999);
  expect(early.items).toEqual([]);
  expect(early.state).toBe(state);
  const due = closeByClock(plan, early.state, WALL + 14_000);
  expect(timesOf(due)).toEqual([4]);
  expect(closeByClock(plan, due.state, WALL + 60_000).items).toEqual([]);
});

test('what is left of it comes late, is checked, and is in no frame', () => {
  const { state } = after([0, 0, both], [4, 4, { batt_v: 4 }]);
  const closed = closeByClock(plan, state, WALL + 20_000);
  const late = assembleFrames(plan, closed.state, { time: T0 + 4000, values: { temp_c: 99 } }, WALL + 21_000);
  expect(late.drops).toEqual([expect.objectContaining({ reason: 'late' })]);
  expect(late.samples).toEqual([{ row: 1, time: T0 + 4000, value: 99 }]);
});

test('the first beacon after a silence is believed at once when the clock has gone on as long', () => {
  const { steps } = after([0, 0, both], [5400, 5400, { batt_v: 4 }]);
  expect(steps[1]?.samples).toEqual([{ row: 0, time: T0 + 5_400_000, value: 4 }]);
});

test('a frame far ahead of the clock is believed when nothing contradicts it for one and a half periods', () => {
  const { state, steps } = after([0, 0, both], [5400, 4, { batt_v: 4 }]);
  expect(steps[1]?.samples).toEqual([]);
  expect(closeByClock(plan, state, WALL + 9999).samples).toEqual([]);
  const believed = closeByClock(plan, state, WALL + 10_000);
  expect(believed.samples).toEqual([{ row: 0, time: T0 + 5_400_000, value: 4 }]);
  expect(timesOf(believed)).toEqual(['gap']);
  expect(timesOf(closeByClock(plan, believed.state, WALL + 14_000))).toEqual([5400]);
});

test('a frame far ahead that is contradicted in time is dropped, and not checked', () => {
  const { state, steps } = after([0, 0, both], [5400, 4, { batt_v: 4 }], [8, 8, both]);
  expect(steps[2]?.drops).toEqual([expect.objectContaining({ reason: 'future' })]);
  expect(closeByClock(plan, state, WALL + 60_000).samples).toEqual([]);
});

test('after a restart the patience begins anew', () => {
  const { state } = after([0, 0, both], [4, 4, { batt_v: 4 }]);
  const restarted: AssemblerState = { ...state, heardAt: undefined };
  const first = closeByClock(plan, restarted, WALL + 100_000);
  expect(first.items).toEqual([]);
  expect(timesOf(closeByClock(plan, first.state, WALL + 110_000))).toEqual([4]);
});

test('at a stop everything that is open is closed', () => {
  const { state } = after([0, 0, both], [4, 4, { batt_v: 4 }], [8, 8, { temp_c: 20 }]);
  expect(timesOf(closeByClock(plan, state, WALL + 8000, 'all'))).toEqual([4, 8]);
});
