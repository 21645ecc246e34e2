import { createRandom } from '../../src/core/random';
import { posteriorOf, type Driller } from '../../src/fit/driller';
import {
  buildWhitenedScore,
  buildResidualViews,
  buildWhitenedResidual,
  buildWindowEvidence,
  groupedRows,
} from '../../src/fit/graph/conditional';
import { buildFront, layoutOfDetector, project, standardiseSamples } from '../../src/fit/graph/front';
import { buildPeephole } from '../../src/fit/graph/peephole';
import { buildPValue, buildScore } from '../../src/fit/graph/score';
import { buildShapeFeatures } from '../../src/fit/graph/shape-features';
import { samplesOf, type Layout } from '../../src/fit/layout';
import { componentOf, fitMixture } from '../../src/fit/math/mixture';
import { GraphBuilder } from '../../src/fit/onnx/graph-builder';
import { readDetector } from '../../src/fit/onnx/read-model';
import { fitConditionalModel } from '../../src/fit/precision';
import { EVIDENCE_FLOOR, surpriseOf } from '../../src/core/anomaly/surprise';
import { fitSurprise } from '../../src/fit/surprise';
import { BATCHES, OPSETS, randomFloats, relativeDifference, rowsOfWidth, runGraph } from '../support/graph-run';
import {
  block,
  denseOf,
  drawGaussian,
  invert,
  normals,
  randomCovariance,
  rowsOf,
  times,
} from '../support/plain-algebra';
import { affineDetector } from '../support/tiny-detectors';

const CASES = OPSETS.flatMap((opset) => BATCHES.map((n) => [opset, n] as const));

describe('the front', () => {
  const [parameters, frames] = [3, 4];
  const layout: Layout = { parameters, frames, groups: [[0, 1, 2]], equipment: [], alike: true, conditions: [] };
  const scaling = { mean: Float64Array.of(100, -5, 0), std: Float64Array.of(20, 0.5, 3) };
  const values = (n: number): Float32Array => {
    const random = createRandom(n);
    return Float32Array.from({ length: n * parameters * frames }, (_, i) => {
      const p = Math.floor(i / frames) % parameters;
      return (scaling.mean[p] ?? NaN) + (scaling.std[p] ?? NaN) * random.normal();
    });
  };
  const standardised = (data: Float32Array): number[] =>
    Array.from(data, (value, i) => {
      const p = Math.floor(i / frames) % parameters;
      return (value - (scaling.mean[p] ?? NaN)) / (scaling.std[p] ?? NaN);
    });
  const engineering = (data: readonly number[]): number[] =>
    data.map((value, i) => {
      const p = Math.floor(i / frames) % parameters;
      return value * (scaling.std[p] ?? NaN) + (scaling.mean[p] ?? NaN);
    });

  const run = async (
    dims: readonly number[],
    kind: 'engineering' | 'standardised',
    data: Float32Array,
    n: number,
    opset = 13,
  ) => {
    const graph = readDetector(affineDetector({ dims, opset }), 'd.onnx');
    const detector = { graph, layout: layoutOfDetector(graph, layout, 'd.onnx'), values: kind };
    return runGraph(
      (g) => {
        const front = buildFront(g, layout, scaling, detector);
        g.output('scaled', standardiseSamples(g, front.centred), ['n', parameters * frames]);
        g.output('reconstruction', front.reconstruction, ['n', parameters, frames]);
        g.output('flat', front.flatReconstruction, ['n', parameters * frames]);
        g.output('residual', standardiseSamples(g, front.residual), ['n', parameters * frames]);
      },
      { name: 'window', data, dims: [n, parameters, frames] },
      opset,
    );
  };

  const LAYOUTS: readonly (readonly number[])[] = [
    [parameters, frames],
    [1, parameters, frames],
    [parameters, frames, 1],
    [frames, parameters],
    [1, frames, parameters],
    [parameters * frames],
    [1, parameters * frames],
  ];

  test.each(LAYOUTS.flatMap((dims) => BATCHES.map((n) => [dims, n] as const)))(
    'feeds a detector of standardised values in layout %j, batch %i, and gives its reconstruction in engineering values',
    async (dims, n) => {
      const data = values(n);
      const x = standardised(data);
      const y = x.map((value) => 0.5 * value + 1);
      const outputs = await run(dims, 'standardised', data, n);
      expect(relativeDifference(outputs['scaled'] ?? [], x)).toBeLessThan(1e-5);
      expect(relativeDifference(outputs['reconstruction'] ?? [], engineering(y))).toBeLessThan(1e-5);
      expect(outputs['flat']).toEqual(outputs['reconstruction']);
      expect(
        relativeDifference(
          outputs['residual'] ?? [],
          x.map((value, i) => value - (y[i] ?? NaN)),
        ),
      ).toBeLessThan(1e-5);
    },
  );

  test.each(LAYOUTS.flatMap((dims) => BATCHES.map((n) => [dims, n] as const)))(
    'feeds a detector of engineering values in layout %j, batch %i, and takes the residual in standard deviations',
    async (dims, n) => {
      const data = values(n);
      const y = Array.from(data, (value) => 0.5 * value + 1);
      const outputs = await run(dims, 'engineering', data, n);
      expect(relativeDifference(outputs['reconstruction'] ?? [], y)).toBeLessThan(1e-5);
      expect(outputs['flat']).toEqual(outputs['reconstruction']);
      const expected = standardised(data).map((value, i) => value - (standardised(Float32Array.from(y))[i] ?? NaN));
      expect(relativeDifference(outputs['residual'] ?? [], expected)).toBeLessThan(1e-5);
    },
  );

  test.each(CASES)('a frames-first detector sees a row a frame (opset %i, batch %i)', async (opset, n) => {
    // It adds 1 to the first of its rows only: in the reconstruction that is the first frame of every parameter.
    const g = new GraphBuilder(opset);
    const shift = Float32Array.from({ length: frames * parameters }, (_, i) => (i < parameters ? 1 : 0));
    g.output(
      'output',
      g.add(g.input('input', ['n', frames, parameters]), g.constant('shift', shift, [frames, parameters])),
      ['n', frames, parameters],
    );
    const graph = readDetector(g.build('someone'), 'd.onnx');
    const detector = { graph, layout: layoutOfDetector(graph, layout, 'd.onnx'), values: 'standardised' as const };
    const outputs = await runGraph(
      (own) => {
        const { residual } = buildFront(own, layout, scaling, detector);
        own.output('residual', standardiseSamples(own, residual), ['n', parameters * frames]);
      },
      { name: 'window', data: values(n), dims: [n, parameters, frames] },
      opset,
    );
    const expected = Array.from({ length: n * parameters * frames }, (_, i) => (i % frames === 0 ? -1 : 0));
    expect(relativeDifference(outputs['residual'] ?? [], expected)).toBeLessThan(1e-5);
  });
});

