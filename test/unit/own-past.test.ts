import {
  acceptOwnPast,
  judgeOwnPast,
  PAST_BLOCKS,
  RECENT_BLOCKS,
  unitLevels,
  type OwnPast,
  type OwnPastState,
} from '../../src/core/anomaly/own-past';

/** Surprise is the ratio itself; a level is in units of one; blocks of two windows. */
const SPEC: OwnPast = {
  heads: [{ name: 'behaviour', rate: 1, median: [0, 0], unit: [1, 1], line: { knots: [0], slopes: [1], base: 0 } }],
  parameters: [0, 1],
  unitOf: [0, 1],
  units: ['a', 'b'],
  warm: 10,
  silence: 3,
  block: 2,
};

const run = (
  signals: readonly (readonly number[])[],
  options: {
    readonly frozen?: boolean;
    readonly unseen?: (index: number) => boolean;
    readonly from?: OwnPastState;
  } = {},
) => {
  let state = options.from;
  const scores = signals.map((row, index) => {
    const step = judgeOwnPast(SPEC, state, {
      signals: row,
      seen: 1000,
      unseen: options.unseen?.(index) ?? false,
      frozen: options.frozen ?? false,
    });
    state = step.state;
    return step.score;
  });
  return { scores, state };
};

const times = (count: number, row: readonly number[]): (readonly number[])[] =>
  Array.from({ length: count }, () => row);
/** Windows until a level has gone through all blocks of the time before. */
const ALL_BLOCKS = 2 * PAST_BLOCKS;

test('a level that is as it was before is no news, and one that doubles is twice as much', () => {
  const { scores, state } = run(times(ALL_BLOCKS, [4, 0]));
  expect(scores.at(-1)).toBeCloseTo(1);
  expect(run([[8, 0]], { from: state as OwnPastState }).scores).toEqual([2]);
});

test('the newest blocks do not count yet: the onset of a fault is not its own excuse', () => {
  const { state } = run(times(ALL_BLOCKS, [1, 0]));
  const { scores } = run(times(4, [6, 0]), { from: state as OwnPastState });
  expect(scores).toEqual([6, 6, 6, 6]);
});

test('the level follows a change that lasts, unless an anomaly is open', () => {
  const { state } = run(times(ALL_BLOCKS, [1, 0]));
  const later = times(ALL_BLOCKS, [6, 0]);
  expect(run(later, { from: state as OwnPastState }).scores.at(-1)).toBeCloseTo(1);
  expect(run(later, { from: state as OwnPastState, frozen: true }).scores.at(-1)).toBeCloseTo(6);
});

test('units are judged apart', () => {
  const { state } = run(times(ALL_BLOCKS, [9, 1]));
  expect(run([[9, 5]], { from: state as OwnPastState }).scores).toEqual([5]);
});

test('says nothing until enough frames were seen, and then compares with the time before the gap', () => {
  const { state } = run(times(ALL_BLOCKS, [1, 9]));
  const young = judgeOwnPast(SPEC, state, { signals: [9, 9], seen: 9, unseen: false, frozen: false });
  expect([young.score, young.state.blocks]).toEqual([-Infinity, state?.blocks]);
  // A fault of the first unit that began within the gap is news, what the second one did before is none.
  expect(run([[5, 9]], { from: young.state }).scores).toEqual([5]);
});

test('a command that fitting never saw silences it for as long as the manifest says', () => {
  const { state } = run(times(ALL_BLOCKS, [0, 0]));
  const { scores } = run(times(5, [7, 0]), { from: state as OwnPastState, unseen: (index) => index === 0 });
  expect(scores).toEqual([-Infinity, -Infinity, -Infinity, 7, 7]);
});

test('what has been so since the beginning is no news: nothing is said without a time before', () => {
  const { scores } = run(times(2 * (RECENT_BLOCKS + 2), [7, 0]));
  expect(scores).toEqual([...new Array<number>(2 * (RECENT_BLOCKS + 1)).fill(-Infinity), 1, 1]);
});

test('once a regime is accepted, its level is ordinary and what exceeds it is news', () => {
  const { state } = run(times(1, [12, 0]));
  const accepted = acceptOwnPast(SPEC, state as OwnPastState);
  expect(run([[12, 0]], { from: accepted }).scores).toEqual([1]);
  expect(run([[36, 0]], { from: accepted }).scores).toEqual([3]);
});

test('the level of a unit is the root mean square of what exceeds the middle of its parameters', () => {
  const spec = { parameters: [0, 1, 2], unitOf: [0, 0, 1], units: ['a', 'b'] };
  const head = { median: [1, 1, 0], unit: [1, 2, 1] };
  expect([...unitLevels(spec, head, [4, 9, 0.5])]).toEqual([Math.sqrt((9 + 16) / 2), 0.5]);
  expect([...unitLevels(spec, head, [0, 0, -3])]).toEqual([0, 0]);
});

test('an absent parameter is as usual, and so is the forecast, which takes the past of all', () => {
  const spec: OwnPast = {
    ...SPEC,
    heads: [
      ...SPEC.heads,
      { name: 'forecast', rate: 1, median: [1, 1], unit: [1, 1], line: SPEC.heads[0]?.line as never },
    ],
  };
  const step = (absent: readonly number[]) =>
    judgeOwnPast(spec, undefined, { signals: [9, 2, 7, 7], seen: 1000, unseen: false, absent, frozen: false });
  expect(step([]).ratios).toEqual([9, 6]);
  expect(step([0]).ratios).toEqual([2, 0]);
});
