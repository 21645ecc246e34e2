/** The front of every package: scaling, the detector, and its reconstruction in engineering values. */
import { SPANS, SUMMARIES, SUMMARY } from '../../core/telemetry/summaries';
import { FdirError } from '../../domain/errors';
import { GRAPH } from '../../domain/manifest';
import type { Layout } from '../layout';
import { dense, type Dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import type { DetectorGraph } from '../onnx/read-model';
import { renamedNode } from '../onnx/subgraphs';
import { centring, type ConditionalModel } from '../precision';
import type { NominalRange } from '../range';
import { buildLeastExtrapolated, type Judged } from './extrapolated';
import { buildInfill, type Infill } from './infill';

export interface Scaling {
  readonly mean: Float64Array;
  readonly std: Float64Array;
}

/** How a foreign detector wants its window: axes in its own order, ones where it has a channel axis. */
export interface DetectorLayout {
  /** Dimensions without the batch, e.g. [1, parameters, frames] or [frames, parameters] or [parameters * frames]. */
  readonly dims: readonly number[];
  /** The window arrives transposed: frames before parameters. */
  readonly framesFirst: boolean;
}

export interface DetectorPart {
  readonly graph: DetectorGraph;
  readonly layout: DetectorLayout;
  /** What the detector was trained on. */
  readonly values: 'engineering' | 'standardised';
}

/** Values of a window, flattened, about zero. */
export interface Samples {
  /** [n, parameters * frames]. */
  readonly tensor: string;
  /** Factor that standardises each sample; left out when they are standardised already. */
  readonly perUnit?: Float64Array;
}

export interface Front {
  /** [n, parameters * frames], engineering values. */
  readonly window: string;
  /** What inferred samples were moved by, engineering values; left out where every sample counts as measured. */
  readonly inferred?: Infill;
  /** The window less its nominal mean. */
  readonly centred: Samples;
  /** [n, parameters, frames], engineering values. */
  readonly reconstruction: string;
  /** The same, flattened. */
  readonly flatReconstruction: string;
  /** The window less its reconstruction. */
  readonly residual: Samples;
}

/** [n, parameters * frames], standardised. */
export const standardiseSamples = (g: GraphBuilder, { tensor, perUnit }: Samples): string =>
  perUnit === undefined ? tensor : g.mul(tensor, g.constant('per-unit', perUnit, [1, perUnit.length]));

/** A product with samples: (standardised samples - mean) times matrix. */
export interface Product {
  readonly mean: Float64Array;
  readonly matrix: Dense;
}

/** The matrix by which samples as they are give the product: the factors that standardise go into it, a node less. */
const factorsOf = ({ perUnit }: Samples, { matrix: { rows, columns, data } }: Product): Dense =>
  dense(
    rows,
    columns,
    perUnit === undefined ? data : data.map((value, index) => value * (perUnit[Math.floor(index / columns)] as number)),
  );

/** [n, columns]. */
export const project = (g: GraphBuilder, samples: Samples, hint: string, product: Product): string => {
  const { rows, columns, data } = factorsOf(samples, product);
  const bias = g.constant(`${hint}/bias`, centring(product.mean, product.matrix), [columns]);
  return g.gemm(samples.tensor, g.constant(hint, data, [rows, columns]), bias);
};

/**
 * The least of a product of deviations that samples outside of the range leave (`extrapolated.ts`): [n, columns].
 * @param deviations the product itself; @param units in the order of its columns.
 */
export const projectLeast = (
  g: GraphBuilder,
  samples: Samples,
  hint: string,
  {
    deviations,
    range,
    units,
    ...product
  }: Product & { deviations: string; range: NominalRange; units: readonly Judged[] },
): string => {
  const { tensor, perUnit } = samples;
  const unscaled = (values: Float64Array): Float64Array =>
    values.map((value, index) => value / (perUnit?.[index] ?? 1));
  const within = { low: unscaled(range.low), high: unscaled(range.high) };
  return buildLeastExtrapolated(
    g,
    { row: tensor, deviations, range: within, hint },
    factorsOf(samples, product),
    units,
  );
};

/** Reads the layout off the detector's declared input. @throws FdirError `model` when the dimensions fit no layout of the window. */
export const layoutOfDetector = (
  detector: DetectorGraph,
  { parameters, frames }: Layout,
  file: string,
): DetectorLayout => {
  const dims = detector.inputDims.slice(1);
  const solid = dims.filter((dim) => dim !== 1);
  const show = (all: readonly number[]): string => `[${all.map((dim) => (dim === 0 ? 'n' : String(dim))).join(', ')}]`;
  const shown = show(detector.inputDims);
  const refuse = (message: string): never => {
    throw new FdirError('model', `${file} cannot serve as a detector`, [{ file, message }]);
  };
  if (dims.includes(0))
    return refuse(
      `its input ${shown} is dynamic beyond the batch: export it for windows of ${String(parameters)} parameters x ${String(frames)} frames`,
    );
  const holds = (...wanted: readonly number[]): boolean =>
    solid.length === wanted.length && wanted.every((dim, index) => dim === solid[index]);
  // A square window fits both orders; parameters first is the convention of this project's own windows.
  const isPlain = holds(parameters * frames) || holds(parameters, frames) || (parameters === 1 && holds(frames));
  if (!isPlain && !holds(frames, parameters))
    return refuse(
      `its input ${shown} does not hold a window of ${String(parameters)} parameters x ${String(frames)} frames`,
    );
  // Exporters may leave the output's dimensions open; where they are known they must fit.
  const outputDims = detector.outputDims.slice(1);
  const isOpen = detector.outputDims.length === 0 || outputDims.includes(0);
  if (!isOpen && outputDims.reduce((a, b) => a * b, 1) !== parameters * frames)
    return refuse(
      `its output ${show(detector.outputDims)} does not hold a window of ${String(parameters)} parameters x ${String(frames)} frames`,
    );
  return { dims, framesFirst: !isPlain };
};

/** What to add to samples that were not measured, so that they are what the others imply: [n, parameters * frames], engineering values. */
const buildInferred = (
  g: GraphBuilder,
  flat: string,
  { layout, scaling, model }: { readonly layout: Layout; readonly scaling: Scaling; readonly model: ConditionalModel },
): Infill => {
  const samples = layout.parameters * layout.frames;
  const each = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: samples }, (_, index) => values[Math.floor(index / layout.frames)] as number);
  const mask = g.reshape(g.input(GRAPH.mask, ['n', layout.parameters, layout.frames]), [-1, samples]);
  const std = g.constant('fill/std', each(scaling.std), [1, samples]);
  const scaled = g.div(g.sub(flat, g.constant('fill/mean', each(scaling.mean), [1, samples])), std);
  const { added, isAny } = buildInfill(g, scaled, mask, model);
  return { isAny, added: g.mul(added, std) };
};

