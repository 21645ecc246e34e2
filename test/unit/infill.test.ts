/** What stands in for a sample that was not measured: its conditional mean given all that was. */
import { openSession } from '../../src/adapters/model/onnx-session';
import { createRandom } from '../../src/core/random';
import { buildInfill } from '../../src/fit/graph/infill';
import { dense } from '../../src/fit/math/dense';
import { GraphBuilder } from '../../src/fit/onnx/graph-builder';
import { invert, randomCovariance } from '../support/plain-algebra';

const SEED = 17;
const SIZE = 6;
const random = createRandom(SEED);
const COVARIANCE = randomCovariance(random, SIZE);
const MEAN = Float64Array.from({ length: SIZE }, () => random.normal());

/** Bishop, equation 2.81, in plain loops. */
const conditionalMean = (row: ArrayLike<number>, mask: readonly number[]): number[] => {
  const known = mask.flatMap((flag, index) => (flag === 1 ? [index] : []));
  const inverse = known.length === 0 ? [] : invert(known.map((i) => known.map((j) => COVARIANCE[i]?.[j] ?? NaN)));
  return mask.map((flag, i) => {
    if (flag === 1) return row[i] ?? NaN;
    return known.reduce(
      (sum, j, at) =>
        sum +
        known.reduce(
          (inner, k, to) =>
            inner + (COVARIANCE[i]?.[j] ?? NaN) * (inverse[at]?.[to] ?? NaN) * ((row[k] ?? NaN) - (MEAN[k] ?? NaN)),
          0,
        ),
      MEAN[i] ?? NaN,
    );
  });
};

const infill = async (rows: readonly (readonly number[])[], masks: readonly (readonly number[])[]) => {
  const g = new GraphBuilder();
  const [samples, mask] = [g.input('samples', ['n', SIZE]), g.input('mask', ['n', SIZE])];
  const precision = dense(SIZE, SIZE, Float64Array.from(invert(COVARIANCE).flat()));
  g.output('added', buildInfill(g, samples, mask, { mean: MEAN, precision }).added, ['n', SIZE]);
  const session = await openSession(g.build('test'));
  const tensor = (all: readonly (readonly number[])[]) => ({
    data: Float32Array.from(all.flat()),
    dims: [all.length, SIZE],
  });
  try {
    const { added } = await session.run('samples', tensor(rows), undefined, { mask: tensor(masks) });
    return rows.map((row, at) => row.map((value, i) => value + (added?.data[at * SIZE + i] ?? NaN)));
  } finally {
    await session.close();
  }
};

const farthest = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  Math.max(...a.flatMap((row, at) => row.map((value, i) => Math.abs(value - (b[at]?.[i] ?? NaN)))));

test(`what is missing becomes its conditional mean, whatever stood there (seed ${String(SEED)})`, async () => {
  const masks = Array.from({ length: 40 }, () => Array.from({ length: SIZE }, () => (random.uniform() < 0.6 ? 1 : 0)));
  // A held value far away stands in each hole.
  const rows = masks.map((mask) => mask.map((flag) => (flag === 1 ? random.normal() : 30 * random.normal())));
  const wanted = rows.map((row, at) => conditionalMean(row, masks[at] ?? []));
  expect(masks.flat().filter((flag) => flag === 0).length).toBeGreaterThan(60);
  expect(farthest(await infill(rows, masks), wanted)).toBeLessThan(0.02);
});

test('a window that was measured throughout stays, and one of which nothing was is the nominal mean', async () => {
  const row = Array.from({ length: SIZE }, () => random.normal());
  const [whole = [], none = []] = await infill([row, row], [row.map(() => 1), row.map(() => 0)]);
  expect(farthest([whole], [row])).toBe(0);
  expect(farthest([none], [[...MEAN]])).toBeLessThan(0.02);
});
