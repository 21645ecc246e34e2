/** What the observer makes of findings: the subjects of anomalies. */
import type { Explanation } from '../../domain/explanation';
import { anomalySubject, type Subject } from './instant';

/** What one packet time brought about anomalies: revisions, and open ones that a window confirmed. */
export interface AnomalyFindings {
  readonly time: number;
  readonly explanations: readonly Explanation[];
  readonly confirmed: readonly Pick<Explanation, 'id' | 'verdict'>[];
}

/** Revisions of one step, then the open anomalies that it confirmed and did not revise, with the verdict as it now stands. */
export const anomaliesOf = (
  { time, explanations, confirmed }: AnomalyFindings,
  latest: ReadonlyMap<string, Explanation>,
): Subject[] => {
  const revised = new Set(explanations.map(({ id }) => id));
  const unrevised = confirmed.flatMap(({ id, verdict }) => {
    const explanation = revised.has(id) ? undefined : latest.get(id);
    return explanation === undefined ? [] : [{ ...explanation, verdict }];
  });
  return [
    ...explanations.map((explanation) => anomalySubject(explanation, time, true)),
    ...unrevised.map((explanation) => anomalySubject(explanation, time, false)),
  ];
};
