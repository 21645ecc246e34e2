/** Thresholds of the finished graph, the false alarms that they promise, and the share of each fault that one window alone shows. */
import { rowOf } from '../core/graph-session';
import { GRAPH } from '../domain/manifest';
import type { EquipmentInput, FittedGraph } from './fit-input';
import { sightOf, type HeadSight } from './head-sight';
import { oddSpanOf, type OddSpan } from './odd-stretch';
import type { FitRequest } from './fit-request';
import type { NominalSurvey } from './survey-nominal';
import { piecesOf } from './prediction';
import { PERSISTENCE, realisedRate, thresholdsFor, type CalibratedThreshold } from './threshold';

const BUDGETS = [0.1, 0.2, 0.5, 1, 2, 5, 10] as const;

export interface ChosenThresholds {
  readonly thresholds: readonly CalibratedThreshold[];
  /** That of the budget asked for. */
  readonly chosen: number;
  /** By fault class. */
  readonly sensitivity: Readonly<Record<string, number>>;
  /** What each head sees of the faults by itself. */
  readonly sight: readonly HeadSight[];
  readonly realised: ReturnType<typeof realisedRate>;
  /** What alone sets the chosen threshold, if something does. */
  readonly odd: OddSpan | undefined;
}

export const chooseThresholds = (
  fitted: FittedGraph,
  { strideMs, rule }: Pick<NominalSurvey, 'strideMs' | 'rule'>,
  { cases, faults }: Pick<EquipmentInput, 'cases' | 'faults'>,
  { falseAlarmsPerDay: budget, report }: Pick<FitRequest, 'falseAlarmsPerDay' | 'report'>,
): ChosenThresholds => {
  report('choosing thresholds');
  const { nominalScores: stretches, judgedCases: outputs } = fitted;
  const choose = (record: readonly ArrayLike<number>[], rates: readonly number[]) =>
    thresholdsFor(rates, { stretches: record, strideMs }, PERSISTENCE, rule);
  const caseScores = outputs[GRAPH.score] ?? new Float32Array();
  const budgets = [...new Set([...BUDGETS, budget])].sort((a, b) => a - b);
  const thresholds = choose(stretches, budgets);
  const chosen = thresholds.find(({ falseAlarmsPerDay }) => falseAlarmsPerDay === budget)?.threshold ?? Infinity;
  const sensitivity = Object.fromEntries(
    faults.map((fault, index) => {
      const own = cases.flatMap((item, at) =>
        item.fault === index ? [rowOf(caseScores, cases.length, at)[0] ?? 0] : [],
      );
      return [fault, Number((own.filter((score) => score >= chosen).length / Math.max(1, own.length)).toFixed(4))];
    }),
  );
  return {
    ...{ thresholds, chosen, sensitivity },
    odd: oddSpanOf(stretches, chosen, (rest) => choose(rest, [budget])[0]?.threshold ?? chosen),
    sight: sightOf({ graph: fitted, outputs, cases, faults }),
    realised: realisedRate(
      budget,
      { stretches: piecesOf(stretches), counted: piecesOf(fitted.counted ?? stretches), strideMs },
      PERSISTENCE,
      rule,
    ),
  };
};
