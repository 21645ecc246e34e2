import { createRandom } from '../../src/core/random';
import { COVERAGE, coverageLevel } from '../../src/core/anomaly/conformal-set';

const SEED = 5;

describe(`the level of a conformal set (seed ${String(SEED)})`, () => {
  test('is reached by nine in ten cases that it was not chosen on', () => {
    const random = createRandom(SEED);
    const draw = (count: number): number[] => Array.from({ length: count }, () => random.uniform() ** 0.2);
    const level = coverageLevel(draw(4000));
    const covered = draw(4000).filter((value) => value >= level).length / 4000;
    expect(Math.abs(covered - COVERAGE)).toBeLessThan(0.02);
  });

  test('covers everything when there are too few cases to leave one out', () => {
    expect(coverageLevel([0.9, 0.8])).toBe(0);
    expect(coverageLevel([])).toBe(0);
  });

  test('is the worst but one of nineteen', () => {
    expect(coverageLevel(Array.from({ length: 19 }, (_, i) => (i + 1) / 20))).toBe(0.1);
  });
});
