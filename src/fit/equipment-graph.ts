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
import { buildPeephole } from './graph/peephole';
import { buildPValue, buildScore } from './graph/score';
import { buildShapeFeatures } from './graph/shape-features';
import type { Layout } from './layout';
import { dense, type Dense } from './math/dense';
import type { Reduction } from './math/discriminant';
import { GraphBuilder } from './onnx/graph-builder';
import type { ConditionalModel } from './precision';
import { EVIDENCE_FLOOR, type SurpriseCurve } from './surprise';

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

/** Posteriors of all drillers over [faults, unknown], items by classes; and their pool; each times `last`. */
const buildKinds = (
  g: GraphBuilder,
  features: ReadonlyMap<SharedTap, { features: string; width: number }>,
  drillers: readonly SharedDriller[],
  last: Dense,
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
    const widen = g.constant('kinds/widen', last.data, [last.rows, last.columns]);
    for (const [tap, tensor] of kinds) kinds.set(tap, g.matmul(tensor, widen));
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
  const window = buildWindowEvidence(g, front.scaled, linear, layout);
  const rest = buildWhitenedResidual(g, front.residual, residual, layout);
  const features = new Map(
    shared.map((tap) => [
      tap,
      buildShapeFeatures(g, tap === 'residual' ? window : buildResidualViews(g, rest, layout), layout, `shape/${tap}`),
    ]),
  );
  // Each kind of evidence is that against the most suspect equipment: [n, kinds].
  const both = g.concat([window.groupScore, buildResidualScore(g, rest, layout)], 1);
  const most = groups.length === 1 ? both : g.reduceMax(g.reshape(both, [-1, 2, groups.length]), [2]);
  const others = loose(layout);
  const own = (): string => {
    const perSample = g.mul(g.gather(window.parameterScore, 1, others), g.constant('per-frame', [1 / frames], [1]));
    return g.add(g.reduceMax(perSample, [1], true), g.constant('loose-floor', [EVIDENCE_FLOOR], [1]));
  };
  const evidence = others.length === 0 ? most : g.concat([most, own()], 1);

  // Deviations are in nominal standard deviations; engineering values are wanted beside them.
  const units = linear.sigma.map((value, index) => value * (scaling.std[Math.floor(index / frames)] as number));
  const off = g.mul(window.deviation, g.constant('sigma', units, [1, parameters, frames]));
  g.output(GRAPH.reconstruction, front.reconstruction, ['n', parameters, frames]);
  g.output(GRAPH.expected, g.sub(front.window, off), ['n', parameters, frames]);
  g.output(GRAPH.deviation, window.deviation, ['n', parameters, frames]);
  g.output(GRAPH.parameterScore, window.parameterScore, ['n', parameters]);
  g.output(GRAPH.equipmentScore, window.groupScore, ['n', groups.length]);
  if (fitted.curves === undefined) {
    for (const [tap, { features: tensor, width }] of features)
      g.output(featuresOf(tap), g.reshape(tensor, [-1, groups.length, width]), ['n', groups.length, width]);
    g.output(EVIDENCE, evidence, ['n', kindsOf(layout)]);
    return g.build('peephole-fdir');
  }

  const score = buildScore(g, evidence, fitted.curves);
  g.output(GRAPH.score, g.reshape(score, [-1]), ['n']);
  if (fitted.conformal !== undefined) g.output(GRAPH.pValue, buildPValue(g, score, fitted.conformal), ['n']);
  if (fitted.drillers === undefined || fitted.sharpness === undefined) return g.build('peephole-fdir');

  // Whether at all, then whose, then which: f = P(anomalous) P(equipment), and f P(fault | equipment) beside 1 - f for nominal.
  // With -1 in the first column of the kinds, both are the one product f (kinds) + (1, 0, ..., 0).
  const classes = faults.length + 2;
  const odds = g.gemm(
    score,
    g.constant('decades', [Math.LN10], [1, 1]),
    g.constant('even-odds', [-EVEN_ODDS * Math.LN10], [1]),
  );
  const whose = g.softmax(g.mul(g.log(window.groupScore), g.constant('sharpness', [fitted.sharpness], [1])), 1);
  const faulty = g.reshape(g.mul(whose, g.sigmoid(odds)), [-1, groups.length, 1]);
  const nominal = g.constant(
    'nominal',
    Float64Array.from({ length: classes }, (_, index) => (index === 0 ? 1 : 0)),
    [1, 1, classes],
  );
  const shift = dense(classes - 1, classes);
  for (let k = 0; k < classes - 1; k += 1) {
    shift.data[k * classes] = -1;
    shift.data[k * classes + k + 1] = 1;
  }
  for (const [tap, kinds] of buildKinds(g, features, fitted.drillers, shift)) {
    const wide = g.reshape(kinds, [-1, groups.length, classes]);
    g.output(peepholeOutput(tap, 'fault'), g.add(g.mul(wide, faulty), nominal), ['n', groups.length, classes]);
  }
  fitted.more?.(g, front);
  return g.build('peephole-fdir');
};
