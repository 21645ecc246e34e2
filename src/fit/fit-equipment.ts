/**
 * The default method: one driller shared by all equipments, on the shape of each equipment's deviation from what the others imply.
 * The graph is built twice: first without the drillers, to run the calibration set through it; then whole. What is fitted is thus
 * fitted on what the graph computes, and there is no second implementation to differ from it.
 */
import { createRandom } from '../core/random';
import { FdirError } from '../domain/errors';
import { NOMINAL, UNKNOWN } from '../domain/explanation';
import { GRAPH, peepholeOutput, type Manifest } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import type { Case } from './calibration-set';
import { calibrateDriller, fitClassMixtures, goldenSection, type Driller } from './driller';
import { buildResidualEvidence, buildWindowEvidence } from './graph/conditional';
import { buildFront, type DetectorLayout, type Scaling } from './graph/front';
import { buildPeephole } from './graph/peephole';
import { buildPValue, buildScore } from './graph/score';
import { buildShapeFeatures } from './graph/shape-features';
import { rowOf, runAll, type OpenGraph } from './graph-session';
import type { Layout } from './layout';
import { fitDiscriminant, reduce, type Reduction } from './math/discriminant';
import { GraphBuilder } from './onnx/graph-builder';
import type { DetectorGraph } from './onnx/read-model';
import { fitConditionalModel, RIDGE, type ConditionalModel } from './precision';
import { fitSurprise, surpriseOf, type SurpriseCurve } from './surprise';

export interface DetectorPart {
  readonly graph: DetectorGraph;
  readonly layout: DetectorLayout;
  readonly values: 'engineering' | 'standardised';
}

export interface EquipmentSettings {
  /** Components a class. */
  readonly components: number;
  /** Share of known cases that may be called unknown. */
  readonly outliers: number;
  readonly seed: number;
}

/** Measured on simulated wheels: more components a class, or full instead of reduced features, gain nothing on unseen passes. */
export const DEFAULT_EQUIPMENT: EquipmentSettings = { components: 6, outliers: 0.005, seed: 1 };

export const TAP = 'residual';
/** Surprise at which a window is as likely faulted as nominal: one nominal window in a thousand looks like this. */
const EVEN_ODDS = 3;
/** Cases below this surprise are not detected, so no verdict is ever given on them: they would teach the drillers noise. */
const DETECTED = 2;

interface Fitted {
  readonly curves: readonly SurpriseCurve[];
  readonly reduction: Reduction;
  readonly driller: Driller;
  /** Exponent of the group evidence in the posterior over equipments. */
  readonly sharpness: number;
  readonly conformal: Float64Array;
}

interface Parts {
  readonly layout: Layout;
  readonly scaling: Scaling;
  readonly detector: DetectorPart;
  readonly linear: ConditionalModel;
  readonly residual: ConditionalModel;
  readonly faults: readonly string[];
}

/** Names of inner tensors that the first graph publishes for fitting. */
const FEATURES = 'features';
const EVIDENCE = 'evidence';
/** Kinds of evidence: of the window itself, and of the detector's residual. */
const KINDS = 2;

