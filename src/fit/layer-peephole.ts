/**
 * The peephole of a weight layer as published (Capelli et al., arXiv 2604.08424). The corevector is the SVD reduction of the layer's
 * output, standardised with nominal statistics. On it stand one Gaussian mixture of the calibration set and one empirical posterior table
 * for each task.
 *
 * A convolution is handled by its kernel. The reduction acts on the channels of every position; the corevector holds mean and root mean
 * square over positions.
 */
import { createRandom } from '../core/random';
import { FdirError } from '../domain/errors';
import { NOMINAL } from '../domain/explanation';
import { peepholeOutput, type TapInfo, type TaskInfo } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import { empiricalTable, fitSharedMixture, type Driller } from './driller';
import type { EquipmentInput } from './fit-input';
import { buildFront, type Front } from './graph/front';
import { buildPeephole } from './graph/peephole';
import { rowOf, runAll, withGraph, type GraphSession } from '../core/graph-session';
import { dense, meanOf } from './math/dense';
import { GraphBuilder } from './onnx/graph-builder';
import { corevectorMatrix, listTaps, type LayerTap } from './taps';

/** d and the number of components are those of the paper. */
export const PAPER = { dimensions: 50, components: 50 } as const;
/**
 * Rows the mixture is fitted on at most. A full covariance of 50 dimensions has 1275 entries. With half of these rows the components
 * follow single windows, and faults of unseen passes are named worse.
 */
const MIXTURE_ROWS = 20_000;

export interface LayerPeephole {
  readonly tap: TapInfo;
  readonly tasks: readonly TaskInfo[];
  /** Adds the nodes and outputs to a graph that holds the detector. */
  readonly build: (g: GraphBuilder, front: Front) => void;
}

/** Where a corevector of the whole window comes from: a weight layer, or a whitened residual. */
export interface LayerSource {
  readonly name: string;
  readonly kind: TapInfo['kind'];
  readonly width: number;
  /** Adds the nodes of the corevector before standardisation: [n, width]. */
  readonly build: (g: GraphBuilder, front: Front, hint: string) => string;
}

/** The source of a weight layer. */
export const layerSource = (tap: LayerTap): LayerSource => {
  const { name, opType, weights, axis, output } = tap;
  const isChannels = axis === 'channels';
  const matrix = corevectorMatrix(tap, isChannels ? PAPER.dimensions / 2 : PAPER.dimensions);
  const d = matrix.columns;
  const build: LayerSource['build'] = (g, _front, hint) => {
    const constant = g.constant(`${hint}/svd`, matrix.data, [matrix.rows, d]);
    if (opType === 'Gemm') return g.matmul(output, constant);
    // [n, positions, outputs], whatever lies between.
    const positions = isChannels
      ? g.transpose(g.reshape(output, [0, weights.rows, -1]), [0, 2, 1])
      : g.reshape(output, [0, -1, weights.rows]);
    const projected = g.matmul(positions, constant);
    const mean = g.reduceMean(projected, [1]);
    if (!isChannels) return mean;
    return g.concat([mean, g.node('Sqrt', [g.reduceMean(g.mul(projected, projected), [1])])], 1);
  };
  return { name, kind: 'layer', width: isChannels ? 2 * d : d, build };
};

const narrowest = (taps: readonly LayerTap[]): LayerTap | undefined =>
  taps.reduce<LayerTap | undefined>(
    (least, tap) => (least === undefined || tap.weights.rows < least.weights.rows ? tap : least),
    undefined,
  );

/** Picks taps by name; without names the narrowest linear layer, which in an autoencoder is the latent vector. @throws FdirError. */
export const chooseTaps = (input: EquipmentInput, names: readonly string[]): readonly LayerTap[] => {
  const { taps, refused } = listTaps(input.detector.graph);
  const listed = [
    ...taps.map(({ name, opType }) => ({ message: `${name} (${opType})` })),
    ...refused.map(({ name, opType, reason }) => ({ message: `${name} (${opType}) cannot be tapped: ${reason}` })),
  ];
  if (names.length > 0) {
    return names.map((wanted) => {
      const found = taps.find(({ name }) => name === wanted);
      if (found === undefined) throw new FdirError('usage', `the detector has no tap "${wanted}"; it has`, listed);
      return found;
    });
  }
  const linear = taps.filter(({ axis }) => axis === 'features');
  const all = linear.length > 0 ? linear : taps;
  const chosen = taps.find(({ name }) => name === 'encoder.linear') ?? narrowest(all);
  if (chosen === undefined)
    throw new FdirError('model', 'the detector has no layer that the published method can tap', listed);
  return [chosen];
};

/** Inner layers that the default stack looks at: the latent vector, and the first convolution where there is one. */
export const innerLayers = (detector: EquipmentInput['detector']['graph']): readonly LayerTap[] => {
  const { taps } = listTaps(detector);
  const linear = taps.filter(({ axis }) => axis === 'features');
  const latent = linear.find(({ name }) => name === 'encoder.linear') ?? narrowest(linear);
  const convolution = taps.find(({ axis }) => axis === 'channels');
  return [latent, convolution].filter((tap) => tap !== undefined);
};

