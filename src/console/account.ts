/** The account of one anomaly: what was measured against what was expected, and everything that came of it. */
import { parameterTitle, type Mission } from '../domain/mission';
import type { Explanation } from '../domain/explanation';
import { isoTime } from '../domain/units';
import type { OperatorVerdict } from '../domain/log-query';
import type { AnomalyAccount, AnomalySummary, Series } from './api/anomalies';
import { limitsOf } from './mission-views';

export const summaryOf = (explanation: Explanation, verdict: OperatorVerdict | null = null): AnomalySummary => {
  const { id, revision, state, spacecraft, start, end, detectedAt, revisedAt, trigger, sentence } = explanation;
  const { equipment, fault, confidence } = explanation.verdict;
  return {
    id,
    revision,
    state,
    spacecraft,
    start,
    end,
    detectedAt,
    revisedAt,
    trigger,
    equipment,
    fault,
    confidence,
    score: explanation.score.value,
    threshold: explanation.score.threshold,
    sentence,
    verdict,
  };
};

/** The frames of the freeze frame, evenly from its beginning to its end. */
const timesOf = ({ from, to, parameters }: Explanation['freezeFrame']): string[] => {
  const count = Math.max(0, ...Object.values(parameters).map(({ length }) => length));
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const period = count > 1 ? (last - first) / (count - 1) : 0;
  return Array.from({ length: count }, (_, index) => isoTime(Math.round(first + index * period)));
};

const padded = (values: readonly (number | null)[] | undefined, count: number): (number | null)[] =>
  Array.from({ length: count }, (_, index) => values?.[index] ?? null);

export const seriesOf = (mission: Mission, explanation: Explanation): Pick<AnomalyAccount, 'times' | 'series'> => {
  const { freezeFrame, attribution } = explanation;
  const times = timesOf(freezeFrame);
  const shares = new Map(attribution.map(({ parameter, share }) => [parameter, share]));
  const series = Object.entries(freezeFrame.parameters).map(([parameter, measured]): Series => {
    const definition = mission.parameters.find(({ id }) => id === parameter);
    return {
      parameter,
      title: parameterTitle(mission, parameter),
      units: definition?.units ?? null,
      equipment: definition?.equipment ?? null,
      share: shares.get(parameter) ?? null,
      measured: padded(measured, times.length),
      expected: padded(freezeFrame.expected[parameter], times.length),
      reconstruction: padded(freezeFrame.reconstruction[parameter], times.length),
      ...limitsOf(mission, parameter),
    };
  });
  return { times, series: series.sort((a, b) => (b.share ?? -1) - (a.share ?? -1)) };
};

/** @param revisions in order, at least one. */
export const accountOf = (
  mission: Mission,
  revisions: readonly [Explanation, ...Explanation[]],
  rest: Pick<AnomalyAccount, 'requests' | 'recoveries' | 'alarms' | 'verdicts' | 'isLive'>,
): AnomalyAccount => {
  const newest = revisions.at(-1) ?? revisions[0];
  const { freezeFrame: _freezeFrame, ...anomaly } = newest;
  return {
    anomaly,
    ...seriesOf(mission, newest),
    revisions: revisions.map(({ revision, trigger, revisedAt, state, verdict, score, attribution, sentence }) => ({
      revision,
      trigger,
      revisedAt,
      state,
      verdict,
      score: score.value,
      attribution,
      sentence,
    })),
    ...rest,
  };
};
