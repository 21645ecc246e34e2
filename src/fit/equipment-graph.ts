/**
 * The graph of the equipment method, whole or up to where something still has to be fitted: without `curves` it ends at evidence and
 * corevector features, without drillers at the score.
 */
import { NOMINAL, UNKNOWN } from '../domain/explanation';
import { GRAPH, peepholeOutput, type TaskInfo } from '../domain/manifest';
import type { Driller } from './driller';
import {
  buildResidualScore,
  buildResidualViews,
  buildWhitenedResidual,
  buildWindowEvidence,
} from './graph/conditional';
import { buildFront, type DetectorPart, type Front, type Scaling } from './graph/front';
import { joinedOf, outputJoined } from './graph/joined';
import { buildPeephole, type Last } from './graph/peephole';
import { buildPValue, buildScore } from './graph/score';
import { buildShapeFeatures } from './graph/shape-features';
import type { Layout } from './layout';
import { dense } from './math/dense';
import type { Reduction } from './math/discriminant';
import { GraphBuilder } from './onnx/graph-builder';
import type { ConditionalModel } from './precision';
import { EVIDENCE_FLOOR } from '../core/anomaly/surprise';
import type { SurpriseCurve } from './surprise';

/** Taps that one driller serves for all equipments: deviations of the window itself, and of the detector's residual. */
export const SHARED_TAPS = ['residual', 'detector-residual'] as const;
export type SharedTap = (typeof SHARED_TAPS)[number];
/** The pool of several shared taps. */
export const FUSED = 'fused';
/** Surprise at which a window is as likely faulted as nominal: one nominal window in a thousand looks like this. */
const EVEN_ODDS = 3;
/** Parameters that belong to no equipment although others do; they are evidence of their own. */
const loose = ({ parameters, groups }: Layout): number[] => {
  const grouped = new Set(groups.flat());
  return Array.from({ length: parameters }, (_, index) => index).filter((index) => !grouped.has(index));
};

/** Kinds of evidence: of the window itself, of the detector's residual, and of parameters without equipment where there are any. */
export const kindsOf = (layout: Layout): number => (loose(layout).length > 0 ? 3 : 2);

/** Which of them is the detector's residual. */
export const RESIDUAL_KIND = 1;

/** Names of inner tensors published for fitting. */
export const EVIDENCE = 'evidence';
export const featuresOf = (tap: SharedTap): string => `features/${tap}`;

export interface Parts {
  readonly layout: Layout;
  readonly scaling: Scaling;
  readonly detector: DetectorPart;
  readonly linear: ConditionalModel;
  readonly residual: ConditionalModel;
  readonly faults: readonly string[];
  readonly shared: readonly SharedTap[];
}

export interface SharedDriller {
  readonly tap: SharedTap;
  readonly reduction: Reduction;
  /** Features count up to these values: a fault larger than any learnt one is still the fault it looks like. */
  readonly caps: Float64Array;
  readonly driller: Driller;
  /** Exponent of this tap's posterior in the pool of all shared taps; 1 when it is the only one. */
  readonly weight: number;
}

export interface Fitted {
  readonly curves: readonly SurpriseCurve[];
  readonly conformal: Float64Array;
  readonly drillers: readonly SharedDriller[];
  /** Exponent of the group evidence in the posterior over equipments. */
  readonly sharpness: number;
  /** Adds further peepholes, of weight layers or whole windows. */
  readonly more: (g: GraphBuilder, front: Front) => void;
}

const POOL_FLOOR = 1e-6;

/** Posteriors of all drillers over [faults, unknown], items by classes; and their pool; each taken on as `last` says. */
const buildKinds = (
  g: GraphBuilder,
  features: ReadonlyMap<SharedTap, { features: string; width: number }>,
  drillers: readonly SharedDriller[],
  last: Last,
): ReadonlyMap<string, string> => {
  const kinds = new Map<string, string>();
  for (const { tap, reduction, caps, driller } of drillers) {
    const source = features.get(tap);
    if (source === undefined) continue;
    const { mean, matrix } = reduction;
    const bias = new Float64Array(matrix.columns);
    for (let i = 0; i < matrix.rows; i += 1)
      for (let j = 0; j < matrix.columns; j += 1)
        bias[j] = (bias[j] as number) - (mean[i] as number) * (matrix.data[i * matrix.columns + j] as number);
    const corevector = g.gemm(
      g.node('Min', [source.features, g.constant(`${tap}/caps`, caps, [1, source.width])]),
      g.constant(`${tap}/reduction`, matrix.data, [matrix.rows, matrix.columns]),
      g.constant(`${tap}/reduction/bias`, bias, [matrix.columns]),
    );
    kinds.set(tap, buildPeephole(g, corevector, driller, tap, drillers.length === 1 ? last : undefined));
  }
  if (drillers.length > 1) {
    const floor = g.constant('pool/floor', [POOL_FLOOR], [1]);
    const logs = drillers.map(({ tap, weight }) =>
      g.mul(g.log(g.add(kinds.get(tap) ?? '', floor)), g.constant(`${tap}/weight`, [weight], [1])),
    );
    kinds.set(
      FUSED,
      g.softmax(
        logs.reduce((sum, item) => g.add(sum, item)),
        1,
      ),
    );
    const { matrix, factor, bias } = last;
    const widen = g.constant('kinds/widen', matrix.data, [matrix.rows, matrix.columns]);
    const shift = g.constant('kinds/widen/bias', bias, [matrix.columns]);
    for (const [tap, tensor] of kinds) kinds.set(tap, g.gemm(g.mul(tensor, factor), widen, shift));
  }
  return kinds;
};