test.each(CASES)(
  'a product takes the factors that standardise into its weights (opset %i, batch %i)',
  async (opset, n) => {
    const random = createRandom(22);
    const perUnit = Float64Array.of(2, 0.5, 100);
    const mean = Float64Array.of(1, -1, 0.5);
    const matrix = denseOf(Array.from({ length: 3 }, () => [random.normal(), random.normal()]));
    const data = randomFloats(random, 3 * n);
    const outputs = await runGraph(
      (g) => {
        g.output('y', project(g, { tensor: g.input('x', ['n', 3]), perUnit }, 'model', { mean, matrix }), ['n', 2]);
      },
      { name: 'x', data, dims: [n, 3] },
      opset,
    );
    const expected = rowsOfWidth(data, 3).flatMap((row) =>
      times([row.map((value, i) => value * (perUnit[i] ?? NaN) - (mean[i] ?? NaN))], rowsOf(matrix)).flat(),
    );
    expect(relativeDifference(outputs['y'] ?? [], expected)).toBeLessThan(1e-5);
  },
);

/** Parameters 0 and 3, and 1 and 4 are equipments; 2 belongs to none. */
const ALIKE: Layout = {
  parameters: 5,
  frames: 6,
  groups: [
    [0, 3],
    [4, 1],
  ],
  equipment: ['a', 'b'],
  alike: true,
  conditions: [],
};
const UNLIKE: Layout = {
  parameters: 5,
  frames: 6,
  groups: [[0, 3, 2], [4]],
  equipment: ['a', 'b'],
  alike: false,
  conditions: [],
};
/** Equal equipments in the order of the parameters, none left over: their deviations follow from the whitened ones. */
const IN_ORDER: Layout = {
  parameters: 6,
  frames: 5,
  groups: [
    [0, 1, 2],
    [3, 4, 5],
  ],
  equipment: ['a', 'b'],
  alike: true,
  conditions: [],
};
const SIZE = ALIKE.parameters * ALIKE.frames;

