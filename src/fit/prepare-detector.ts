/** The detector that a package is made around: the linear one, or a foreign model proven on nominal windows. */
import { basename } from 'node:path';
import { runAll, withGraph, type OpenGraph } from '../core/graph-session';
import { describeError, FdirError } from '../domain/errors';
import { GRAPH } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import { SHORT_RIDGE, type ShapeInput } from './fit-input';
import type { FitRequest } from './fit-request';
import { buildFront, layoutOfDetector, standardiseSamples, type DetectorPart, type Scaling } from './graph/front';
import type { Layout } from './layout';
import { GraphBuilder } from './onnx/graph-builder';
import { readDetector } from './onnx/read-model';
import { fitPcaDetector, pcaDetectorOf } from './pca-detector';
import { stationaryMoments, type Moments } from './stationary';

const flattened = ({ values }: Window, { mean, std }: Scaling, frames: number): Float64Array =>
  Float64Array.from(
    values,
    (value, i) => (value - (mean[Math.floor(i / frames)] as number)) / (std[Math.floor(i / frames)] as number),
  );

/** Whether a foreign detector wants engineering or standardised values: it reconstructs nominal windows far better in its own. */
const detectValues = async (
  { graph, layout: layoutIn }: Pick<DetectorPart, 'graph' | 'layout'>,
  { layout, scaling, openGraph }: { readonly layout: Layout; readonly scaling: Scaling; readonly openGraph: OpenGraph },
  windows: readonly Window[],
) => {
  const errors: Partial<Record<DetectorPart['values'], number>> = {};
  for (const values of ['standardised', 'engineering'] as const) {
    const g = new GraphBuilder(graph.opset);
    const front = buildFront(g, layout, scaling, { graph, layout: layoutIn, values });
    g.output('residual', standardiseSamples(g, front.residual), ['n', layout.parameters * layout.frames]);
    const rows = windows.map((window) => window.values);
    const { residual } = await withGraph(openGraph, g.build('peephole-fdir'), (session) =>
      runAll(session, rows, layout),
    );
    errors[values] =
      (residual ?? new Float32Array()).reduce((sum, value) => sum + value * value, 0) /
      Math.max(1, residual?.length ?? 0);
  }
  const [standardised, engineering] = [errors.standardised ?? Infinity, errors.engineering ?? Infinity];
  const values: DetectorPart['values'] = standardised <= engineering ? 'standardised' : 'engineering';
  return { values, mse: Math.min(standardised, engineering) };
};

/** A detector with what it leaves of nominal windows, and what it is called. */
export type PreparedDetector = DetectorPart & {
  readonly mse: number;
  readonly name: string;
  readonly residual?: Moments;
};

/** @param short whether windows are few. @throws FdirError `model` when a foreign model cannot serve. */
export const prepareDetector = async (
  { detector, openGraph }: Pick<FitRequest, 'detector' | 'openGraph'>,
  { layout, scaling }: { readonly layout: Layout; readonly scaling: Scaling },
  shape: readonly Window[],
  short: boolean,
): Promise<PreparedDetector> => {
  if (detector === 'pca') {
    const rows = shape.map((window) => ({ ...window, row: flattened(window, scaling, layout.frames) }));
    const { model, components, residual } = short
      ? pcaDetectorOf(stationaryMoments(rows, layout, SHORT_RIDGE), layout, SHORT_RIDGE)
      : fitPcaDetector(
          rows.map(({ row }) => row),
          layout,
        );
    const graph = readDetector(model, 'pca');
    const part = { graph, layout: layoutOfDetector(graph, layout, 'pca') };
    const { mse } = await detectValues(part, { layout, scaling, openGraph }, shape.slice(0, 256));
    const name = `pca (${String(components)} components)`;
    return { ...part, values: 'standardised', mse, name, ...(short ? { residual } : {}) };
  }
  const graph = readDetector(detector.bytes, detector.file);
  const part = { graph, layout: layoutOfDetector(graph, layout, detector.file) };
  try {
    // A few hundred windows of all stretches: a single batch tells the two apart by orders of magnitude.
    const step = Math.max(1, Math.floor(shape.length / 256));
    const found = await detectValues(
      part,
      { layout, scaling, openGraph },
      shape.filter((_, index) => index % step === 0),
    );
    return { ...part, ...found, name: basename(detector.file) };
  } catch (error) {
    if (error instanceof FdirError) throw error;
    throw new FdirError('model', `${detector.file} cannot serve as a detector`, [
      { file: detector.file, message: describeError(error) },
    ]);
  }
};

/** What covariances are fitted on. */
export const shapeOf = (
  shape: readonly Window[],
  { residual, ...detector }: DetectorPart & { readonly residual?: Moments },
): ShapeInput => ({ shape, detector, ...(residual === undefined ? {} : { residual }) });

/** The detector alone, window to reconstruction. */
export const bareDetector = (layout: Layout, scaling: Scaling, detector: DetectorPart): Uint8Array => {
  const g = new GraphBuilder(detector.graph.opset);
  const { reconstruction } = buildFront(g, layout, scaling, detector);
  g.output(GRAPH.reconstruction, reconstruction, ['n', layout.parameters, layout.frames]);
  return g.build('peephole-fdir');
};
