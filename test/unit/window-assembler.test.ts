import { planAssembly } from '../../src/core/telemetry/assembly-plan';
import { initialAssembler, type AssemblyItem } from '../../src/core/telemetry/assembler-state';
import { assembleFrames, flushFrames } from '../../src/core/telemetry/frame-assembler';
import { assembleWindows, initialWindows } from '../../src/core/telemetry/window-assembler';
import type { Window } from '../../src/domain/telemetry';
import { T0, tinyMission, tinyValues } from '../support/tiny-mission';

const mission = tinyMission();

const framesOf = (
  seconds: readonly number[],
  without: (second: number) => string | undefined = () => undefined,
): AssemblyItem[] => {
  const plan = planAssembly(mission);
  const items: AssemblyItem[] = [];
  let state = initialAssembler;
  for (const second of seconds) {
    const { [without(second) ?? '']: _left, ...values } = tinyValues(second);
    const step = assembleFrames(plan, state, { time: T0 + second * 1000, values });
    state = step.state;
    items.push(...step.items);
  }
  return [...items, ...flushFrames(plan, state).items];
};

const cut = (items: readonly AssemblyItem[]): { windows: Window[]; unscored: number } => {
  let state = initialWindows;
  let unscored = 0;
  const windows: Window[] = [];
  for (const item of items) {
    const step = assembleWindows(mission, state, item);
    state = step.state;
    unscored += step.unscored;
    if (step.window) windows.push(step.window);
  }
  return { windows, unscored };
};

const ends = ({ windows }: { windows: readonly Window[] }): number[] => windows.map(({ end }) => (end - T0) / 1000);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('a window holds its frames parameter by parameter', () => {
  const { windows } = cut(framesOf(range(1, 4)));
  expect(windows).toMatchObject([
    {
      start: T0 + 1000,
      end: T0 + 4000,
      values: Float32Array.from(
        ['rw0_speed', 'rw0_current', 'rw1_speed', 'rw1_current'].flatMap((id) =>
          range(1, 4).map((second) => tinyValues(second)[id] ?? NaN),
        ),
      ),
      unusable: [],
      measured: new Uint8Array(16).fill(1),
    },
  ]);
});

test('wherever a run begins, windows end at the same instants', () => {
  expect(ends(cut(framesOf(range(0, 12))))).toEqual([4, 6, 8, 10, 12]);
  expect(ends(cut(framesOf(range(3, 12))))).toEqual([6, 8, 10, 12]);
});

test('a stale parameter makes a window unusable and is named', () => {
  const { windows } = cut(framesOf(range(0, 14), (second) => (second >= 3 ? 'rw1_current' : undefined)));
  expect(windows.map(({ end, unusable }) => [(end - T0) / 1000, unusable])).toEqual([
    [4, []],
    [6, []],
    [8, ['rw1_current']],
    [10, ['rw1_current']],
    [12, ['rw1_current']],
    [14, ['rw1_current']],
  ]);
});

test('no window spans a gap, and those that would have count as unscored', () => {
  const result = cut(framesOf([...range(0, 10), ...range(21, 30)]));
  expect(ends(result)).toEqual([4, 6, 8, 10, 24, 26, 28, 30]);
  // Ends at 12, 14, 16, 18, 20 inside the gap and at 22, whose window would begin in it.
  expect(result.unscored).toBe(6);
});

test('windows before the first full one were never due', () => {
  expect(cut(framesOf(range(1, 3)))).toEqual({ windows: [], unscored: 0 });
  expect(cut(framesOf([0, ...range(10, 13)])).unscored).toBe(5);
});

test('a gap of a year is counted without walking through it', () => {
  const year = 366 * 86_400;
  expect(cut(framesOf([...range(0, 3), year, year + 1, year + 2, year + 3])).unscored).toBe(year / 2);
});
