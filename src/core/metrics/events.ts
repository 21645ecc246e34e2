/**
 * Anomalies against labelled events, one judgement an event: what an operator lives with, unlike rates of windows.
 *
 * Event-wise scores as ESA-ADB defines them (Kotowski et al., 2024, arXiv 2406.17826, corrected event-wise F-score). An event is
 * found when at least one anomaly overlaps it, however many do. An anomaly that overlaps no event is false. One anomaly without
 * end would find everything. So precision is multiplied by the true negative rate of the time samples (Sehili and Zhang, 2023,
 * arXiv 2308.13068). Precision = TPe / (TPe + FPe) x (1 - FPt / Nt). F0.5 weighs precision twice as much as recall.
 *
 * An event that begins under an alarm is found too, for that is the score's definition. Nothing shows that the event was noticed.
 * So it is counted as `alreadyOpen`, and the median delay is that of the others.
 *
 * The release edge of a fault belongs to it. An anomaly that overlaps only the recovery time after an event neither finds the
 * event nor is false. The recovery time is no nominal time.
 */
import { countEvents, type DetectedEvent, type EventCounts, type LabelledEvent } from './event-counts';
import { poissonInterval, type RateInterval } from './poisson';

export interface EventMetrics {
  /** Corrected; null when no anomaly was opened. */
  readonly precision: number | null;
  /** Null without events. */
  readonly recall: number | null;
  /** Null without events; 0 when none was found. */
  readonly f05: number | null;
  readonly found: number;
  /** Of the found events those that were under alarm when they began: they count in recall, and have no delay. */
  readonly alreadyOpen: number;
  readonly missed: number;
  readonly false: number;
  /** Anomalies that overlap only the recovery time after an event. */
  readonly released: number;
  /** Of the sampling instants outside all events those outside all anomalies; null when there is no such instant. */
  readonly trueNegativeRate: number | null;
  /** Share of the nominal time that lies under an alarm: 1 - trueNegativeRate. */
  readonly nominalTimeUnderAlarm: number | null;
  /** Every anomaly, true ones too, by the time there is telemetry for. */
  readonly alarmsPerDay: number | null;
  /** False anomalies by the time outside all events. */
  readonly falseAlarmsPerDay: number | null;
  /** 95 % interval of the same (Garwood, 1936); null without nominal time. */
  readonly falseAlarmsPerDayInterval: RateInterval | null;
  /** Time outside all events, days. */
  readonly nominalDays: number;
  /** From the start of an event to the first anomaly opened in it. Null if none was found, or all were under alarm when they began. */
  readonly medianDelaySeconds: number | null;
  /** Share of the true anomalies that name the equipment of an event they overlap; null when no such event names one. */
  readonly rightEquipment: number | null;
  readonly rightFault: number | null;
}

const DAY_MS = 86_400_000;
const BETA_SQUARED = 0.25;

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export const median = (values: readonly number[]): number | null => {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
};

/** The figures of counts, of one pass or of several added up. */
export const metricsOf = (counts: EventCounts): EventMetrics => {
  const { found, alreadyOpen, missed, nominalMs, flaggedMs } = counts;
  const trueNegativeRate = nominalMs === 0 ? null : 1 - flaggedMs / nominalMs;
  const alone = ratio(found, found + counts.false);
  const precision = alone === null ? null : alone * (trueNegativeRate ?? 1);
  const recall = ratio(found, found + missed);
  const weighted = BETA_SQUARED * (precision ?? 0) + (recall ?? 0);
  const f05 = weighted === 0 ? 0 : ((1 + BETA_SQUARED) * (precision ?? 0) * (recall ?? 0)) / weighted;
  const delay = median(counts.outcomes.flatMap(({ delayMs }) => delayMs ?? []));
  const nominalDays = nominalMs / DAY_MS;
  const { low, high } = poissonInterval(counts.false);
  return {
    precision,
    recall,
    f05: recall === null ? null : f05,
    found,
    alreadyOpen,
    missed,
    false: counts.false,
    released: counts.released,
    trueNegativeRate,
    nominalTimeUnderAlarm: trueNegativeRate === null ? null : 1 - trueNegativeRate,
    alarmsPerDay: ratio(counts.anomalies * DAY_MS, counts.totalMs),
    falseAlarmsPerDay: ratio(counts.false, nominalDays),
    falseAlarmsPerDayInterval: nominalDays === 0 ? null : { low: low / nominalDays, high: high / nominalDays },
    nominalDays,
    medianDelaySeconds: delay === null ? null : delay / 1000,
    rightEquipment: ratio(counts.equipment.right, counts.equipment.judged),
    rightFault: ratio(counts.fault.right, counts.fault.judged),
  };
};

/**
 * @param times sampling instants that telemetry exists for, rising, milliseconds.
 * @param periodMs time each of them stands for.
 */
export const eventMetrics = (
  events: readonly LabelledEvent[],
  anomalies: readonly DetectedEvent[],
  times: readonly number[],
  periodMs: number,
): EventMetrics => metricsOf(countEvents({ events, anomalies, times, periodMs, recoveryMs: 0 }));