/** Outputs of the shared taps, the one a verdict is read from first. */
export const sharedTasks = (shared: readonly SharedTap[], faults: readonly string[]): TaskInfo[] =>
  [...(shared.length > 1 ? [FUSED] : []), ...shared].map((tap) => ({
    name: 'fault',
    tap,
    output: peepholeOutput(tap, 'fault'),
    classes: [NOMINAL, ...faults, UNKNOWN],
  }));

export const buildEquipmentGraph = (
  { layout, scaling, detector, linear, residual, faults, shared }: Parts,
  fitted: Partial<Fitted>,
): Uint8Array => {
  const { parameters, frames, groups } = layout;
  const g = new GraphBuilder(detector.graph.opset);
  const front = buildFront(g, layout, scaling, detector);
  const window = buildWindowEvidence(g, front.centred, linear, layout);
  const rest = buildWhitenedResidual(g, front.residual, residual, layout);
  const features = new Map(
    shared.map((tap) => [
      tap,
      buildShapeFeatures(g, tap === 'residual' ? window : buildResidualViews(g, rest, layout), layout, `shape/${tap}`),
    ]),
  );
  // Each kind of evidence is that against the most suspect equipment. Logarithms keep the order, so one of all of them serves both
  // the kinds and the equipments.
  const both = g.concat([window.groupScore, buildResidualScore(g, rest, layout)], 1);
  const others = loose(layout);
  const own = (): string => {
    const perSample = g.mul(g.gather(window.parameterScore, 1, others), g.constant('per-frame', [1 / frames], [1]));
    return g.add(g.reduceMax(perSample, [1], true), g.constant('loose-floor', [EVIDENCE_FLOOR], [1]));
  };
  const strongest = (ofGroups: string, take: (tensor: string) => string): string => {
    const most = groups.length === 1 ? ofGroups : g.reduceMax(g.reshape(ofGroups, [-1, 2, groups.length]), [2]);
    return others.length === 0 ? most : g.concat([most, take(own())], 1);
  };

  if (fitted.curves === undefined) {
    for (const [tap, { features: tensor, width }] of features)
      g.output(featuresOf(tap), g.reshape(tensor, [-1, groups.length, width]), ['n', groups.length, width]);
    g.output(
      EVIDENCE,
      strongest(both, (tensor) => tensor),
      ['n', kindsOf(layout)],
    );
    g.output(GRAPH.equipmentScore, window.groupScore, ['n', groups.length]);
    return g.build('peephole-fdir');
  }

  const logs = g.log(both);
  const score = buildScore(
    g,
    strongest(logs, (tensor) => g.log(tensor)),
    fitted.curves,
  );
  if (fitted.conformal === undefined || fitted.drillers === undefined || fitted.sharpness === undefined) {
    g.output(GRAPH.score, g.reshape(score, [-1]), ['n']);
    return g.build('peephole-fdir');
  }
  // Deviations are in nominal standard deviations; engineering values are wanted beside them.
  const units = linear.sigma.map((value, index) => value * (scaling.std[Math.floor(index / frames)] as number));
  const off = g.mul(window.deviation, g.constant('sigma', units, [1, parameters * frames]));
  // Whether at all, then whose, then which: f = P(anomalous) P(equipment), and f P(fault | equipment) beside 1 - f for nominal.
  // With -1 in the first column of the kinds, both are the one product f (kinds) + (1, 0, ..., 0).
  const classes = faults.length + 2;
  const odds = g.gemm(
    score,
    g.constant('decades', [Math.LN10], [1, 1]),
    g.constant('even-odds', [-EVEN_ODDS * Math.LN10], [1]),
  );
  const sharpened = dense(2 * groups.length, groups.length);
  for (let k = 0; k < groups.length; k += 1) sharpened.data[k * groups.length + k] = fitted.sharpness;
  const whose = g.softmax(
    g.matmul(logs, g.constant('sharpness', sharpened.data, [sharpened.rows, sharpened.columns])),
    1,
  );
  const faulty = g.reshape(g.mul(whose, g.sigmoid(odds)), [-1, 1]);
  const matrix = dense(classes - 1, classes);
  for (let k = 0; k < classes - 1; k += 1) {
    matrix.data[k * classes] = -1;
    matrix.data[k * classes + k + 1] = 1;
  }
  const bias = Float64Array.from({ length: classes }, (_, index) => (index === 0 ? 1 : 0));
  const peepholes = [...buildKinds(g, features, fitted.drillers, { factor: faulty, matrix, bias })].map(
    ([tap, kinds]) => [peepholeOutput(tap, 'fault'), g.reshape(kinds, [-1, groups.length * classes])],
  );
  outputJoined(
    g,
    layout,
    joinedOf(layout, sharedTasks(shared, faults)),
    {
      [GRAPH.reconstruction]: front.flatReconstruction,
      [GRAPH.score]: score,
      [GRAPH.pValue]: buildPValue(g, score, fitted.conformal),
      [GRAPH.expected]: g.sub(front.window, off),
      [GRAPH.deviation]: window.deviation,
      [GRAPH.parameterScore]: window.parameterScore,
      [GRAPH.equipmentScore]: window.groupScore,
      ...Object.fromEntries(peepholes),
    },
    { [GRAPH.reconstruction]: front.reconstruction },
  );
  fitted.more?.(g, front);
  return g.build('peephole-fdir');
};
