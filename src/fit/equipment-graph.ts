/**
 * The graph of the equipment method, whole or up to where something still has to be fitted: without heads it ends at the filled window and the
 * corevector features, without drillers at the score.
 */
import { GRAPH, headDeviation, peepholeOutput, type TapInfo, type TaskInfo } from '../domain/manifest';
import type { Driller } from './driller';
import {
  buildResidualScore,
  buildResidualViews,
  buildWhitenedResidual,
  buildWindowEvidence,
  type WindowEvidence,
} from './graph/conditional';
import { buildFront, standardiseSamples, type DetectorPart, type Front, type Scaling } from './graph/front';
import { besideNominal, buildExperts, buildFused, type JointTap } from './graph/fusion';
import { joinedOf, outputJoined, type JoinedHeads } from './graph/joined';
import { buildPeephole } from './graph/peephole';
import { buildPValue } from './graph/score';
import { buildShapeFeatures, isEnergyFeature } from './graph/shape-features';
import { buildTemplateFeatures, buildUnitTensors, unboundedFeatures } from './graph/template-features';
import { buildUnitEvidence, buildUnitPosterior, viewNames, type UnitLogit } from './graph/unit-evidence';
import { SUMMARIES } from '../core/telemetry/summaries';
import { buildContext } from './graph/context';
import type { SlowEvidence } from './graph/heads';
import { buildOwnPast } from './graph/own-past';
import type { OwnPastHeads } from './own-past/fit-own-past';
import { buildJudgement, withHeadViews } from './graph/judgement';
import type { Heads } from './heads/fit-heads';
import type { Layout } from './layout';
import type { Reduction } from './math/discriminant';
import { GraphBuilder } from './onnx/graph-builder';
import type { ConditionalModel } from './precision';
import type { TemplateBank } from './templates';
import { jointTable, peepholeClasses, peepholeTable, type WholeDriller } from './whole-driller';

/** Taps that one driller serves for all equipments: deviations of the window itself, and of the detector's residual. */
export const SHARED_TAPS = ['residual', 'detector-residual'] as const;
export type SharedTap = (typeof SHARED_TAPS)[number];
/** The verdict of all taps together. */
export const FUSED = 'fused';
/** Surprise at which a window is as likely faulted as nominal: one nominal window in a thousand looks like this. */
const EVEN_ODDS = 3;
/** Names of inner tensors published for fitting. */
export const FILLED = 'filled';
export const CONTEXT = 'context';
export const RESIDUAL = 'residual';
export const UNIT_EVIDENCE = 'unit-evidence';
export const EXPERTS = 'experts';
export const featuresOf = (tap: SharedTap): string => `features/${tap}`;
export const corevectorOf = (tap: string): string => `corevector/${tap}`;

/** A tap on the whole window whose driller tells unit and fault at once. */
export interface WholeTap {
  readonly name: string;
  readonly kind: TapInfo['kind'];
  /** Length of the corevector. */
  readonly width: number;
  /** Adds its nodes: [n, width]. */
  readonly build: (g: GraphBuilder, at: TapContext) => string;
}

/** What taps on the whole window can start from. */
export interface TapContext {
  readonly front: Front;
  readonly window: WindowEvidence;
  /** [n, parameters * frames]. */
  readonly standardised: string;
  readonly slow: readonly SlowEvidence[];
}

export interface Parts {
  readonly layout: Layout;
  readonly scaling: Scaling;
  readonly detector: DetectorPart;
  readonly linear: ConditionalModel;
  readonly residual: ConditionalModel;
  readonly faults: readonly string[];
  readonly shared: readonly SharedTap[];
  readonly bank: TemplateBank;
  readonly whole: readonly WholeTap[];
  /** Left out while they are still to be fitted. */
  readonly heads?: Heads;
  /** Left out where the recordings are too short to judge parameters by their own past. */
  readonly ownPast?: OwnPastHeads | undefined;
}

