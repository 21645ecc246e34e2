import { buildUnitEvidence, viewNames, viewSigns, WINDOW_VIEWS } from '../../src/fit/graph/unit-evidence';
import type { Layout } from '../../src/fit/layout';
import { runGraph } from '../support/graph-run';

/** Two twins of two parameters and a third unit of one; four frames. */
const layout: Layout = {
  ...{ parameters: 5, frames: 4, groups: [[0, 1], [2, 3], [4]], equipment: ['a', 'b', 'c'] },
  ...{ alike: false, conditions: [] },
};
const UNITS = 3;

/** The views of each unit; `scores` is how far the distance falls without it, a sample. */
const viewsOf = async (scores: readonly number[], distance: number) => {
  const views = WINDOW_VIEWS.length;
  const outputs = await runGraph(
    (g) => {
      const of = (value: number, dims: readonly number[]): string =>
        g.constant('c', new Array<number>(dims.reduce((a, b) => a * b, 1)).fill(value), dims);
      const window = { parameterScore: of(0, [1, 5]), groupScore: g.input('scores', ['n', UNITS]) };
      const units = {
        window: of(0, [1, UNITS, 8]),
        distance: of(distance / UNITS, [1, UNITS, 1]),
        repeats: of(0, [1, UNITS, 1]),
      };
      const evidence = { window, units } as unknown as Parameters<typeof buildUnitEvidence>[1];
      g.output('views', buildUnitEvidence(g, evidence, [], layout), ['n', UNITS, views]);
    },
    { name: 'scores', data: Float32Array.from(scores), dims: [1, UNITS] },
  );
  const all = Array.from(outputs['views'] ?? []);
  return (name: (typeof WINDOW_VIEWS)[number]): number[] =>
    scores.map((_, unit) => all[unit * views + WINDOW_VIEWS.indexOf(name)] ?? NaN);
};

test('twins that moved apart are told apart by what is left without them, however little of the whole that is', async () => {
  // Without a, 20 of 1,620 are left; without b 68; c has no part in it.
  const of = await viewsOf([1600 / 8, 1552 / 8, 1], 1620);
  const [a = NaN, b = NaN] = of('leave-out');
  expect(a - b).toBeLessThan(0.04);
  const behind = of('behind');
  expect(behind[0]).toBeLessThan(0.1);
  expect(behind[1]).toBeCloseTo(Math.log(49), 1);
  expect(behind[2]).toBeGreaterThan(behind[1] ?? NaN);
});

test('what is left without a unit speaks for it, all other views against it', () => {
  const views = viewNames(['slow16']);
  expect(views.filter((_, at) => viewSigns(views)[at] === -1)).toEqual(['rest', 'behind']);
});
