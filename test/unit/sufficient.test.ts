import fc from 'fast-check';
import { missionSchema } from '../../src/domain/mission';
import type { Inference } from '../../src/domain/scored-window';
import { findSufficient } from '../../src/pipeline/counterfactual';
import type { Scorer } from '../../src/pipeline/ports';
import { FRAMES, scoredWindow, trackerManifest } from '../support/scored-windows';

const MANIFEST = trackerManifest({ equipment: ['rw0', 'rw1'], parametersPerEquipment: 5, threshold: 4 });
const SIZE = MANIFEST.parameters.length * FRAMES;
const MISSION = missionSchema.parse({
  spacecraft: 'SC-1',
  sampling: { period: '1s', window: FRAMES, stride: 2 },
  parameters: MANIFEST.parameters.map((id) => ({ id, equipment: id.slice(0, 3) })),
});

const SEED = Number(process.env['FDIR_SEED'] ?? 20_261_125);

/** Value of every frame of a parameter, by id; others are at their expected value of zero. */
type Excess = Readonly<Record<string, number>>;

const windowOf = (excess: Excess): Float32Array =>
  Float32Array.from({ length: SIZE }, (_, i) => excess[MANIFEST.parameters[Math.floor(i / FRAMES)] ?? ''] ?? 0);

