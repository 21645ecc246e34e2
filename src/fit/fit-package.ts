/** Makes a model package of nominal recordings: detector, peepholes, calibration, one graph and its manifest. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { COVERAGE } from '../core/anomaly/conformal-set';
import { createRandom } from '../core/random';
import { describeError, FdirError } from '../domain/errors';
import { GRAPH, type Manifest } from '../domain/manifest';
import type { Mission } from '../domain/mission';
import type { Label, Window } from '../domain/telemetry';
import { VERSION } from '../domain/version';
import type { AssemblyItem } from '../core/telemetry/assembler-state';
import {
  describeUseless,
  injectedCases,
  INTENSITIES,
  labelledCases,
  PUBLISHED_INTENSITIES,
  type Case,
} from './calibration-set';
import { isFaultClass } from './faults/fault-classes';
import { fitEquipment } from './fit-equipment';
import { SHORT_RIDGE, type EquipmentInput, type FitSettings, type FittedGraph, type ShapeInput } from './fit-input';
import { fitPaper } from './fit-paper';
import { buildFront, type DetectorPart, layoutOfDetector, type Scaling, standardiseSamples } from './graph/front';
import { rowOf, runAll, withGraph, type OpenGraph } from '../core/graph-session';
import { layoutOf, type Layout } from './layout';
import {
  describeUnusable,
  FEWEST_WINDOWS,
  scalingOf,
  splitNominal,
  tooFewWindows,
  unusableOf,
  windowsOf,
} from './nominal-windows';
import { observedOf } from './observed';
import { GraphBuilder } from './onnx/graph-builder';
import { readDetector } from './onnx/read-model';
import { inputOf } from '../core/telemetry/model-input';
import { heldParameters, resolutionOf } from './conditions';
import { isShort } from './cross-fit';
import { piecesOf, predictionOf } from './prediction';
import { reachInWindows } from './heads/slow-spans';
import { interleavedFolds, shortFolds, stretchesOf } from './folds';
import { fitPcaDetector, pcaDetectorOf } from './pca-detector';
import { stationaryMoments, type Moments } from './stationary';
import {
  HYSTERESIS,
  PLAIN_RULE,
  realisedRate,
  SUSTAINED_RULE,
  thresholdsFor,
  type Calibrated,
  type Persistence,
} from './threshold';

/** A recording as read from disk. */
export interface RecordedPass {
  readonly file: string;
  readonly sha256: string;
  readonly assembled: readonly AssemblyItem[];
}

export interface FitRequest {
  readonly id: string;
  readonly mission: Mission;
  readonly nominal: readonly RecordedPass[];
  readonly labelled: readonly { readonly pass: RecordedPass; readonly labels: readonly Label[] }[];
  /** A foreign model, or the linear detector. */
  readonly detector: 'pca' | { readonly file: string; readonly bytes: Uint8Array };
  readonly method: 'equipment' | 'paper';
  readonly falseAlarmsPerDay: number;
  readonly casesPerClass: number;
  readonly taps: readonly string[];
  readonly settings: FitSettings;
  readonly openGraph: OpenGraph;
  readonly report: (message: string, share?: number) => void;
}

export interface ModelPackageFiles {
  readonly model: Uint8Array;
  /** The detector alone, window to reconstruction: what the explanations are compared with in cost. */
  readonly detector: Uint8Array;
  readonly manifest: Manifest;
  readonly thresholds: readonly Calibrated[];
}

/** The classes a mission without a list of its own gets: those the method was published with, and the two spacecraft know besides. */
export const DEFAULT_FAULTS = [
  'offset',
  'step',
  'impulse',
  'white-noise',
  'subspace-alteration',
  'stuck',
  'drift',
] as const;
/** Enough for six components a class; more cases change no figure in its second digit. */
export const DEFAULT_CASES_PER_CLASS = 1800;
/** Three of the last four windows: one impulse or one slew transient never opens an anomaly on its own. */
export const PERSISTENCE: Persistence = { k: 3, n: 4 };
/** Below this a fault is a guess between classes. The published method names the likeliest class, however unsure. */
const CONFIDENCE_FLOOR = { equipment: 0.3, paper: 0 } as const;
/** float32 sums in another order differ by this much at most, relative. */
const GOLDEN_TOLERANCE = 2e-3;
const BUDGETS = [0.1, 0.2, 0.5, 1, 2, 5, 10] as const;

