/** The figures of `fdir evaluate --json` (CONTRACTS section 5), from the judged windows and anomalies of one pass. */
import { calibrationOf, type Calibration } from '../../core/metrics/calibration';
import { confusionOf, type Confusion } from '../../core/metrics/confusion';
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
import { verdictEquipment, verdictFaults } from '../../core/anomaly/verdict';
import { UNKNOWN } from '../../domain/explanation';
import type { Manifest } from '../../domain/manifest';
import type { Label } from '../../domain/telemetry';
import type { Cost } from './evaluate-cost';
import { tapFigures, type TapFigures } from './evaluate-taps';
import type { JudgedPass, JudgedWindow } from './evaluate-pass';
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

export interface ConformalFigures {
  readonly n: number;
  /** Share of the sets that hold the truth; nine in ten are promised. */
  readonly coverage: number;
  readonly meanSize: number;
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
  readonly isolation: Confusion & {
    /** Balanced accuracy of the peepholes alone: without the attribution that names the equipment of an unknown fault. */
    readonly peepholeBalancedAccuracy: number | null;
  };
  readonly identification: Confusion & {
    readonly unknownRate: number | null;
    /** Balanced accuracy were the likeliest fault always named, never `unknown`: what methods without a floor publish. */
    readonly forcedBalancedAccuracy: number | null;
    /** Faults the model was never taught: the right answer is `unknown`. */
    readonly novel: { readonly n: number; readonly unknownRate: number | null };
  };
  /** The same over all windows inside a label, detected or not: what the published figures are of. */
  readonly allWindows: { readonly isolation: Confusion; readonly identification: Confusion };
  readonly calibration: Calibration;
  /** What each tap alone says of the same windows. */
  readonly taps: readonly TapFigures[];
  /** Sets of classes over detected windows whose truth the model knows; null of packages without calibrated sets. */
  readonly conformal: ConformalFigures | null;
  readonly events: { readonly [name in keyof EventMetrics]: EventMetrics[name] | null } & {
    /** So long after its end, a fault's release edge belongs to it. */
    readonly recoverySeconds: number | null;
    /** By labelled fault and by labelled equipment; events without one are left out. */
    readonly byFault: readonly EventGroup[];
    readonly byEquipment: readonly EventGroup[];
  };
  /** Sampling instants one by one; null for independent windows. */
  readonly points: PointMetrics | null;
  readonly cost: Cost;
}

/** What the figures need of an anomaly. */
export type DetectedAnomaly = Pick<JudgedPass['anomalies'][number], 'start' | 'lastHit' | 'detectedAt' | 'verdict'>;

