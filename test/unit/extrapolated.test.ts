import * as fc from 'fast-check';
import { createRandom } from '../../src/core/random';
import { buildLeastExtrapolated } from '../../src/fit/graph/extrapolated';
import { dense } from '../../src/fit/math/dense';
import { rangeOf, rangeOfSamples, type NominalRange } from '../../src/fit/range';
import { runGraph } from '../support/graph-run';

/** Three units of one, two and two numbers; the last column is of no unit. */
const SIZE = 5;
const UNITS = [
  { columns: 1, own: [0] },
  { columns: 2, own: [1, 2] },
  { columns: 2, own: [3, 4] },
  { columns: 1, own: [] },
];
const COLUMNS = 6;
const RANGE: NominalRange = { low: new Float64Array(SIZE).fill(-2), high: new Float64Array(SIZE).fill(2) };

const matrixOf = (seed: number) => {
  const random = createRandom(seed);
  return dense(
    SIZE,
    COLUMNS,
    Float64Array.from({ length: SIZE * COLUMNS }, () => random.normal()),
  );
};

const productOf = (row: readonly number[], { data }: { data: Float64Array }, from = 0, columns = COLUMNS): number[] =>
  Array.from({ length: columns }, (_, j) =>
    row.reduce((sum, value, i) => sum + value * (data[i * COLUMNS + from + j] ?? 0), 0),
  );

const run = async (rows: readonly (readonly number[])[], seed: number, range = RANGE): Promise<number[][]> => {
  const matrix = matrixOf(seed);
  const outputs = await runGraph(
    (g) => {
      const row = g.input('row', ['n', SIZE]);
      const deviations = g.matmul(row, g.constant('matrix', matrix.data, [SIZE, COLUMNS]));
      const least = buildLeastExtrapolated(g, { row, deviations, range, hint: 'test' }, matrix, UNITS);
      g.output('least', g.add(least, g.constant('zero', [0], [1])), ['n', COLUMNS]);
    },
    { name: 'row', data: Float32Array.from(rows.flat()), dims: [rows.length, SIZE] },
  );
  const all = Array.from(outputs['least'] ?? []);
  return rows.map((_, index) => all.slice(index * COLUMNS, (index + 1) * COLUMNS));
};

const energy = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);

/** Two units of a number each, which are equal in nominal rows. */
const runPair = async (row: readonly number[]): Promise<number[]> => {
  const matrix = dense(2, 2, Float64Array.of(1, -1, -1, 1));
  const outputs = await runGraph(
    (g) => {
      const input = g.input('row', ['n', 2]);
      const deviations = g.matmul(input, g.constant('matrix', matrix.data, [2, 2]));
      const units = [0, 1].map((own) => ({ columns: 1, own: [own] }));
      const range = { low: Float64Array.of(-2, -2), high: Float64Array.of(2, 2) };
      const least = buildLeastExtrapolated(g, { row: input, deviations, range, hint: 'pair' }, matrix, units);
      g.output('least', g.add(least, g.constant('zero', [0], [1])), ['n', 2]);
    },
    { name: 'row', data: Float32Array.from(row), dims: [1, 2] },
  );
  return Array.from(outputs['least'] ?? []);
};

/** The energy at a way between bounded (0) and extrapolated (1). */
const energyAt = (share: number, row: readonly number[], seed: number): number => {
  const matrix = matrixOf(seed);
  let from = 0;
  return UNITS.reduce((sum, { columns, own }) => {
    from += columns;
    const mixed = row.map((value, i) => {
      const bounded = Math.min(2, Math.max(-2, value));
      return own.includes(i) ? value : bounded + share * (value - bounded);
    });
    return sum + energy(productOf(mixed, matrix, from - columns, columns));
  }, 0);
};

/** The least energy over the ways between, by trying many of them. */
const leastByTrial = (row: readonly number[], seed: number): number =>
  Math.min(...Array.from({ length: 1001 }, (_, step) => energyAt(step / 1000, row, seed)));

const seeds = fc.integer({ min: 1, max: 1e6 });
const inside = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: SIZE, maxLength: SIZE });
const anywhere = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: SIZE, maxLength: SIZE });
const RUNS = { numRuns: 60 };

describe('what others imply beyond the fitted range', () => {
  test('changes nothing within the range', async () => {
    await fc.assert(
      fc.asyncProperty(inside, seeds, async (row, seed) => {
        const [found = []] = await run([row], seed);
        productOf(row, matrixOf(seed)).forEach((value, j) => {
          expect(found[j]).toBeCloseTo(value, 3);
        });
      }),
      RUNS,
    );
  });

  test('leaves the least of all ways between extrapolated and bounded, whatever lies in the same batch', async () => {
    await fc.assert(
      fc.asyncProperty(anywhere, inside, seeds, async (row, other, seed) => {
        const [found = [], beside = []] = await run([row, other], seed);
        const scale = energy(productOf(row, matrixOf(seed))) + 1;
        expect(Math.abs(energy(found) - leastByTrial(row, seed))).toBeLessThan(1e-3 * scale);
        productOf(other, matrixOf(seed)).forEach((value, j) => {
          expect(beside[j]).toBeCloseTo(value, 3);
        });
      }),
      RUNS,
    );
  });

  test('counts in full what one unit does alone', async () => {
    const row = [0.5, 40, -30, 1, -1];
    const [found = []] = await run([row], 7);
    const plain = productOf(row, matrixOf(7));
    expect(found[1]).toBeCloseTo(plain[1] ?? NaN, 3);
    expect(found[2]).toBeCloseTo(plain[2] ?? NaN, 3);
    expect(Math.abs(found[0] ?? NaN)).toBeLessThan(Math.abs(plain[0] ?? NaN));
  });

  test('takes one way for all units: a relation that goes on accuses nobody', async () => {
    // Each of two numbers implies the other one.
    const rows = await runPair([30, 30]);
    expect(Math.max(...rows.map(Math.abs))).toBeLessThan(1e-3);
    const [first = NaN, second = NaN] = await runPair([30, 0]);
    expect(Math.abs(first)).toBeGreaterThan(20);
    expect(Math.abs(second)).toBeLessThan(2.001);
  });

  test('without bounds it extrapolates', async () => {
    const open: NominalRange = {
      low: new Float64Array(SIZE).fill(-Infinity),
      high: new Float64Array(SIZE).fill(Infinity),
    };
    const row = [10, 40, -30, 90, -1];
    const [found = []] = await run([row], 9, open);
    productOf(row, matrixOf(9)).forEach((value, j) => {
      expect(found[j]).toBeCloseTo(value, 2);
    });
  });
});

describe('the range of nominal rows', () => {
  const rows = [
    [1, -4, 7, 0],
    [3, 2, 5, 1],
  ];

  test('is the lowest and highest of each number, from where the numbers begin', () => {
    expect(rangeOf(rows, [0, 1], new Float64Array(2), 1)).toEqual({
      low: Float64Array.of(-4, 5),
      high: Float64Array.of(2, 7),
    });
  });

  test('of the samples of one parameter is one range', () => {
    expect(rangeOfSamples(rows, [0, 0, 1, 1], new Float64Array(2))).toEqual({
      low: Float64Array.of(-4, -4, 0, 0),
      high: Float64Array.of(3, 3, 7, 7),
    });
  });

  test('has no bounds for a level that goes one way', () => {
    expect(rangeOf(rows, [0, 0, 1, 1], Float64Array.of(0, 2.5))).toEqual({
      low: Float64Array.of(1, -4, -Infinity, -Infinity),
      high: Float64Array.of(3, 2, Infinity, Infinity),
    });
  });
});