const buildGraph = ({ layout, scaling, detector, linear, residual, faults }: Parts, fitted: Partial<Fitted>): Uint8Array => {
  const { parameters, frames, groups } = layout;
  const g = new GraphBuilder(detector.graph.opset);
  const front = buildFront(g, layout, scaling, detector);
  const window = buildWindowEvidence(g, front.scaled, linear, layout);
  const detectorScore = buildResidualEvidence(g, front.residual, residual, layout);
  const { features, width } = buildShapeFeatures(g, window, layout);
  // Each kind of evidence is that against the most suspect equipment: [n, kinds].
  const evidence =
    groups.length === 1
      ? g.concat([window.groupScore, detectorScore], 1)
      : g.reduceMax(g.reshape(g.concat([window.groupScore, detectorScore], 1), [-1, KINDS, groups.length]), [2]);

  // Deviations are in nominal standard deviations; engineering values are wanted beside them.
  const units = linear.sigma.map((value, index) => value * (scaling.std[Math.floor(index / frames)] as number));
  const off = g.mul(window.deviation, g.constant('sigma', units, [1, parameters, frames]));
  g.output(GRAPH.reconstruction, front.reconstruction, ['n', parameters, frames]);
  g.output(GRAPH.expected, g.sub(front.window, off), ['n', parameters, frames]);
  g.output(GRAPH.deviation, window.deviation, ['n', parameters, frames]);
  g.output(GRAPH.parameterScore, window.parameterScore, ['n', parameters]);
  g.output(GRAPH.equipmentScore, window.groupScore, ['n', groups.length]);
  if (fitted.curves === undefined) {
    g.output(FEATURES, features, ['n', groups.length, width]);
    g.output(EVIDENCE, evidence, ['n', KINDS]);
    return g.build('peephole-fdir');
  }

  const score = buildScore(g, evidence, fitted.curves);
  g.output(GRAPH.score, g.reshape(score, [-1]), ['n']);
  if (fitted.conformal !== undefined) g.output(GRAPH.pValue, buildPValue(g, score, fitted.conformal), ['n']);
  if (fitted.driller === undefined || fitted.reduction === undefined || fitted.sharpness === undefined)
    return g.build('peephole-fdir');

  const { mean, matrix } = fitted.reduction;
  const bias = new Float64Array(matrix.columns);
  for (let i = 0; i < matrix.rows; i += 1)
    for (let j = 0; j < matrix.columns; j += 1)
      bias[j] = (bias[j] as number) - (mean[i] as number) * (matrix.data[i * matrix.columns + j] as number);
  const corevector = g.gemm(
    g.reshape(features, [-1, width]),
    g.constant('reduction', matrix.data, [matrix.rows, matrix.columns]),
    g.constant('reduction/bias', bias, [matrix.columns]),
  );
  // Whether at all, then whose, then which: f = P(anomalous) P(equipment), and f P(fault | equipment) beside 1 - f for nominal.
  // With -1 in the first column, both are the one product f (kinds) + (1, 0, ..., 0).
  const classes = faults.length + 2;
  const kinds = g.reshape(buildPeephole(g, corevector, fitted.driller, 'driller', -1), [-1, groups.length, classes]);
  const odds = g.gemm(score, g.constant('decades', [Math.LN10], [1, 1]), g.constant('even-odds', [-EVEN_ODDS * Math.LN10], [1]));
  const whose = g.softmax(g.mul(g.log(window.groupScore), g.constant('sharpness', [fitted.sharpness], [1])), 1);
  const faulty = g.reshape(g.mul(whose, g.sigmoid(odds)), [-1, groups.length, 1]);
  const nominal = g.constant('nominal', Float64Array.from({ length: classes }, (_, index) => (index === 0 ? 1 : 0)), [1, 1, classes]);
  g.output(peepholeOutput(TAP, 'fault'), g.add(g.mul(kinds, faulty), nominal), ['n', groups.length, classes]);
  return g.build('peephole-fdir');
};

/** The mean negative log of the true equipment's posterior at a given sharpness. */
const equipmentLoss = (scores: readonly Float32Array[], truth: readonly number[], sharpness: number): number =>
  scores.reduce((sum, row, index) => {
    const logs = Array.from(row, (value) => sharpness * Math.log(Math.max(value, 1e-9)));
    const most = Math.max(...logs);
    return (
      sum -
      (logs[truth[index] ?? 0] ?? 0) +
      most +
      Math.log(logs.reduce((total, value) => total + Math.exp(value - most), 0))
    );
  }, 0) / Math.max(1, scores.length);

/** Room against overconfidence: the true equipment is nearly always right in calibration, and the sharpest posterior would win. */
const SHARPEST = 4;

