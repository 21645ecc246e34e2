import { createRandom } from '../../src/core/random';

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('seeded randomness', () => {
  it('gives pinned numbers for a seed, on every machine', () => {
    const random = createRandom(1);
    expect(draw(3, () => random.uniform())).toEqual([0.1913574046920985, 0.3013285726774484, 0.513327588327229]);
  });

  it('gives the same stream for the same seed and another for its neighbour and for its high bits', () => {
    const stream = (seed: number) => draw(8, createRandom(seed).uniform);
    expect(stream(7)).toEqual(stream(7));
    expect(stream(8)).not.toEqual(stream(7));
    expect(stream(7 + 2 ** 32)).not.toEqual(stream(7));
    expect(stream(-7)).not.toEqual(stream(7));
  });

  it('forks by name, whatever was drawn before', () => {
    const fresh = createRandom(3);
    const used = createRandom(3);
    draw(100, () => used.normal());
    expect(used.fork('a').uniform()).toBe(fresh.fork('a').uniform());
    expect(fresh.fork('b').uniform()).not.toBe(fresh.fork('a').uniform());
    expect(fresh.fork('a').fork('b').uniform()).not.toBe(fresh.fork('b').fork('a').uniform());
  });

  it('draws uniform numbers in [0, 1), normal numbers of unit variance and integers below n', () => {
    const random = createRandom(5);
    const uniform = draw(20_000, () => random.uniform());
    const normal = draw(20_000, () => random.normal());
    const integers = draw(20_000, () => random.int(6));
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(mean(normal.map((value) => value * value))).toBeCloseTo(1, 1);
    expect(mean(normal.map((value) => value ** 4))).toBeCloseTo(3, 0);
    for (let face = 0; face < 6; face += 1) {
      expect(integers.filter((value) => value === face).length / integers.length).toBeCloseTo(1 / 6, 1);
    }
    expect(new Set(integers).size).toBe(6);
  });
});