export interface SharedDriller {
  readonly tap: SharedTap;
  readonly reduction: Reduction;
  /** Features count up to these values: a fault larger than any learnt one is still the fault it looks like. */
  readonly caps: Float64Array;
  readonly driller: Driller;
}

export interface Fitted {
  readonly conformal: Float64Array;
  readonly drillers: readonly SharedDriller[];
  readonly unitLogit: UnitLogit;
  /** In the order of the whole taps. */
  readonly wholeDrillers: readonly WholeDriller[];
  /** Exponents of the experts: the unit, the kind at each shared tap, each whole tap. */
  readonly fusion: Float64Array;
  /** Adds further peepholes, of weight layers or whole windows. */
  readonly more: (g: GraphBuilder, front: Front) => void;
}

/** Corevector of a tap: capped features, reduced. */
const buildCorevector = (
  g: GraphBuilder,
  features: string,
  { mean, matrix }: Reduction,
  hint: string,
  caps?: Float64Array,
): string => {
  const bias = new Float64Array(matrix.columns);
  for (let i = 0; i < matrix.rows; i += 1)
    for (let j = 0; j < matrix.columns; j += 1)
      bias[j] = (bias[j] as number) - (mean[i] as number) * (matrix.data[i * matrix.columns + j] as number);
  const capped =
    caps === undefined ? features : g.node('Min', [features, g.constant(`${hint}/caps`, caps, [1, caps.length])]);
  return g.gemm(
    capped,
    g.constant(`${hint}/reduction`, matrix.data, [matrix.rows, matrix.columns]),
    g.constant(`${hint}/reduction/bias`, bias, [matrix.columns]),
  );
};

/** Which features of a shared tap grow without bound with the size of a fault. */
export const unboundedOf = (tap: SharedTap, layout: Layout, width: number): boolean[] => {
  const own = tap === 'residual' ? unboundedFeatures(layout) : [];
  return Array.from({ length: width }, (_, index) => {
    const fromShape = width - own.length;
    return index < fromShape ? isEnergyFeature(index) : (own[index - fromShape] ?? false);
  });
};

/** What the joined output holds of the heads. */
export const joinedHeads = ({ heads, ownPast }: Pick<Parts, 'heads' | 'ownPast'>): JoinedHeads => ({
  names: heads?.names ?? [],
  ...(ownPast && { ownPast: ownPast.spec.heads.length * ownPast.spec.parameters.length }),
});

/** Tasks of the taps, the one a verdict is read from first. */
export const tasksOf = ({ shared, faults, whole }: Pick<Parts, 'shared' | 'faults' | 'whole'>): TaskInfo[] =>
  [FUSED, ...shared, ...whole.map(({ name }) => name)].map((tap) => ({
    name: 'fault',
    tap,
    output: peepholeOutput(tap, 'fault'),
    classes: peepholeClasses(faults),
  }));

interface Nodes {
  readonly front: Front;
  /** [n, parameters * SUMMARIES], engineering values. */
  readonly memory: string;
  /** [n, features]. */
  readonly context: string;
  /** [n, parameters * frames]. */
  readonly standardised: string;
  readonly window: WindowEvidence;
  /** [n, units], two of them: of the window, and of the detector's residual. */
  readonly evidence: readonly [string, string];
  /** [n, units, views]. */
  readonly unitEvidence: string;
  readonly features: ReadonlyMap<SharedTap, { readonly features: string; readonly width: number }>;
}