const modelOf = (layout: Layout) => {
  const covariance = randomCovariance(createRandom(21), SIZE);
  const mean = normals(createRandom(22), SIZE);
  return fitConditionalModel(drawGaussian(createRandom(23), mean, covariance, 400), layout, 1e-3);
};

/** L (x - m) and x - m, in double precision, of each row. */
const centredOf = (model: ReturnType<typeof modelOf>, data: Float32Array) =>
  rowsOfWidth(data, SIZE).map((row) => {
    const x = row.map((value, i) => value - (model.mean[i] ?? NaN));
    return { x, u: times([x], rowsOf(model.precision))[0] ?? [] };
  });

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('conditional evidence', () => {
  const LAYOUTS = (
    [
      ['alike', ALIKE],
      ['unlike', UNLIKE],
      ['orderly', IN_ORDER],
    ] as const
  ).flatMap(([name, layout]) => CASES.map(([opset, n]) => [name, opset, n, layout] as const));

  test.each(LAYOUTS)(
    'of parameters: deviations in sigmas and what leaving one out is worth, %s equipments (opset %i, batch %i)',
    async (_, opset, n, layout) => {
      const model = modelOf(layout);
      const data = randomFloats(createRandom(24), n * SIZE);
      const outputs = await runGraph(
        (g) => {
          const own = buildWindowEvidence(g, { tensor: g.input('x', ['n', SIZE]) }, model, layout);
          g.output('deviation', own.deviation, ['n', SIZE]);
          g.output('score', own.parameterScore, ['n', layout.parameters]);
        },
        { name: 'x', data, dims: [n, SIZE] },
        opset,
      );
      const precision = rowsOf(model.precision);
      const rows = centredOf(model, data).map(({ u }) => {
        const parts = Array.from({ length: layout.parameters }, (__, p) => {
          const own = samplesOf([p], layout.frames);
          const covariance = invert(block(precision, own, own));
          const off = times([own.map((i) => u[i] ?? NaN)], covariance)[0] ?? [];
          return {
            deviation: off.map((value, t) => value / Math.sqrt(covariance[t]?.[t] ?? NaN)),
            score: sum(off.map((value, t) => value * (u[own[t] ?? -1] ?? NaN))),
          };
        });
        return { deviation: parts.flatMap(({ deviation }) => deviation), score: parts.map(({ score }) => score) };
      });
      expect(
        relativeDifference(
          outputs['deviation'] ?? [],
          rows.flatMap(({ deviation }) => deviation),
        ),
      ).toBeLessThan(1e-4);
      expect(
        relativeDifference(
          outputs['score'] ?? [],
          rows.flatMap(({ score }) => score),
        ),
      ).toBeLessThan(1e-4);
    },
  );

  test.each(LAYOUTS)(
    'of %s equipments: whitened then plain rows of each, and what leaving it out is worth a sample (opset %i, batch %i)',
    async (_, opset, n, layout) => {
      const model = modelOf(layout);
      const rows = 2 * groupedRows(layout);
      const data = randomFloats(createRandom(25), n * SIZE);
      const outputs = await runGraph(
        (g) => {
          const x = { tensor: g.input('x', ['n', SIZE]) };
          const evidence = buildWindowEvidence(g, x, model, layout);
          g.output('views', evidence.views, ['n', rows, layout.frames]);
          g.output('energy', evidence.energy, ['n', rows]);
          g.output('score', evidence.groupScore, ['n', layout.groups.length]);
          const whitened = buildWhitenedResidual(g, x, model, layout);
          const residual = buildResidualViews(g, whitened, layout);
          g.output('residual', buildWhitenedScore(g, whitened, layout), ['n', layout.groups.length]);
          g.output('residual-views', residual.views, ['n', groupedRows(layout), layout.frames]);
          g.output('residual-energy', residual.energy, ['n', groupedRows(layout)]);
          expect([evidence.count, residual.count]).toEqual([2, 1]);
        },
        { name: 'x', data, dims: [n, SIZE] },
        opset,
      );
      const precision = rowsOf(model.precision);
      const expected = centredOf(model, data).map(({ u }) =>
        layout.groups.map((group) => {
          const own = samplesOf(group, layout.frames);
          const [plain = []] = times([own.map((i) => u[i] ?? NaN)], invert(block(precision, own, own)));
          return { plain, score: sum(plain.map((value, i) => value * (u[own[i] ?? -1] ?? NaN))) / own.length };
        }),
      );
      const scores = expected.flatMap((own) => own.map(({ score }) => score));
      expect(relativeDifference(outputs['score'] ?? [], scores)).toBeLessThan(1e-4);
      // The residual's evidence is the same statistic, of another tensor.
      expect(relativeDifference(outputs['residual'] ?? [], scores)).toBeLessThan(1e-4);
      const views = rowsOfWidth(outputs['views'] ?? [], rows * layout.frames);
      const parts = views.map((view) => {
        let from = 0;
        const take = (count: number): number[] => view.slice(from, (from += count));
        return layout.groups.map((group) => ({
          whitened: take(group.length * layout.frames),
          plain: take(group.length * layout.frames),
        }));
      });
      expect(
        relativeDifference(
          parts.flatMap((own) => own.flatMap(({ plain }) => plain)),
          expected.flatMap((own) => own.flatMap(({ plain }) => plain)),
        ),
      ).toBeLessThan(1e-4);
      const whitened = parts.flatMap((own) => own.flatMap((part) => part.whitened));
      expect(relativeDifference(outputs['residual-views'] ?? [], whitened)).toBeLessThan(1e-5);
      const residualEnergies = rowsOfWidth(whitened, layout.frames).map((row) =>
        sum(row.map((value) => value * value)),
      );
      expect(relativeDifference(outputs['residual-energy'] ?? [], residualEnergies)).toBeLessThan(1e-5);
      const energies = parts.flatMap((own) =>
        own.map(({ whitened }) => sum(whitened.map((value) => value * value)) / whitened.length),
      );
      expect(relativeDifference(energies, scores)).toBeLessThan(1e-4);
      const rowEnergies = views.flatMap((view) =>
        rowsOfWidth(view, layout.frames).map((row) => sum(row.map((value) => value * value))),
      );
      expect(relativeDifference(outputs['energy'] ?? [], rowEnergies)).toBeLessThan(1e-5);
    },
  );

  test('a window exactly as expected has no evidence, and none below the floor that keeps its logarithm finite', async () => {
    const model = modelOf(ALIKE);
    const outputs = await runGraph(
      (g) => {
        const x = { tensor: g.input('x', ['n', SIZE]) };
        g.output('score', buildWindowEvidence(g, x, model, ALIKE).groupScore, ['n', 2]);
      },
      { name: 'x', data: Float32Array.from(model.mean), dims: [1, SIZE] },
    );
    expect((outputs['score'] ?? []).every((value) => value >= Math.fround(EVIDENCE_FLOOR) && value < 1e-6)).toBe(true);
  });
});

