/** Levels that went one way through all recordings are not known. */
import { createRandom } from '../../src/core/random';
import type { Window } from '../../src/domain/telemetry';
import { gaussianHead, logEvidence } from '../../src/fit/heads/gaussian-head';
import { foldMoments, withSupport } from '../../src/fit/heads/fold-moments';
import type { Layout } from '../../src/fit/layout';
import { parameterOfSamples, wanderOf, withWander } from '../../src/fit/wander';

const SEED = 20261130;
const FRAMES = 4;
const COUNT = 600;
const LAYOUT: Layout = {
  parameters: 3,
  frames: FRAMES,
  groups: [[0], [1]],
  equipment: [],
  alike: true,
  conditions: [2],
};
const SCALING = { mean: new Float64Array(3), std: new Float64Array(3).fill(1) };
const plain = { parameters: [{ id: 'tank' }, { id: 'cycle' }, { id: 'mode' }] } as Parameters<typeof wanderOf>[2];

/** A tank that empties by 3 deviations, a parameter that goes round and round, and a condition that falls too. */
const valueAt = (parameter: number, share: number): number =>
  parameter === 1 ? Math.sin(40 * share) : 3 * (0.5 - share);

const windowsFrom = (first: number, count: number, noise: () => number): Window[] =>
  Array.from({ length: count }, (_, index) => ({
    start: (first + index) * 1000,
    end: (first + index) * 1000 + FRAMES - 1,
    unusable: [],
    values: Float32Array.from(
      { length: 3 * FRAMES },
      (_value, at) => valueAt(Math.floor(at / FRAMES), (first + index) / COUNT) + noise(),
    ),
  }));

describe(`how far a level went (seed ${String(SEED)})`, () => {
  const random = createRandom(SEED);
  const noise = (): number => 0.05 * random.normal();
  const nominal = windowsFrom(0, COUNT, noise);

  test('is that of what went one way, whatever the order of the recordings; conditions and what comes back have none', () => {
    const wander = wanderOf([...nominal].reverse(), LAYOUT, plain, SCALING);
    expect(wander[0]).toBeGreaterThan(2.5);
    expect(wander[0]).toBeLessThan(3);
    expect([wander[1], wander[2]]).toEqual([0, 0]);
  });

  test('is none of a value that rolls over', () => {
    const rolling = { parameters: [{ id: 'tank', modulus: 360 }, { id: 'cycle' }, { id: 'mode' }] } as typeof plain;
    expect(wanderOf(nominal, LAYOUT, rolling, SCALING)[0]).toBe(0);
  });

  test('is not held against it later, and a jump within a window still is', () => {
    const wander = wanderOf(nominal, LAYOUT, plain, SCALING);
    const rowsOf = (windows: readonly Window[]): Float32Array[] =>
      windows.map(({ values }) => values.slice(0, 2 * FRAMES));
    const { mean, covariance } = foldMoments(
      rowsOf(nominal),
      nominal.map(() => 0),
    ).without();
    const support = withSupport(covariance, 1e-5, []);
    const units = [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ];
    const evidence = (spread: typeof support, windows: readonly Window[]): number =>
      Math.max(...logEvidence(gaussianHead(mean, spread, units, true), rowsOf(windows)).map(([tank = 0]) => tank));
    const freed = withWander(support, parameterOfSamples(LAYOUT), wander);
    const later = windowsFrom(COUNT, COUNT, noise);
    const jump = later.slice(0, 1).map((window) => {
      const values = window.values.slice();
      values[3] = (values[3] ?? 0) + 1;
      return { ...window, values };
    });
    const usual = evidence(freed, nominal);
    expect(evidence(support, later)).toBeGreaterThan(evidence(support, nominal) + 0.5);
    expect(evidence(freed, later)).toBeLessThan(usual + 0.5);
    expect(evidence(freed, jump)).toBeGreaterThan(usual + 2);
  });
});
