/** What both methods are given, and what they give back. */
import type { TapInfo, TaskInfo } from '../domain/manifest';
import type { Window } from '../domain/telemetry';
import type { Case } from './calibration-set';
import type { DetectorPart, Scaling } from './graph/front';
import type { OpenGraph } from './graph-session';
import type { Layout } from './layout';

export interface FitSettings {
  /** How a driller's mixture is made: one a class, or one for all with full or diagonal covariances. */
  readonly mixture: 'class' | 'full' | 'diagonal';
  /** Components a class (`class`), or in all. */
  readonly components: number;
  /** Dimensions of the corevector of a shared tap; 0 is one less than there are classes. */
  readonly dimensions: number;
  /** Temperature of the posteriors; 0 is chosen on cases held back. */
  readonly temperature: number;
  /** Share of known cases that may be called unknown. */
  readonly outliers: number;
  readonly seed: number;
}

export interface EquipmentInput {
  readonly layout: Layout;
  readonly scaling: Scaling;
  readonly detector: DetectorPart;
  readonly faults: readonly string[];
  /** Nominal windows that shape the model, that calibrate it, and that nothing but p-values and thresholds is taken from. */
  readonly shape: readonly Window[];
  readonly calibration: readonly Window[];
  readonly conformal: readonly Window[];
  /** Windows with faults. */
  readonly cases: readonly Case[];
  /** Names of taps; empty is the method's default. */
  readonly taps: readonly string[];
  readonly settings: FitSettings;
  readonly openGraph: OpenGraph;
  readonly report: (message: string, share?: number) => void;
}

export interface FittedGraph {
  readonly model: Uint8Array;
  readonly taps: TapInfo[];
  readonly tasks: TaskInfo[];
  readonly quality: Readonly<Record<string, unknown>>;
}

/** The p-value table holds at most this many scores: finer than a reader's trust, small enough to compare in microseconds. */
const TABLE = 1000;

/** Calibration scores, thinned to evenly spaced order statistics that keep the highest. */
export const conformalTable = (scores: Float64Array): Float64Array => {
  const sorted = scores.slice().sort();
  if (sorted.length <= TABLE) return sorted;
  return Float64Array.from(
    { length: TABLE },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / (TABLE - 1))] as number,
  );
};
