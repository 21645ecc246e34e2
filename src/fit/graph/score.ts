/** Nodes of the score: several kinds of evidence, each as surprise against nominal telemetry; the strongest counts. And its p-value. */
import type { GraphBuilder } from '../onnx/graph-builder';
import { dense } from '../math/dense';
import type { SurpriseCurve } from '../surprise';

/**
 * @param evidence [n, kinds], each column some statistic of at least `EVIDENCE_FLOOR`; @param curves one a kind.
 * @returns [n, 1]: the largest surprise, in decades: 3 is what one nominal window in a thousand reaches.
 */
export const buildScore = (g: GraphBuilder, evidence: string, curves: readonly SurpriseCurve[]): string => {
  const kinds = curves.length;
  const width = curves.reduce((sum, { knots }) => sum + knots.length, 0);
  const spread = dense(kinds, width);
  const slopes = dense(width, kinds);
  const knots = new Float64Array(width);
  let from = 0;
  curves.forEach((curve, kind) => {
    curve.knots.forEach((knot, index) => {
      spread.data[kind * width + from + index] = 1;
      slopes.data[(from + index) * kinds + kind] = curve.slopes[index] as number;
      knots[from + index] = -knot;
    });
    from += curve.knots.length;
  });
  const above = g.node('Relu', [
    g.gemm(
      g.log(evidence),
      g.constant('score/spread', spread.data, [kinds, width]),
      g.constant('score/knots', knots, [width]),
    ),
  ]);
  const surprise = g.gemm(
    above,
    g.constant('score/slopes', slopes.data, [width, kinds]),
    g.constant(
      'score/base',
      curves.map(({ base }) => base),
      [kinds],
    ),
  );
  return kinds === 1 ? surprise : g.reduceMax(surprise, [1], true);
};

/**
 * Split-conformal p-value: (1 + number of calibration scores at least as high) / (1 + number of calibration scores)
 * (Vovk et al., Algorithmic Learning in a Random World); counted from below, which is the same. `score` [n, 1], answers [n].
 */
export const buildPValue = (g: GraphBuilder, score: string, calibrationScores: Float64Array): string => {
  const n = calibrationScores.length;
  const below = g.below(g.constant('p-value/scores', calibrationScores, [1, n]), score);
  const share = g.constant('p-value/share', new Float64Array(n).fill(-1 / (n + 1)), [n, 1]);
  return g.reshape(g.gemm(below, share, g.constant('p-value/one', [1], [1])), [-1]);
};
