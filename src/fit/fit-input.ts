/** What both methods are given, and what they give back. */
import { P_VALUE_SCORES, type JoinedOutput, type TapInfo, type TaskInfo } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import type { Case } from './calibration-set';
import type { DetectorPart, Scaling } from './graph/front';
import type { OpenGraph } from '../core/graph-session';
import type { Layout } from './layout';
import type { AlarmBudget } from './own-past/ratio-line';
import type { Moments } from './stationary';
import type { Mission } from '../domain/mission';
import type { OwnPast } from '../core/anomaly/own-past';
import type { SustainedCalibration } from '../core/anomaly/sustained';

export interface FitSettings {
  /** How a driller's mixture is made: one a class, or one for all with full or diagonal covariances. */
  readonly mixture: 'class' | 'full' | 'diagonal';
  /** Components a variant of a class (`class`), or a class (one mixture for all). */
  readonly components: number;
  /** Dimensions of the corevector of a shared tap; 0 is one less than there are classes. */
  readonly dimensions: number;
  /** Temperature of the posteriors; 0 is chosen on cases held back. */
  readonly temperature: number;
  readonly seed: number;
}

/** What the covariances are fitted on: windows, and the detector whose residual is one of them. */
export interface ShapeInput {
  readonly shape: readonly Window[];
  readonly detector: DetectorPart;
  /** Moments of the detector's residual, where they are known and not to be estimated. */
  readonly residual?: Moments;
}

export interface EquipmentInput extends ShapeInput {
  readonly layout: Layout;
  readonly scaling: Scaling;
  readonly faults: readonly string[];
  readonly mission: Mission;
  /** Least deviation of each parameter, nominal deviations: what its resolution alone makes. */
  readonly floor: Float64Array;
  /** How far the level of each parameter went one way, nominal deviations (`wander.ts`). */
  readonly wander: Float64Array;
  /** Whether the detector came from elsewhere: its residual is evidence of its own then. */
  readonly isForeign: boolean;
  /** Of each window of `shape`: the fold it is held out in, and the stretch it belongs to. */
  readonly folds: readonly number[];
  readonly stretches: readonly number[];
  /** Moments of short recordings, without a fold or of all; left out where there are windows enough to estimate them plainly. */
  readonly momentsOf: ((fold: number | undefined, rows: readonly ArrayLike<number>[]) => Moments) | undefined;
  /** Nominal windows that calibrate the model, and that nothing but p-values and thresholds is taken from. */
  readonly calibration: readonly Window[];
  readonly conformal: readonly (readonly Window[])[];
  /** Windows with faults. */
  readonly cases: readonly Case[];
  /** Names of taps; empty is the method's default. */
  readonly taps: readonly string[];
  readonly settings: FitSettings;
  readonly budget: AlarmBudget;
  readonly openGraph: OpenGraph;
  readonly report: (message: string, share?: number) => void;
}

export interface FittedGraph {
  /** How evidence is judged over time; where the method has heads. */
  readonly sustained?: SustainedCalibration | undefined;
  /** How parameters are judged by their own past; where the recordings are long enough. */
  readonly ownPast?: OwnPast | undefined;
  readonly model: Uint8Array;
  readonly taps: TapInfo[];
  readonly tasks: TaskInfo[];
  readonly joined: JoinedOutput;
  /** A class with at least this posterior is in the conformal set of a verdict; where the method has sets. */
  readonly setLevel?: number;
  /** Scores of the nominal windows that thresholds are chosen on, a stretch each. */
  readonly nominalScores: readonly ArrayLike<number>[];
  /** Scores of the cases, and where the method has heads, what each head says of them: by name of the output. */
  readonly judgedCases: Readonly<Record<string, Float32Array>>;
  /** The same with the heads that put themselves on the scale of the others: they are counted, and choose no threshold. */
  readonly counted?: readonly Float64Array[];
  /** Cases of each fault that stand out from nominal telemetry; where the method counts them. */
  readonly casesByClass?: Readonly<Record<string, number>>;
  readonly quality: Readonly<Record<string, unknown>>;
}

/**
 * Added to the covariance of short stretches. It is less than their own windows would need, because every lag is estimated on all frames.
 * It is more than `RIDGE`, because the stretch does not show all that is nominal. Compared on recordings of a pump (models/README.md): at
 * 1e-1 relations between parameters are no longer seen.
 */
export const SHORT_RIDGE = 1e-2;

/** Calibration scores, thinned to evenly spaced order statistics that keep the highest. */
export const conformalTable = (scores: Float64Array): Float64Array => {
  const sorted = scores.slice().sort();
  if (sorted.length <= P_VALUE_SCORES) return sorted;
  return Float64Array.from(
    { length: P_VALUE_SCORES },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / (P_VALUE_SCORES - 1))] as number,
  );
};
