import { planAssembly } from '../../src/core/telemetry/assembly-plan';
import { initialAssembler, type AssemblyItem } from '../../src/core/telemetry/assembler-state';
import { assembleFrames, flushFrames } from '../../src/core/telemetry/frame-assembler';
import { absentRows } from '../../src/core/anomaly/absent';
import { BEHAVIOUR_SPAN, SUMMARIES, SUMMARY } from '../../src/core/telemetry/summaries';
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

describe('what a declared effect explains', () => {
  /** Frames 1 to `last`, with the current of wheel 0 excused in some seconds, where it is far off. */
  const excusing = (last: number, seconds: readonly number[], isExcused = true): AssemblyItem[] =>
    framesOf(range(1, last)).map((item, index) => {
      if (item.kind === 'gap' || !seconds.includes(index + 1)) return item;
      const values = item.frame.values.slice();
      values[1] = 999;
      const { time } = item.frame;
      return { ...item, frame: { time, values }, received: values, ...(isExcused && { excused: [1] }) };
    });
  const lastOf = (items: readonly AssemblyItem[]): Window => cut(items).windows.at(-1) as Window;

  test('is not measured, and is named for models without a mask', () => {
    const [window] = cut(excusing(4, [2, 3])).windows;
    expect(window?.expected).toEqual([5, 6]);
    expect([...(window?.measured ?? [])]).toEqual([1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(cut(framesOf(range(1, 4))).windows[0]).not.toHaveProperty('expected');
  });

  test('leaves what is remembered of the others as it is, and nothing of its value', () => {
    const excused = lastOf(excusing(300, range(250, 300))).memory ?? [];
    const calm = lastOf(framesOf(range(1, 300))).memory ?? [];
    const [from, to] = [SUMMARIES, 2 * SUMMARIES];
    expect([...excused.slice(0, from)]).toEqual([...calm.slice(0, from)]);
    expect([...excused.slice(to)]).toEqual([...calm.slice(to)]);
    expect(absentRows(Float32Array.from(excused))).toEqual([1]);
    for (const index of [...SUMMARY.mean, SUMMARY.level, ...SUMMARY.high])
      expect(excused[SUMMARIES + index]).toBeLessThan(100);
  });

  test('counts like any other sample where it is not excused', () => {
    const window = lastOf(excusing(300, range(250, 300), false));
    expect(window.measured).toEqual(new Uint8Array(16).fill(1));
    expect(absentRows(window.memory)).toEqual([]);
    expect(window.memory?.[SUMMARIES + SUMMARY.mean[0]]).toBeGreaterThan(900);
  });

  test('begins anew after its end, and counts again once behaviour could be counted over it', () => {
    expect(absentRows(lastOf(excusing(302 + 60, range(250, 300))).memory)).toEqual([1]);
    const { memory } = lastOf(excusing(300 + BEHAVIOUR_SPAN, range(250, 300)));
    expect(absentRows(memory)).toEqual([]);
    expect(memory?.[SUMMARIES + SUMMARY.count]).toBe(BEHAVIOUR_SPAN);
    // What came after it alone, without what was before.
    const alone = lastOf(framesOf(range(301, 300 + BEHAVIOUR_SPAN))).memory ?? [];
    for (const index of SUMMARY.mean) expect(memory?.[SUMMARIES + index]).toBeCloseTo(alone[SUMMARIES + index] ?? NaN);
  });
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