const flattened = ({ values }: Window, { mean, std }: Scaling, frames: number): Float64Array =>
  Float64Array.from(
    values,
    (value, i) => (value - (mean[Math.floor(i / frames)] as number)) / (std[Math.floor(i / frames)] as number),
  );

/** Whether a foreign detector wants engineering or standardised values: it reconstructs nominal windows far better in its own. */
const detectValues = async (
  graph: DetectorPart['graph'],
  layoutIn: DetectorPart['layout'],
  layout: Layout,
  scaling: Scaling,
  windows: readonly Window[],
  openGraph: OpenGraph,
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

const prepareDetector = async (
  request: FitRequest,
  layout: Layout,
  scaling: Scaling,
  shape: readonly Window[],
  short: boolean,
): Promise<DetectorPart & { mse: number; name: string; residual?: Moments }> => {
  const { detector, openGraph } = request;
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
    const { mse } = await detectValues(graph, part.layout, layout, scaling, shape.slice(0, 256), openGraph);
    const name = `pca (${String(components)} components)`;
    return { ...part, values: 'standardised', mse, name, ...(short ? { residual } : {}) };
  }
  const graph = readDetector(detector.bytes, detector.file);
  const part = { graph, layout: layoutOfDetector(graph, layout, detector.file) };
  try {
    // A few hundred windows of all stretches: a single batch tells the two apart by orders of magnitude.
    const step = Math.max(1, Math.floor(shape.length / 256));
    const found = await detectValues(
      graph,
      part.layout,
      layout,
      scaling,
      shape.filter((_, index) => index % step === 0),
      openGraph,
    );
    return { ...part, ...found, name: basename(detector.file) };
  } catch (error) {
    if (error instanceof FdirError) throw error;
    throw new FdirError('model', `${detector.file} cannot serve as a detector`, [
      { file: detector.file, message: describeError(error) },
    ]);
  }
};

const shapeOf = (
  shape: readonly Window[],
  { residual, ...detector }: DetectorPart & { readonly residual?: Moments },
): ShapeInput => ({ shape, detector, ...(residual === undefined ? {} : { residual }) });

const bareDetector = (layout: Layout, scaling: Scaling, detector: DetectorPart): Uint8Array => {
  const g = new GraphBuilder(detector.graph.opset);
  const { reconstruction } = buildFront(g, layout, scaling, detector);
  g.output(GRAPH.reconstruction, reconstruction, ['n', layout.parameters, layout.frames]);
  return g.build('peephole-fdir');
};

const goldenOf = async (
  model: Uint8Array,
  window: Window,
  layout: Layout,
  openGraph: OpenGraph,
): Promise<Manifest['golden']> => {
  const outputs = await withGraph(openGraph, model, (session) => runAll(session, [window.values], layout));
  return {
    window: [...window.values],
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, values]) => [name, [...values].map((value) => Number(value.toPrecision(7)))]),
    ),
    tolerance: GOLDEN_TOLERANCE,
  };
};

const buildCases = (
  request: FitRequest,
  faults: readonly string[],
  layout: Layout,
  scaling: Scaling,
  nominal: readonly Window[],
): Case[] => {
  const random = createRandom(request.settings.seed).fork('cases');
  const isPaper = request.method === 'paper';
  const injected = injectedCases(
    nominal,
    faults,
    { layout, scaling },
    {
      perClass: request.casesPerClass,
      intensities: isPaper ? PUBLISHED_INTENSITIES : INTENSITIES,
      varied: !isPaper,
    },
    random,
    (message) => {
      request.report(message);
    },
  );
  const labelled = request.labelled.flatMap(({ pass, labels }) => {
    const windows = windowsOf(request.mission, pass.assembled);
    for (const line of describeUseless(windows, labels, faults, layout)) request.report(`${pass.file}: ${line}`);
    const own = labelledCases(windows, labels, faults, layout);
    if (own.length === 0)
      throw new FdirError('input', `${pass.file} teaches nothing: none of its labels gives a window`, [
        ...describeUseless(windows, labels, faults, layout).map((message) => ({ file: pass.file, message })),
        ...(labels.length === 0 ? [{ file: pass.file, message: 'its labels file holds no label' }] : []),
      ]);
    return own;
  });
  const cases = [...injected, ...labelled];
  const absent = faults.filter((_, index) => !cases.some(({ fault }) => fault === index));
  if (absent.length > 0) {
    const how = absent.map((fault) => ({
      message: `"${fault}" ${isFaultClass(fault) ? 'could not be injected' : 'is no class of the fault library and no labelled pass has it'}: give --labelled PASS --labels L with it, or remove it from the mission's faults`,
    }));
    throw new FdirError('input', 'some fault classes have no calibration windows', how);
  }
  return cases;
};