/** Gives the corevectors of windows at one layer. @throws FdirError `model` when the layer does not keep windows apart. */
const corevectorsAt =
  ({ layout, report }: EquipmentInput, { name, width }: LayerSource, session: GraphSession) =>
  async (windows: readonly Pick<Window, 'values'>[], what: string): Promise<Float32Array[]> => {
    const rows = windows.map(({ values }) => ({ values }));
    const { corevector } = await runAll(session, rows, layout, (done) => {
      report(`${what} at ${name}`, done / windows.length);
    });
    const all = corevector ?? new Float32Array();
    if (all.length !== windows.length * width)
      throw new FdirError(
        'model',
        `tap ${name} gives ${String(all.length / windows.length)} values a window instead of ${String(width)}: it does not keep the batch apart`,
      );
    return windows.map((_, index) => rowOf(all, windows.length, index));
  };

/** Fits the peephole of one whole-window corevector on the calibration set. */
export const fitLayerPeephole = async (input: EquipmentInput, layer: LayerSource): Promise<LayerPeephole> => {
  const { layout, scaling, detector, faults } = input;
  const g = new GraphBuilder(detector.graph.opset);
  const { width } = layer;
  g.output('corevector', layer.build(g, buildFront(g, layout, scaling, detector), 'tap'), ['n', width]);
  const [nominal, faulted] = await withGraph(input.openGraph, g.build('peephole-fdir'), async (session) => {
    const corevectors = corevectorsAt(input, layer, session);
    return [
      await corevectors(input.calibration, 'nominal corevectors'),
      await corevectors(input.cases, 'faulted corevectors'),
    ] as const;
  });

  const mean = meanOf(nominal, width);
  const perDeviation = Float64Array.from(
    { length: width },
    (_, j) =>
      1 /
      Math.sqrt(
        nominal.reduce((sum, row) => sum + ((row[j] as number) - (mean[j] as number)) ** 2, 0) / nominal.length + 1e-12,
      ),
  );
  const standardise = (row: Float32Array): Float64Array =>
    Float64Array.from(row, (value, j) => (value - (mean[j] as number)) * (perDeviation[j] as number));
  // As many nominal windows as cases of one class.
  const share = Math.ceil(faulted.length / Math.max(1, faults.length));
  const step = Math.max(1, Math.floor(nominal.length / share));
  const calm = nominal.filter((_, index) => index % step === 0).map(standardise);
  const rows = [...faulted.map(standardise), ...calm];
  const kinds = [...input.cases.map(({ fault }) => fault + 1), ...calm.map(() => 0)];
  const units = [...input.cases.map(({ group }) => group + 1), ...calm.map(() => 0)];
  input.report(`fitting the mixture at ${layer.name}`);
  const kept = Math.min(rows.length, MIXTURE_ROWS);
  const components = fitSharedMixture(
    Array.from({ length: kept }, (_, index) => rows[Math.floor((index * rows.length) / kept)] as Float64Array),
    { components: PAPER.components, covariance: 'full', floor: 1e-2, iterations: 25, starts: 1, rounds: 10 },
    createRandom(input.settings.seed).fork(`layer/${layer.name}`),
  );
  const classesOf = [
    { name: 'fault', classes: [NOMINAL, ...faults], labels: kinds },
    ...(layout.equipment.length < 2
      ? []
      : [{ name: 'equipment', classes: [NOMINAL, ...layout.equipment], labels: units }]),
  ];
  const tables = classesOf.map(({ classes, labels }) => empiricalTable(components, rows, labels, classes.length));
  // One mixture serves all tasks: their tables stand side by side, and the posterior is taken apart again.
  const stacked = dense(
    components.length,
    tables.reduce((sum, { columns }) => sum + columns, 0),
  );
  let from = 0;
  for (const table of tables) {
    for (let k = 0; k < table.rows; k += 1)
      stacked.data.set(table.data.subarray(k * table.columns, (k + 1) * table.columns), k * stacked.columns + from);
    from += table.columns;
  }
  const driller: Driller = { components, table: stacked, temperature: 1 };
  return {
    tap: { name: layer.name, kind: layer.kind, perEquipment: false, dimensions: width, components: components.length },
    tasks: classesOf.map(({ name, classes }) => ({
      name,
      tap: layer.name,
      output: peepholeOutput(layer.name, name),
      classes,
    })),
    build: (graph, front) => {
      const centred = graph.sub(
        layer.build(graph, front, layer.name),
        graph.constant(`${layer.name}/mean`, mean, [1, width]),
      );
      const corevector = graph.mul(centred, graph.constant(`${layer.name}/per-deviation`, perDeviation, [1, width]));
      const posterior = buildPeephole(graph, corevector, driller, { hint: layer.name });
      let start = 0;
      for (const { name, classes } of classesOf) {
        graph.output(peepholeOutput(layer.name, name), graph.slice(posterior, 1, start, start + classes.length), [
          'n',
          classes.length,
        ]);
        start += classes.length;
      }
    },
  };
};
