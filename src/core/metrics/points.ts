/**
 * Sampling instants judged one by one, as point-wise benchmarks do (SKAB among them). F1, the share of nominal instants called
 * anomalous, and the share of anomalous ones missed. Windows are longer than faults are sharp. So an instant counts as called
 * anomalous only when no normal window covers it: the rule of the published autoencoder baselines.
 */
import type { Interval } from './event-counts';

export interface PointMetrics {
  /** Sampling instants judged, and those that lie in a label. */
  readonly n: number;
  readonly anomalous: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  /** Null where undefined. */
  readonly f1: number | null;
  readonly falseAlarmRate: number | null;
  readonly missedRate: number | null;
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/**
 * An anomaly's end is that of the last window that counted; what the next window covers as well was normal by then.
 * @param windows all that were scored, in time order. @returns the instants that only anomalous windows cover.
 */
export const sharpened = (anomaly: Interval, windows: readonly Interval[], periodMs: number): Interval => {
  const next = windows.find(({ end }) => end > anomaly.end);
  if (next === undefined || next.start > anomaly.end) return anomaly;
  return { start: anomaly.start, end: next.start - periodMs };
};

type PointCounts = Pick<PointMetrics, 'n' | 'anomalous' | 'truePositives' | 'falsePositives' | 'falseNegatives'>;

const ratesOf = ({ n, anomalous, truePositives, falsePositives, falseNegatives }: PointCounts): PointMetrics => ({
  n,
  anomalous,
  truePositives,
  falsePositives,
  falseNegatives,
  f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  falseAlarmRate: ratio(falsePositives, n - anomalous),
  missedRate: ratio(falseNegatives, anomalous),
});

/** The figures of several passes together. */
export const addPoints = (all: readonly PointCounts[]): PointMetrics => {
  const sum = (name: keyof PointCounts): number => all.reduce((total, counts) => total + counts[name], 0);
  return ratesOf({
    n: sum('n'),
    anomalous: sum('anomalous'),
    truePositives: sum('truePositives'),
    falsePositives: sum('falsePositives'),
    falseNegatives: sum('falseNegatives'),
  });
};

/** @param times sampling instants; @param events labelled; @param anomalies sharpened, or empty ones that end before they start. */
export const pointMetrics = (
  times: readonly number[],
  events: readonly Interval[],
  anomalies: readonly Interval[],
): PointMetrics => {
  const lies = (intervals: readonly Interval[], time: number): boolean =>
    intervals.some(({ start, end }) => start <= time && time <= end);
  let [truePositives, falsePositives, falseNegatives] = [0, 0, 0];
  for (const time of times) {
    const [isTrue, isCalled] = [lies(events, time), lies(anomalies, time)];
    if (isTrue && isCalled) truePositives += 1;
    else if (isCalled) falsePositives += 1;
    else if (isTrue) falseNegatives += 1;
  }
  const anomalous = truePositives + falseNegatives;
  return ratesOf({ n: times.length, anomalous, truePositives, falsePositives, falseNegatives });
};