/** Everything that is the same whatever is fitted. */
const buildNodes = (g: GraphBuilder, parts: Parts): Nodes => {
  const { layout, scaling, detector, linear, residual, shared, bank } = parts;
  const { parameters } = layout;
  const memory = g.reshape(g.input(GRAPH.memory, ['n', parameters, SUMMARIES]), [-1, parameters * SUMMARIES]);
  const front = buildFront(g, layout, scaling, { ...detector, fill: linear });
  const window = buildWindowEvidence(g, front.centred, linear, layout);
  const rest = buildWhitenedResidual(g, front.residual, residual, layout);
  const residualScore = buildResidualScore(g, rest, layout);
  const standardised = standardiseSamples(g, front.centred);
  const units = buildUnitTensors(g, standardised, window, layout, bank);
  const features = new Map(
    shared.map((tap) => {
      if (tap !== 'residual')
        return [tap, buildShapeFeatures(g, buildResidualViews(g, rest, layout), layout, `shape/${tap}`)];
      const shapes = buildShapeFeatures(g, window, layout, `shape/${tap}`);
      const matched = buildTemplateFeatures(g, units, layout, bank);
      return [tap, { features: g.concat([shapes.features, matched.features], 1), width: shapes.width + matched.width }];
    }),
  );
  return {
    front,
    memory,
    context: buildContext(g, { standardised, memory }, layout, scaling),
    standardised,
    window,
    evidence: [window.groupScore, residualScore],
    unitEvidence: buildUnitEvidence(g, window, units, [{ name: RESIDUAL_VIEW, tensor: residualScore }], layout),
    features,
  };
};

/** Heads that the isolation sees beside the window. */
const RESIDUAL_VIEW = 'detector-residual';
/** Views of the isolation: those of the window, and the evidence of every head but the window's own. */
export const unitViews = (heads: Heads | undefined): readonly string[] =>
  viewNames([RESIDUAL_VIEW, ...(heads?.names.slice(1) ?? [])]);

/** Joint posteriors of the taps and their logarithms side by side, as the fusion takes them. */
const buildTaps = (
  g: GraphBuilder,
  { layout, shared, whole, faults }: Parts,
  nodes: Pick<Nodes, 'features'> & { readonly unitEvidence: string; readonly corevectors: readonly string[] },
  { drillers, unitLogit, wholeDrillers }: Pick<Fitted, 'drillers' | 'unitLogit' | 'wholeDrillers'>,
) => {
  const [units, columns] = [layout.groups.length, faults.length + 1];
  const options = units * columns;
  const whose = buildUnitPosterior(g, nodes.unitEvidence, unitLogit, units);
  const kinds = shared.flatMap((tap): JointTap[] => {
    const source = nodes.features.get(tap);
    const own = drillers.find((driller) => driller.tap === tap);
    if (source === undefined || own === undefined) return [];
    const corevector = buildCorevector(g, source.features, own.reduction, tap, own.caps);
    return [{ name: tap, joint: g.reshape(buildPeephole(g, corevector, own.driller, tap), [-1, options]) }];
  });
  const wholes = whole.flatMap(({ name }, index) => {
    const own = wholeDrillers[index];
    const corevector = nodes.corevectors[index];
    if (own === undefined || corevector === undefined) return [];
    const posterior = buildPeephole(g, buildCorevector(g, corevector, own.reduction, name), own.driller, name);
    const table = jointTable(own, layout, faults.length);
    const shown = peepholeTable(own, layout, faults.length);
    const hold = (hint: string, { data, rows, columns: width }: typeof table): string =>
      g.constant(`${name}/${hint}`, data, [rows, width]);
    return [
      {
        name,
        joint: g.matmul(posterior, hold('joint', table)),
        peephole: g.gemm(
          posterior,
          hold('shown', shown.table),
          g.constant(`${name}/shown/bias`, shown.bias, [shown.bias.length]),
        ),
      },
    ];
  });
  const [first, ...others] = kinds;
  const experts = buildExperts(g, whose, first?.joint ?? whose, [...others, ...wholes], { units, columns });
  return { whose, kinds, wholes, experts };
};

