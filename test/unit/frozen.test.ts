import { stuckSince } from '../../src/core/anomaly/behaviour';
import { initialSummaries, memoryOf, summarise } from '../../src/core/telemetry/summaries';
import { acceptOwnPast, FROZEN, judgeOwnPast, type OwnPastState } from '../../src/core/anomaly/own-past';
import type { Manifest } from '../../src/domain/manifest';
import type { Window } from '../../src/domain/telemetry';
import { runsOf, usualRuns } from '../../src/fit/own-past/frozen';
import { USUAL } from '../../src/fit/own-past/ratio-line';

const FRAMES = 16;
const LINE = { knots: [0], slopes: [1], base: 0 };

/** Memories after each sample of a value; NaN was not measured. */
const memoriesOf = (values: readonly number[]): Float32Array[] => {
  let state = initialSummaries(1);
  return values.map((value) => {
    state = summarise(state, [value]);
    return memoryOf(state, FRAMES);
  });
};

const runs = (values: readonly number[]): number[] => runsOf(memoriesOf(values), [0]).map(([run]) => run ?? NaN);

test('a run counts measured samples that repeat the one before', () => {
  expect(runs([1, 1, 1, 2, 2, 3])).toEqual([0, 1, 2, 0, 1, 0]);
  expect(runs([1, NaN, NaN, 1, NaN, 1, 2])).toEqual([0, 0, 0, 1, 1, 2, 0]);
});

/** Coarse steps of so many samples each. */
const steps = (samples: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.floor(index / samples) % 3);

test.each([
  [3, 16],
  [30, 58],
])(
  'steps of %i samples alarm from %i repeats on: twice the longest run, and never a short one',
  (samples, alarming) => {
    const nominal = runsOf(memoriesOf(steps(samples, 600)), [0]);
    const { median, unit } = usualRuns(nominal);
    const ratioOf = (run: number): number => (run - (median[0] ?? NaN)) / (unit[0] ?? NaN);
    expect(ratioOf(alarming)).toBeCloseTo(USUAL, 5);
  },
);

/** A sensor in steps of eight samples that sticks: scores of its runs alone, and the state that they left. */
const judged = (stuckFor: number, from?: OwnPastState) => {
  const nominal = steps(8, 600);
  const spec = {
    heads: [{ name: FROZEN, rate: 1, ...usualRuns(runsOf(memoriesOf(nominal), [0])), line: LINE }],
    ...{ parameters: [0], units: ['0'], unitOf: [0], warm: 1, silence: 1, block: 10 },
  };
  let state = from;
  const scores = runs([...nominal, ...new Array<number>(stuckFor).fill(7)]).map((run) => {
    const step = judgeOwnPast(spec, state, { signals: [run], seen: 1000, unseen: false, frozen: false });
    state = step.state;
    return step.score;
  });
  return { spec, scores, state: state as OwnPastState };
};

test('a stuck sensor alarms, however slowly its run grows: it is not its own time before', () => {
  const { scores } = judged(200);
  expect(Math.max(...scores.slice(0, 600))).toBeLessThan(USUAL / 1.5);
  expect(scores.findIndex((score) => score >= USUAL)).toBe(600 + 16);
  expect(scores.at(-1)).toBeGreaterThan(10 * USUAL);
});

test('one that people were told of is no news until it moves and sticks again', () => {
  const { spec, state } = judged(200);
  const judge = (run: number, before: OwnPastState) =>
    judgeOwnPast(spec, before, { signals: [run], seen: 1000, unseen: false, frozen: false });
  let step = judge(200, acceptOwnPast(spec, state));
  for (let window = 0; window < 100; window += 1) step = judge(200, step.state);
  expect(step.score).toBeCloseTo(1, 1);
  for (let window = 0; window < 100; window += 1) step = judge(0, step.state);
  expect(judge(200, step.state).score).toBeGreaterThan(10 * USUAL);
});

test('a run that began before the window is told with the longest nominal one, in samples', () => {
  const usual = usualRuns(runsOf(memoriesOf(steps(8, 600)), [0]));
  const heads = [{ name: FROZEN, rate: 1, ...usual, line: LINE }];
  const manifest = {
    sampling: { window: FRAMES, stride: 4, periodMs: 1000 },
    calibration: { ownPast: { heads, parameters: [0] } },
  } as unknown as Manifest;
  const windowAfter = (stuckFor: number): Window => {
    const values = [...steps(8, 600), ...new Array<number>(stuckFor).fill(7)];
    const memory = memoriesOf(values).at(-1);
    return {
      start: 0,
      end: 0,
      unusable: [],
      values: Float32Array.from(values.slice(-FRAMES)),
      ...(memory && { memory }),
    };
  };
  expect(stuckSince(manifest, windowAfter(40), 0)).toEqual({
    ...{ kind: 'repeats', value: 7, counts: 'samples' },
    ...{ frames: 40, nominal: 9 },
  });
  expect(stuckSince(manifest, windowAfter(8), 0)).toBeUndefined();
  expect(stuckSince(manifest, windowAfter(40), 1)).toBeUndefined();
});