describe('shape features', () => {
  /** The features as their comment tells them, of the rows of one view of one equipment: a row a channel. */
  const channelsOf = (rows: readonly (readonly number[])[], frames: number): number[][] => {
    const bands = [[0], [1], [2, 3], [4, 5, 6, 7], Array.from({ length: Math.max(0, frames - 8) }, (_, i) => 8 + i)];
    const squared = (values: readonly number[]): number[] => values.map((value) => value * value);
    const norm = Math.sqrt(sum(squared(rows.flat())) + 1e-6);
    return rows.map((row) => {
      const unit = row.map((value) => value / norm);
      const cosine = squared(
        unit.map(
          (_, k) =>
            Math.sqrt((k === 0 ? 1 : 2) / frames) *
            sum(unit.map((value, t) => value * Math.cos((Math.PI * (t + 0.5) * k) / frames))),
        ),
      );
      const steps = squared(unit.slice(1).map((value, t) => value - (unit[t] ?? NaN)));
      const bases = [cosine, steps, squared(unit)];
      const shares = [
        ...bands.map((band) => sum(band.filter((k) => k < frames).map((k) => cosine[k] ?? NaN))),
        sum(steps),
        ...bases.map((basis) => Math.max(...basis)),
        ...bases.map((basis) => sum(squared(basis))),
      ];
      return [...shares.map((value) => value + 1e-3), sum(squared(row)) + 1e-6];
    });
  };

  const featuresOf = (layout: Layout, row: readonly number[], count: number): number[] => {
    const all = rowsOfWidth(row, layout.frames);
    let from = 0;
    return layout.groups.flatMap((group) =>
      Array.from({ length: count }).flatMap(() => {
        const channels = channelsOf(all.slice(from, (from += group.length)), layout.frames);
        const told = layout.alike
          ? channels
          : [channels.reduce((total, each) => total.map((value, i) => value + (each[i] ?? NaN)))];
        return told.flat().map(Math.log);
      }),
    );
  };

  const LONG = { ...ALIKE, frames: 16 };
  const UNLIKE_LONG = { ...UNLIKE, frames: 16 };
  const SHORT = { ...ALIKE, frames: 4 };

  const features = async (layout: Layout, count: number, data: Float32Array, n: number, opset = 13) => {
    const rows = count * groupedRows(layout);
    let width = 0;
    const outputs = await runGraph(
      (g) => {
        const views = g.reshape(g.input('x', ['n', rows * layout.frames]), [-1, rows, layout.frames]);
        const built = buildShapeFeatures(g, { views, energy: g.energy(views, [2]), count }, layout, 'shape');
        width = built.width;
        g.output('features', built.features, ['n', layout.groups.length, built.width]);
      },
      { name: 'x', data, dims: [n, rows * layout.frames] },
      opset,
    );
    return { width, features: outputs['features'] ?? [] };
  };

  test.each(
    (
      [
        ['alike', LONG, 2],
        ['alike', LONG, 1],
        ['unlike', UNLIKE_LONG, 2],
        ['unlike', UNLIKE_LONG, 1],
        ['alike, of a window too short for the upper bands,', SHORT, 2],
      ] as const
    ).flatMap(([name, layout, count]) => CASES.map(([opset, n]) => [name, count, opset, n, layout] as const)),
  )(
    'of %s equipments are energies, peaks and bands as told, in %i views (opset %i, batch %i)',
    async (_, count, opset, n, layout: Layout) => {
      const width = count * groupedRows(layout) * layout.frames;
      const data = randomFloats(createRandom(31), n * width, 3);
      // One silent channel, and one window that is silent altogether.
      data.fill(0, layout.frames, 2 * layout.frames);
      if (n > 1) data.fill(0, width, 2 * width);
      const found = await features(layout, count, data, n, opset);
      const expected = rowsOfWidth(data, width).flatMap((row) => featuresOf(layout, row, count));
      expect(found.width).toBe(expected.length / n / layout.groups.length);
      expect(relativeDifference(found.features, expected)).toBeLessThan(2e-4);
    },
  );

  test('are blind to sign, and to size but for the energies', async () => {
    const one = randomFloats(createRandom(32), 2 * groupedRows(LONG) * LONG.frames);
    const [of1, of50] = [
      await features(LONG, 2, one, 1),
      await features(
        LONG,
        2,
        one.map((value) => -50 * value),
        1,
      ),
    ];
    const rises = of50.features.map((value, i) => value - (of1.features[i] ?? NaN));
    // Two views of two channels: the last feature of each is its energy.
    const each = of1.width / 4;
    const expected = rises.map((_, i) => (i % each === each - 1 ? 2 * Math.log(50) : 0));
    expect(relativeDifference(rises, expected)).toBeLessThan(1e-4);
  });
});

