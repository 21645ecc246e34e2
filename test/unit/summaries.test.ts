import { createRandom } from '../../src/core/random';
import {
  framesSeen,
  initialSummaries,
  memoryOf,
  summarise,
  SPANS,
  SUMMARIES,
  SUMMARY,
  type SummaryState,
} from '../../src/core/telemetry/summaries';

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

test('until a new sample comes, the last one stands', () => {
  let state = range(200, () => 0).reduce((before, value) => summarise(before, [value]), initialSummaries(1));
  for (const value of [1, NaN, NaN, NaN]) state = summarise(state, [value]);
  expect(state.values[SUMMARY.mean[0]]).toBeCloseTo(1 - (15 / 16) ** 4, 10);
  expect(state.values[SUMMARY.count]).toBe(201);
});

test('a sample that is lost on a ramp leaves the mean within one step of what it would be', () => {
  const ramp = range(400, (index) => index);
  const lossy = ramp.map((value) => (value === 399 || value === 390 ? NaN : value));
  const [whole, lost] = [after(ramp), after(lossy)];
  for (const [index, span] of SPANS.entries()) {
    const off = Math.abs((lost[SUMMARY.mean[index] ?? 0] ?? NaN) - (whole[SUMMARY.mean[index] ?? 0] ?? NaN));
    expect(off).toBeLessThan(2 / span);
  }
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
  expect(values[SUMMARY.step]).toBeCloseTo(1, 6);
  expect(values[SUMMARY.variance]).toBeCloseTo(0.25, 6);
  expect(after(range(2000, () => 5))[SUMMARY.repeated]).toBe(1);
});

test('behaviour is counted over the present block of 32 samples and the one before', () => {
  const seed = 20_261_129;
  const random = createRandom(seed);
  const values = range(400, () => 1e6 + random.normal());
  for (const count of [1, 20, 32, 33, 64, 65, 250, 400]) {
    const from = Math.max(0, (Math.ceil(count / 32) - 2) * 32);
    const own = values.slice(from, count);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    const row = after(values.slice(0, count));
    expect(row[SUMMARY.level]).toBeCloseTo(mean, 6);
    expect(row[SUMMARY.variance]).toBeCloseTo(own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / own.length, 6);
    const steps = own.map((value, index) => Math.abs(value - (values[from + index - 1] ?? value)));
    expect(row[SUMMARY.step]).toBeCloseTo(steps.reduce((a, b) => a + b, 0) / own.length, 6);
  }
});

test('what a fault did is forgotten 64 samples after its end', () => {
  const calm = range(500, (index) => index % 2);
  const faulted = calm.map((value, index) => (index >= 200 && index < 300 ? 50 * value : value));
  const [row, other] = [after(faulted.slice(0, 364)), after(calm.slice(0, 364))];
  for (const at of [SUMMARY.level, SUMMARY.variance, SUMMARY.step, SUMMARY.repeated])
    expect(row[at]).toBeCloseTo(other[at] as number, 9);
});

test('frames seen are those of the parameter that saw most', () => {
  const memory = new Float32Array(2 * SUMMARIES);
  memory[SUMMARY.count] = 3;
  memory[SUMMARIES + SUMMARY.count] = 8;
  expect(framesSeen(memory)).toBe(8);
});

describe('a parameter begins anew', () => {
  const FRAMES = 16;
  /** The state after frames, each with what was measured of the one parameter beside another that always comes. */
  const follow = (values: readonly number[], excused: (frame: number) => boolean, from = initialSummaries(2)) =>
    values.reduce<SummaryState>(
      (state, value, frame) =>
        summarise(state, [value, 1], { frames: FRAMES, ...(excused(frame) && { excused: [0] }) }),
      from,
    );
  const rowOf = ({ values }: SummaryState): number[] => [...values.subarray(0, SUMMARIES)];
  const never = (): boolean => false;

  test('after a declared effect: as after a gap', () => {
    const values = [...range(100, () => 5), ...range(30, () => 99), ...range(40, (index) => 7 + (index % 3))];
    const whole = follow(values, (frame) => frame >= 100 && frame < 130);
    expect(rowOf(whole)).toEqual(rowOf(follow(values.slice(130), never)));
    expect([whole.last[0], whole.age[0], whole.run?.[0], whole.came?.[0]]).toEqual([7, 0, 0, 170]);
  });

  test('after it was absent, and not after it was missing for a short while', () => {
    const withHole = (frames: number): SummaryState =>
      follow([...range(100, () => 5), ...range(frames, () => NaN), 9], never);
    expect(withHole(20).values[SUMMARY.count]).toBe(101);
    const back = withHole(21);
    expect(rowOf(back)).toEqual(rowOf(follow([9], never)));
  });

  test('what was before stays in the means until it has come again, and counts as absent', () => {
    const held = follow([...range(100, () => 5), 99, 99], (frame) => frame >= 100);
    expect([held.values[SUMMARY.mean[0]], memoryOf(held, FRAMES)[SUMMARY.count]]).toEqual([5, 0]);
  });

  test('how often it comes is told by all of its samples, not by the few new ones', () => {
    const isDue = (frame: number): boolean => frame % 20 === 0;
    const values = range(2000, (frame) => (isDue(frame) ? 5 : NaN));
    const counts = (silent: number): number | undefined =>
      memoryOf(
        follow([...values, ...range(silent, () => NaN)], (frame) => frame > 900 && frame < 1000),
        FRAMES,
      )[SUMMARY.count];
    // Present between two samples, absent a window and four intervals later.
    expect([counts(0), counts(70), counts(100)]).toEqual([50, 50, 0]);
  });

  test('one that came alone for a few frames is absent again a window and four frames later', () => {
    const gone = follow([...range(300, () => 5), ...range(50, () => NaN), ...range(80, () => 5)], never);
    expect(memoryOf(gone, FRAMES)[SUMMARY.count]).toBe(80);
    const again = follow(
      range(40, () => NaN),
      never,
      gone,
    );
    expect(memoryOf(again, FRAMES)[SUMMARY.count]).toBe(0);
  });

  test('a checkpoint of before tells by the counts how often each came', () => {
    const { came: _, ...old } = follow(
      range(100, () => 5),
      never,
    );
    expect(follow([5], never, old).came).toEqual(Float64Array.of(101, 101));
    expect(memoryOf(old, FRAMES)[SUMMARY.count]).toBe(100);
  });
});
