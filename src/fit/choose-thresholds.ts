/** Thresholds of the finished graph, the false alarms that they promise, and the share of each fault that one window alone shows. */
import { rowOf, runAll, withGraph } from '../core/graph-session';
import { inputOf } from '../core/telemetry/model-input';
import { GRAPH } from '../domain/manifest';
import type { EquipmentInput, FittedGraph } from './fit-input';
import type { FitRequest } from './fit-request';
import type { NominalSurvey } from './survey-nominal';
import { piecesOf } from './prediction';
import { PERSISTENCE, realisedRate, thresholdsFor, type Calibrated } from './threshold';

const BUDGETS = [0.1, 0.2, 0.5, 1, 2, 5, 10] as const;

export interface ChosenThresholds {
  readonly thresholds: readonly Calibrated[];
  /** That of the budget asked for. */
  readonly chosen: number;
  /** By fault class. */
  readonly sensitivity: Readonly<Record<string, number>>;
  readonly realised: ReturnType<typeof realisedRate>;
}

/** Scores of the nominal windows, a stretch each. */
const nominalScores = async (
  { model, crossFitted }: FittedGraph,
  { split, layout }: NominalSurvey,
  { openGraph, report }: Pick<FitRequest, 'openGraph' | 'report'>,
): Promise<readonly ArrayLike<number>[]> => {
  if (crossFitted !== undefined) return crossFitted;
  const conformal = split.conformal.flat();
  const outputs = await withGraph(openGraph, model, (session) =>
    runAll(session, conformal.map(inputOf), layout, (done) => {
      report('scoring with the finished graph', done / conformal.length);
    }),
  );
  const scores = outputs[GRAPH.score] ?? new Float32Array();
  let from = 0;
  return split.conformal.map((stretch) => {
    const own = scores.subarray(from, from + stretch.length);
    from += stretch.length;
    return own;
  });
};

export const chooseThresholds = async (
  fitted: FittedGraph,
  survey: NominalSurvey,
  { cases, faults }: Pick<EquipmentInput, 'cases' | 'faults'>,
  request: FitRequest,
): Promise<ChosenThresholds> => {
  const { layout, strideMs, rule } = survey;
  const { falseAlarmsPerDay: budget, openGraph } = request;
  request.report('choosing thresholds');
  const stretches = await nominalScores(fitted, survey, request);
  const outputs = await withGraph(openGraph, fitted.model, (session) => runAll(session, cases.map(inputOf), layout));
  const caseScores = outputs[GRAPH.score] ?? new Float32Array();
  const budgets = [...new Set([...BUDGETS, budget])].sort((a, b) => a - b);
  const thresholds = thresholdsFor(budgets, stretches, strideMs, PERSISTENCE, rule);
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
    realised: realisedRate(budget, piecesOf(stretches), strideMs, PERSISTENCE, rule),
  };
};
