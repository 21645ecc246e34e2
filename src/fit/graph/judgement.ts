/** Nodes that bring the evidence of all heads together: on one scale, as the score of the window alone, and as views of the isolation. */
import { LEAST_EVIDENCE } from '../../core/anomaly/surprise';
import { UNKNOWN } from '../../domain/explanation';
import type { Heads } from '../heads/fit-heads';
import { looseOf, unitsOf, type Layout } from '../layout';
import type { GraphBuilder } from '../onnx/graph-builder';
import type { WindowEvidence } from './conditional';
import type { Front, Scaling } from './front';
import { buildAlike, buildEvidence, buildSlow, buildStrongest, buildTaught, type SlowEvidence } from './heads';
import { buildScore } from './score';

/** Logarithms of the window's evidence against each unit, a sample: [n, units]. */
const windowLogs = (g: GraphBuilder, { linear }: WindowEvidence, layout: Layout): string => {
  const { equipment, groups, frames } = layout;
  const loose = equipment.length === 0 ? (groups[0] ?? []) : looseOf(layout);
  const perSample = (): string =>
    g.mul(g.gather(linear.parameterScore ?? '', 1, loose), g.constant('per-frame', [1 / frames], [1]));
  const logs = (evidence: string): string => g.log(g.add(evidence, g.constant('least', [LEAST_EVIDENCE], [1])));
  if (equipment.length === 0) return logs(perSample());
  if (loose.length === 0) return logs(linear.groupScore);
  return logs(g.concat([g.slice(linear.groupScore, 1, 0, groups.length - 1), perSample()], 1));
};

/** What the heads judge. */
export interface HeadInputs {
  readonly front: Front;
  readonly window: WindowEvidence;
  /** [n, features]. */
  readonly context: string;
  /** [n, parameters * SUMMARIES], engineering values. */
  readonly memory: string;
  /** [n, parameters * SIGNATURE_FEATURES]; of packages that labelled passes teach. */
  readonly signature: string | undefined;
}

/** All evidence on one scale, [n, heads * units]; the score of the window alone, [n, 1]; and the slow heads. */
export const buildJudgement = (
  g: GraphBuilder,
  { layout, scaling }: { readonly layout: Layout; readonly scaling: Scaling },
  { front, window, context, memory, signature }: HeadInputs,
  heads: Heads,
): { readonly evidence: string; readonly score: string; readonly slow: readonly SlowEvidence[] } => {
  const slow = buildSlow(g, memory, heads.slow, { layout, scaling });
  const logs = [
    windowLogs(g, window, layout),
    ...heads.alike.map((head) => buildAlike(g, front.residual, head)),
    ...(heads.taught && signature !== undefined
      ? [buildTaught(g, signature, heads.taught, unitsOf(layout).length)]
      : []),
    ...slow.map((head) => head.logs),
  ];
  const evidence = buildEvidence(g, logs, { context, memory, heads }, layout);
  const strongest = buildStrongest(g, evidence, heads.names.length, unitsOf(layout).length);
  return { evidence, score: buildScore(g, strongest, heads.sustained.lines[0] ?? []), slow };
};

/** Evidence of every head but the window's own: [n, units] each. */
export const headViews = (g: GraphBuilder, evidence: string, { names }: Heads, layout: Layout): string[] =>
  names.length < 2
    ? []
    : g
        .split(
          evidence,
          1,
          names.map(() => unitsOf(layout).length),
        )
        .slice(1);

/**
 * Further views beside those of the window: [n, groups, views]. Of parameters without equipment the strongest counts, each being an
 * evidence unit of its own. @param views [n, units] each.
 */
export const withViews = (g: GraphBuilder, unitEvidence: string, views: readonly string[], layout: Layout): string => {
  if (views.length === 0) return unitEvidence;
  const { equipment, groups } = layout;
  const count = unitsOf(layout).length;
  const named = equipment.at(-1) === UNKNOWN ? groups.length - 1 : equipment.length;
  const strongest = (tensor: string): string => g.reduceMax(tensor, [1], true);
  const byGroup = (tensor: string): string => {
    if (named === 0) return strongest(tensor);
    if (named === count) return tensor;
    const [own = '', loose = ''] = g.split(tensor, 1, [named, count - named]);
    return g.concat([own, strongest(loose)], 1);
  };
  return g.concat([unitEvidence, ...views.map((tensor) => g.reshape(byGroup(tensor), [-1, groups.length, 1]))], 2);
};
