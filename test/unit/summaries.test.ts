import { framesSeen, initialSummaries, summarise, SPANS, SUMMARIES, SUMMARY } from '../../src/core/telemetry/summaries';

const after = (values: readonly number[]): Float64Array =>
  values.reduce((state, value) => summarise(state, [value]), initialSummaries(1)).values;

const range = (count: number, of: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => of(i));

test('until a mean has seen its span, it is the plain mean of what it saw', () => {
  const values = range(12, (index) => index * index);
  const mean = values.reduce((a, b) => a + b, 0) / 12;
  for (const index of SUMMARY.mean) expect(after(values)[index]).toBeCloseTo(mean, 10);
});

test('later it forgets exponentially: a new level takes its span to count for two thirds', () => {
  const [span] = SPANS;
  const values = [...range(200, () => 0), ...range(span, () => 1)];
  expect(after(values)[SUMMARY.mean[0]]).toBeCloseTo(1 - (1 - 1 / span) ** span, 10);
});

test('a sample after missing ones counts for the time that it stands for', () => {
  let state = range(200, () => 0).reduce((before, value) => summarise(before, [value]), initialSummaries(1));
  for (const value of [NaN, NaN, NaN, 1]) state = summarise(state, [value]);
  expect(state.values[SUMMARY.mean[0]]).toBeCloseTo(1 - (15 / 16) ** 4, 10);
  expect(state.values[SUMMARY.count]).toBe(201);
});

test('extremes reach back one to two blocks of 32 samples', () => {
  const values = range(100, (index) => (index === 40 ? 9 : index === 70 ? -7 : 0));
  const rows = range(100, (index) => index).map((index) => after(values.slice(0, index + 1)));
  const lowest = (row: Float64Array | undefined): number => Math.min(...SUMMARY.low.map((at) => row?.[at] ?? NaN));
  const highest = (row: Float64Array | undefined): number => Math.max(...SUMMARY.high.map((at) => row?.[at] ?? NaN));
  expect([lowest(rows[39]), highest(rows[39])]).toEqual([0, 0]);
  expect([lowest(rows[50]), highest(rows[50])]).toEqual([0, 9]);
  expect([lowest(rows[80]), highest(rows[80])]).toEqual([-7, 9]);
  expect([lowest(rows[99]), highest(rows[99])]).toEqual([-7, 0]);
});

test('repeats, change and variance of a value that alternates', () => {
  const values = after(range(2000, (index) => index % 2));
  expect(values[SUMMARY.repeated]).toBe(0);
  expect(values[SUMMARY.change[1]]).toBeCloseTo(1, 6);
  expect(values[SUMMARY.variance]).toBeCloseTo(0.25, 1);
  expect(after(range(2000, () => 5))[SUMMARY.repeated]).toBeCloseTo(1, 6);
});

test('frames seen are those of the parameter that saw most', () => {
  const memory = new Float32Array(2 * SUMMARIES);
  memory[SUMMARY.count] = 3;
  memory[SUMMARIES + SUMMARY.count] = 8;
  expect(framesSeen(memory)).toBe(8);
});