interface Physics {
  /** Score of the excesses, a number a parameter. */
  readonly score: (excess: readonly number[]) => number;
  /** What the others imply about a parameter; zero unless told otherwise. */
  readonly expected?: (excess: readonly number[], row: number) => number;
  /** What the score is no less than; not known unless told. */
  readonly least?: (excess: readonly number[]) => number;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const fakeScorer = ({ score, expected = () => 0, least }: Physics) => {
  const calls: number[] = [];
  const turns: number[] = [];
  const infer = (values: Float32Array): Inference => {
    const excess = MANIFEST.parameters.map((_, row) => values[row * FRAMES] ?? NaN);
    const parameterScore = Float32Array.from(excess, (value) => value * value);
    return {
      score: score(excess),
      pValue: 0.5,
      reconstruction: new Float32Array(SIZE),
      expected: Float32Array.from({ length: SIZE }, (_, i) => expected(excess, Math.floor(i / FRAMES))),
      deviation: new Float32Array(SIZE),
      parameterScore,
      equipmentScore: Float32Array.of(sum([...parameterScore.subarray(0, 5)]), sum([...parameterScore.subarray(5)])),
      peepholes: [],
    };
  };
  const { calibration } = MANIFEST;
  const equipmentSurprise = least && { knots: [0], slopes: [1], base: 0 };
  const scorer: Scorer = {
    manifest: { ...MANIFEST, calibration: { ...calibration, equipmentSurprise } },
    score: (windows, n) => {
      calls.push(n);
      return Promise.resolve(Array.from({ length: n }, (_, i) => infer(windows.slice(i * SIZE, (i + 1) * SIZE))));
    },
    implied: (windows, n) => {
      turns.push(n);
      return Promise.resolve(
        Array.from({ length: n }, (_, i) => {
          const values = windows.slice(i * SIZE, (i + 1) * SIZE);
          const leastScore = least?.(MANIFEST.parameters.map((__, row) => values[row * FRAMES] ?? NaN));
          return { expected: infer(values).expected, leastScore };
        }),
      );
    },
    close: () => Promise.resolve(),
  };
  return { scorer, calls, turns, infer };
};

const search = async (physics: Physics, excess: Excess) => {
  const { scorer, calls, turns, infer } = fakeScorer(physics);
  const values = windowOf(excess);
  const before = values.slice();
  const window = { ...scoredWindow(MANIFEST, { values }), inference: infer(values) };
  const found = await findSufficient(scorer, MISSION, window);
  expect(values).toEqual(before);
  return { found, calls, turns };
};

const total: Physics = { score: (excess) => sum(excess.map(Math.abs)) };
const worst: Physics = { score: (excess) => Math.max(...excess.map(Math.abs)) };

test('one culprit is found alone', async () => {
  expect((await search(total, { rw1_c: 9, rw1_a: 1, rw0_a: 2 })).found).toEqual(['rw1_c']);
});

test('the single parameter that clears the score is found though others deviate more', async () => {
  // Only c counts for the score.
  const physics: Physics = { score: (excess) => Math.abs(excess[7] ?? 0) };
  expect((await search(physics, { rw1_a: 20, rw1_b: 15, rw1_c: 9 })).found).toEqual(['rw1_c']);
});

test('a pair is found when neither clears the score alone', async () => {
  expect((await search(total, { rw1_b: 9, rw1_d: 7, rw1_a: 1 })).found).toEqual(['rw1_b', 'rw1_d']);
});

test('a pair is found also when replacing one of them alone changes nothing', async () => {
  expect((await search(worst, { rw0_e: 9, rw0_c: 9, rw0_a: 3 })).found).toEqual(['rw0_c', 'rw0_e']);
});

test('a pair that implies each other is cleared by replacing in turn', async () => {
  // What the others imply about d is half of what e says, and the other way round: one turn leaves a rest, two sweeps clear it.
  const physics: Physics = {
    score: (excess) => sum(excess.map(Math.abs)),
    expected: (excess, row) => (row === 3 ? (excess[4] ?? 0) / 2 : row === 4 ? (excess[3] ?? 0) / 2 : 0),
  };
  expect((await search(physics, { rw0_d: 20, rw0_e: 20 })).found).toEqual(['rw0_d', 'rw0_e']);
});

test('of pairs that clear the score the one that clears it most is named', async () => {
  const { found } = await search(
    { score: (excess) => sum(excess.map(Math.abs)) - 4.5 },
    { rw0_a: 5, rw0_b: 6, rw0_c: 4 },
  );
  expect(found).toEqual(['rw0_b', 'rw0_a']);
});

test('a parameter of no part in it is not named, though the window clears most without it', async () => {
  const physics: Physics = { score: (excess) => Math.abs(excess[5] ?? 0) };
  expect((await search(physics, { rw1_a: 1, rw1_c: 9 })).found).toEqual(['rw1_c']);
  expect((await search(physics, {})).found).toEqual([]);
});

test('a score exactly at the threshold is not cleared', async () => {
  expect((await search(total, { rw1_a: 9, rw0_a: 4 })).found).toEqual([]);
  expect((await search(total, { rw1_a: 9, rw0_a: 3.99 })).found).toEqual(['rw1_a']);
});

test('nothing is named when nothing clears the score', async () => {
  expect((await search({ score: () => 50 }, { rw1_a: 9 })).found).toEqual([]);
});

test('nothing is named when two equipments carry it: the set is looked for within one', async () => {
  expect((await search(total, { rw0_a: 9, rw1_a: 9.5 })).found).toEqual([]);
});

test('never more than four parameters, and never one of another equipment', async () => {
  const four = { rw1_a: 5, rw1_b: 6, rw1_c: 7, rw1_d: 8 };
  expect((await search(total, four)).found).toEqual(['rw1_d', 'rw1_c', 'rw1_b', 'rw1_a']);
  expect((await search(total, { ...four, rw1_e: 4.5 })).found).toEqual([]);
});

test('the search scores at most fifteen windows in four inferences, however hopeless, and asks what is implied in turns', async () => {
  const { calls, turns } = await search({ score: () => 50 }, { rw1_a: 9, rw1_b: 8, rw1_c: 7, rw1_d: 6, rw1_e: 5 });
  expect(calls).toEqual([4, 6, 4, 1]);
  // Two sweeps over the members of a set; what the window itself implies is known.
  expect(turns).toEqual([...runs(6, 3), ...runs(4, 5), ...runs(1, 7)]);
});

const runs = (windows: number, count: number): number[] => Array.from({ length: count }, () => windows);

test('a single culprit costs one inference', async () => {
  const { calls, turns } = await search(total, { rw1_c: 9 });
  expect([calls, turns]).toEqual([[1], []]);
});

test('without equipment every parameter may be named', async () => {
  const { scorer, infer } = fakeScorer(total);
  const values = windowOf({ rw0_a: 9, rw1_a: 8 });
  const bare: Scorer = { ...scorer, manifest: { ...MANIFEST, equipment: [] } };
  const window = { ...scoredWindow(MANIFEST, { values }), inference: infer(values) };
  expect(await findSufficient(bare, MISSION, window)).toEqual(['rw0_a', 'rw1_a']);
});

test("a failing inference is the caller's to know", async () => {
  const { scorer, infer } = fakeScorer(total);
  const failing: Scorer = { ...scorer, score: () => Promise.reject(new Error('no memory')) };
  const values = windowOf({ rw1_c: 9 });
  await expect(
    findSufficient(failing, MISSION, { ...scoredWindow(MANIFEST, { values }), inference: infer(values) }),
  ).rejects.toThrow('no memory');
});

test(`a set whose least score does not clear the threshold is not scored, and the same is found (seed ${String(SEED)})`, async () => {
  const excesses = fc.array(fc.integer({ min: -12, max: 12 }), { minLength: 10, maxLength: 10 });
  const physics = fc.constantFrom<Physics>(total, worst, { score: (excess) => Math.hypot(...excess) });
  let spared = 0;
  await fc.assert(
    fc.asyncProperty(excesses, physics, fc.double({ min: 0, max: 1, noNaN: true }), async (values, rule, share) => {
      const excess = Object.fromEntries(MANIFEST.parameters.map((id, row) => [id, values[row] ?? 0]));
      const { found, calls } = await search(rule, excess);
      const bounded = await search({ ...rule, least: (those) => share * rule.score(those) }, excess);
      expect(bounded.found).toEqual(found);
      const windows = (counts: readonly number[]): number => sum(counts);
      expect(windows(bounded.calls)).toBeLessThanOrEqual(windows(calls));
      spared += windows(calls) - windows(bounded.calls);
    }),
    { seed: SEED, numRuns: 300 },
  );
  expect(spared).toBeGreaterThan(0);
});
