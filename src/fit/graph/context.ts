/**
 * Nodes of the context: how much moves, in the window and in what is remembered, and what was switched. Means of logarithms over the
 * parameters, so that one parameter with a fault hardly moves them.
 */
import { SPANS, SUMMARIES, SUMMARY } from '../../core/telemetry/summaries';
import type { Layout } from '../layout';
import { dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import type { Scaling } from './front';

/** Keep logarithms of quiet telemetry finite, standardised units. */
const CHANGE_FLOOR = 1e-4;
const SPREAD_FLOOR = 1e-3;
const LEVEL_FLOOR = 0.05;
const MEMORY_FLOOR = 1e-2;
/** Memory of fewer frames than this tells nothing of the context yet. */
export const CONTEXT_WARM = 64;

/** 1 where at least `frames` were seen since the last gap: [n, frames.length]. */
export const buildReady = (g: GraphBuilder, memory: string, layout: Layout, frames: readonly number[]): string => {
  const counts = g.gather(memory, 1, layoutIndices(layout, [SUMMARY.count]));
  const most = g.reduceMax(counts, [1], true);
  return g.below(
    g.constant(
      'ready/frames',
      frames.map((count) => count - 0.5),
      [1, frames.length],
    ),
    most,
  );
};

/**
 * The same for heads that need every parameter: 0 as well while a scored one is absent, whose count is 0 then (`memoryOf`). What is
 * remembered of it is old, and would speak against its unit.
 */
export const buildWholeReady = (g: GraphBuilder, memory: string, layout: Layout, frames: readonly number[]): string => {
  const counts = g.gather(memory, 1, layoutIndices(layout, [SUMMARY.count], scoredOf(layout)));
  const fewest = g.node('Neg', [g.reduceMax(g.node('Neg', [counts]), [1], true)]);
  const present = g.below(g.constant('ready/present', [0.5], [1, 1]), fewest);
  return g.mul(buildReady(g, memory, layout, frames), present);
};

const scoredOf = ({ parameters, conditions }: Layout): number[] =>
  Array.from({ length: parameters }, (_, index) => index).filter((index) => !conditions.includes(index));

const layoutIndices = (layout: Layout, of: readonly number[], parameters?: readonly number[]): number[] =>
  (parameters ?? Array.from({ length: layout.parameters }, (_, index) => index)).flatMap((parameter) =>
    of.map((summary) => parameter * SUMMARIES + summary),
  );

/** Columns of `log` [n, scored * spans] averaged over the scored parameters: [n, spans]. */
const meanOver = (
  g: GraphBuilder,
  log: string,
  { count, hint }: { readonly count: number; readonly hint: string },
): string => {
  const each = SPANS.length;
  const matrix = dense(count * each, each);
  for (let i = 0; i < count; i += 1)
    for (let j = 0; j < each; j += 1) matrix.data[(i * each + j) * each + j] = 1 / count;
  return g.matmul(log, g.constant(hint, matrix.data, [matrix.rows, matrix.columns]));
};

/**
 * @param standardised [n, parameters * frames]; @param memory [n, parameters * SUMMARIES], engineering values.
 * @returns [n, features].
 */
export const buildContext = (
  g: GraphBuilder,
  { standardised, memory }: { readonly standardised: string; readonly memory: string },
  layout: Layout,
  { mean, std }: Scaling,
): string => {
  const { parameters, frames, conditions } = layout;
  const scored = scoredOf(layout);
  const cube = g.reshape(standardised, [-1, parameters, frames]);
  const own = conditions.length === 0 ? cube : g.gather(cube, 1, scored);
  const floor = (value: number): string => g.constant('context/floor', [value], [1]);
  const each = (tensor: string): string => g.reduceMean(g.log(tensor), [1], true);
  const steps = g.sub(g.slice(own, 2, 1, frames), g.slice(own, 2, 0, frames - 1));
  const middle = g.reduceMean(own, [2], true);
  const off = g.sub(own, middle);
  const meanSquare = (tensor: string): string => g.reduceMean(g.mul(tensor, tensor), [2]);
  const features = [
    each(g.add(meanSquare(steps), floor(CHANGE_FLOOR))),
    each(g.add(meanSquare(off), floor(SPREAD_FLOOR))),
    each(g.add(meanSquare(middle), floor(LEVEL_FLOOR))),
  ];
  const ready = buildReady(g, memory, layout, [CONTEXT_WARM]);
  const remembered = (indices: readonly number[], scale: Float64Array): string =>
    g.mul(g.gather(memory, 1, indices), g.constant('context/scale', scale, [1, scale.length]));
  const scaleOf = (of: readonly number[], count: number): Float64Array =>
    Float64Array.from({ length: of.length * count }, (_, i) => 1 / (std[of[Math.floor(i / count)] ?? 0] as number));
  const changes = remembered(layoutIndices(layout, SUMMARY.change, scored), scaleOf(scored, SPANS.length));
  const moved = g.log(g.add(changes, floor(MEMORY_FLOOR)));
  features.push(g.mul(meanOver(g, moved, { count: scored.length, hint: 'context/moved' }), ready));
  if (conditions.length > 0) {
    const given = g.gather(cube, 1, conditions);
    const first = g.slice(given, 2, 0, 1);
    const switched = g.reduceMax(g.node('Abs', [g.sub(given, first)]), [1, 2], true);
    features.push(g.reshape(g.below(floor(MEMORY_FLOOR), g.reshape(switched, [-1, 1])), [-1, 1]));
    const often = remembered(layoutIndices(layout, SUMMARY.change, conditions), scaleOf(conditions, SPANS.length));
    const recent = g.node('Sqrt', [meanOver(g, often, { count: conditions.length, hint: 'context/switched' })]);
    features.push(g.mul(recent, ready));
    const levels = g.sub(
      g.gather(memory, 1, layoutIndices(layout, [SUMMARY.mean[0]], conditions)),
      g.constant(
        'context/level',
        conditions.map((index) => mean[index] as number),
        [1, conditions.length],
      ),
    );
    const perStd = g.constant('context/per-std', scaleOf(conditions, 1), [1, conditions.length]);
    features.push(g.mul(g.mul(levels, perStd), ready));
  }
  return g.concat(features, 1);
};
