/** What one inference says about one window, taken apart by name; arrays are row-major. */
import type { Window } from './telemetry';

export interface Inference {
  readonly score: number;
  /** Split-conformal p-value, 0..1. */
  readonly pValue: number;
  /** [parameters, frames], engineering values. */
  readonly reconstruction: Float32Array;
  /** [parameters, frames], engineering values: each parameter as the others imply it. */
  readonly expected: Float32Array;
  /** [parameters, frames], nominal standard deviations, signed. */
  readonly deviation: Float32Array;
  /** [parameters] >= 0; of the own past where that alone raises the score (`core/anomaly/own-past-shares.ts`). */
  readonly parameterScore: Float32Array;
  /** [equipment] >= 0. */
  readonly equipmentScore: Float32Array;
  /** [heads, units] as the manifest lists them; packages that judge window by window have none. */
  readonly evidence?: Float32Array | undefined;
  /** [heads, parameters] of what judges a parameter by its own past, as the manifest lists them. */
  readonly ownPast?: Float32Array | undefined;
  /** Posterior of each task of the manifest, in its order: [classes] or [equipment, classes]. */
  readonly peepholes: readonly Float32Array[];
  /** Whitened deviation of every further head of the model, where it has any. */
  readonly heads?: readonly HeadDeviation[];
}

export interface HeadDeviation {
  readonly name: string;
  /** Sampling instants that the head's means span; 0 of a head that takes no mean. */
  readonly frames: number;
  /** [parameters], nominal standard deviations, signed. */
  readonly deviation: Float32Array;
}

export interface ScoredWindow {
  readonly window: Window;
  readonly inference: Inference;
}