describe('peepholes', () => {
  const rows = Array.from({ length: 300 }, (_, i) =>
    Float64Array.from(normals(createRandom(40 + i), 3).map((value, j) => value + (j === 0 ? 3 * (i % 3) : 0))),
  );
  const components = fitMixture(
    rows,
    { components: 4, covariance: 'full', floor: 0.02, iterations: 20, starts: 1 },
    createRandom(1),
  );
  const table = denseOf(components.map((_, k) => [0.7 - 0.1 * k, 0.1 * k, 0.3]));
  const plain: Driller = { components, table, temperature: 1 };
  const unknown = componentOf(0.05, new Float64Array(3), Float64Array.of(9, 0, 0, 0, 9, 0, 0, 0, 9), 3);

  test.each(
    (
      [
        ['without an unknown', plain],
        ['with an unknown', { ...plain, unknown }],
        ['with tails', { ...plain, temperature: 1.7, unknown, tail: 8 }],
        ['with a temperature and an unknown', { ...plain, temperature: 2.5, unknown }],
        ['sharpened', { ...plain, temperature: 0.6 }],
      ] as const
    ).flatMap(([name, driller]) => CASES.map(([opset, n]) => [name, opset, n, driller] as const)),
  )('%s answer the posterior of their driller (opset %i, batch %i)', async (_, opset, n, driller: Driller) => {
    const data = randomFloats(createRandom(41), n * 3, 3, 2);
    const outputs = await runGraph(
      (g) => {
        g.output('posterior', buildPeephole(g, g.input('x', ['n', 3]), driller, { hint: 'driller' }), [
          'n',
          driller.unknown === undefined ? 3 : 4,
        ]);
      },
      { name: 'x', data, dims: [n, 3] },
      opset,
    );
    const expected = rowsOfWidth(data, 3).flatMap((row) => [...posteriorOf(driller, row)]);
    expect(relativeDifference(outputs['posterior'] ?? [], expected)).toBeLessThan(1e-4);
  });

  test('a factor, a last product and a constant are folded in', async () => {
    const matrix = denseOf([
      [-1, 1, 0, 0],
      [-1, 0, 1, 0],
      [-1, 0, 0, 2],
    ]);
    const bias = Float64Array.of(1, 0, 0, -1);
    const data = randomFloats(createRandom(42), 6, 3, 2);
    const outputs = await runGraph(
      (g) => {
        const factor = g.constant('factor', [0.25, 2], [2, 1]);
        const last = { factor, matrix, bias };
        g.output('posterior', buildPeephole(g, g.input('x', ['n', 3]), plain, { hint: 'driller', last }), ['n', 4]);
      },
      { name: 'x', data, dims: [2, 3] },
    );
    const expected = rowsOfWidth(data, 3).flatMap((row, item) =>
      times([[...posteriorOf(plain, row)]], rowsOf(matrix))
        .flat()
        .map((value, index) => (item === 0 ? 0.25 : 2) * value + (bias[index] ?? NaN)),
    );
    expect(relativeDifference(outputs['posterior'] ?? [], expected)).toBeLessThan(1e-4);
  });

  test('far from everything they still answer numbers that sum to one', async () => {
    const outputs = await runGraph(
      (g) => {
        g.output('posterior', buildPeephole(g, g.input('x', ['n', 3]), plain, { hint: 'driller' }), ['n', 3]);
      },
      { name: 'x', data: Float32Array.of(1e6, -1e6, 1e6), dims: [1, 3] },
    );
    expect(sum(outputs['posterior'] ?? [])).toBeCloseTo(1, 5);
  });
});

