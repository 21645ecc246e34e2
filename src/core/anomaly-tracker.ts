/**
 * From scored windows to anomalies: k of the last n windows at or above the threshold open one, its evidence is fused while it
 * lasts, and it closes when the telemetry returned to normal. A pure reducer; the pipeline threads the state.
 */
import type { Manifest } from '../domain/manifest';
import type { ScoredWindow } from '../domain/scored-window';
import type { Verdict } from '../domain/explanation';

export type RevisionTrigger = 'opened' | 'verdict-changed' | 'confidence-changed' | 'score-doubled' | 'returned-to-normal' | 'telemetry-lost' | 'end-of-pass';

/** One anomaly with the evidence gathered so far. */
export interface Anomaly {
  readonly id: string;
  readonly revision: number;
  readonly start: number;
  /** End of the last window that counted. */
  readonly lastHit: number;
  readonly detectedAt: number;
  readonly verdict: Verdict;
  /** The window with the highest score so far: freeze frame, attribution and conceptogram come from it. */
  readonly worst: ScoredWindow;
  /** Fused posterior of each manifest task, aggregated over the hits, in the manifest's order and shape. */
  readonly conceptogram: readonly Float64Array[];
}

/** A revision to be explained, logged and published. */
export interface Revision {
  readonly anomaly: Anomaly;
  readonly trigger: RevisionTrigger;
  readonly state: 'open' | 'closed';
}

export interface TrackerState {
  readonly open: readonly Anomaly[];
}

export interface TrackerStep {
  readonly state: TrackerState;
  readonly revisions: readonly Revision[];
}

export const initialTracker: TrackerState = { open: [] };

/** Takes one scored window, in packet-time order. */
export declare const trackWindow: (spacecraft: string, manifest: Manifest, state: TrackerState, scored: ScoredWindow) => TrackerStep;

/** Closes what is open: telemetry was lost for longer than can be judged, or the pass ended. `time` is packet time. */
export declare const closeAll: (state: TrackerState, time: number, trigger: 'telemetry-lost' | 'end-of-pass') => TrackerStep;
