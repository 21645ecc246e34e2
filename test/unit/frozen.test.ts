import { initialSummaries, memoryOf, summarise } from '../../src/core/telemetry/summaries';
import { judgeOwnPast } from '../../src/core/anomaly/own-past';
import { runsOf, usualRuns } from '../../src/fit/own-past/frozen';
import { USUAL } from '../../src/fit/own-past/ratio-line';

const FRAMES = 16;

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

test('a stuck sensor alarms from the usual multiple of the longest run on that was there shortly before', () => {
  const usual = usualRuns(runsOf(memoriesOf(steps(8, 600)), [0]));
  const spec = {
    heads: [{ name: 'frozen', rate: 1, ...usual, line: { knots: [0], slopes: [1], base: 0 } }],
    ...{ parameters: [0], units: ['0'], unitOf: [0], warm: 1, silence: 1, block: 10 },
  };
  let state: Parameters<typeof judgeOwnPast>[1];
  const scores = runs([...steps(8, 600), ...new Array<number>(60).fill(7)]).map((run) => {
    const step = judgeOwnPast(spec, state, { signals: [run], seen: 1000, unseen: false, frozen: false });
    state = step.state;
    return step.score;
  });
  expect(Math.max(...scores.slice(0, 600))).toBeLessThan(USUAL / 1.5);
  expect(scores.findIndex((score) => score >= USUAL)).toBe(600 + Math.ceil(USUAL * 7));
});