export interface EquipmentInput {
  readonly layout: Layout;
  readonly scaling: Scaling;
  readonly detector: DetectorPart;
  readonly faults: readonly string[];
  readonly shape: readonly Window[];
  readonly calibration: readonly Window[];
  readonly conformal: readonly Window[];
  readonly cases: readonly Case[];
  readonly settings: EquipmentSettings;
  readonly openGraph: OpenGraph;
  readonly report: (message: string, share?: number) => void;
}

export interface FittedGraph {
  readonly model: Uint8Array;
  readonly taps: Manifest['taps'];
  readonly tasks: Manifest['tasks'];
  readonly quality: Readonly<Record<string, unknown>>;
}

const standardised = ({ values }: { values: Float32Array }, { mean, std }: Scaling, frames: number): Float64Array =>
  Float64Array.from(values, (value, index) => {
    const parameter = Math.floor(index / frames);
    return (value - (mean[parameter] as number)) / (std[parameter] as number);
  });

/** Residuals of the detector alone, standardised, to fit their covariance. */
const detectorResiduals = async (input: EquipmentInput, windows: readonly Window[]): Promise<Float32Array[]> => {
  const { layout, scaling, detector } = input;
  const g = new GraphBuilder(detector.graph.opset);
  const front = buildFront(g, layout, scaling, detector);
  g.output('residual', front.residual, ['n', layout.parameters * layout.frames]);
  const session = await input.openGraph(g.build('peephole-fdir'));
  const outputs = await runAll(
    session,
    windows.map(({ values }) => values),
    layout.parameters,
    layout.frames,
    (done) => {
      input.report('running the detector over nominal windows', done / windows.length);
    },
  );
  await session.close();
  const all = outputs['residual'] ?? new Float32Array();
  return windows.map((_, index) => rowOf(all, windows.length, index));
};

