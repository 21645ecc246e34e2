import { createRandom } from '../../src/core/random';
import { fitContextLevel, fitRobustLevel, levelIn } from '../../src/fit/heads/context-level';
import { medianOf, robustSpread } from '../../src/fit/heads/robust';
import { tailLine } from '../../src/fit/heads/tail-lines';
import { surpriseAt } from '../../src/core/anomaly/surprise';
import { interleavedFolds } from '../../src/fit/folds';
import { reachInWindows, slowSpansOf } from '../../src/fit/heads/slow-spans';

const SEED = 20261128;
const normals = (count: number, name: string): number[] => {
  const random = createRandom(SEED).fork(name);
  return Array.from({ length: count }, () => random.normal());
};

test('the median of an even and of an odd number of values', () => {
  expect([medianOf([3, 1, 2]), medianOf([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

test(`the spread of a Gaussian is its deviation, with a fifth of another state too (seed ${String(SEED)})`, () => {
  const plain = normals(4000, 'plain');
  expect(robustSpread(plain)).toBeCloseTo(1, 1);
  const mixed = plain.map((value, index) => (index < 800 ? value + 30 : value));
  expect(robustSpread(mixed)).toBeLessThan(2.2);
});

test(`the level of a context is not moved by a state that one stretch is in (seed ${String(SEED)})`, () => {
  const random = createRandom(SEED).fork('context');
  const contexts = Array.from({ length: 2000 }, () => [random.uniform()]);
  const targets = contexts.map(([x = 0], index) => [2 * x + 0.1 * random.normal() + (index < 200 ? 20 : 0)]);
  const plain = levelIn(fitContextLevel(contexts, targets), [0.5])[0] ?? NaN;
  const robust = levelIn(fitRobustLevel(contexts, targets), [0.5])[0] ?? NaN;
  expect(plain).toBeGreaterThan(2.5);
  expect(Math.abs(robust - 1)).toBeLessThan(0.2);
});

test(`an excursion counts once, however long it lasts (seed ${String(SEED)})`, () => {
  const quiet = normals(3000, 'quiet');
  const one = quiet.map((value, index) => (index >= 1000 && index < 1300 ? value + 12 : value));
  const [before, after] = [tailLine([quiet]), tailLine([one])].map((line) => surpriseAt(line, 6));
  expect(before).toBeGreaterThan(6);
  // One state of 300 windows of 3000: a value half way to it is still a surprise.
  expect(after).toBeGreaterThan(4);
});

test('blocks of folds are as short as memory allows, and all folds are as large', () => {
  const sampling = { window: 8, stride: 2 };
  expect(slowSpansOf(315, sampling)).toEqual([0]);
  expect(reachInWindows(315, sampling)).toBe(12);
  const folds = interleavedFolds(315, 12);
  expect(folds.slice(0, 48)).toEqual(new Array<number>(48).fill(0));
  expect(folds[48]).toBe(1);
  expect(new Set(folds)).toEqual(new Set([0, 1, 2, 3]));
  // A long record has 24 blocks.
  expect(interleavedFolds(4800, 20).filter((fold, index, all) => index > 0 && fold !== all[index - 1])).toHaveLength(
    23,
  );
});
