/** Nodes of the score: several kinds of evidence, each as surprise against nominal telemetry; the strongest counts. And its p-value. */
import type { GraphBuilder } from '../onnx/graph-builder';
import { EVIDENCE_FLOOR, type SurpriseCurve } from '../surprise';

/**
 * @param evidence a tensor [n, 1] a kind, non-negative; @param curves one a kind.
 * @returns [n]: the largest surprise, in decades: 3 is what one nominal window in a thousand reaches.
 */
export const buildScore = (g: GraphBuilder, evidence: readonly string[], curves: readonly SurpriseCurve[]): string => {
  const kinds = curves.length;
  const width = Math.max(...curves.map(({ knots }) => knots.length));
  const knots = new Float64Array(kinds * width);
  const slopes = new Float64Array(kinds * width);
  curves.forEach((curve, kind) => {
    // Unused places have slope zero: they add nothing.
    knots.set(curve.knots, kind * width);
    slopes.set(curve.slopes, kind * width);
  });
  const all = evidence.length === 1 ? (evidence[0] ?? '') : g.concat(evidence, 1);
  const logs = g.reshape(g.log(g.add(all, g.constant('score/floor', [EVIDENCE_FLOOR], [1]))), [-1, kinds, 1]);
  const above = g.node('Relu', [g.sub(logs, g.constant('score/knots', knots, [1, kinds, width]))]);
  const rise = g.reduceSum(g.mul(above, g.constant('score/slopes', slopes, [1, kinds, width])), [2]);
  return g.reduceMax(
    g.add(
      rise,
      g.constant(
        'score/base',
        curves.map(({ base }) => base),
        [1, kinds],
      ),
    ),
    [1],
  );
};

/**
 * Split-conformal p-value: (1 + number of calibration scores at least as high) / (1 + number of calibration scores)
 * (Vovk et al., Algorithmic Learning in a Random World). `score` [n], answers [n].
 */
export const buildPValue = (g: GraphBuilder, score: string, calibrationScores: Float64Array): string => {
  const n = calibrationScores.length;
  const table = g.constant('p-value/scores', calibrationScores, [1, n]);
  const atLeast = g.atLeast(table, g.reshape(score, [-1, 1]));
  const mean = g.constant('p-value/mean', new Float64Array(n).fill(1 / (n + 1)), [n, 1]);
  return g.reshape(g.add(g.matmul(atLeast, mean), g.constant('p-value/one', [1 / (n + 1)], [1])), [-1]);
};
