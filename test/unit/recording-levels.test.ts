import { createRandom, type Random } from '../../src/core/random';
import type { Window } from '../../src/domain/telemetry';
import { foldsByRecording } from '../../src/fit/folds';
import type { Layout } from '../../src/fit/layout';
import { recordingLevels } from '../../src/fit/recording-levels';

const SEED = 20261130;
const [PARAMETERS, FRAMES] = [3, 4];
const layout: Layout = {
  ...{ parameters: PARAMETERS, frames: FRAMES, groups: [[0], [1], [2]], equipment: ['a', 'b', 'c'] },
  ...{ alike: false, conditions: [] },
};
const scaling = { mean: new Float64Array(PARAMETERS), std: new Float64Array(PARAMETERS).fill(1) };

/** Three parameters that follow one cause, each with its own noise; `offsets` are added to them. */
const recording = (random: Random, offsets: readonly number[], { cause = 0, windows = 200 } = {}): Window[] =>
  Array.from({ length: windows }, (_, index) => {
    const common = cause + random.normal();
    const values = Float32Array.from({ length: PARAMETERS * FRAMES }, (_value, i) => {
      return common + 0.1 * random.normal() + (offsets[Math.floor(i / FRAMES)] ?? 0);
    });
    return { start: 4000 * index, end: 4000 * index + 3000, values, unusable: [] };
  });

const levels = (name: string, passes: (random: Random) => Window[][], of = layout): number[] => [
  ...recordingLevels(passes(createRandom(SEED).fork(name)), of, scaling),
];

describe(`levels of recordings (seed ${String(SEED)})`, () => {
  test('of one spacecraft are known, though its operating point differs from recording to recording', () => {
    const found = levels('same', (random) => [-2, 0, 1, 2].map((cause) => recording(random, [], { cause })));
    expect(found).toEqual([0, 0, 0]);
  });

  test('of several spacecraft are not known by as much as a further one may lie from them', () => {
    const offsets = [0.8, -0.5, 0.1, -0.3];
    const [own = NaN] = levels('sensor', (random) => offsets.map((offset) => recording(random, [offset])));
    // Nearly all further ones lie within it, and it is no more than that asks for.
    expect(own).toBeGreaterThan(0.8);
    expect(own).toBeLessThan(4);
  });

  test('lie apart in what no other parameter implies alone, and two recordings tell less than four', () => {
    const two = levels('two', (random) => [0.3, -0.3].map((offset) => recording(random, [offset])));
    const four = levels('four', (random) => [0.3, -0.3, 0.3, -0.3].map((offset) => recording(random, [offset])));
    expect(two[0]).toBeGreaterThan(2 * (four[0] ?? NaN));
  });

  test('of a condition, of one recording and of very short ones are taken as they are', () => {
    const passes = (random: Random) => [1, -1, 2].map((offset) => recording(random, [offset]));
    expect(levels('condition', passes, { ...layout, conditions: [0] })[0]).toBe(0);
    expect(levels('one', (random) => [recording(random, [])])).toEqual([0, 0, 0]);
    expect(levels('short', (random) => [1, -1].map((offset) => recording(random, [offset], { windows: 7 })))).toEqual([
      0, 0, 0,
    ]);
  });
});

test('recordings that differ are judged by models of the others; many of them share a turn', () => {
  const passes = Array.from({ length: 8 }, (_, index) => recording(createRandom(index), [], { windows: 2 }));
  expect(foldsByRecording(passes)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 0, 0, 1, 1]);
});
