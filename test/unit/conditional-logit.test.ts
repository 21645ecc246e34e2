import { createRandom } from '../../src/core/random';
import { fitConditionalLogit, optionPosterior, type LogitCase } from '../../src/fit/math/conditional-logit';

const SEED = 11;
const TRUE = [1.5, -0.7];

const draw = (count: number, weight = 1): LogitCase[] => {
  const random = createRandom(SEED);
  return Array.from({ length: count }, () => {
    const features = Float64Array.from({ length: 8 }, () => random.normal());
    const posterior = optionPosterior(features, TRUE);
    let left = random.uniform();
    let truth = 0;
    while (truth < 3 && left > (posterior[truth] ?? 0)) left -= posterior[truth++] ?? 0;
    return { features, truth, weight };
  });
};

describe(`conditional logit (seed ${String(SEED)})`, () => {
  test('finds the weights that the choices were drawn with', () => {
    const weights = fitConditionalLogit(draw(8000), { mean: [0, 0], ridge: 1e-6 });
    expect(weights[0]).toBeCloseTo(1.5, 1);
    expect(weights[1]).toBeCloseTo(-0.7, 1);
  });

  test('weighs cases by their weight: a hundred that count nothing change nothing', () => {
    const prior = { mean: [0, 0], ridge: 0.01 };
    const wrong = draw(100, 0).map((choice) => ({ ...choice, truth: 0 }));
    const [alone, mixed] = [
      fitConditionalLogit(draw(300), prior),
      fitConditionalLogit([...draw(300), ...wrong], prior),
    ];
    expect(mixed[0]).toBeCloseTo(alone[0] ?? NaN, 9);
  });

  test('without a case it stays at the prior, and with perfectly separated ones it stays finite', () => {
    expect([...fitConditionalLogit([], { mean: [0.5, -1], ridge: 0.01 })]).toEqual([0.5, -1]);
    const separated = Array.from({ length: 50 }, (): LogitCase => ({ features: [3, 0], truth: 0, weight: 1 }));
    const [weight = NaN] = fitConditionalLogit(separated, { mean: [0], ridge: 0.01 });
    expect(weight).toBeGreaterThan(0.5);
    expect(weight).toBeLessThan(20);
  });

  test('a feature whose weight would break its sign counts nothing, and the others are fitted without it', () => {
    const cases = draw(2000);
    const first = cases.map((own) => ({
      ...own,
      features: [0, 1, 2, 3].map((option) => own.features[2 * option] ?? NaN),
    }));
    const [alone] = fitConditionalLogit(first, { mean: [0], ridge: 0.01 });
    const kept = fitConditionalLogit(cases, { mean: [0, 0], ridge: 0.01, signs: [1, 1] });
    expect(kept[1]).toBe(0);
    expect(kept[0]).toBeCloseTo(alone ?? NaN, 6);
    const free = fitConditionalLogit(cases, { mean: [0, 0], ridge: 0.01 });
    expect([...fitConditionalLogit(cases, { mean: [0, 0], ridge: 0.01, signs: [1, -1] })]).toEqual([...free]);
  });

  test('a posterior sums to one, and huge features overflow nothing', () => {
    expect([...optionPosterior([1e6, -1e6], [1])]).toEqual([1, 0]);
    expect(optionPosterior([0.3, 1, 2], [1]).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });
});