export const buildEquipmentGraph = (parts: Parts, fitted: Partial<Fitted>): Uint8Array => {
  const { layout, scaling, detector, linear, faults, whole } = parts;
  const { parameters, frames, groups } = layout;
  const g = new GraphBuilder(detector.graph.opset);
  const nodes = buildNodes(g, parts);
  const { front, window } = nodes;
  const { heads } = parts;
  if (heads === undefined) {
    g.output(FILLED, nodes.standardised, ['n', parameters * frames]);
    g.output(CONTEXT, nodes.context, ['n', 'features']);
    g.output(RESIDUAL, standardiseSamples(g, front.residual), ['n', parameters * frames]);
    return g.build('peephole-fdir');
  }
  const { evidence, score, slow } = buildJudgement(g, parts, nodes, heads);
  const unitEvidence = withHeadViews(g, { unitEvidence: nodes.unitEvidence, evidence: evidence }, heads, layout);
  const corevectors = whole.map((tap) => tap.build(g, { front, window, standardised: nodes.standardised, slow }));

  if (fitted.drillers === undefined || fitted.unitLogit === undefined || fitted.wholeDrillers === undefined) {
    g.output(GRAPH.score, g.reshape(score, [-1]), ['n']);
    for (const [tap, { features: tensor, width }] of nodes.features)
      g.output(featuresOf(tap), g.reshape(tensor, [-1, groups.length, width]), ['n', groups.length, width]);
    whole.forEach(({ name, width }, index) => {
      g.output(corevectorOf(name), corevectors[index] ?? '', ['n', width]);
    });
    g.output(UNIT_EVIDENCE, unitEvidence, ['n', groups.length, unitViews(heads).length]);
    return g.build('peephole-fdir');
  }
  const taps = buildTaps(
    g,
    parts,
    { unitEvidence, corevectors, features: nodes.features },
    {
      drillers: fitted.drillers,
      unitLogit: fitted.unitLogit,
      wholeDrillers: fitted.wholeDrillers,
    },
  );
  const [units, columns] = [groups.length, faults.length + 1];
  if (fitted.conformal === undefined || fitted.fusion === undefined) {
    g.output(EXPERTS, taps.experts, ['n', units * columns, 2 + taps.kinds.length - 1 + taps.wholes.length]);
    return g.build('peephole-fdir');
  }
  // Deviations are in nominal standard deviations; engineering values are wanted beside them.
  const perSigma = linear.sigma.map((value, index) => value * (scaling.std[Math.floor(index / frames)] as number));
  const off = g.mul(window.deviation, g.constant('sigma', perSigma, [1, parameters * frames]));
  // Whether at all, then whose and which.
  const odds = g.gemm(
    score,
    g.constant('decades', [Math.LN10], [1, 1]),
    g.constant('even-odds', [-EVEN_ODDS * Math.LN10], [1]),
  );
  const faulty = g.sigmoid(odds);
  const size = { units, columns };
  const whoseOf = g.reshape(taps.whose, [-1, units, 1]);
  const peepholes = [
    [FUSED, besideNominal(g, buildFused(g, taps.experts, fitted.fusion, units * columns), faulty, size)],
    ...taps.kinds.map(({ name, joint }) => {
      const own_ = g.reshape(g.mul(g.reshape(joint, [-1, units, columns]), whoseOf), [-1, units * columns]);
      return [name, besideNominal(g, own_, faulty, size)];
    }),
    ...taps.wholes.map(({ name, peephole }) => [name, peephole]),
  ].map(([tap = '', tensor = '']) => [peepholeOutput(tap, 'fault'), tensor]);
  outputJoined(
    g,
    layout,
    joinedOf(layout, tasksOf(parts), joinedHeads(parts)),
    {
      [GRAPH.reconstruction]: front.flatReconstruction,
      [GRAPH.score]: score,
      [GRAPH.pValue]: buildPValue(g, score, fitted.conformal),
      [GRAPH.expected]: g.sub(front.window, off),
      [GRAPH.deviation]: window.deviation,
      [GRAPH.parameterScore]: window.parameterScore,
      [GRAPH.equipmentScore]: window.groupScore,
      [GRAPH.evidence]: evidence,
      ...(parts.ownPast && { [GRAPH.ownPast]: buildOwnPast(g, nodes, parts.ownPast, { layout, scaling }) }),
      ...Object.fromEntries(slow.map(({ name, deviation }) => [headDeviation(name), deviation])),
      ...Object.fromEntries(peepholes),
    },
    { [GRAPH.reconstruction]: front.reconstruction },
  );
  fitted.more?.(g, front);
  return g.build('peephole-fdir');
};
