/**
 * Nodes of the isolation: several views of how far each unit is to blame, in logarithms. A conditional logit makes of them the posterior
 * over units.
 *
 * Three things speak against a unit: without it the rest is consistent, one of its parameters carries the evidence, or its values stand
 * out. None of these alone decides between like units.
 */
import type { Layout } from '../layout';
import type { GraphBuilder } from '../onnx/graph-builder';
import type { WindowEvidence } from './conditional';
import type { UnitTensors } from './template-features';

/** Further evidence against each unit: [n, units], at least the evidence floor. */
export interface UnitHead {
  readonly name: string;
  readonly tensor: string;
}

/** Views of the window itself; the heads follow, one each. */
export const WINDOW_VIEWS = ['leave-out', 'parameter', 'rest', 'behind', 'share', 'repeats'] as const;

/** A unit that deviates less than this is as little to blame as one that does not deviate at all. */
const VIEW_FLOOR = 0.02;

/** Weights without any calibration case: blame what is far off and whose absence heals the rest. */
const PRIOR_WEIGHTS = [0.5, 0.5, -0.5, 0, 0, 0] as const;

/** What is left without a unit speaks for it, as does how much more than the least that is; all else speaks against it. */
export const viewSigns = (views: readonly string[]): (1 | -1)[] =>
  views.map((name) => (name === 'rest' || name === 'behind' ? -1 : 1));

export const viewNames = (heads: readonly string[]): readonly string[] => [...WINDOW_VIEWS, ...heads];
export const priorWeights = (heads: number): number[] => [...PRIOR_WEIGHTS, ...new Array<number>(heads).fill(0)];

/** [n, units, views]: logarithms. */
export const buildUnitEvidence = (
  g: GraphBuilder,
  evidence: { readonly window: WindowEvidence; readonly units: UnitTensors },
  heads: readonly UnitHead[],
  layout: Layout,
): string => {
  const { parameterScore, groupScore } = evidence.window;
  const { window, distance, repeats } = evidence.units;
  const { groups, frames } = layout;
  const units = groups.length;
  const channels = Math.max(...groups.map(({ length }) => length));
  const floor = g.constant('unit/floor', [VIEW_FLOOR], [1]);
  const column = (tensor: string): string => g.reshape(tensor, [-1, units, 1]);
  // The first parameter again where a unit has fewer: the largest stays the largest.
  const places = groups.flatMap((group) => Array.from({ length: channels }, (_, c) => group[c] ?? group[0] ?? 0));
  const parameters = g.reshape(g.gather(parameterScore, 1, places), [-1, units, channels]);
  const perFrame = g.constant('unit/per-frame', [1 / frames], [1]);
  const samples = groups.map(({ length }) => length * frames);
  const all = samples.reduce((a, b) => a + b, 0);
  const own = g.mul(groupScore, g.constant('unit/samples', samples, [1, units]));
  const rest = g.node('Relu', [g.sub(g.reduceSum(distance, [1]), own)]);
  // Twins that moved apart accuse each other alike. What is left without the right one is less, if only by little of the whole.
  const one = g.constant('one', [1], [1]);
  const behind = g.add(g.sub(g.reduceMax(own, [1], true), own), one);
  const perRest = g.constant(
    'unit/per-rest',
    samples.map((count) => 1 / Math.max(1, all - count)),
    [1, units],
  );
  const perSample = g.constant(
    'unit/per-sample',
    samples.map((count) => 1 / count),
    [1, units, 1],
  );
  const share = g.mul(g.energy(g.reshape(window, [-1, units, channels * frames]), [2], true), perSample);
  const views = [
    column(groupScore),
    g.mul(g.reduceMax(parameters, [2], true), perFrame),
    column(g.mul(rest, perRest)),
    column(behind),
    share,
    repeats,
    ...heads.map(({ tensor }) => column(tensor)),
  ];
  return g.log(g.add(g.concat(views, 2), floor));
};

export interface UnitLogit {
  /** [units, views]: what nominal telemetry rarely exceeds, subtracted first, so that units can be compared. */
  readonly levels: Float64Array;
  /** One a view. */
  readonly weights: Float64Array;
}

/** Posterior over the units: [n, units]. */
export const buildUnitPosterior = (
  g: GraphBuilder,
  evidence: string,
  { levels, weights }: UnitLogit,
  units: number,
): string => {
  const views = weights.length;
  // The levels act through the weights: one constant a unit.
  const shift = Float64Array.from({ length: units }, (_, unit) =>
    weights.reduce((sum, weight, view) => sum - weight * (levels[unit * views + view] as number), 0),
  );
  const logits = g.reshape(g.matmul(evidence, g.constant('unit/weights', weights, [views, 1])), [-1, units]);
  return g.softmax(g.add(logits, g.constant('unit/shift', shift, [1, units])), 1);
};
