/** Manifests and scored windows for tests of verdicts and anomalies: four numbers a parameter, everything chosen by the test. */
import { NOMINAL, UNKNOWN } from '../../src/domain/explanation';
import type { Manifest } from '../../src/domain/manifest';
import type { ScoredWindow } from '../../src/domain/scored-window';
import { peepholeOutput } from '../../src/domain/manifest';
import { T0 } from './tiny-mission';

export interface ManifestChoice {
  readonly equipment?: readonly string[];
  /** Classes a verdict can name, without `nominal` and `unknown`. */
  readonly faults?: readonly string[];
  readonly threshold?: number;
  readonly returnThreshold?: number;
  readonly k?: number;
  readonly n?: number;
  readonly confidenceFloor?: number;
  readonly parametersPerEquipment?: number;
  /** As the published method answers: whole-window tasks `fault` and `equipment`. */
  readonly paper?: boolean;
}

/** Frames of a window, and windows start every second frame; a frame is a second. */
export const FRAMES = 4;
export const STRIDE = 2;
export const PERIOD_MS = 1000;

export const trackerManifest = (choice: ManifestChoice = {}): Manifest => {
  const { equipment = ['rw0', 'rw1', 'rw2'], faults = ['offset', 'step'], threshold = 4, k = 3, n = 4 } = choice;
  const units = equipment.length === 0 ? ['p'] : equipment;
  const parameters = units.flatMap((id) =>
    Array.from({ length: choice.parametersPerEquipment ?? 2 }, (_, i) => `${id}_${String.fromCharCode(97 + i)}`),
  );
  const classes = [NOMINAL, ...faults, UNKNOWN];
  const tap = (name: string, perEquipment: boolean) => ({
    name,
    kind: 'residual' as const,
    perEquipment,
    dimensions: 2,
    components: 2,
  });
  const task = (name: string, of: string, names: readonly string[]) => ({
    name,
    tap: of,
    output: peepholeOutput(of, name),
    classes: [...names],
  });
  return {
    schemaVersion: 1,
    id: 'hand-made',
    sha256: 'c'.repeat(64),
    spacecraft: 'SC-1',
    method: choice.paper === true ? 'paper' : 'equipment',
    detector: 'none',
    parameters,
    equipment: [...equipment],
    sampling: { periodMs: PERIOD_MS, window: FRAMES, stride: STRIDE },
    scaling: { mean: parameters.map(() => 0), std: parameters.map(() => 1) },
    taps: [choice.paper === true ? tap('encoder', false) : tap('residual', true)],
    tasks:
      choice.paper === true
        ? [task('fault', 'encoder', classes), task('equipment', 'encoder', [NOMINAL, ...equipment])]
        : [task('fault', 'residual', classes)],
    verdictTask: 'fault',
    calibration: {
      falseAlarmsPerDay: 0.5,
      threshold,
      returnThreshold: choice.returnThreshold ?? threshold - 1,
      persistence: { k, n },
      confidenceFloor: choice.confidenceFloor ?? 0.5,
      budgets: [],
      calibrationWindows: 100,
    },
    fittedOn: { passes: [], seed: 1, tool: 'test' },
    quality: {},
    golden: { window: [], outputs: {}, tolerance: 1e-3 },
  };
};

export interface WindowChoice {
  /** Windows follow each other at the stride from T0. */
  readonly index?: number;
  readonly score?: number;
  /** Index of the equipment that the peephole and the equipment scores point to, and of the fault. */
  readonly points?: number;
  readonly fault?: number;
  /** Posterior of that fault on that equipment; the rest goes to `nominal`. */
  readonly confidence?: number;
  /** Posterior rows as the graph gives them, [equipment][nominal, faults.., unknown]; overrides the above. */
  readonly posterior?: readonly (readonly number[])[];
  readonly equipmentScore?: readonly number[];
  readonly parameterScore?: readonly number[];
  readonly values?: Float32Array;
  readonly expected?: Float32Array;
  readonly deviation?: Float32Array;
}

const posteriorRows = (
  manifest: Manifest,
  { points = 0, fault = 0, confidence = 0.9 }: WindowChoice,
): readonly (readonly number[])[] => {
  const width = manifest.tasks[0]?.classes.length ?? 0;
  return Array.from({ length: Math.max(1, manifest.equipment.length) }, (_, row) =>
    Array.from({ length: width }, (__, column) => {
      if (row !== points) return column === 0 ? 1 : 0;
      return column === 0 ? 1 - confidence : column === fault + 1 ? confidence : 0;
    }),
  );
};

export const scoredWindow = (manifest: Manifest, choice: WindowChoice = {}): ScoredWindow => {
  const { index = 0, score = 6, points = 0 } = choice;
  const size = manifest.parameters.length * FRAMES;
  const start = T0 + index * STRIDE * PERIOD_MS;
  const units = Math.max(1, manifest.equipment.length);
  const rows = choice.posterior ?? posteriorRows(manifest, choice);
  return {
    window: {
      start,
      end: start + (FRAMES - 1) * PERIOD_MS,
      values: choice.values ?? new Float32Array(size),
      unusable: [],
    },
    inference: {
      score,
      pValue: 0.001,
      reconstruction: new Float32Array(size),
      expected: choice.expected ?? new Float32Array(size),
      deviation: choice.deviation ?? new Float32Array(size),
      parameterScore: Float32Array.from(choice.parameterScore ?? manifest.parameters.map(() => 1)),
      equipmentScore: Float32Array.from(
        choice.equipmentScore ?? Array.from({ length: units }, (_, i) => (i === points ? 2 : 1)),
      ),
      peepholes: manifest.tasks.map((_, task) =>
        Float32Array.from(manifest.method === 'paper' ? (rows[task] ?? []) : rows.flat()),
      ),
    },
  };
};

/** The same value, with every object in it frozen; typed arrays cannot be, so they are compared by the caller. */
export const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
};
