/** Reads `model.json` and checks it, and the graph beside it, against each other and against the mission. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeError, FdirError, type Problem } from '../domain/errors';
import { manifestSchema, type Manifest } from '../domain/manifest';
import type { Mission } from '../domain/mission';
import { MAX_GRAPH_BYTES, MAX_MANIFEST_BYTES, readBounded, type ReadFile } from './read-bounded';
import { modelMismatches } from './model-mismatches';

/** A package as it lies on disk, hash verified. */
export interface ModelPackage {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Reads the graph, `model.onnx`: megabytes that nobody keeps. @throws FdirError `model` when it is no longer the one that was verified. */
  readonly readGraph: () => Uint8Array;
}

const refuse = (folder: string, problems: readonly Problem[]): FdirError =>
  new FdirError('model', `model package ${folder} is refused`, problems);

const readManifest = (folder: string, read: ReadFile): Manifest => {
  const file = join(folder, 'model.json');
  let plain: unknown;
  try {
    plain = JSON.parse(read(file, MAX_MANIFEST_BYTES).toString('utf8'));
  } catch (error) {
    if (error instanceof FdirError) throw refuse(folder, error.problems);
    throw refuse(folder, [{ file, message: describeError(error) }]);
  }
  const result = manifestSchema.safeParse(plain);
  if (result.success) return result.data;
  throw refuse(
    folder,
    result.error.issues.map(({ path, message }) => ({ file, path: path.map(String).join('.'), message })),
  );
};

const readGraph = (folder: string, file: string, read: ReadFile): Buffer => {
  try {
    return read(file, MAX_GRAPH_BYTES);
  } catch (error) {
    throw error instanceof FdirError ? refuse(folder, error.problems) : error;
  }
};

const hashProblems = (file: string, graph: Uint8Array, { sha256 }: Manifest): readonly Problem[] => {
  const actual = createHash('sha256').update(graph).digest('hex');
  return actual === sha256 ? [] : [{ file, message: `its sha256 is ${actual}, model.json says ${sha256}` }];
};

/**
 * Reads a package folder for a mission.
 * @throws FdirError `model` with every mismatch of hash, parameters and window.
 */
export const loadModelPackage = (folder: string, mission: Mission, read: ReadFile = readBounded): ModelPackage => {
  const manifest = readManifest(folder, read);
  const file = join(folder, 'model.onnx');
  if (!existsSync(file)) throw refuse(folder, [{ file, message: 'the file does not exist' }]);
  const problems: Problem[] = [
    ...hashProblems(file, readGraph(folder, file, read), manifest),
    ...modelMismatches(manifest, mission).map((message) => ({ file: join(folder, 'model.json'), message })),
  ];
  if (problems.length > 0) throw refuse(folder, problems);
  return {
    folder,
    manifest,
    readGraph: () => {
      const graph = readGraph(folder, file, read);
      const changed = hashProblems(file, graph, manifest);
      if (changed.length > 0) throw refuse(folder, changed);
      return graph;
    },
  };
};

/** The threshold for a budget of false alarms: that of the largest budget not above it, or of the smallest there is. */
export const withAlarmBudget = (manifest: Manifest, falseAlarmsPerDay: number | undefined): Manifest => {
  const { calibration } = manifest;
  if (falseAlarmsPerDay === undefined || calibration.budgets.length === 0) return manifest;
  const ascending = [...calibration.budgets].sort((a, b) => a.falseAlarmsPerDay - b.falseAlarmsPerDay);
  const chosen = ascending.findLast((budget) => budget.falseAlarmsPerDay <= falseAlarmsPerDay) ?? ascending[0];
  return chosen === undefined ? manifest : { ...manifest, calibration: { ...calibration, ...chosen } };
};