export interface EvaluationInput {
  readonly manifest: Manifest;
  readonly mode: WindowMode;
  readonly judged: Omit<JudgedPass, 'anomalies'> & { readonly anomalies: readonly DetectedAnomaly[] };
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

export const knownFaults = (manifest: Manifest): readonly string[] =>
  verdictFaults(manifest).filter((name) => name !== UNKNOWN);

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

const NO_EVENTS = {
  precision: null,
  recall: null,
  f05: null,
  found: null,
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
  byFault: [],
  byEquipment: [],
} as const satisfies Evaluation['events'];

/** Windows that are used: of independent blocks those that are partly labelled are left out. */
export const usedWindows = (mode: WindowMode, windows: readonly JudgedWindow[]): readonly JudgedWindow[] =>
  mode === 'stream' ? windows : windows.filter(({ truth }) => truth.kind !== 'partial');

interface NamedCase {
  readonly equipment: string;
  readonly fault: string;
  readonly verdict: NonNullable<JudgedWindow['verdict']>;
  readonly peepholeEquipment: string;
}

/** Detected windows inside a label: those that isolation and identification are scored on. */
const namedCases = (windows: readonly JudgedWindow[], threshold: number): readonly NamedCase[] =>
  windows.flatMap(({ score, truth, verdict, peepholeEquipment = UNKNOWN }) =>
    truth.kind === 'inside' && verdict !== undefined && score >= threshold
      ? [{ equipment: truth.label.equipment, fault: truth.label.fault, verdict, peepholeEquipment }]
      : [],
  );

const detectionByFault = (windows: readonly JudgedWindow[], threshold: number): readonly FaultDetection[] => {
  const scores = new Map<string, number[]>();
  for (const { truth, score } of windows) {
    if (truth.kind !== 'inside' || truth.label.fault === '') continue;
    scores.set(truth.label.fault, [...(scores.get(truth.label.fault) ?? []), score]);
  }
  return [...scores]
    .map(([fault, own]) => ({ fault, windows: own.length, detectionRate: shareAtOrAbove(own, threshold) ?? 0 }))
    .sort((a, b) => a.fault.localeCompare(b.fault, 'en'));
};

const isolate = (manifest: Manifest, cases: readonly NamedCase[]): Evaluation['isolation'] => {
  const equipment = verdictEquipment(manifest);
  const known = cases.filter((item) => item.equipment !== UNKNOWN && equipment.includes(item.equipment));
  const judged = known.map((item) => ({ truth: item.equipment, verdict: item.verdict.equipment }));
  const alone = known.map((item) => ({ truth: item.equipment, verdict: item.peepholeEquipment }));
  return {
    ...confusionOf(judged, equipment, UNKNOWN),
    peepholeBalancedAccuracy: confusionOf(alone, equipment, UNKNOWN).balancedAccuracy,
  };
};

const identify = (manifest: Manifest, cases: readonly NamedCase[]): Evaluation['identification'] => {
  const faults = knownFaults(manifest);
  const known = cases.filter(({ fault }) => faults.includes(fault));
  const novel = cases.filter(({ fault }) => fault !== '' && !faults.includes(fault));
  const unknownShare = (own: readonly NamedCase[]): number | null =>
    own.length === 0 ? null : own.filter(({ verdict }) => verdict.fault === UNKNOWN).length / own.length;
  const judged = known.map(({ fault, verdict }) => ({ truth: fault, verdict: verdict.fault }));
  const forced = known.map(({ fault, verdict }) => ({
    truth: fault,
    verdict: verdict.fault === UNKNOWN ? (verdict.alternatives[0]?.fault ?? UNKNOWN) : verdict.fault,
  }));
  return {
    ...confusionOf(judged, faults, UNKNOWN),
    forcedBalancedAccuracy: confusionOf(forced, faults, UNKNOWN).balancedAccuracy,
    unknownRate: unknownShare(known),
    novel: { n: novel.length, unknownRate: unknownShare(novel) },
  };
};

const conformalFigures = (manifest: Manifest, cases: readonly NamedCase[]): ConformalFigures | null => {
  const [equipment, faults] = [manifest.equipment, knownFaults(manifest)];
  const sets = cases.flatMap(({ equipment: unit, fault, verdict }) =>
    verdict.set === undefined || !faults.includes(fault) || (equipment.length > 0 && !equipment.includes(unit))
      ? []
      : [{ unit, fault, set: verdict.set }],
  );
  if (sets.length === 0) return null;
  const holds = sets.filter(({ unit, fault, set }) =>
    set.some((item) => item.fault === fault && (equipment.length === 0 || item.equipment === unit)),
  );
  return {
    n: sets.length,
    coverage: holds.length / sets.length,
    meanSize: sets.reduce((sum, { set }) => sum + set.length, 0) / sets.length,
  };
};

const overAllWindows = (manifest: Manifest, cases: readonly NamedCase[]): Evaluation['allWindows'] => {
  const { peepholeBalancedAccuracy: _, ...isolation } = isolate(manifest, cases);
  const { forcedBalancedAccuracy: __, unknownRate: ___, novel: ____, ...identification } = identify(manifest, cases);
  return { isolation, identification };
};

/** Of verdicts that name a fault: an abstention claims nothing about it. */
const calibrate = (manifest: Manifest, cases: readonly NamedCase[]): Calibration => {
  const faults = knownFaults(manifest);
  const isJudged = ({ equipment, fault, verdict }: NamedCase): boolean =>
    verdict.fault !== UNKNOWN &&
    faults.includes(fault) &&
    (manifest.equipment.length === 0 || manifest.equipment.includes(equipment));
  const isRight = ({ equipment, fault, verdict }: NamedCase): boolean =>
    verdict.fault === fault && (manifest.equipment.length === 0 || verdict.equipment === equipment);
  return calibrationOf(
    cases.filter(isJudged).map((item) => ({ confidence: item.verdict.confidence, isRight: isRight(item) })),
  );
};

/** Scores relative to each package's own threshold, so that windows of several packages can be ranked together. */
const aboveThreshold = ({ mode, judged, threshold }: EvaluationInput): readonly JudgedWindow[] =>
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
    isolation: isolate(manifest, cases),
    identification: identify(manifest, cases),
    allWindows: overAllWindows(manifest, namedCases(windows, -Infinity)),
    calibration: calibrate(manifest, cases),
    taps: tapFigures(manifest, windows, 0),
    conformal: conformalFigures(manifest, cases),
    events: mode === 'independent' ? NO_EVENTS : eventFigures(addCounts(inputs.map(eventCountsOf)), recoveryMs),
    points: mode === 'independent' ? null : addPoints(inputs.map(points)),
    cost,
  };
};

export const evaluate = (input: EvaluationInput): Evaluation => evaluateTogether([input]);
