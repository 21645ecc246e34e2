/** The outside world as the pipeline sees it. Adapters implement these; tests use in-memory ones. */
import type { Observable } from 'rxjs';
import type { Inference } from '../domain/scored-window';
import type { Manifest } from '../domain/manifest';

/** Runs the model package. `windows` is [n, parameters, frames]; answers n inferences in order. Rejects when inference fails. */
export interface Scorer {
  readonly manifest: Manifest;
  score(windows: Float32Array, n: number): Promise<readonly Inference[]>;
  close(): Promise<void>;
}

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Emits every `periodMs`. */
  every(periodMs: number): Observable<number>;
}
