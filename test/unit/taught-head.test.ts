/** Filters matched to taught faults: what they see, what conditions explain away, whom they accuse, and that the graph says the same. */
import { createRandom } from '../../src/core/random';
import { buildTaught } from '../../src/fit/graph/heads';
import { fitTaught, taughtHeadOf, type TaughtHead, type TaughtRow } from '../../src/fit/heads/taught-head';
import type { Layout } from '../../src/fit/layout';
import { OPSETS, randomFloats, relativeDifference, runGraph } from '../support/graph-run';

const SEED = 20261130;
const FEATURES = 2;
const WINDOWS = 800;

const layoutOf = (
  groups: readonly number[][],
  equipment: readonly string[],
  conditions: readonly number[] = [],
): Layout => ({
  parameters: groups.flat().length + conditions.length,
  frames: 4,
  groups,
  equipment,
  alike: false,
  conditions,
});

const folds = Array.from({ length: WINDOWS }, (_, index) => Math.floor(index / 50) % 4);
const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? NaN;

/** The strongest filter of each unit, straight from its definition. */
const judge = ({ mean, filters, unitOf }: TaughtHead, row: ArrayLike<number>, unit: number): number =>
  Math.max(
    ...unitOf.map((of, k) =>
      of === unit
        ? mean.reduce((sum, m, i) => sum + ((row[i] ?? 0) - m) * (filters.data[i * filters.columns + k] ?? 0), 0)
        : -Infinity,
    ),
  );

describe(`two units of two parameters (seed ${String(SEED)})`, () => {
  const layout = layoutOf(
    [
      [0, 1],
      [2, 3],
    ],
    ['a', 'b'],
  );
  const width = layout.parameters * FEATURES;
  const random = createRandom(SEED).fork('taught-head');
  /** The features of each parameter follow one common cause. */
  const nominalRow = (): Float64Array => {
    const cause = random.normal();
    return Float64Array.from({ length: width }, () => cause + 0.5 * random.normal());
  };
  const rows = Array.from({ length: WINDOWS }, nominalRow);
  /** Half a deviation on both features of parameter 2, against the others: less than the common cause moves them. */
  const faulted = (): Float64Array => nominalRow().map((value, i) => (i === 4 || i === 5 ? value + 1.2 : value));
  const cases: TaughtRow[] = Array.from({ length: 60 }, (_, at) => ({ row: faulted(), group: 1, fault: 0, event: at }));
  const { head, evidence } = fitTaught({ layout, rows, folds, cases, wander: new Float64Array(layout.parameters) });

  test('nominal windows lie about zero, a deviation wide at most, judged by filters that did not know them', () => {
    const own = evidence.map((units) => units[1] ?? NaN);
    const [middle, spread] = [quantile(own, 0.5), quantile(own, 0.84) - quantile(own, 0.16)];
    expect(Math.abs(middle)).toBeLessThan(0.1);
    expect(spread / 2).toBeGreaterThan(0.3);
    expect(spread / 2).toBeLessThan(1.1);
  });

  test('a fault that the spread of each feature hides stands out', () => {
    const seen = Array.from({ length: 200 }, () => judge(head, faulted(), 1));
    const rare = quantile(
      evidence.map((units) => units[1] ?? NaN),
      0.99,
    );
    expect(seen.filter((value) => value > rare).length).toBeGreaterThan(80);
    const single = rows.map((row) => row[4] ?? NaN);
    const alone = Array.from({ length: 200 }, () => faulted()[4] ?? NaN);
    expect(alone.filter((value) => value > quantile(single, 0.99)).length).toBeLessThan(60);
  });

  test('nothing speaks against a unit that nothing was taught of', () => {
    expect(evidence.every((units) => units[0] === 0)).toBe(true);
    expect(head.unitOf).toEqual([1]);
  });

  test('filters alone are those that are fitted with evidence', () => {
    const alone = taughtHeadOf({ layout, rows, folds, cases, wander: new Float64Array(layout.parameters) });
    expect(alone).toEqual(head);
  });

  test.each(OPSETS)('opset %i: the graph says what the fit says', async (opset) => {
    const second = fitTaught({
      layout,
      rows,
      folds,
      wander: new Float64Array(layout.parameters),
      cases: [...cases, ...cases.map((own) => ({ ...own, row: Float64Array.from(own.row).reverse(), fault: 1 }))],
    }).head;
    const count = 7;
    const data = randomFloats(createRandom(SEED).fork('graph'), count * width, 2);
    const output = await runGraph(
      (g) => {
        g.output('evidence', buildTaught(g, g.input('features', ['n', width]), second, 2), ['n', 2]);
      },
      { name: 'features', data, dims: [count, width] },
      opset,
    );
    const expected = Array.from({ length: count }, (_, n) => {
      const row = data.subarray(n * width, (n + 1) * width);
      return [0, judge(second, row, 1)];
    });
    expect(relativeDifference(output['evidence'] ?? [], expected.flat())).toBeLessThan(1e-4);
  });
});