/** `fill` is the model that infers samples which were not measured; left out: every sample counts as measured. */
export const buildFront = (
  g: GraphBuilder,
  layout: Layout,
  scaling: Scaling,
  { fill, ...detector }: DetectorPart & { readonly fill?: ConditionalModel },
): Front => {
  const { parameters, frames } = layout;
  const samples = parameters * frames;
  const { dims, framesFirst } = detector.layout;
  const window = g.input('window', ['n', parameters, frames]);
  const row = [1, samples];
  const perStd = scaling.std.map((value) => 1 / value);
  const taken = g.reshape(window, [-1, samples]);
  const inferred = fill && buildInferred(g, taken, { layout, scaling, model: fill });
  const flat = inferred === undefined ? taken : g.add(taken, inferred.added);
  const ofSamples = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: samples }, (_, index) => values[Math.floor(index / frames)] as number);

  const isEngineering = detector.values === 'engineering';
  const isFlat = !framesFirst && dims.length === 1;
  const isPlain = !framesFirst && dims.length === 2 && dims[0] === parameters;
  const mean = g.constant('scaling/mean', ofSamples(scaling.mean), row);
  const centred = g.sub(flat, mean);
  const scaled = isEngineering ? centred : g.mul(centred, g.constant('scaling/per-std', ofSamples(perStd), row));
  const fed = isEngineering
    ? isFlat
      ? flat
      : fill === undefined
        ? window
        : g.reshape(flat, [-1, parameters, frames])
    : isFlat
      ? scaled
      : g.reshape(scaled, [-1, parameters, frames]);
  const ordered = framesFirst ? g.transpose(fed, [0, 2, 1]) : fed;
  const input = isFlat || isPlain ? ordered : g.reshape(ordered, [-1, ...dims]);
  g.adopt({
    nodes: detector.graph.nodes.map((node) =>
      renamedNode(node, (name) => (name === detector.graph.input ? input : name)),
    ),
    initializers: detector.graph.initializers,
  });

  const { output, outputDims } = detector.graph;
  const declares = (...wanted: readonly number[]): boolean =>
    !framesFirst &&
    outputDims.length === wanted.length + 1 &&
    wanted.every((dim, index) => dim === outputDims[index + 1]);
  const inOrder = framesFirst ? g.transpose(g.reshape(output, [-1, frames, parameters]), [0, 2, 1]) : output;
  const shape = (tensor: string): string => g.reshape(tensor, [-1, parameters, frames]);
  const flattened = declares(samples) ? output : g.reshape(inOrder, [-1, samples]);
  if (isEngineering) {
    const perUnit = ofSamples(perStd);
    return {
      window: flat,
      ...(inferred && { inferred }),
      centred: { tensor: centred, perUnit },
      reconstruction: framesFirst || declares(parameters, frames) ? inOrder : shape(output),
      flatReconstruction: flattened,
      residual: { tensor: g.sub(flat, flattened), perUnit },
    };
  }
  const unscaled = g.add(g.mul(flattened, g.constant('scaling/std', ofSamples(scaling.std), row)), mean);
  return {
    window: flat,
    ...(inferred && { inferred }),
    centred: { tensor: scaled },
    reconstruction: shape(unscaled),
    flatReconstruction: unscaled,
    residual: { tensor: g.sub(scaled, flattened) },
  };
};

/**
 * The memory as if inferred samples had been measured: a running mean that took the last value for a lost one would be off by what the
 * parameter moved meanwhile. @param memory [n, parameters * SUMMARIES], engineering values.
 */
export const buildRemembered = (
  g: GraphBuilder,
  memory: string,
  inferred: Infill | undefined,
  { parameters, frames }: Layout,
): string => {
  if (inferred === undefined) return memory;
  const shares = dense(frames, SUMMARIES);
  for (let frame = 0; frame < frames; frame += 1)
    SPANS.forEach((span, index) => {
      const at = frame * SUMMARIES + (SUMMARY.mean[index] ?? 0);
      shares.data[at] = (1 - 1 / span) ** (frames - 1 - frame) / span;
    });
  const moved = (): string => {
    const added = g.reshape(inferred.added, [-1, parameters, frames]);
    const off = g.matmul(added, g.constant('memory/shares', shares.data, [frames, SUMMARIES]));
    return g.add(memory, g.reshape(off, [-1, parameters * SUMMARIES]));
  };
  return g.when(inferred.isAny, moved, memory);
};
