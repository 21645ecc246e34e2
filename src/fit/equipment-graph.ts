/**
 * The graph of the equipment method. A fit builds it up to where the next thing is fitted, several times. These graphs end at
 * the filled window, the features that taught faults change, the evidence of the heads, the experts, and the package.
 */
import { SUMMARIES } from '../core/telemetry/summaries';
import { GRAPH, headDeviation, peepholeOutput } from '../domain/manifest';
import {
  CONTEXT,
  corevectorOf,
  EXPERTS,
  FEATURES,
  featuresOf,
  FILLED,
  FUSED,
  REMEMBERED,
  joinedHeads,
  RESIDUAL,
  RESIDUAL_VIEW,
  tasksOf,
  UNIT_EVIDENCE,
  unitViews,
  type FittedPackage,
  type FittedTaps,
  type JudgingParts,
  type GraphParts,
} from './equipment-parts';
import {
  buildWhitenedScore,
  buildResidualViews,
  buildWhitenedResidual,
  buildWindowEvidence,
  type WindowEvidence,
} from './graph/conditional';
import { buildContext } from './graph/context';
import { buildFront, buildRemembered, standardiseSamples, type Front } from './graph/front';
import { besideNominal, buildFused } from './graph/fusion';
import type { SlowEvidence } from './graph/heads';
import { joinedOf, outputJoined } from './graph/joined';
import { buildJudgement, headViews, withViews } from './graph/judgement';
import { buildOwnPast, buildOwnPastViews, type OwnPastNodes } from './graph/own-past';
import { buildPValue } from './graph/score';
import { buildShapeFeatures } from './graph/shape-features';
import { buildTemplateFeatures, buildUnitTensors } from './graph/template-features';
import { buildSignature } from './graph/signature';
import { buildUnitEvidence } from './graph/unit-evidence';
import { buildJointTaps, type JointTaps, type TapNodes } from './joint-taps';
import { GraphBuilder } from './onnx/graph-builder';

/** The producer that the graph names. */
const PRODUCER = 'peephole-fdir';
/** Surprise at which a window is as likely faulted as nominal: one nominal window in a thousand looks like this. */
const EVEN_ODDS = 3;
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
  readonly features: TapNodes['features'];
  /** [n, parameters * SIGNATURE_FEATURES]; of packages that labelled passes teach. */
  readonly signature: string | undefined;
}

/** Everything that is the same whatever is fitted. */
const buildNodes = (g: GraphBuilder, parts: GraphParts): Nodes => {
  const { layout, scaling, detector, linear, residual, shared, bank } = parts;
  const { parameters } = layout;
  const given = g.reshape(g.input(GRAPH.memory, ['n', parameters, SUMMARIES]), [-1, parameters * SUMMARIES]);
  const front = buildFront(g, layout, scaling, { ...detector, fill: linear });
  const memory = buildRemembered(g, given, front.inferred, layout);
  const window = buildWindowEvidence(g, front.centred, linear, layout);
  const rest = buildWhitenedResidual(g, front.residual, residual, layout);
  const residualScore = buildWhitenedScore(g, rest, layout);
  const standardised = standardiseSamples(g, front.centred);
  const units = buildUnitTensors(g, { standardised, window }, layout, bank);
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
    signature: parts.isTaught ? buildSignature(g, standardised, window.deviation, layout) : undefined,
    unitEvidence: buildUnitEvidence(g, { window, units }, [{ name: RESIDUAL_VIEW, tensor: residualScore }], layout),
    features,
  };
};

/** Nominal windows as the heads see them: missing samples inferred, the features of their context, and what the detector leaves. */
export const buildFilledGraph = (parts: GraphParts): Uint8Array => {
  const { parameters, frames } = parts.layout;
  const g = new GraphBuilder(parts.detector.graph.opset);
  const { front, standardised, context, memory } = buildNodes(g, parts);
  g.output(REMEMBERED, memory, ['n', parameters * SUMMARIES]);
  g.output(FILLED, standardised, ['n', parameters * frames]);
  g.output(CONTEXT, context, ['n', 'features']);
  g.output(RESIDUAL, standardiseSamples(g, front.residual), ['n', parameters * frames]);
  return g.build(PRODUCER);
};

/** What windows look like to the head of taught faults. */
export const buildFeaturesGraph = (parts: GraphParts): Uint8Array => {
  const g = new GraphBuilder(parts.detector.graph.opset);
  g.output(FEATURES, buildNodes(g, parts).signature ?? '', ['n', 'features']);
  return g.build(PRODUCER);
};

/** The nodes that judge: evidence of all heads, and what the taps start from. */
interface JudgedNodes extends Nodes, TapNodes {
  /** [n, heads * units], on one scale. */
  readonly headEvidence: string;
  /** [n, 1]. */
  readonly score: string;
  readonly slow: readonly SlowEvidence[];
  readonly past: OwnPastNodes | undefined;
}

const buildJudged = (g: GraphBuilder, parts: JudgingParts): JudgedNodes => {
  const { layout, scaling, heads, whole, ownPast } = parts;
  const nodes = buildNodes(g, parts);
  const { evidence: headEvidence, score, slow } = buildJudgement(g, parts, nodes, heads);
  const past = ownPast && buildOwnPast(g, nodes, ownPast, { layout, scaling });
  const views = headViews(g, headEvidence, heads, layout);
  if (ownPast && past) views.push(...buildOwnPastViews(g, past, ownPast, { ...nodes, layout }));
  const unitEvidence = withViews(g, nodes.unitEvidence, views, layout);
  const corevectors = whole.map((tap) => tap.build(g, { ...nodes, slow, past }));
  return { ...nodes, headEvidence, score, slow, past, unitEvidence, corevectors };
};

