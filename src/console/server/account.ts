/** The account of one anomaly: what was measured against what was expected, and everything that came of it. */
import { parameterTitle, type Mission } from '../../domain/mission';
import type { Explanation } from '../../domain/explanation';
import { stretchOf } from '../../core/anomaly/surroundings';
import { isoTime } from '../../domain/units';
import type { AnomalyAccount, AnomalySummary, Series } from '../api/anomalies';
import { limitsOf } from '../port/mission-views';

/** Of an anomaly as long as its alarm does not say otherwise; the log has the same. */
const ANOMALY_SEVERITY: AnomalySummary['severity'] = 'medium';

/** A revision as a line of a list; what others said of the anomaly, people and its alarm, is no part of it. */
export const summaryOf = (
  explanation: Explanation,
  { verdict = null, severity = ANOMALY_SEVERITY }: Partial<Pick<AnomalySummary, 'verdict' | 'severity'>> = {},
): AnomalySummary => {
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
    severity,
    model: explanation.model.id,
    sentence,
    verdict,
  };
};

export const seriesOf = (
  mission: Mission,
  revisions: readonly [Explanation, ...Explanation[]],
): Pick<AnomalyAccount, 'times' | 'series' | 'worst'> => {
  const { freezeFrame, attribution } = revisions.at(-1) ?? revisions[0];
  const stretch = stretchOf(revisions);
  const shares = new Map(attribution.map(({ parameter, share }) => [parameter, share]));
  const series = Object.entries(stretch.parameters).map(([parameter, measured]): Series => {
    const definition = mission.parameters.find(({ id }) => id === parameter);
    return {
      parameter,
      title: parameterTitle(mission, parameter),
      units: definition?.units ?? null,
      equipment: definition?.equipment ?? null,
      modulus: definition?.modulus ?? null,
      share: shares.get(parameter) ?? null,
      measured: [...measured],
      expected: [...(stretch.expected[parameter] ?? [])],
      reconstruction: [...(stretch.reconstruction[parameter] ?? [])],
      ...limitsOf(mission, parameter),
    };
  });
  return {
    times: stretch.times.map(isoTime),
    worst: { from: freezeFrame.from, to: freezeFrame.to },
    series: series.sort((a, b) => (b.share ?? -1) - (a.share ?? -1)),
  };
};

/** @param revisions in order, at least one. */
export const accountOf = (
  mission: Mission,
  revisions: readonly [Explanation, ...Explanation[]],
  rest: Pick<
    AnomalyAccount,
    'requests' | 'recoveries' | 'alarms' | 'verdicts' | 'notes' | 'isLive' | 'leastPValue' | 'howSure'
  >,
): AnomalyAccount => {
  const newest = revisions.at(-1) ?? revisions[0];
  const { freezeFrame: _freezeFrame, ...anomaly } = newest;
  return {
    anomaly,
    ...seriesOf(mission, revisions),
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
