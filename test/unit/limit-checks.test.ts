import { checkSamples, initialChecks, MAX_TOLD, planChecks } from '../../src/core/monitoring/limit-checks';
import type { ReceivedSample } from '../../src/core/telemetry/open-slot';
import { missionSchema } from '../../src/domain/mission';
import { T0 } from '../support/tiny-mission';

const mission = missionSchema.parse({
  spacecraft: 'X',
  sampling: { period: '1s' },
  parameters: [{ id: 'free' }, { id: 'a', valid: [-100, 100], limits: { warning: [-5, 5], critical: [-8, 8] } }],
});
const plan = planChecks(mission);

/** Transitions of `a` over a series, as [second, limit, from, to]. */
const transitions = (series: readonly number[]): unknown[] => {
  let state = initialChecks(plan);
  return series.flatMap((value, second) => {
    const samples = [
      { row: 0, time: T0 + second * 1000, value: 0 },
      { row: 1, time: T0 + second * 1000, value },
    ];
    const step = checkSamples(plan, state, samples);
    state = step.state;
    return step.events.map(({ limit, from, to }) => [second, limit, from, to]);
  });
};

test('withinLimits is established in silence and stays silent', () => {
  expect(transitions([0, 1, 5, -5])).toEqual([]);
});

test('a first violation is a transition from unchecked', () => {
  expect(transitions([6])).toEqual([[0, 'warning', 'unchecked', 'aboveHighLimit']]);
});

test('only transitions are reported, on each limit set for itself', () => {
  expect(transitions([0, 6, 7, 9, 7, 0, -9])).toEqual([
    [1, 'warning', 'withinLimits', 'aboveHighLimit'],
    [3, 'critical', 'withinLimits', 'aboveHighLimit'],
    [4, 'critical', 'aboveHighLimit', 'withinLimits'],
    [5, 'warning', 'aboveHighLimit', 'withinLimits'],
    [6, 'warning', 'withinLimits', 'belowLowLimit'],
    [6, 'critical', 'withinLimits', 'belowLowLimit'],
  ]);
});

test('an invalid sample says so once and nothing about the other limits', () => {
  expect(transitions([0, 6, 500, 500, 6, 0])).toEqual([
    [1, 'warning', 'withinLimits', 'aboveHighLimit'],
    [2, 'valid', 'withinLimits', 'invalid'],
    [4, 'valid', 'invalid', 'withinLimits'],
    [5, 'warning', 'aboveHighLimit', 'withinLimits'],
  ]);
});

test('what did not arrive is not checked and changes nothing', () => {
  expect(transitions([6, NaN, NaN, 6, 0])).toEqual([
    [0, 'warning', 'unchecked', 'aboveHighLimit'],
    [4, 'warning', 'aboveHighLimit', 'withinLimits'],
  ]);
});

test('a transition carries time, value and range', () => {
  expect(checkSamples(plan, initialChecks(plan), [{ row: 1, time: T0, value: 6 }]).events).toEqual([
    {
      type: 'check',
      time: '2026-03-01T00:00:00Z',
      parameter: 'a',
      limit: 'warning',
      from: 'unchecked',
      to: 'aboveHighLimit',
      value: 6,
      range: [-5, 5],
    },
  ]);
});

test('an older sample that fails is told, and the status is that of the newer one', () => {
  const newer = { time: T0 + 5000, value: 1 };
  const samples: ReceivedSample[] = [
    { row: 1, ...newer },
    { row: 1, time: T0, value: 9, newer },
    { row: 1, time: T0 + 1000, value: 0, newer },
  ];
  const { state, events } = checkSamples(plan, initialChecks(plan), samples);
  expect(events.map(({ time, limit, from, to, value }) => [time, limit, from, to, value])).toEqual([
    ['2026-03-01T00:00:00Z', 'warning', 'withinLimits', 'aboveHighLimit', 9],
    ['2026-03-01T00:00:05Z', 'warning', 'aboveHighLimit', 'withinLimits', 1],
    ['2026-03-01T00:00:00Z', 'critical', 'withinLimits', 'aboveHighLimit', 9],
    ['2026-03-01T00:00:05Z', 'critical', 'aboveHighLimit', 'withinLimits', 1],
  ]);
  expect(state.map(({ status }) => status)).toEqual(['withinLimits', 'withinLimits', 'withinLimits']);
});

test('an older sample of an episode that was told is not told again', () => {
  const newer = { time: T0 + 9000, value: 1 };
  const inOrder = [0, 9, 9, 1].map((value, index) => ({ row: 1, time: T0 + 3000 * index, value }));
  const again = [9, 9, 9].map((value, index) => ({ row: 1, time: T0 + 3000 + 1500 * index, value, newer }));
  const first = checkSamples(plan, initialChecks(plan), inOrder);
  expect(first.events).toHaveLength(4);
  expect(checkSamples(plan, first.state, again)).toEqual({ state: first.state, events: [] });
});

test('of a limit that chatters a bounded history is kept, and what is older is not told', () => {
  const chatter = Array.from({ length: 4 * MAX_TOLD }, (_, index) => ({
    row: 1,
    time: T0 + 1000 * index,
    value: index % 2 === 0 ? 9 : 0,
  }));
  const { state } = checkSamples(plan, initialChecks(plan), chatter);
  expect(Math.max(...state.map(({ told }) => told.length))).toBe(MAX_TOLD);
  const older = { row: 1, time: T0 + 1000, value: 9, newer: { time: T0 + 1000 * 4 * MAX_TOLD, value: 0 } };
  expect(checkSamples(plan, state, [older]).events).toEqual([]);
});
