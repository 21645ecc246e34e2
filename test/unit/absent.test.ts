/** When a parameter counts as absent: by how often it usually comes. What stands in for what is remembered of it. */
import { absentRows, rowOfLevels, withImplied } from '../../src/core/anomaly/absent';
import { initialSummaries, memoryOf, summarise, SUMMARIES, SUMMARY } from '../../src/core/telemetry/summaries';

const FRAMES = 16;

/** The memory after so many frames; `of` is what each parameter has in a frame, NaN for nothing. */
const memoryAfter = (frames: number, of: (frame: number) => readonly number[]): Float32Array => {
  let state = initialSummaries(of(0).length);
  for (let frame = 0; frame < frames; frame += 1) state = summarise(state, of(frame), { frames: FRAMES });
  return memoryOf(state, FRAMES);
};

test('a parameter that never came is absent as soon as another one has come', () => {
  expect(absentRows(memoryAfter(1, () => [NaN, 1]))).toEqual([0]);
  expect(absentRows(memoryAfter(9, () => [NaN, NaN]))).toEqual([]);
  expect(absentRows(undefined)).toEqual([]);
});

test.each([1, 20])('one that came every %d frames is absent a window and four of its intervals later', (interval) => {
  const silentFor = (frames: number): readonly number[] =>
    absentRows(memoryAfter(400 + frames, (frame) => [frame < 400 && frame % interval === 0 ? 5 : NaN, 1]));
  expect(silentFor(2 * interval)).toEqual([]);
  expect(silentFor(FRAMES + 7 * interval)).toEqual([0]);
  const back = (frame: number): readonly number[] => [frame < 400 || frame >= 600 ? 5 : NaN, 1];
  // It begins anew: a few samples are no evidence yet.
  expect(absentRows(memoryAfter(601 + 2 * interval, back))).toEqual([0]);
  expect(absentRows(memoryAfter(601 + 100, back))).toEqual([]);
});

test('what is implied stands in for its means, changes and extremes, and those of others stay', () => {
  const memory = memoryAfter(300, (frame) => [NaN, frame % 2]);
  const expected = Float32Array.from({ length: 2 * FRAMES }, (_, cell) => (cell < FRAMES ? 7 + (cell % 2) : 99));
  const levels = new Float32Array(2 * FRAMES).fill(5);
  const out = withImplied(memory, [0], { expected, levels });
  for (const at of SUMMARY.mean) expect(out[at]).toBe(7.5);
  expect(out[SUMMARY.level]).toBe(5);
  for (const at of [...SUMMARY.change, SUMMARY.step]) expect(out[at]).toBe(1);
  expect([out[SUMMARY.low[0]], out[SUMMARY.high[1]]]).toEqual([7, 8]);
  expect(out.subarray(SUMMARIES)).toEqual(memory.subarray(SUMMARIES));
});

test('a row of levels holds those of present parameters, and masks the absent ones', () => {
  const memory = memoryAfter(300, (frame) => [NaN, frame % 2]);
  const row = Float32Array.from([
    ...new Array<number>(2 * FRAMES).fill(3),
    ...new Array<number>(2 * FRAMES).fill(0),
    ...memory,
  ]);
  const out = rowOfLevels(row, memory, [0]);
  const cells = (from: number): number[] => [...new Set(out.subarray(from * FRAMES, (from + 1) * FRAMES))];
  expect([cells(0), cells(1), cells(2), cells(3)]).toEqual([[3], [0.5], [0], [1]]);
  expect(out.subarray(4 * FRAMES)).toEqual(memory);
});