/** @throws FdirError `input` or `model` with what to do; never gives a package that cannot tell a fault from nominal. */
export const fitPackage = async (request: FitRequest): Promise<ModelPackageFiles> => {
  const { mission, report, openGraph } = request;
  report('cutting windows');
  const infers = request.method === 'equipment';
  const passes = request.nominal.map(({ assembled }) => windowsOf(mission, assembled, infers));
  const all = passes.flat();
  const held = infers ? heldParameters(all, mission.parameters.length, mission.sampling.window) : [];
  const layout = layoutOf(mission, held);
  if (layout.conditions.length > 0)
    report(
      `conditions, never scored: ${layout.conditions.map((index) => mission.parameters[index]?.id ?? '').join(', ')}`,
    );
  const lost = describeUnusable(
    unusableOf(
      mission,
      request.nominal.map(({ assembled }) => assembled),
    ),
  );
  for (const line of lost) report(`nominal recordings: ${line}`);
  const short = infers && isShort(all.length, layout);
  if (infers && all.length < FEWEST_WINDOWS) throw tooFewWindows(all.length, mission, lost);
  const strideMs = mission.sampling.stride * mission.sampling.periodMs;
  const split = infers ? { shape: all, calibration: all, conformal: [all] } : splitNominal(passes, mission, lost);
  if (short)
    report(
      `${String(all.length)} nominal windows of ${String(layout.parameters * layout.frames)} samples are few: telemetry is taken as stationary, and each block of it is scored by a model of the others`,
    );
  const { constant, ...scaling } = scalingOf(split.shape, layout.parameters, layout.frames);
  if (constant.length === layout.parameters) {
    throw new FdirError(
      'input',
      'no parameter ever changes in the nominal recordings: there is nothing to learn from them',
    );
  }
  for (const index of constant)
    report(
      `parameter ${mission.parameters[index]?.id ?? ''} never changes in the nominal recordings: any change will count as anomalous`,
    );
  const detector = await prepareDetector(request, layout, scaling, split.shape, short);
  if (detector.mse > 0.5) {
    report(
      `the detector explains little of the nominal telemetry (mean squared error ${detector.mse.toFixed(2)} of variance 1): was it trained on this mission?`,
    );
  }

  const known = request.labelled
    .flatMap(({ labels }) => labels.map(({ fault }) => fault))
    .filter((fault) => fault !== '');
  const faults = mission.faults?.map(({ id }) => id) ?? [...new Set([...DEFAULT_FAULTS, ...known])];
  report('injecting faults');
  const cases = buildCases(request, faults, layout, scaling, split.calibration);
  const conformal = split.conformal.flat();
  const input: EquipmentInput = {
    layout,
    scaling,
    ...shapeOf(split.shape, detector),
    mission,
    isForeign: request.detector !== 'pca',
    floor: resolutionOf(all, layout.parameters, layout.frames, scaling.std),
    stretches: stretchesOf(passes, strideMs),
    ...(short
      ? shortFolds(passes, layout)
      : { folds: interleavedFolds(all.length, reachInWindows(all.length, mission.sampling)), momentsOf: undefined }),
    faults,
    calibration: split.calibration,
    conformal,
    cases,
    taps: request.taps,
    settings: request.settings,
    openGraph,
    report,
  };
  const fitted: FittedGraph = request.method === 'paper' ? await fitPaper(input) : await fitEquipment(input);

  report('choosing thresholds');
  const toScore = fitted.crossFitted === undefined ? conformal.map(inputOf) : [];
  const [outputs, caseScores] = await withGraph(
    openGraph,
    fitted.model,
    async (session) =>
      [
        await runAll(session, toScore, layout, (done) => {
          report('scoring with the finished graph', done / conformal.length);
        }),
        await runAll(session, cases.map(inputOf), layout),
      ] as const,
  );
  const scores = outputs[GRAPH.score] ?? new Float32Array();
  let from = 0;
  const stretches: readonly ArrayLike<number>[] =
    fitted.crossFitted ??
    split.conformal.map((stretch) => {
      const own = scores.subarray(from, from + stretch.length);
      from += stretch.length;
      return own;
    });
  const rule = !infers ? PLAIN_RULE : short ? { ...SUSTAINED_RULE, farthest: 1 } : SUSTAINED_RULE;
  const budgets = [...new Set([...BUDGETS, request.falseAlarmsPerDay])].sort((a, b) => a - b);
  const thresholds = thresholdsFor(budgets, stretches, strideMs, PERSISTENCE, rule);
  const chosen =
    thresholds.find(({ falseAlarmsPerDay }) => falseAlarmsPerDay === request.falseAlarmsPerDay)?.threshold ?? Infinity;
  const sensitivity = Object.fromEntries(
    faults.map((fault, index) => {
      const own = cases.flatMap((item, at) =>
        item.fault === index ? [rowOf(caseScores[GRAPH.score] ?? new Float32Array(), cases.length, at)[0] ?? 0] : [],
      );
      return [fault, Number((own.filter((score) => score >= chosen).length / Math.max(1, own.length)).toFixed(4))];
    }),
  );
  const realised = realisedRate(request.falseAlarmsPerDay, piecesOf(stretches), strideMs, PERSISTENCE, rule);
  const reference = conformal[Math.floor(conformal.length / 2)] ?? split.calibration[0];
  if (reference === undefined) throw new FdirError('input', 'no nominal window is left for the golden vector');
  const manifest: Manifest = {
    schemaVersion: 1,
    id: request.id,
    sha256: createHash('sha256').update(fitted.model).digest('hex'),
    spacecraft: mission.spacecraft,
    method: request.method,
    detector: detector.name,
    parameters: mission.parameters.map(({ id }) => id),
    equipment: [...layout.equipment],
    sampling: mission.sampling,
    scaling: { mean: [...scaling.mean], std: [...scaling.std] },
    observed: [...observedOf(all, layout.parameters, layout.frames)],
    taps: fitted.taps,
    tasks: fitted.tasks,
    verdictTask: 'fault',
    joined: fitted.joined,
    calibration: {
      falseAlarmsPerDay: request.falseAlarmsPerDay,
      threshold: chosen,
      returnThreshold: chosen - HYSTERESIS,
      persistence: PERSISTENCE,
      confidenceFloor: CONFIDENCE_FLOOR[request.method],
      budgets: thresholds.map(({ falseAlarmsPerDay, threshold }) => ({
        falseAlarmsPerDay,
        threshold,
        returnThreshold: threshold - HYSTERESIS,
      })),
      calibrationWindows: conformal.length,
      ...(fitted.setLevel !== undefined && {
        set: { coverage: COVERAGE, level: Number(fitted.setLevel.toPrecision(4)) },
      }),
      ...(fitted.sustained && { sustained: fitted.sustained }),
    },
    ...(layout.conditions.length > 0 && { conditions: [...layout.conditions] }),
    fittedOn: {
      passes: [...request.nominal, ...request.labelled.map(({ pass }) => pass)].map(({ file, sha256, assembled }) => ({
        file,
        sha256,
        frames: assembled.filter(({ kind }) => kind === 'frame').length,
      })),
      seed: request.settings.seed,
      tool: `fdir ${VERSION}`,
    },
    quality: {
      reconstructionMse: Number(detector.mse.toPrecision(4)),
      sensitivity,
      realisedFalseAlarms: realised ?? null,
      ...(realised && { predictedFalseAlarms: predictionOf(realised) }),
      ...fitted.quality,
    },
    golden: await goldenOf(fitted.model, reference, layout, openGraph),
  };
  return { model: fitted.model, detector: bareDetector(layout, scaling, detector), manifest, thresholds };
};
