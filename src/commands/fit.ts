/** `fdir fit`: a model package from nominal recordings. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { readLabels } from '../adapters/label-reader';
import { openSession } from '../adapters/onnx-session';
import { loadPass } from '../adapters/pass-reader';
import { loadMission } from '../config/load-mission';
import { FdirError } from '../domain/errors';
import { DEFAULT_EQUIPMENT } from '../fit/fit-equipment';
import { DEFAULT_CASES_PER_CLASS, fitPackage, type RecordedPass } from '../fit/fit-package';
import type { Mission } from '../domain/mission';
import { note, writeJson } from './output';
import { createProgress } from './progress';

interface FitOptions {
  readonly mission: string;
  readonly nominal: readonly string[];
  readonly labelled?: readonly string[];
  readonly labels?: readonly string[];
  readonly out: string;
  readonly detector: string;
  readonly method: string;
  readonly seed: string;
  readonly falseAlarmsPerDay: string;
  readonly cases: string;
  readonly json?: boolean;
}

const positive = (text: string, option: string): number => {
  const value = Number(text);
  if (!(Number.isFinite(value) && value > 0))
    throw new FdirError('usage', `${option} "${text}" is not a positive number`);
  return value;
};

const readBytes = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new FdirError('input', `cannot read ${file}`, [
      { file, message: error instanceof Error ? error.message : String(error) },
    ]);
  }
};

const readRecording = async (file: string, mission: Mission): Promise<RecordedPass> => {
  const sha256 = createHash('sha256').update(readBytes(file)).digest('hex');
  const { assembled, problems } = await loadPass(file, mission);
  for (const { line, message } of problems.slice(0, 5)) note(`${file}:${String(line ?? 0)}: ${message}`);
  if (problems.length > 5) note(`${file}: ${String(problems.length - 5)} more lines skipped`);
  return { file: basename(file), sha256, assembled };
};

export const fit = async (options: FitOptions): Promise<void> => {
  const mission = loadMission(options.mission);
  const [labelled, labels] = [options.labelled ?? [], options.labels ?? []];
  if (labelled.length !== labels.length)
    throw new FdirError(
      'usage',
      `--labelled names ${String(labelled.length)} passes and --labels ${String(labels.length)} files: give one for each`,
    );
  if (options.method !== 'equipment' && options.method !== 'paper')
    throw new FdirError('usage', `--method "${options.method}" is neither "equipment" nor "paper"`);
  const progress = createProgress();
  const { model, detector, manifest, thresholds } = await fitPackage({
    id: basename(options.out),
    mission,
    nominal: await Promise.all(options.nominal.map((file) => readRecording(file, mission))),
    labelled: await Promise.all(
      labelled.map(async (file, index) => ({
        pass: await readRecording(file, mission),
        labels: await readLabels(labels[index] ?? ''),
      })),
    ),
    detector: options.detector === 'pca' ? 'pca' : { file: options.detector, bytes: readBytes(options.detector) },
    method: options.method,
    falseAlarmsPerDay: positive(options.falseAlarmsPerDay, '--false-alarms-per-day'),
    casesPerClass: positive(options.cases, '--cases'),
    settings: { ...DEFAULT_EQUIPMENT, seed: Math.round(positive(options.seed, '--seed')) },
    openGraph: (bytes) => openSession(bytes, { threads: 2 }),
    report: progress.report,
  });
  progress.end();
  mkdirSync(options.out, { recursive: true });
  writeFileSync(join(options.out, 'model.onnx'), model);
  writeFileSync(join(options.out, 'detector.onnx'), detector);
  writeFileSync(join(options.out, 'model.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  if (options.json) {
    writeJson({ out: options.out, sha256: manifest.sha256, thresholds, quality: manifest.quality });
    return;
  }
  note(
    `wrote ${options.out}: ${manifest.detector}, method ${manifest.method}, ${String(manifest.tasks[0]?.classes.length ?? 0)} classes`,
  );
  for (const { falseAlarmsPerDay, threshold, extrapolated } of thresholds) {
    note(
      `  ${String(falseAlarmsPerDay).padStart(4)} false alarms a day: threshold ${threshold.toFixed(2)}${extrapolated ? ' (extrapolated: the recordings are too short to show this rate)' : ''}${falseAlarmsPerDay === manifest.calibration.falseAlarmsPerDay ? '  <- chosen' : ''}`,
    );
  }
  note(
    `  share of calibration windows at or above the chosen threshold: ${JSON.stringify(manifest.quality['sensitivity'])}`,
  );
};

export const register = (program: Command): void => {
  program
    .command('fit')
    .description('make a model package (detector, peepholes, calibration) from nominal recordings')
    .requiredOption('--mission <file>', 'mission file')
    .requiredOption('--nominal <pass...>', 'nominal recordings, CSV or NDJSON')
    .requiredOption('--out <folder>', 'package folder to write')
    .option('--detector <pca|file.onnx>', 'the linear detector, or any ONNX reconstruction model', 'pca')
    .option('--method <equipment|paper>', 'peepholes: equipment-shared, or as published', 'equipment')
    .option('--labelled <pass...>', 'recordings with labelled faults that teach classes of their own')
    .option('--labels <file...>', 'their labels files, in the same order')
    .option('--false-alarms-per-day <rate>', 'budget the threshold is chosen for', '0.5')
    .option('--cases <n>', 'injected calibration windows a class', String(DEFAULT_CASES_PER_CLASS))
    .option('--seed <n>', 'of everything random', '1')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  fdir fit --mission rules/mission.yaml --nominal train.csv --out models/mine\n')
    .action(fit);
};
