/** Evidence over time: what lasts counts, what is left over of a fault does not, and nobody is blamed for an unseen command. */
import {
  acceptSustained,
  isUnseen,
  sustain,
  type SustainedCalibration,
  type SustainedState,
} from '../../src/core/anomaly/sustained';

const line = { knots: [0], slopes: [1], base: 0 };
/** The smoothed evidence has a steeper scale: a third of it is as rare. */
const steep = { knots: [0], slopes: [3], base: 0 };
const spec: SustainedCalibration = {
  heads: [
    { name: 'window', memory: 3, fast: true },
    { name: 'slow', memory: 5, fast: false },
  ],
  units: ['a', 'b'],
  rates: [1, 0.25],
  lines: [
    [line, line],
    [steep, steep],
  ],
  commands: [{ parameter: 1, low: 0, high: 2 }],
};

const CALM = { unseen: false, isPartial: false };

/** Evidence of the window against `a` alone, a number a window. */
const run = (values: readonly number[], unseen: (index: number) => boolean = () => false) => {
  let state: SustainedState | undefined;
  return values.map((value, index) => {
    const step = sustain(spec, state, [value, 0, 0, 0], { unseen: unseen(index), isPartial: false });
    state = step.state;
    return step;
  });
};
const repeat = (value: number, times: number): number[] => new Array<number>(times).fill(value);

test('the strongest surprise of any head and rate is the score, and each unit has its own', () => {
  const { score, byHead, byUnit } = sustain(spec, undefined, [1, 2, 4, 0], CALM);
  expect({ score, byHead, byUnit: [...byUnit] }).toEqual({ score: 4, byHead: [2, 4], byUnit: [4, 2] });
});

test('faint evidence that lasts is worth more than one window of it', () => {
  const scores = run(repeat(2, 12)).map(({ score }) => score);
  expect(scores[0]).toBe(2);
  expect(scores.at(-1)).toBeGreaterThan(5.5);
  scores.slice(1).forEach((score, index) => {
    expect(score).toBeGreaterThanOrEqual(scores[index] ?? Infinity);
  });
});

test('one huge window is not smoothed into a lasting one', () => {
  const [huge, next] = run([1000, 0]);
  expect(huge?.score).toBe(1000);
  // 8 deviations count at most: a quarter of them, and three quarters of that in the next window.
  expect(next?.score).toBeCloseTo(3 * 0.75 * 0.25 * 8, 9);
});

test('what is left over of a fault counts no more after six windows, and a second fault is seen', () => {
  const steps = run([...repeat(10, 12), ...repeat(4, 12), ...repeat(9, 4)]);
  const score = (index: number): number => steps[index]?.score ?? NaN;
  expect(score(11)).toBeGreaterThanOrEqual(10);
  expect(score(16)).toBeGreaterThanOrEqual(4);
  expect(score(20)).toBe(0);
  // Five above what is left over, smoothed or not.
  expect(score(24)).toBe(5);
  expect(score(27)).toBeGreaterThan(5);
});

test('what lingers in a running mean counts no more once the window is ordinary again, and goes on while it is not', () => {
  const scoreAfter = (window: number, slow: number): number => {
    let state: SustainedState | undefined;
    let score = NaN;
    for (let index = 0; index < 24; index += 1) {
      const evidence = index < 12 ? [9, 0, 10, 0] : [window, 0, slow, 0];
      ({ state, score } = sustain(spec, state, evidence, CALM));
    }
    return score;
  };
  expect(scoreAfter(0, 7.5)).toBe(0);
  expect(scoreAfter(0, 9)).toBeGreaterThanOrEqual(9);
  expect(scoreAfter(3, 7.5)).toBeGreaterThanOrEqual(7.5);
});

test('a low peak is no fault that could leave anything behind', () => {
  expect(run([...repeat(3.5, 4), ...repeat(1, 12)]).at(-1)?.score).toBeGreaterThan(1);
});

test('a command outside its fitted range silences each head for as long as it remembers it', () => {
  const evidence = [6, 0, 6, 0];
  let state: SustainedState | undefined;
  const told = Array.from({ length: 7 }, (_, index) => {
    const step = sustain(spec, state, evidence, { unseen: index === 0, isPartial: false });
    state = step.state;
    return step.state.silent.map((windows) => windows > 0);
  });
  expect(told.map(([window]) => window)).toEqual([true, true, true, false, false, false, false]);
  expect(told.map(([, slow]) => slow)).toEqual([true, true, true, true, true, false, false]);
  expect(sustain(spec, undefined, evidence, { unseen: true, isPartial: false }).score).toBe(0);
});

test('while a parameter is absent its mean stands still, and only slow heads say nothing', () => {
  const step = sustain(spec, undefined, [3, 0, 6, 0], { unseen: false, isPartial: true });
  expect([step.state.silent, step.byHead]).toEqual([
    [0, 5],
    [3, 0],
  ]);
  const after = sustain(spec, step.state, [3, 0, 6, 0], CALM);
  expect([after.state.silent, after.byHead[1]]).toEqual([[0, 4], 0]);
});

test('whether a command is unseen is read off its own samples alone', () => {
  const window = (...values: number[]): Float32Array => Float32Array.from(values);
  expect(isUnseen(spec, window(9, 9, 0, 2), 2)).toBe(false);
  expect(isUnseen(spec, window(0, 0, 0, 3), 2)).toBe(true);
  expect(isUnseen(spec, window(0, 0, -1, 0), 2)).toBe(true);
});

test('an accepted regime counts as nothing, and what exceeds it counts from there', () => {
  const steps = run(repeat(5, 40));
  const accepted = acceptSustained(steps.at(-1)?.state ?? sustain(spec, undefined, [0, 0, 0, 0], CALM).state);
  const same = sustain(spec, accepted, [5, 0, 0, 0], CALM);
  expect(same.score).toBeLessThan(0.01);
  expect(sustain(spec, same.state, [9, 0, 0, 0], CALM).score).toBeCloseTo(4, 1);
});
