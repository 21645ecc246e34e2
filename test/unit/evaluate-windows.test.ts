import { planAssembly } from '../../src/core/telemetry/assembly-plan';
import { initialAssembler, type AssemblyItem } from '../../src/core/telemetry/assembler-state';
import { assembleFrames, flushFrames } from '../../src/core/telemetry/frame-assembler';
import { snapLabels, truthOf, windowsToJudge } from '../../src/fit/evaluate/evaluate-windows';
import { T0, tinyMission, tinyValues } from '../support/tiny-mission';

const mission = tinyMission();
const plan = planAssembly(mission);

const assemble = (indices: readonly number[]): readonly AssemblyItem[] => {
  let state = initialAssembler;
  const items: AssemblyItem[] = [];
  for (const index of indices) {
    const step = assembleFrames(plan, state, { time: T0 + index * 1000, values: tinyValues(index) });
    state = step.state;
    items.push(...step.items);
  }
  return [...items, ...flushFrames(plan, state).items];
};

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const spans = (mode: 'stream' | 'independent', indices: readonly number[]) =>
  windowsToJudge(mode, mission, assemble(indices)).map((item) =>
    item.kind === 'window' ? [(item.window.start - T0) / 1000, (item.window.end - T0) / 1000] : item.kind,
  );
const label = (from: number, to: number, fault = 'offset') => ({
  start: T0 + from * 1000,
  end: T0 + to * 1000,
  equipment: 'rw1',
  fault,
});
const window = (from: number) => ({ start: T0 + from * 1000, end: T0 + (from + 3) * 1000 });

test('independent blocks begin at the first frame and follow each other; what is left over is no case', () => {
  expect(spans('independent', upTo(14))).toEqual([
    [0, 3],
    [4, 7],
    [8, 11],
  ]);
});

test('the stream is cut as the daemon cuts it', () => {
  expect(spans('stream', upTo(9))).toEqual([
    [1, 4],
    [3, 6],
    [5, 8],
  ]);
});

test('frames that are missing in the recording do not shift the blocks after them', () => {
  const indices = upTo(16).filter((index) => index !== 5 && index !== 6);
  expect(spans('independent', indices)).toEqual([[0, 3], 'unscored', [10, 13]]);
});

test('lost telemetry is told to the stream, so that what is open can be closed', () => {
  const indices = [...upTo(10), ...upTo(10).map((index) => index + 40)];
  expect(spans('stream', indices)).toContain('lost');
  expect(spans('independent', indices)).toEqual([[0, 3], [4, 7], 'unscored', [42, 45], [46, 49]]);
});

test.each([
  ['before the label', 0, 'nominal'],
  ['touching its first frame', 7, 'partial'],
  ['on its first frames', 10, 'inside'],
  ['on its last frames', 16, 'inside'],
  ['across its end', 17, 'partial'],
  ['after it', 20, 'nominal'],
])('a window %s is judged as %s', (_where, from, kind) => {
  expect(truthOf(window(from), [label(10, 19)]).kind).toBe(kind);
});

test('a window in two labels carries neither', () => {
  expect(truthOf(window(12), [label(10, 19), label(14, 30, 'step')]).kind).toBe('partial');
});

test('ends of labels move to the sampling instants that their samples count for', () => {
  expect(snapLabels([{ start: T0 + 10_400, end: T0 + 19_600, equipment: 'rw1', fault: '' }], 1000)).toEqual([
    { start: T0 + 10_000, end: T0 + 20_000, equipment: 'rw1', fault: '' },
  ]);
});
