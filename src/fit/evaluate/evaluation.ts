/** The figures of `fdir evaluate --json` (CONTRACTS section 5), from the judged windows and anomalies of one pass. */
import type { Calibration } from '../../core/metrics/calibration';
import {
  addCounts,
  countEvents,
  type DetectedEvent,
  type EventCounts,
  type LabelledEvent,
} from '../../core/metrics/event-counts';
import { groupEvents, type EventGroup } from '../../core/metrics/event-groups';
import { metricsOf, type EventMetrics } from '../../core/metrics/events';
import { addPoints, pointMetrics, sharpened, type PointMetrics } from '../../core/metrics/points';
import { rocOf, shareAtOrAbove } from '../../core/metrics/roc';
import type { Manifest } from '../../domain/manifest';
import type { Label } from '../../domain/telemetry';
import type { Cost } from './evaluate-cost';
import { tapFigures, type TapFigures } from './evaluate-taps';
import type { JudgedPass, EvaluatedWindow } from './evaluate-pass';
import {
  calibrate,
  conformalFigures,
  identify,
  isolate,
  knownFaults,
  namedCases,
  overAllWindows,
  type AllWindows,
  type ConformalFigures,
  type IdentificationFigures,
  type IsolationFigures,
} from './evaluate-names';
import { predictedRate, type PredictedRate } from './predicted-rate';
import type { WindowMode } from './evaluate-windows';

export interface Threshold {
  readonly value: number;
  /** `package`, or the pass whose nominal windows gave it. */
  readonly source: string;
  /** Share of those nominal windows it was chosen for; null for the package's own. */
  readonly falsePositiveRate: number | null;
}

export interface FaultDetection {
  readonly fault: string;
  /** Windows inside labels of the fault. */
  readonly windows: number;
  readonly detectionRate: number;
}

export interface Evaluation {
  readonly model: Pick<Manifest, 'id' | 'method' | 'detector' | 'sha256'>;
  readonly threshold: Threshold;
  readonly windows: {
    readonly mode: WindowMode;
    /** Windows scored and used. */
    readonly n: number;
    readonly anomalous: number;
    /** Independent blocks that are neither nominal nor inside one label, left out; of a stream they are anomalous. */
    readonly partial: number;
    readonly unscored: number;
    readonly falsePositiveRate: number | null;
    readonly detectionRate: number | null;
    readonly auc: number | null;
    readonly byFault: readonly FaultDetection[];
  };
  /** What the fit promised, and the interval that its recordings allow; null of packages that promise nothing, and of peers. */
  readonly predictedFalseAlarms: PredictedRate | null;
  readonly isolation: IsolationFigures;
  readonly identification: IdentificationFigures;
  /** The same over all windows inside a label, detected or not: what the published figures are of. */
  readonly allWindows: AllWindows;
  readonly calibration: Calibration;
  /** What each tap alone says of the same windows. */
  readonly taps: readonly TapFigures[];
  /** Sets of classes over detected windows whose truth the model knows; null of packages without calibrated sets. */
  readonly conformal: ConformalFigures | null;
  readonly events: { readonly [name in keyof EventMetrics]: EventMetrics[name] | null } & {
    /** So long after its end, a fault's release edge belongs to it. */
    readonly recoverySeconds: number | null;
    /** By labelled fault and by labelled equipment; events without one are left out. */
    readonly byFault: readonly EventGroup[] | null;
    readonly byEquipment: readonly EventGroup[] | null;
  };
  /** The event figures were each head left out, its evidence masked and nothing fitted again: what it adds is what is then worse. */
  readonly leftOut: readonly HeadLeftOut[];
  /** Sampling instants one by one; null for independent windows. */
  readonly points: PointMetrics | null;
  readonly cost: Cost;
}

export interface HeadLeftOut {
  readonly head: string;
  readonly events: Evaluation['events'];
}

/** What the figures need of an anomaly. */
export type DetectedAnomaly = Pick<JudgedPass['anomalies'][number], 'start' | 'lastHit' | 'detectedAt' | 'verdict'>;

export interface EvaluationInput {
  readonly manifest: Manifest;
  readonly mode: WindowMode;
  readonly judged: Omit<JudgedPass, 'anomalies' | 'leftOut'> & {
    readonly anomalies: readonly DetectedAnomaly[];
    readonly leftOut?: readonly { readonly head: string; readonly anomalies: readonly DetectedAnomaly[] }[];
  };
  readonly threshold: Threshold;
  /** Labels that some frame of the pass lies in. */
  readonly labels: readonly Label[];
  /** Sampling instants of the pass, milliseconds. */
  readonly times: readonly number[];
  /** So long after its end, a fault's release edge belongs to it; milliseconds. */
  readonly recoveryMs: number;
  readonly cost: Cost;
}

/** What a label can be judged by: names the model does not know are left out of isolation and identification. */
export const labelledEvents = (manifest: Manifest, labels: readonly Label[]): readonly LabelledEvent[] =>
  labels.map(({ start, end, equipment, fault }) => ({
    start,
    end,
    equipment: manifest.equipment.includes(equipment) ? equipment : undefined,
    fault: knownFaults(manifest).includes(fault) ? fault : undefined,
    label: { equipment, fault },
  }));

export const detectedEvents = ({ anomalies }: Pick<EvaluationInput['judged'], 'anomalies'>): readonly DetectedEvent[] =>
  anomalies.map(({ start, lastHit, detectedAt, verdict: { equipment, fault } }) => ({
    start,
    end: Math.max(start, lastHit),
    detectedAt,
    equipment,
    fault,
  }));

const points = ({ manifest, judged, labels, times }: EvaluationInput): PointMetrics =>
  pointMetrics(
    times,
    labels,
    judged.anomalies.map(({ start, lastHit }) =>
      sharpened({ start, end: Math.max(start, lastHit) }, judged.windows, manifest.sampling.periodMs),
    ),
  );