describe('the score', () => {
  const random = createRandom(50);
  const evidenceOf = (count: number, scale: number): number[] =>
    Array.from({ length: count }, () => scale * Math.exp(random.normal()));
  // Kinds with many, few and a single knot.
  const curves = [fitSurprise(evidenceOf(4000, 1)), fitSurprise(evidenceOf(60, 10)), fitSurprise([3])];
  const kinds = curves.length;

  const score = async (data: Float32Array, n: number, opset: number, own = curves): Promise<number[]> => {
    const outputs = await runGraph(
      (g) => {
        const x = g.input('x', ['n', own.length]);
        g.output('score', buildScore(g, g.log(x), own), ['n', 1]);
      },
      { name: 'x', data, dims: [n, own.length] },
      opset,
    );
    return outputs['score'] ?? [];
  };

  test.each(CASES)('is the largest surprise of all kinds of evidence (opset %i, batch %i)', async (opset, n) => {
    const data = Float32Array.from({ length: n * kinds }, () => 10 ** (3 * random.normal()));
    const expected = rowsOfWidth(data, kinds).map((row) =>
      Math.max(...row.map((value, kind) => surpriseOf(curves[kind] ?? fitSurprise([]), value))),
    );
    expect(relativeDifference(await score(data, n, opset), expected)).toBeLessThan(1e-4);
  });

  test.each(OPSETS)('of a single kind is its surprise (opset %i)', async (opset) => {
    const [first = fitSurprise([])] = curves;
    const data = Float32Array.of(0.01, 1, 30, 1e4);
    expect(
      relativeDifference(
        await score(data, 4, opset, [first]),
        Array.from(data, (value) => surpriseOf(first, value)),
      ),
    ).toBeLessThan(1e-4);
  });

  test('of no evidence at all is finite and not surprising', async () => {
    const [none] = await score(new Float32Array(kinds).fill(EVIDENCE_FLOOR), 1, 13);
    expect(none).toBeCloseTo(-Math.log10(0.9), 4);
  });

  test.each(CASES)(
    'p-value: one more than the calibration scores at least as high, over one more than all (opset %i, batch %i)',
    async (opset, n) => {
      const scores = Float64Array.of(0.5, 1, 1, 2, 3);
      const data = Float32Array.of(0, 1, 1.5, 3, 9).slice(5 - n);
      const outputs = await runGraph(
        (g) => {
          g.output('p', buildPValue(g, g.input('x', ['n', 1]), scores), ['n', 1]);
        },
        { name: 'x', data, dims: [n, 1] },
        opset,
      );
      const expected = Array.from(data, (value) => (1 + scores.filter((each) => each >= value).length) / 6);
      expect(relativeDifference(outputs['p'] ?? [], expected)).toBeLessThan(1e-6);
    },
  );
});