export const fitEquipment = async (input: EquipmentInput): Promise<FittedGraph> => {
  const { layout, scaling, faults, settings, report } = input;
  const { parameters, frames, groups } = layout;
  const residuals = await detectorResiduals(input, input.shape);
  report('inverting covariances');
  const parts: Parts = {
    layout,
    scaling,
    detector: input.detector,
    faults,
    linear: fitConditionalModel(
      input.shape.map((window) => standardised(window, scaling, frames)),
      layout,
      ridgeFor(input.shape.length, layout),
    ),
    residual: fitConditionalModel(residuals, layout, ridgeFor(input.shape.length, layout)),
  };

  const probe = await input.openGraph(buildGraph(parts, {}));
  const nominal = await runAll(
    probe,
    input.calibration.map(({ values }) => values),
    parameters,
    frames,
    (done) => {
      report('measuring nominal evidence', done / input.calibration.length);
    },
  );
  const cases = await runAll(
    probe,
    input.cases.map(({ values }) => values),
    parameters,
    frames,
    (done) => {
      report('running the calibration set', done / input.cases.length);
    },
  );
  await probe.close();

  const kinds = KINDS;
  const evidenceOf = (outputs: typeof nominal, rows: number, kind: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => outputs[EVIDENCE]?.[row * kinds + kind] ?? 0);
  const curves = Array.from({ length: kinds }, (_, kind) =>
    fitSurprise(evidenceOf(nominal, input.calibration.length, kind)),
  );

  report('fitting the driller');
  const count = input.cases.length;
  const features = nominal[FEATURES] === undefined ? new Float32Array() : (cases[FEATURES] ?? new Float32Array());
  const surprise = input.cases.map((_, index) =>
    Math.max(...curves.map((curve, kind) => surpriseOf(curve, cases[EVIDENCE]?.[index * kinds + kind] ?? 0))),
  );
  const detected = input.cases.flatMap((item, index) =>
    surprise[index] !== undefined && surprise[index] >= DETECTED ? [{ item, index }] : [],
  );
  const rowsOf = (chosen: typeof detected) =>
    chosen.map(({ item, index }) => rowOf(rowOf(features, count, index), groups.length, item.group));
  const learn = detected.filter(({ item }) => !item.held);
  if (learn.length === 0) {
    throw new FdirError(
      'input',
      "no window with an injected fault stands out from the nominal ones: choose other fault classes in the mission's faults, or calmer nominal recordings",
    );
  }
  for (const [index, fault] of faults.entries()) {
    if (learn.some(({ item }) => item.fault === index)) continue;
    report(`no calibration window of "${fault}" stands out from the nominal ones: this class will never be named`);
  }
  // Few cases hold none back: a driller calibrated on what it was fitted on is better than one that is not calibrated.
  const heldBack = detected.filter(({ item }) => item.held);
  const held = heldBack.length > 0 ? heldBack : learn;
  const learnRows = rowsOf(learn);
  const learnLabels = learn.map(({ item }) => item.fault);
  const reduction = fitDiscriminant(learnRows, learnLabels, Math.max(2, faults.length - 1));
  const random = createRandom(settings.seed).fork('driller');
  const mixture = fitClassMixtures(
    learnRows.map((row) => reduce(reduction, row)),
    learnLabels,
    faults.length,
    { components: settings.components, covariance: 'full', floor: 0.02, iterations: 40, starts: 3 },
    random,
  );
  const driller = calibrateDriller(
    mixture,
    rowsOf(held).map((row) => reduce(reduction, row)),
    held.map(({ item }) => item.fault),
    settings.outliers,
  );
  const groupScores = detected.map(({ index }) =>
    rowOf(cases[GRAPH.equipmentScore] ?? new Float32Array(), count, index),
  );
  const truth = detected.map(({ item }) => item.group);
  const sharpness =
    groups.length === 1 ? 1 : goldenSection((value) => equipmentLoss(groupScores, truth, value), 0.05, SHARPEST);

  report('calibrating p-values');
  const scored = await scoresOf(input, buildGraph(parts, { curves }), input.conformal);
  const fitted: Fitted = { curves, reduction, driller, sharpness, conformal: conformalTable(scored) };
  const classes = [NOMINAL, ...faults, UNKNOWN];
  return {
    model: buildGraph(parts, fitted),
    taps: [
      {
        name: TAP,
        kind: 'residual',
        perEquipment: true,
        dimensions: reduction.matrix.columns,
        components: driller.components.length,
      },
    ],
    tasks: [{ name: 'fault', tap: TAP, output: peepholeOutput(TAP, 'fault'), classes }],
    quality: {
      calibrationCases: input.cases.length,
      detectedCases: detected.length,
      temperature: driller.temperature,
      sharpness,
      casesByClass: Object.fromEntries(
        faults.map((fault, index) => [fault, detected.filter(({ item }) => item.fault === index).length]),
      ),
    },
  };
};

/** Scores of windows by a graph that ends at the score. */
const scoresOf = async (
  input: EquipmentInput,
  model: Uint8Array,
  windows: readonly Window[],
): Promise<Float64Array> => {
  const session = await input.openGraph(model);
  const outputs = await runAll(
    session,
    windows.map(({ values }) => values),
    input.layout.parameters,
    input.layout.frames,
    (done) => {
      input.report('scoring nominal windows kept apart', done / windows.length);
    },
  );
  await session.close();
  return Float64Array.from(outputs[GRAPH.score] ?? []);
};

/** The p-value table holds at most this many scores: finer than a reader's trust, small enough to compare in microseconds. */
const TABLE = 1000;

/** Calibration scores, thinned to evenly spaced order statistics that keep the highest. */
export const conformalTable = (scores: Float64Array): Float64Array => {
  const sorted = scores.slice().sort();
  if (sorted.length <= TABLE) return sorted;
  return Float64Array.from(
    { length: TABLE },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / (TABLE - 1))] as number,
  );
};

/** With few windows for many samples the inverse needs more support than `RIDGE` gives. */
const ridgeFor = (windows: number, { parameters, frames }: Layout): number => {
  const ratio = windows / (parameters * frames);
  return ratio >= 5 ? RIDGE : ratio >= 2 ? 1e-4 : ratio >= 1 ? 1e-3 : 1e-2;
};
