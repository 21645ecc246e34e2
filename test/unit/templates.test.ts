import { createRandom } from '../../src/core/random';
import { templateBank } from '../../src/fit/templates';
import type { Layout } from '../../src/fit/layout';
import { dense, multiply } from '../../src/fit/math/dense';
import { fitConditionalModel } from '../../src/fit/precision';

const SEED = 3;
const FRAMES = 8;
const layout: Layout = {
  parameters: 5,
  frames: FRAMES,
  groups: [
    [0, 1],
    [2, 3, 4],
  ],
  equipment: ['a', 'b'],
  alike: false,
  conditions: [],
};

const random = createRandom(SEED);
const windows = Array.from({ length: 2000 }, () => {
  const common = random.normal();
  return Float64Array.from({ length: 5 * FRAMES }, () => common + 0.5 * random.normal());
});
const model = fitConditionalModel(windows, layout);
const bank = templateBank(model, layout);

/** Energy that each block explains of a disturbance of unit `b`, and its whole energy, whitened as the graph does. */
const explainedOf = (disturbance: (channel: number, t: number) => number) => {
  const size = 3 * FRAMES;
  const d = dense(
    1,
    size,
    Float64Array.from({ length: size }, (_, i) => disturbance(Math.floor(i / FRAMES), i % FRAMES)),
  );
  const root = model.groupRoots[1] ?? dense(0, 0);
  const columns = bank.columns[1] ?? dense(0, 0);
  const whitened = multiply(d, root);
  const products = multiply(whitened, columns).data;
  const energies = Array.from({ length: bank.blocks }, (_, block) =>
    products.subarray(block * 3, block * 3 + 3).reduce((sum, value) => sum + value * value, 0),
  );
  return { energies, whole: whitened.data.reduce((sum, value) => sum + value * value, 0) };
};

describe(`matched filters of a unit's deviation (seed ${String(SEED)})`, () => {
  const signs = [2, -1, 0.5];

  test('a level explains an offset of any size and sign in each channel, and no impulse', () => {
    const { energies, whole } = explainedOf((channel) => signs[channel] ?? 0);
    expect(energies[0]).toBeCloseTo(whole, 6);
    const other = explainedOf((channel, t) => (t === 3 ? (signs[channel] ?? 0) : 0));
    expect((other.energies[0] ?? NaN) / other.whole).toBeLessThan(0.7);
  });

  test('a ramp explains a drift, and a line a drift with an offset', () => {
    const drift = explainedOf((channel, t) => ((signs[channel] ?? 0) * (t + 1)) / FRAMES);
    expect(drift.energies[1]).toBeCloseTo(drift.whole, 6);
    const both = explainedOf((channel, t) => (signs[channel] ?? 0) * t + channel);
    expect((both.energies[0] ?? NaN) + (both.energies[2] ?? NaN)).toBeCloseTo(both.whole, 5);
  });

  test('level and step at its instant explain a step that sets in here and ends there', () => {
    const { energies, whole } = explainedOf((channel, t) => (t >= 4 === (channel !== 1) ? (signs[channel] ?? 0) : 0));
    const steps = energies.slice(3, 3 + bank.steps);
    expect((energies[0] ?? NaN) + Math.max(...steps)).toBeCloseTo(whole, 6);
  });

  test('one impulse explains an impulse', () => {
    const { energies, whole } = explainedOf((channel, t) => (t === 5 ? (signs[channel] ?? 0) : 0));
    expect(Math.max(...energies.slice(3 + bank.steps))).toBeCloseTo(whole, 6);
  });

  test('channels that a smaller unit does not have explain nothing', () => {
    const columns = bank.columns[0] ?? dense(0, 0);
    expect(columns.rows).toBe(3 * FRAMES);
    expect(columns.data.subarray(2 * FRAMES * columns.columns).every((value) => value === 0)).toBe(true);
  });
});
