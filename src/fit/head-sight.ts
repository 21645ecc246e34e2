/** What each head sees of the injected faults by itself: a head that sees none of them promises nothing, and people must know. */
import { z } from 'zod';
import { judgeOwnPast, type OwnPast } from '../core/anomaly/own-past';
import { surpriseAt } from '../core/anomaly/surprise';
import { sustain, type SustainedCalibration } from '../core/anomaly/sustained';
import { rowOf } from '../core/graph-session';
import { GRAPH } from '../domain/manifest';
import type { Case } from './calibration-set';
import type { FittedGraph } from './fit-input';
import { HALF } from './heads/tail-lines';

export interface HeadSight {
  readonly head: string;
  /** By fault: share of its cases that this head alone holds for rarer than one nominal window in a hundred. */
  readonly shares: Readonly<Record<string, number>>;
}

/** Decades: one nominal window in a hundred reaches this. */
const RARE = 2;
/** Five times what nominal windows would give: below it a head does not see a fault. */
export const LEAST_SHARE = 0.05;

type Judge = (values: ArrayLike<number>) => readonly number[];

const bySustained =
  (spec: SustainedCalibration): Judge =>
  (evidence) =>
    sustain(spec, undefined, evidence, { unseen: false, isPartial: false }).byHead;

/** As if the window lasted: without what it is smoothed with, and on the scale on which the median nominal window has no surprise. */
const byOwnPast = (spec: OwnPast): Judge => {
  const instant = { ...spec, heads: spec.heads.map((head) => ({ ...head, rate: 1 })) };
  return (signals) => {
    const { ratios } = judgeOwnPast(instant, undefined, { signals, seen: Infinity, unseen: false, frozen: false });
    return spec.heads.map(({ line }, at) => surpriseAt({ ...line, base: HALF }, ratios[at] ?? 0));
  };
};

interface SightInput {
  readonly graph: Pick<FittedGraph, 'sustained' | 'ownPast'>;
  /** What the heads say of the cases. */
  readonly outputs: Readonly<Record<string, Float32Array>>;
  readonly cases: readonly Pick<Case, 'fault'>[];
  readonly faults: readonly string[];
}

const sharesOf = (
  { cases, faults }: SightInput,
  names: readonly string[],
  surprises: readonly (readonly number[])[],
): HeadSight[] =>
  names.map((head, at) => ({
    head,
    shares: Object.fromEntries(
      faults.map((fault, index) => {
        const own = cases.flatMap((item, row) => (item.fault === index ? [surprises[row]?.[at] ?? -Infinity] : []));
        const seen = own.filter((surprise) => surprise >= RARE).length;
        return [fault, Number((seen / Math.max(1, own.length)).toFixed(3))];
      }),
    ),
  }));

const storedSchema = z.record(z.string(), z.record(z.string(), z.number()));

/** As a manifest keeps it, and back: nothing of a package that does not say. */
export const storedSight = (sight: readonly HeadSight[]) =>
  Object.fromEntries(sight.map(({ head, shares }) => [head, shares]));
export const readSight = (stored: unknown): readonly HeadSight[] =>
  Object.entries(storedSchema.safeParse(stored).data ?? {}).map(([head, shares]) => ({ head, shares }));

/** Every head of a package; none where the method has no heads. */
export const sightOf = (input: SightInput): readonly HeadSight[] => {
  const { graph, cases, outputs } = input;
  const judged = (name: string, heads: readonly { readonly name: string }[], judge: Judge): HeadSight[] => {
    const all = outputs[name];
    if (all === undefined) return [];
    return sharesOf(
      input,
      heads.map((head) => head.name),
      cases.map((_, index) => judge(rowOf(all, cases.length, index))),
    );
  };
  return [
    ...(graph.sustained ? judged(GRAPH.evidence, graph.sustained.heads, bySustained(graph.sustained)) : []),
    ...(graph.ownPast ? judged(GRAPH.ownPast, graph.ownPast.heads, byOwnPast(graph.ownPast)) : []),
  ];
};
