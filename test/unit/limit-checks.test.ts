import { checkLimits, initialChecks, planChecks } from '../../src/core/monitoring/limit-checks';
import type { AssembledFrame } from '../../src/core/telemetry/frame-assembler';
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
    const frame: AssembledFrame = {
      kind: 'frame',
      slot: second,
      frame: { time: T0 + second * 1000, values: Float64Array.from([0, value]) },
      received: Float64Array.from([0, value]),
    };
    const step = checkLimits(plan, state, frame);
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
  const frame: AssembledFrame = {
    kind: 'frame',
    slot: 0,
    frame: { time: T0, values: new Float64Array(2) },
    received: Float64Array.from([0, 6]),
  };
  expect(checkLimits(plan, initialChecks(plan), frame).events).toEqual([
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
