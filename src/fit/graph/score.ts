/** Nodes of the score: several kinds of evidence, each as surprise against nominal telemetry; the strongest counts. And its p-value. */
import type { GraphBuilder } from '../onnx/graph-builder';
import { dense } from '../math/dense';
import type { SurpriseLine } from '../../core/anomaly/surprise';

/** Above every score. */
const HIGHEST = 1e30;

/** The float32 after the given one: "at least as high" is "lower than the next", and the oldest opsets only know the latter. */
const nextAbove = (value: number): number => {
  const float = Float32Array.of(value);
  const bits = new Int32Array(float.buffer);
  if (float[0] === 0) return 2 ** -149;
  bits[0] = (bits[0] as number) + ((float[0] as number) > 0 ? 1 : -1);
  return float[0] as number;
};

/**
 * @param logEvidence [n, kinds], logarithms of statistics of at least `EVIDENCE_FLOOR`; @param curves one a kind.
 * @returns [n, 1]: the largest surprise, in decades: 3 is what one nominal window in a thousand reaches.
 */
export const buildScore = (g: GraphBuilder, logEvidence: string, curves: readonly SurpriseLine[]): string => {
  const kinds = curves.length;
  const width = curves.reduce((sum, { knots }) => sum + knots.length, 0);
  const spread = dense(kinds, width);
  const slopes = dense(width, kinds);
  const knots = new Float64Array(width);
  let from = 0;
  curves.forEach((curve, kind) => {
    Array.from(curve.knots).forEach((knot, index) => {
      spread.data[kind * width + from + index] = 1;
      slopes.data[(from + index) * kinds + kind] = curve.slopes[index] as number;
      knots[from + index] = -knot;
    });
    from += curve.knots.length;
  });
  const above = g.node('Relu', [
    g.gemm(
      logEvidence,
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
 * Split-conformal p-value (Vovk et al., Algorithmic Learning in a Random World): `(1 + h) / (1 + n)`. Of the n calibration scores, h are
 * at least as high. The graph takes the mean, over those scores and one higher than any, of whether each is as high. `score` and the
 * answer are [n, 1].
 */
export const buildPValue = (g: GraphBuilder, score: string, calibrationScores: Float64Array): string => {
  const above = Float32Array.from(calibrationScores, nextAbove);
  const scores = g.constant('p-value/scores', [...above, HIGHEST], [1, above.length + 1]);
  return g.reduceMean(g.below(score, scores), [1], true);
};
