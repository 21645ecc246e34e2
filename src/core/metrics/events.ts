/**
 * Anomalies against labelled events, one judgement an event: what an operator lives with, unlike rates of windows.
 *
 * Event-wise scores as ESA-ADB defines them (Kotowski et al., "European Space Agency Benchmark for Anomaly Detection in
 * Satellite Telemetry", 2024, arXiv 2406.17826, corrected event-wise F-score): an event is found when at least one anomaly
 * overlaps it, however many do; an anomaly that overlaps no event is false. Because one anomaly without end would find
 * everything, precision is multiplied by the true negative rate of the time samples (Sehili and Zhang, 2023, arXiv 2308.13068):
 * precision = TPe / (TPe + FPe) x (1 - FPt / Nt). F0.5 weighs precision twice as much as recall.
 */

/** A labelled event or an anomaly; milliseconds, both ends inclusive. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

export interface LabelledEvent extends Interval {
  /** Undefined: the label does not say, or the model does not know it; then it is not judged. */
  readonly equipment?: string | undefined;
  readonly fault?: string | undefined;
}

export interface DetectedEvent extends Interval {
  readonly detectedAt: number;
  readonly equipment: string;
  readonly fault: string;
}

export interface EventMetrics {
  /** Corrected; null when no anomaly was opened. */
  readonly precision: number | null;
  /** Null without events. */
  readonly recall: number | null;
  /** Null without events; 0 when none was found. */
  readonly f05: number | null;
  readonly found: number;
  readonly missed: number;
  readonly false: number;
  /** Of the sampling instants outside all events those outside all anomalies; null when there is no such instant. */
  readonly trueNegativeRate: number | null;
  /** Every anomaly, true ones too, by the time there is telemetry for. */
  readonly alarmsPerDay: number | null;
  /** False anomalies by the time outside all events. */
  readonly falseAlarmsPerDay: number | null;
  /** From the start of an event to the first anomaly opened in it; 0 when one was open already. Null when none was found. */
  readonly medianDelaySeconds: number | null;
  /** Share of the true anomalies that name the equipment of an event they overlap; null when no such event names one. */
  readonly rightEquipment: number | null;
  readonly rightFault: number | null;
}

export interface EventMatch {
  /** Index of the event. */
  readonly event: number;
  /** Indices of the anomalies that overlap it, in their order. */
  readonly anomalies: readonly number[];
  /** Undefined when it was missed. */
  readonly delayMs: number | undefined;
}

const DAY_MS = 86_400_000;
const BETA_SQUARED = 0.25;

const overlap = (a: Interval, b: Interval): boolean => a.start <= b.end && b.start <= a.end;
const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export const median = (values: readonly number[]): number | null => {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
};

/** Which anomalies found which event, and how soon. */
export const matchEvents = (events: readonly Interval[], anomalies: readonly DetectedEvent[]): readonly EventMatch[] =>
  events.map((event, index) => {
    const own = anomalies.flatMap((anomaly, at) => (overlap(event, anomaly) ? [at] : []));
    const opened = own.map((at) => anomalies[at]?.detectedAt ?? Infinity);
    return {
      event: index,
      anomalies: own,
      delayMs: own.length === 0 ? undefined : Math.max(0, Math.min(...opened) - event.start),
    };
  });

/** Of the anomalies that overlap an event which says it, the share that says the same. */
const shareRight = (
  events: readonly LabelledEvent[],
  anomalies: readonly DetectedEvent[],
  what: 'equipment' | 'fault',
): number | null => {
  const judged = anomalies.flatMap((anomaly) => {
    const said = events.filter((event) => overlap(event, anomaly)).flatMap((event) => event[what] ?? []);
    return said.length === 0 ? [] : [said.includes(anomaly[what])];
  });
  return ratio(judged.filter(Boolean).length, judged.length);
};

/** @param times sampling instants that telemetry exists for, milliseconds; @param periodMs time each of them stands for. */
export const eventMetrics = (
  events: readonly LabelledEvent[],
  anomalies: readonly DetectedEvent[],
  times: readonly number[],
  periodMs: number,
): EventMetrics => {
  const matches = matchEvents(events, anomalies);
  const found = matches.filter((match) => match.anomalies.length > 0).length;
  const falseOnes = anomalies.filter((anomaly) => !events.some((event) => overlap(event, anomaly))).length;
  const within = (intervals: readonly Interval[], time: number): boolean =>
    intervals.some(({ start, end }) => start <= time && time <= end);
  const nominal = times.filter((time) => !within(events, time));
  const flagged = nominal.filter((time) => within(anomalies, time)).length;
  const trueNegativeRate = nominal.length === 0 ? null : 1 - flagged / nominal.length;
  const alone = ratio(found, found + falseOnes);
  const precision = alone === null ? null : alone * (trueNegativeRate ?? 1);
  const recall = ratio(found, events.length);
  const weighted = BETA_SQUARED * (precision ?? 0) + (recall ?? 0);
  const f05 = weighted === 0 ? 0 : ((1 + BETA_SQUARED) * (precision ?? 0) * (recall ?? 0)) / weighted;
  const delay = median(matches.flatMap(({ delayMs }) => delayMs ?? []));
  return {
    precision,
    recall,
    f05: recall === null ? null : f05,
    found,
    missed: events.length - found,
    false: falseOnes,
    trueNegativeRate,
    alarmsPerDay: ratio(anomalies.length * DAY_MS, times.length * periodMs),
    falseAlarmsPerDay: ratio(falseOnes * DAY_MS, nominal.length * periodMs),
    medianDelaySeconds: delay === null ? null : delay / 1000,
    rightEquipment: shareRight(events, anomalies, 'equipment'),
    rightFault: shareRight(events, anomalies, 'fault'),
  };
};