test('units that are alike learn from each other what only one of them was taught', () => {
  const layout: Layout = {
    ...layoutOf(
      [
        [0, 1],
        [2, 3],
      ],
      ['a', 'b'],
    ),
    alike: true,
  };
  const random = createRandom(SEED).fork('alike');
  const row = (): Float64Array => Float64Array.from({ length: 8 }, () => random.normal());
  const rows = Array.from({ length: WINDOWS }, row);
  const lifted = (from: number): Float64Array => row().map((value, i) => (i === from ? value + 4 : value));
  const cases: TaughtRow[] = Array.from({ length: 40 }, (_, event) => ({ row: lifted(0), group: 0, fault: 0, event }));
  const { head } = fitTaught({ layout, rows, folds, cases, wander: new Float64Array(layout.parameters) });
  expect(head.unitOf).toEqual([0, 1]);
  const [own, sister] = [lifted(0), lifted(4)].map((faulted) => [judge(head, faulted, 0), judge(head, faulted, 1)]);
  expect((own?.[0] ?? NaN) - (own?.[1] ?? NaN)).toBeGreaterThan(1);
  expect((sister?.[1] ?? NaN) - (sister?.[0] ?? NaN)).toBeGreaterThan(1);
});

test('what a condition explains is no evidence: a mode that faults were taught in accuses nobody', () => {
  const layout = layoutOf([[0], [1]], ['a', 'b'], [2]);
  const random = createRandom(SEED).fork('conditions');
  /** A mode moves both parameters; a fault moves the first one further. */
  const row = (mode: number, fault: number): Float64Array =>
    Float64Array.from(
      [3 * mode + fault, 0, 3 * mode, 0, mode, 0],
      (value, i) => value + (i < 4 ? 0.3 * random.normal() : 0),
    );
  const rows = Array.from({ length: WINDOWS }, (_, index) => row(index % 10 === 0 ? 1 : 0, 0));
  const cases: TaughtRow[] = Array.from({ length: 40 }, (_, event) => ({ row: row(1, 2), group: 0, fault: 0, event }));
  const { head } = fitTaught({ layout, rows, folds, cases, wander: new Float64Array(layout.parameters) });
  const middle = (mode: number, fault: number): number =>
    quantile(
      Array.from({ length: 101 }, () => judge(head, row(mode, fault), 0)),
      0.5,
    );
  const seen = middle(1, 2) - middle(1, 0);
  expect(seen).toBeGreaterThan(1);
  expect(Math.abs(middle(1, 0) - middle(0, 0))).toBeLessThan(0.3 * seen);
});

test('of parameters without equipment, the one that a fault changes most is accused', () => {
  const layout = layoutOf([[0, 1, 2]], []);
  const random = createRandom(SEED).fork('loose');
  const row = (): Float64Array => Float64Array.from({ length: 6 }, () => random.normal());
  const rows = Array.from({ length: WINDOWS }, row);
  const cases: TaughtRow[] = Array.from({ length: 30 }, (_, event) => ({
    event,
    row: row().map((value, i) => (i === 4 ? value + 3 : value)),
    group: 0,
    fault: 0,
  }));
  expect(fitTaught({ layout, rows, folds, cases, wander: new Float64Array(layout.parameters) }).head.unitOf).toEqual([
    2,
  ]);
});

test('a feature that never changed does not carry a filter', () => {
  const layout = layoutOf([[0, 1]], ['a']);
  const random = createRandom(SEED).fork('constant');
  const row = (): Float64Array => Float64Array.from({ length: 4 }, (_, i) => (i === 3 ? 7 : random.normal()));
  const rows = Array.from({ length: WINDOWS }, row);
  const cases: TaughtRow[] = Array.from({ length: 30 }, (_, event) => ({
    event,
    row: row().map((value, i) => (i === 0 ? value + 3 : i === 3 ? value + 1e-6 : value)),
    group: 0,
    fault: 0,
  }));
  const { head } = fitTaught({ layout, rows, folds, cases, wander: new Float64Array(layout.parameters) });
  const moved = Float64Array.from(head.mean, (value, i) => (i === 3 ? value + 1e-6 : value));
  expect(Math.abs(judge(head, moved, 0))).toBeLessThan(1e-3);
  expect(
    judge(
      head,
      Float64Array.from(head.mean, (value, i) => (i === 0 ? value + 3 : value)),
      0,
    ),
  ).toBeGreaterThan(1.5);
});

test('what few events have by chance is no part of their filter, and what a fault does is', () => {
  const layout = layoutOf([[0, 1]], ['a']);
  const random = createRandom(SEED).fork('chance');
  const row = (): Float64Array => Float64Array.from({ length: 4 }, () => random.normal());
  const rows = Array.from({ length: WINDOWS }, row);
  /** The first feature is three deviations off. Each event meets the second one in another state, and stays there. */
  const states = [0.7, -0.3, 0.5];
  const cases: TaughtRow[] = Array.from({ length: 60 }, (_, at) => ({
    row: row().map((value, i) => (i === 0 ? value + 3 : i === 1 ? (states[at % 3] ?? 0) : value)),
    ...{ group: 0, fault: 0, event: at % 3 },
  }));
  const weights = (all: readonly TaughtRow[]): number[] => [
    ...fitTaught({ layout, rows, folds, cases: all, wander: new Float64Array(layout.parameters) }).head.filters.data,
  ];
  const [real = NaN, chance = NaN] = weights(cases);
  expect(Math.abs(chance)).toBeLessThan(0.05 * real);
  // As many events as windows would make the same a sign of the fault.
  const [, sure = NaN] = weights(cases.map((own, event) => ({ ...own, event })));
  expect(sure).toBeGreaterThan(0.05 * real);
});
