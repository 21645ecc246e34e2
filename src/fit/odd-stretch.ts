/** The stretch of the nominal recordings that sets the threshold: one odd hour can hide every faint fault for the life of a package. */
import { sustain, type SustainedState } from '../core/anomaly/sustained';
import { rowOf, runAll, withGraph, type OpenGraph } from '../core/graph-session';
import { GRAPH } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import { isoTime } from '../domain/units';
import type { FittedGraph } from './fit-input';
import type { Layout } from './layout';

/** Indices of windows, both inclusive, in the order of the stretches. */
export interface OddSpan {
  readonly first: number;
  readonly last: number;
  readonly peak: number;
  /** The threshold that all other windows would give. */
  readonly without: number;
}

/** What people are told of it, and what the manifest keeps. */
export interface OddStretch {
  readonly from: string;
  readonly to: string;
  readonly threshold: number;
  readonly without: number;
  /** What judged it strongest, and against which unit; left out of methods without heads. */
  readonly head?: string;
  readonly unit?: string;
}

/** It ends where no window of so many scores half of its strongest. */
const LULL = 16;
const HALF_OF_PEAK = 0.5;
/** A state that takes up more of the recordings is a part of nominal operation, and no odd hour. */
const MAX_SHARE = 0.1;
/** Without it the threshold would be lower by a third. */
const LOWERED = 2 / 3;

const isPlain = (without: number, threshold: number): boolean => without <= LOWERED * threshold;

/** How far from `peak` its stretch reaches one way. */
const reach = (scores: ArrayLike<number>, peak: number, step: 1 | -1): number => {
  const level = HALF_OF_PEAK * (scores[peak] ?? 0);
  let end = peak;
  for (let index = peak; index >= 0 && index < scores.length && Math.abs(index - end) <= LULL; index += step)
    if ((scores[index] ?? -Infinity) >= level) end = index;
  return end;
};

/**
 * The windows about the highest score, if the threshold would be plainly lower without them.
 * @param thresholdOf of stretches of scores, as the threshold was chosen.
 */
export const oddSpanOf = (
  stretches: readonly ArrayLike<number>[],
  threshold: number,
  thresholdOf: (stretches: readonly ArrayLike<number>[]) => number,
): OddSpan | undefined => {
  const total = stretches.reduce((sum, { length }) => sum + length, 0);
  let [top, at, peak, offset] = [-Infinity, -1, -1, 0];
  stretches.forEach((scores, number) => {
    for (let index = 0; index < scores.length; index += 1)
      if ((scores[index] ?? -Infinity) > top) [top, at, peak] = [scores[index] ?? 0, number, index];
  });
  const own = Array.from(stretches[at] ?? []);
  if (peak < 0) return undefined;
  for (const { length } of stretches.slice(0, at)) offset += length;
  const [first, last] = [reach(own, peak, -1), reach(own, peak, 1)];
  if (last - first + 1 > MAX_SHARE * total) return undefined;
  const rest = [own.slice(0, first), own.slice(last + 1)].filter(({ length }) => length > 0);
  const without = thresholdOf([...stretches.slice(0, at), ...rest, ...stretches.slice(at + 1)]);
  return isPlain(without, threshold)
    ? { first: offset + first, last: offset + last, peak: offset + peak, without }
    : undefined;
};

const strongest = (names: readonly string[], surprises: ArrayLike<number>): string | undefined =>
  names.toSorted((a, b) => (surprises[names.indexOf(b)] ?? 0) - (surprises[names.indexOf(a)] ?? 0))[0];

type JudgingGraph = Pick<FittedGraph, 'model' | 'sustained' | 'joined'>;

/** Which head sees most in these windows, and against which unit: the finished graph judges them as in operation. */
const judgedBy = async (
  { model, sustained, joined }: JudgingGraph,
  windows: readonly Window[],
  layout: Layout,
  openGraph: OpenGraph,
): Promise<Pick<OddStretch, 'head' | 'unit'>> => {
  if (sustained === undefined) return {};
  const outputs = await withGraph(openGraph, model, (session) => runAll(session, windows, layout));
  const all = outputs[joined.output];
  const part = joined.parts.findIndex(({ name }) => name === GRAPH.evidence);
  if (all === undefined || part < 0) return {};
  const from = joined.parts.slice(0, part).reduce((sum, { size }) => sum + size, 0);
  const to = from + (joined.parts[part]?.size ?? 0);
  let state: SustainedState | undefined;
  let [top, head, unit]: [number, string | undefined, string | undefined] = [-Infinity, undefined, undefined];
  windows.forEach((_, index) => {
    const row = rowOf(all, windows.length, index).subarray(from, to);
    const step = sustain(sustained, state, row, { unseen: false, isPartial: false });
    state = step.state;
    if (step.score <= top) return;
    const names = sustained.heads.map(({ name }) => name);
    [top, head, unit] = [step.score, strongest(names, step.byHead), strongest(sustained.units, step.byUnit)];
  });
  return { ...(head !== undefined && { head }), ...(unit !== undefined && { unit }) };
};

/** @param windows that the scores are of, in their order. */
export const oddStretchOf = async (
  fitted: JudgingGraph,
  {
    span,
    windows,
    threshold,
  }: { readonly span: OddSpan; readonly windows: readonly Window[]; readonly threshold: number },
  layout: Layout,
  openGraph: OpenGraph,
): Promise<OddStretch | undefined> => {
  const [first, last] = [windows[span.first], windows[span.last]];
  if (first === undefined || last === undefined) return undefined;
  return {
    from: isoTime(first.start),
    to: isoTime(last.end),
    threshold: Number(threshold.toFixed(2)),
    without: Number(span.without.toFixed(2)),
    ...(await judgedBy(fitted, windows.slice(span.first, span.last + 1), layout, openGraph)),
  };
};

/** In words, for the block of warnings. */
export const describeOdd = ({ from, to, threshold, without, head, unit }: OddStretch): string => {
  const whose = unit === undefined || unit === '' ? '' : ` of ${unit}`;
  const by = head === undefined ? '' : ` (the head "${head}"${whose})`;
  return `the nominal recordings from ${from} to ${to} alone set the threshold to ${threshold.toFixed(2)}${by}: without them it would be ${without.toFixed(2)}; leave them out if they are not nominal`;
};
