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
import { standardiseWindow } from './nominal-windows';
import { readDetector } from './onnx/read-model';
import { fitPcaDetector, pcaDetectorOf } from './pca-detector';
import { stationaryMoments, type Moments } from './stationary';
import type { NominalSurvey } from './survey-nominal';

/** What exporters call it: PyTorch `dynamic_axes`, or `dynamic_shapes` in the newer one. */
const DYNAMIC_BATCH = 'export it with a dynamic batch (dynamic_axes in PyTorch)';

type Context = { readonly layout: Layout; readonly scaling: Scaling; readonly openGraph: OpenGraph };

/** Mean square of what a detector leaves of each window, in squared standard deviations. */
const errorsOf = async (
  detector: DetectorPart,
  { layout, scaling, openGraph }: Context,
  windows: readonly Pick<Window, 'values'>[],
): Promise<Float32Array> => {
  const g = new GraphBuilder(detector.graph.opset);
  const { residual } = buildFront(g, layout, scaling, detector);
  g.output('error', g.energy(standardiseSamples(g, residual), [1], true), ['n', 1]);
  const rows = windows.map(({ values }) => ({ values }));
  const { error } = await withGraph(openGraph, g.build('peephole-fdir'), (session) => runAll(session, rows, layout));
  return (error ?? new Float32Array()).map((sum) => sum / (layout.parameters * layout.frames));
};

/** Whether a foreign detector wants engineering or standardised values: it reconstructs nominal windows far better in its own. */
const detectValues = async (
  detector: Pick<DetectorPart, 'graph' | 'layout'>,
  context: Context,
  windows: readonly Window[],
): Promise<Pick<PreparedDetector, 'values' | 'mse'>> => {
  const errorWith = async (values: DetectorPart['values']): Promise<number> => {
    const errors = await errorsOf({ ...detector, values }, context, windows);
    const mse = errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
    // Values of the other kind may be far outside of what it was trained on.
    return Number.isFinite(mse) ? mse : Infinity;
  };
  const [standardised, engineering] = [await errorWith('standardised'), await errorWith('engineering')];
  const values: DetectorPart['values'] = standardised <= engineering ? 'standardised' : 'engineering';
  return { values, mse: Math.min(standardised, engineering) };
};

/** A detector with what it leaves of nominal windows, and what it is called. */
export type PreparedDetector = DetectorPart & {
  readonly mse: number;
  readonly name: string;
  readonly residual?: Moments;
};

/** @throws Error when a window is not judged alike alone and among others: the daemon judges one, the fit many at a time. */
const proveBatches = async (detector: DetectorPart, context: Context, windows: readonly Window[]): Promise<void> => {
  const few = windows.slice(0, 4);
  const alone = (await Promise.all(few.map((window) => errorsOf(detector, context, [window])))).map(([e]) => e ?? NaN);
  const together = await errorsOf(detector, context, few).catch((error: unknown) => {
    throw new Error(`it takes one window at a time: ${DYNAMIC_BATCH} (${describeError(error)})`, { cause: error });
  });
  // Sums of another order differ in the last digits.
  if (alone.some((error, index) => Math.abs(error - (together[index] ?? NaN)) > 1e-3 * (1 + error)))
    throw new Error(`what it makes of a window depends on the other windows beside it: ${DYNAMIC_BATCH}`);
};

/** Every nominal window, for a covariance of what is no number has no inverse. */
const proveNumbers = async (detector: DetectorPart, context: Context, windows: readonly Window[]): Promise<void> => {
  const errors = await errorsOf(detector, context, windows);
  const bad = windows.filter((_, index) => !Number.isFinite(errors[index] ?? NaN));
  const [first] = bad;
  if (first === undefined) return;
  const what = errors.some(Number.isNaN) ? 'NaN' : 'infinite values';
  throw new Error(
    `the detector gives ${what} on nominal windows: ${String(bad.length)} of ${String(windows.length)}, the first at ${new Date(first.start).toISOString()}. Look for a square root, a logarithm or a division of what may be negative or zero`,
  );
};

const prepareForeign = async (
  { file, bytes }: Exclude<FitRequest['detector'], 'pca'>,
  context: Context,
  { shape, all }: { readonly shape: readonly Window[]; readonly all: readonly Window[] },
): Promise<PreparedDetector> => {
  const graph = readDetector(bytes, file);
  const part = { graph, layout: layoutOfDetector(graph, context.layout, file) };
  try {
    await proveBatches({ ...part, values: 'standardised' }, context, shape);
    // A few hundred windows of all stretches: a single batch tells the two apart by orders of magnitude.
    const step = Math.max(1, Math.floor(shape.length / 256));
    const found = await detectValues(
      part,
      context,
      shape.filter((_, index) => index % step === 0),
    );
    await proveNumbers({ ...part, values: found.values }, context, all);
    return { ...part, ...found, name: basename(file) };
  } catch (error) {
    if (error instanceof FdirError) throw error;
    throw new FdirError('model', `${file} cannot serve as a detector`, [{ file, message: describeError(error) }]);
  }
};

/** @param short whether windows are few. @throws FdirError `model` when a foreign model cannot serve. */
export const prepareDetector = async (
  { detector, openGraph }: Pick<FitRequest, 'detector' | 'openGraph'>,
  { layout, scaling, all }: Pick<NominalSurvey, 'layout' | 'scaling' | 'all'>,
  shape: readonly Window[],
  short: boolean,
): Promise<PreparedDetector> => {
  if (detector === 'pca') {
    const rows = shape.map((window) => ({ ...window, row: standardiseWindow(window.values, scaling, layout.frames) }));
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
  return prepareForeign(detector, { layout, scaling, openGraph }, { shape, all });
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
