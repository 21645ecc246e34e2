/** What a fit is asked for, and what it gives. */
import type { LeftOutLabel } from './labelled-cases';
import type { AssemblyItem } from '../core/telemetry/assembler-state';
import type { OpenGraph } from '../core/graph-session';
import type { Manifest } from '../domain/manifest';
import type { Mission } from '../domain/mission';
import type { Label } from '../domain/telemetry';
import type { FitSettings } from './fit-input';
import type { CalibratedThreshold } from './threshold';

/** A recording as read from disk. */
export interface RecordedPass {
  readonly file: string;
  readonly sha256: string;
  readonly assembled: readonly AssemblyItem[];
}

export interface FitRequest {
  readonly id: string;
  readonly mission: Mission;
  readonly nominal: readonly RecordedPass[];
  readonly labelled: readonly { readonly pass: RecordedPass; readonly labels: readonly Label[] }[];
  /** A foreign model, or the linear detector. */
  readonly detector: 'pca' | { readonly file: string; readonly bytes: Uint8Array };
  readonly method: 'equipment' | 'paper';
  readonly falseAlarmsPerDay: number;
  readonly casesPerClass: number;
  readonly taps: readonly string[];
  readonly settings: FitSettings;
  readonly openGraph: OpenGraph;
  readonly report: (message: string, share?: number) => void;
}

export interface ModelPackageFiles {
  readonly model: Uint8Array;
  /** The detector alone, window to reconstruction: what the explanations are compared with in cost. */
  readonly detector: Uint8Array;
  readonly manifest: Manifest;
  readonly thresholds: readonly CalibratedThreshold[];
  /** Labels that taught nothing. */
  readonly leftOut: readonly LeftOutLabel[];
}
