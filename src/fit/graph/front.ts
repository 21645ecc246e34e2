/** The front of every package: scaling, the detector, and its reconstruction in engineering values. */
import { FdirError } from '../../domain/errors';
import type { Layout } from '../layout';
import type { GraphBuilder } from '../onnx/graph-builder';
import type { DetectorGraph } from '../onnx/read-model';

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

export interface Front {
  /** [n, parameters, frames], engineering values. */
  readonly window: string;
  /** [n, parameters * frames], standardised. */
  readonly scaled: string;
  /** [n, parameters, frames], engineering values. */
  readonly reconstruction: string;
  /** [n, parameters * frames], standardised window minus standardised reconstruction. */
  readonly residual: string;
}

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

export const buildFront = (g: GraphBuilder, layout: Layout, scaling: Scaling, detector: DetectorPart): Front => {
  const { parameters, frames } = layout;
  const window = g.input('window', ['n', parameters, frames]);
  const column = [1, parameters, 1];
  const mean = g.constant('scaling/mean', scaling.mean, column);
  const std = g.constant('scaling/std', scaling.std, column);
  const perStd = g.constant(
    'scaling/per-std',
    scaling.std.map((value) => 1 / value),
    column,
  );
  const scaled = g.mul(g.sub(window, mean), perStd);

  const isPlain =
    !detector.layout.framesFirst && detector.layout.dims.length === 2 && detector.layout.dims[0] === parameters;
  const fed = detector.values === 'engineering' ? window : scaled;
  const ordered = detector.layout.framesFirst ? g.transpose(fed, [0, 2, 1]) : fed;
  const input = isPlain ? ordered : g.reshape(ordered, [-1, ...detector.layout.dims]);
  g.adopt({
    nodes: detector.graph.nodes.map((node) => ({
      ...node,
      input: (node.input ?? []).map((name) => (name === detector.graph.input ? input : name)),
    })),
    initializers: detector.graph.initializers,
  });
  const output = detector.layout.framesFirst
    ? g.transpose(g.reshape(detector.graph.output, [-1, frames, parameters]), [0, 2, 1])
    : g.reshape(detector.graph.output, [-1, parameters, frames]);
  const isEngineering = detector.values === 'engineering';
  const residual = isEngineering ? g.mul(g.sub(window, output), perStd) : g.sub(scaled, output);
  return {
    window,
    scaled: g.reshape(scaled, [-1, parameters * frames]),
    reconstruction: isEngineering ? output : g.add(g.mul(output, std), mean),
    residual: g.reshape(residual, [-1, parameters * frames]),
  };
};