/** The evidence against each unit, and the corevectors of the whole taps. */
const outputUnits = (
  g: GraphBuilder,
  { layout, whole, ...parts }: JudgingParts,
  { unitEvidence, corevectors }: Pick<JudgedNodes, 'unitEvidence' | 'corevectors'>,
): void => {
  g.output(UNIT_EVIDENCE, unitEvidence, ['n', layout.groups.length, unitViews(parts).length]);
  whole.forEach(({ name, width }, index) => {
    g.output(corevectorOf(name), corevectors[index] ?? '', ['n', width]);
  });
};

/** What the drillers are fitted on of nominal windows. */
export const buildNominalGraph = (parts: JudgingParts): Uint8Array => {
  const g = new GraphBuilder(parts.detector.graph.opset);
  outputUnits(g, parts, buildJudged(g, parts));
  return g.build(PRODUCER);
};

/** The same of the cases, with the features of the shared taps; and the score, and what every head says. */
export const buildProbeGraph = (parts: JudgingParts): Uint8Array => {
  const { layout } = parts;
  const units = layout.groups.length;
  const g = new GraphBuilder(parts.detector.graph.opset);
  const nodes = buildJudged(g, parts);
  outputUnits(g, parts, nodes);
  g.output(GRAPH.score, g.reshape(nodes.score, [-1]), ['n']);
  g.output(GRAPH.evidence, nodes.headEvidence, ['n', 'evidence']);
  if (nodes.past) g.output(GRAPH.ownPast, nodes.past.signals, ['n', 'signals']);
  for (const [tap, { features: tensor, width }] of nodes.features)
    g.output(featuresOf(tap), g.reshape(tensor, [-1, units, width]), ['n', units, width]);
  return g.build(PRODUCER);
};

/** Logarithms of the posteriors of all taps side by side: what their fusion is fitted on. */
export const buildExpertsGraph = (parts: JudgingParts, fitted: FittedTaps): Uint8Array => {
  const g = new GraphBuilder(parts.detector.graph.opset);
  const { experts, kinds, wholes } = buildJointTaps(g, parts, buildJudged(g, parts), fitted);
  const options = parts.layout.groups.length * (parts.faults.length + 1);
  g.output(EXPERTS, experts, ['n', options, 2 + kinds.length - 1 + wholes.length]);
  return g.build(PRODUCER);
};

/** The peephole of each tap by the name of its output, the fused one first. */
const buildPeepholes = (
  g: GraphBuilder,
  score: string,
  taps: JointTaps,
  { fusion, units, columns }: Pick<FittedPackage, 'fusion'> & { readonly units: number; readonly columns: number },
): Readonly<Record<string, string>> => {
  // Whether at all, then whose and which.
  const odds = g.gemm(
    score,
    g.constant('decades', [Math.LN10], [1, 1]),
    g.constant('even-odds', [-EVEN_ODDS * Math.LN10], [1]),
  );
  const faulty = g.sigmoid(odds);
  const size = { units, columns };
  const whose = g.reshape(taps.whose, [-1, units, 1]);
  const peepholes = [
    [FUSED, besideNominal(g, buildFused(g, taps.experts, fusion, units * columns), faulty, size)],
    ...taps.kinds.map(({ name, joint }) => {
      const own = g.reshape(g.mul(g.reshape(joint, [-1, units, columns]), whose), [-1, units * columns]);
      return [name, besideNominal(g, own, faulty, size)];
    }),
    ...taps.wholes.map(({ name, peephole }) => [name, peephole]),
  ];
  return Object.fromEntries(peepholes.map(([tap = '', tensor = '']) => [peepholeOutput(tap, 'fault'), tensor]));
};

/** The graph of the package. */
export const buildPackageGraph = (parts: JudgingParts, fitted: FittedPackage): Uint8Array => {
  const { layout, scaling, linear, faults } = parts;
  const { parameters, frames, groups } = layout;
  const g = new GraphBuilder(parts.detector.graph.opset);
  const nodes = buildJudged(g, parts);
  const { front, window, score, slow, past } = nodes;
  const taps = buildJointTaps(g, parts, nodes, fitted);
  // Deviations are in nominal standard deviations; engineering values are wanted beside them.
  const perSigma = linear.sigma.map((value, index) => value * (scaling.std[Math.floor(index / frames)] as number));
  const off = g.mul(window.deviation, g.constant('sigma', perSigma, [1, parameters * frames]));
  const size = { fusion: fitted.fusion, units: groups.length, columns: faults.length + 1 };
  const peepholes = buildPeepholes(g, score, taps, size);
  outputJoined(g, layout, joinedOf(layout, tasksOf(parts), joinedHeads(parts)), {
    flat: {
      [GRAPH.reconstruction]: front.flatReconstruction,
      [GRAPH.score]: score,
      [GRAPH.pValue]: buildPValue(g, score, fitted.conformal),
      [GRAPH.expected]: g.sub(front.window, off),
      [GRAPH.deviation]: window.deviation,
      [GRAPH.parameterScore]: window.parameterScore,
      [GRAPH.equipmentScore]: window.groupScore,
      [GRAPH.evidence]: nodes.headEvidence,
      ...(past && { [GRAPH.ownPast]: past.signals }),
      ...Object.fromEntries(slow.map(({ name, deviation }) => [headDeviation(name), deviation])),
      ...peepholes,
    },
    shaped: { [GRAPH.reconstruction]: front.reconstruction },
  });
  fitted.more(g, front);
  return g.build(PRODUCER);
};
