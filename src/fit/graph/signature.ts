/**
 * The corevector of the signature tap, signed and with its size. For each parameter it holds the level, spread, restlessness and slope of
 * its standardised values. It adds the mean of the deviation from what the others imply. These tell what a recorded fault does to a
 * unit's parameters, where shapes alone are not enough.
 */
import type { Layout } from '../layout';
import { dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';
import { SIGNATURE_FEATURES } from '../signature-layout';
import type { SlowEvidence } from './heads';

const SPREAD_FLOOR = 0.05;

/** sign(x) log(1 + |x|), of operators that the oldest opsets have. */
export const compress = (g: GraphBuilder, tensor: string): string => {
  const one = g.constant('one', [1], [1]);
  const up = g.log(g.add(g.node('Relu', [tensor]), one));
  const down = g.log(g.add(g.node('Relu', [g.node('Neg', [tensor])]), one));
  return g.sub(up, down);
};

/**
 * @param standardised [n, parameters * frames]; @param deviation the same in nominal standard deviations of what the others imply.
 * @returns [n, parameters * SIGNATURE_FEATURES].
 */
export const buildSignature = (
  g: GraphBuilder,
  standardised: string,
  deviation: string,
  { parameters, frames }: Pick<Layout, 'parameters' | 'frames'>,
): string => {
  const values = g.reshape(standardised, [-1, parameters, frames]);
  const moments = dense(frames, 2);
  for (let t = 0; t < frames; t += 1) {
    moments.data[2 * t] = 1 / frames;
    // Change from the first frame to the last, by least squares.
    moments.data[2 * t + 1] = (12 * (t - (frames - 1) / 2)) / Math.max(1, frames ** 2);
  }
  const line = g.matmul(values, g.constant('signature/line', moments.data, [frames, 2]));
  const centred = g.sub(values, g.slice(line, 2, 0, 1));
  const floor = g.constant('signature/floor', [SPREAD_FLOOR], [1]);
  const spread = g.log(g.add(g.node('Sqrt', [g.reduceMean(g.mul(centred, centred), [2], true)]), floor));
  const steps = g.sub(g.slice(values, 2, 1, frames), g.slice(values, 2, 0, frames - 1));
  const restless = g.log(g.add(g.reduceMean(g.node('Abs', [steps]), [2], true), floor));
  const off = g.reduceMean(g.reshape(deviation, [-1, parameters, frames]), [2], true);
  return g.reshape(g.concat([compress(g, g.concat([line, off], 2)), spread, restless], 2), [
    -1,
    parameters * SIGNATURE_FEATURES,
  ]);
};

/** Signed deviations of the slow heads, with their size: [n, parameters * heads]. */
export const buildSlowSignature = (g: GraphBuilder, slow: readonly SlowEvidence[]): string => {
  const [first = '', ...others] = slow.map(({ deviation }) => deviation);
  return compress(g, others.length === 0 ? first : g.concat([first, ...others], 1));
};
