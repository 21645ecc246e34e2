import { createRandom } from '../../src/core/random';
import { COVERAGE, coverageLevel } from '../../src/core/anomaly/conformal-set';

const SEED = 5;

const alike = (posteriors: readonly number[]) => posteriors.map((posterior) => ({ posterior, weight: 1 }));

describe(`the level of a conformal set (seed ${String(SEED)})`, () => {
  test('is reached by nine in ten cases that it was not chosen on', () => {
    const random = createRandom(SEED);
    const draw = (count: number): number[] => Array.from({ length: count }, () => random.uniform() ** 0.2);
    const level = coverageLevel(alike(draw(4000)));
    const covered = draw(4000).filter((value) => value >= level).length / 4000;
    expect(Math.abs(covered - COVERAGE)).toBeLessThan(0.02);
  });

  test('covers everything when there are too few cases to leave one out', () => {
    expect(coverageLevel(alike([0.9, 0.8]))).toBe(0);
    expect(coverageLevel([])).toBe(0);
  });

  test('is the worst but one of nineteen', () => {
    expect(coverageLevel(alike(Array.from({ length: 19 }, (_, i) => (i + 1) / 20)))).toBe(0.1);
  });

  test('covers the classes alike when each weighs the same, however few cases a class has', () => {
    const random = createRandom(SEED);
    const many = Array.from({ length: 4000 }, () => 0.5 + random.uniform() / 2);
    const few = Array.from({ length: 40 }, () => random.uniform() / 2);
    const cases = [...many, ...few].map((posterior, at) => ({ posterior, weight: at < 4000 ? 1 / 4000 : 1 / 40 }));
    const level = coverageLevel(cases);
    const covered = few.filter((value) => value >= level).length / 40;
    // A tenth of all is a fifth of the class that is hard to tell.
    expect(Math.abs(covered - (1 - 2 * (1 - COVERAGE)))).toBeLessThan(0.05);
  });
});