/** What the event figures of one pass are counted from. */
export const eventCountsOf = ({ manifest, judged, labels, times, recoveryMs }: EvaluationInput): EventCounts =>
  countEvents({
    events: labelledEvents(manifest, labels),
    anomalies: detectedEvents(judged),
    times,
    periodMs: manifest.sampling.periodMs,
    recoveryMs,
  });

const eventFigures = (counts: EventCounts, recoveryMs: number): Evaluation['events'] => ({
  ...metricsOf(counts),
  recoverySeconds: recoveryMs / 1000,
  byFault: groupEvents(counts.outcomes, ({ fault }) => fault),
  byEquipment: groupEvents(counts.outcomes, ({ equipment }) => equipment),
});

/** Heads that every package of the passes has. */
const leftOutFigures = (inputs: readonly EvaluationInput[], recoveryMs: number): HeadLeftOut[] =>
  (inputs[0]?.judged.leftOut ?? []).flatMap(({ head }): HeadLeftOut[] => {
    const without = inputs.flatMap((input) => {
      const anomalies = input.judged.leftOut?.find((item) => item.head === head)?.anomalies;
      return anomalies === undefined ? [] : [{ ...input, judged: { ...input.judged, anomalies } }];
    });
    return without.length < inputs.length
      ? []
      : [{ head, events: eventFigures(addCounts(without.map(eventCountsOf)), recoveryMs) }];
  });

const NO_EVENTS = {
  precision: null,
  recall: null,
  f05: null,
  found: null,
  alreadyOpen: null,
  missed: null,
  false: null,
  released: null,
  trueNegativeRate: null,
  nominalTimeUnderAlarm: null,
  alarmsPerDay: null,
  falseAlarmsPerDay: null,
  falseAlarmsPerDayInterval: null,
  nominalDays: null,
  medianDelaySeconds: null,
  rightEquipment: null,
  rightFault: null,
  recoverySeconds: null,
  byFault: null,
  byEquipment: null,
} as const satisfies Evaluation['events'];

/** Windows that are used: of independent blocks those that are partly labelled are left out. */
export const usedWindows = (mode: WindowMode, windows: readonly EvaluatedWindow[]): readonly EvaluatedWindow[] =>
  mode === 'stream' ? windows : windows.filter(({ truth }) => truth.kind !== 'partial');

const detectionByFault = (windows: readonly EvaluatedWindow[], threshold: number): readonly FaultDetection[] => {
  const scores = new Map<string, number[]>();
  for (const { truth, score } of windows) {
    if (truth.kind !== 'inside' || truth.label.fault === '') continue;
    scores.set(truth.label.fault, [...(scores.get(truth.label.fault) ?? []), score]);
  }
  return [...scores]
    .map(([fault, own]) => ({ fault, windows: own.length, detectionRate: shareAtOrAbove(own, threshold) ?? 0 }))
    .sort((a, b) => a.fault.localeCompare(b.fault, 'en'));
};

/** Scores relative to each package's own threshold, so that windows of several packages can be ranked together. */
const aboveThreshold = ({ mode, judged, threshold }: EvaluationInput): readonly EvaluatedWindow[] =>
  usedWindows(mode, judged.windows).map((window) => ({ ...window, score: window.score - threshold.value }));

/**
 * The figures of several passes together, as of one: folds of a cross-validation, files of a data set. Their packages know the
 * same equipment and faults; what can differ (threshold, scores) is taken relative to each package's threshold.
 * @throws Error without any pass.
 */
export const evaluateTogether = (inputs: readonly EvaluationInput[]): Evaluation => {
  const [first] = inputs;
  if (first === undefined) throw new Error('there is no pass to evaluate');
  const { manifest, mode, threshold, cost, recoveryMs } = first;
  const windows = inputs.flatMap(aboveThreshold);
  const nominal = windows.flatMap(({ truth, score }) => (truth.kind === 'nominal' ? [score] : []));
  const anomalous = windows.flatMap(({ truth, score }) => (truth.kind === 'nominal' ? [] : [score]));
  const all = inputs.flatMap(({ judged }) => judged.windows);
  const cases = namedCases(windows, 0);
  const { id, method, detector, sha256 } = manifest;
  return {
    model: { id, method, detector, sha256 },
    threshold,
    windows: {
      mode,
      n: windows.length,
      anomalous: anomalous.length,
      partial: all.filter(({ truth }) => truth.kind === 'partial').length,
      unscored: inputs.reduce((sum, { judged }) => sum + judged.unscored, 0),
      falsePositiveRate: shareAtOrAbove(nominal, 0) ?? null,
      detectionRate: shareAtOrAbove(anomalous, 0) ?? null,
      auc: rocOf(nominal, anomalous)?.auc ?? null,
      byFault: detectionByFault(windows, 0),
    },
    predictedFalseAlarms: predictedRate(inputs.map((input) => input.manifest)),
    isolation: isolate(manifest, cases),
    identification: identify(manifest, cases),
    allWindows: overAllWindows(manifest, namedCases(windows, -Infinity)),
    calibration: calibrate(manifest, cases),
    taps: tapFigures(manifest, windows, 0),
    conformal: conformalFigures(manifest, cases),
    events: mode === 'independent' ? NO_EVENTS : eventFigures(addCounts(inputs.map(eventCountsOf)), recoveryMs),
    leftOut: mode === 'independent' ? [] : leftOutFigures(inputs, recoveryMs),
    points: mode === 'independent' ? null : addPoints(inputs.map(points)),
    cost,
  };
};

export const evaluate = (input: EvaluationInput): Evaluation => evaluateTogether([input]);
