/** `fdir fit`: a model package from nominal recordings. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { readTelecommands } from '../adapters/passes/commands-reader';
import { readLabels } from '../adapters/passes/label-reader';
import { openSession } from '../adapters/model/onnx-session';
import { loadMission } from '../config/load-mission';
import { FdirError } from '../domain/errors';
import { DEFAULT_SETTINGS, DEFAULT_TAPS } from '../fit/fit-equipment';
import { SHARED_TAPS } from '../fit/equipment-parts';
import type { FitSettings } from '../fit/fit-input';
import { readDetector } from '../fit/onnx/read-model';
import { listTaps } from '../fit/taps';
import { WHOLE_TAPS } from '../fit/whole-tap';
import { DEFAULT_CASES_PER_CLASS, fitPackage } from '../fit/fit-package';
import { readForeignDetector } from './detector-file';
import { fitAdapted } from './fit-adapt';
import { readNominal, readRecording, writePackage } from './fit-inputs';
import { describeConfidence, describePrediction, describeWarnings } from './fit-text';
import { nameModel } from './name-model';
import { note, writeJson, writeLine } from './output';
import { prepareFolder } from './output-file';
import { createProgress } from './progress';

interface FitOptions {
  readonly mission?: string;
  readonly nominal?: readonly string[];
  readonly labelled?: readonly string[];
  readonly labels?: readonly string[];
  readonly commands?: string;
  readonly out?: string;
  readonly adapt?: string;
  readonly detector: string;
  readonly taps?: string;
  readonly listTaps?: boolean;
  readonly mixture: string;
  readonly components: string;
  readonly dimensions: string;
  readonly temperature: string;
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

const notNegative = (text: string, option: string): number => (text === '0' ? 0 : positive(text, option));

/** What `--list-taps` shows: every weight layer, and for those that cannot be tapped why. */
const showTaps = (file: string, json: boolean): void => {
  if (file === 'pca') throw new FdirError('usage', '--list-taps needs a --detector FILE.onnx');
  const { taps, refused } = listTaps(readDetector(readForeignDetector(file), file));
  const rows = taps.map(({ name, opType, weights }) => ({
    name,
    opType,
    outputs: weights.rows,
    inputs: weights.columns - 1,
  }));
  if (json) {
    writeJson({ detector: file, taps: rows, refused });
    return;
  }
  for (const { name, opType, outputs, inputs } of rows)
    writeLine(`${name.padEnd(28)} ${opType.padEnd(14)} ${String(inputs)} -> ${String(outputs)}`);
  for (const { name, opType, reason } of refused)
    writeLine(`${name.padEnd(28)} ${opType.padEnd(14)} cannot be tapped: ${reason}`);
  if (rows.length + refused.length === 0) writeLine('no weight layer found');
};

const chosenMixture = (text: string): FitSettings['mixture'] => {
  if (text === 'class' || text === 'full' || text === 'diagonal') return text;
  throw new FdirError('usage', `--mixture "${text}" is none of class, full, diagonal`);
};

/** Everything people may get wrong on the command line is told at once. */
const required = ({
  mission,
  nominal,
  out,
}: FitOptions): { mission: string; nominal: readonly string[]; out: string } => {
  const missing = [
    ...(mission === undefined ? ['--mission <file>'] : []),
    ...(nominal === undefined ? ['--nominal <pass...>'] : []),
    ...(out === undefined ? ['--out <folder>'] : []),
  ];
  if (mission === undefined || nominal === undefined || out === undefined)
    throw new FdirError('usage', `fit needs ${missing.join(', ')}`);
  return { mission, nominal, out };
};

export const fit = async (options: FitOptions): Promise<void> => {
  if (options.listTaps) {
    showTaps(options.detector, options.json ?? false);
    return;
  }
  const { nominal, out, ...needed } = required(options);
  const { adapt, commands } = options;
  if (adapt !== undefined) {
    if ((options.labelled ?? []).length > 0 || options.detector !== 'pca' || options.method !== 'equipment')
      throw new FdirError(
        'usage',
        '--adapt takes everything but offsets, scales and thresholds from the package: leave out --labelled, --detector and --method',
      );
    await fitAdapted({ mission: needed.mission, nominal, out, adapt, commands, json: options.json ?? false });
    return;
  }
  const mission = loadMission(needed.mission);
  const [labelled, labels] = [options.labelled ?? [], options.labels ?? []];
  if (labelled.length !== labels.length)
    throw new FdirError(
      'usage',
      `--labelled names ${String(labelled.length)} passes and --labels ${String(labels.length)} files: give one for each`,
    );
  if (options.method !== 'equipment' && options.method !== 'paper')
    throw new FdirError('usage', `--method "${options.method}" is neither "equipment" nor "paper"`);
  // Told before the work: it takes minutes.
  const chosen = {
    method: options.method,
    falseAlarmsPerDay: positive(options.falseAlarmsPerDay, '--false-alarms-per-day'),
    casesPerClass: positive(options.cases, '--cases'),
    taps: (options.taps ?? '').split(',').filter((name) => name !== ''),
    settings: {
      mixture: chosenMixture(options.mixture),
      components: Math.round(positive(options.components, '--components')),
      dimensions: Math.round(notNegative(options.dimensions, '--dimensions')),
      temperature: notNegative(options.temperature, '--temperature'),
      seed: Math.round(positive(options.seed, '--seed')),
    },
  } as const;
  const telecommands = options.commands === undefined ? [] : await readTelecommands(options.commands);
  const takeBack = prepareFolder(out);
  const progress = createProgress();
  const fitted = async () =>
    fitPackage({
      id: basename(out),
      mission,
      nominal: await readNominal(nominal, mission, telecommands),
      labelled: await Promise.all(
        labelled.map(async (file, index) => ({
          pass: await readRecording(file, mission, telecommands),
          labels: await readLabels(labels[index] ?? ''),
        })),
      ),
      detector:
        options.detector === 'pca' ? 'pca' : { file: options.detector, bytes: readForeignDetector(options.detector) },
      ...chosen,
      openGraph: (bytes) => openSession(bytes, { threads: 2 }),
      report: progress.report,
    });
  const { model, detector, manifest, thresholds, leftOut } = await fitted().catch((error: unknown) => {
    takeBack();
    throw error;
  });
  progress.end();
  writePackage(out, { model, detector, manifest });
  nameModel(needed.mission, out);
  const warnings = describeWarnings(manifest);
  if (options.json) {
    writeJson({
      ...{ out, sha256: manifest.sha256, thresholds, quality: manifest.quality },
      ...(leftOut.length > 0 && { labelsLeftOut: leftOut }),
    });
    warnings.forEach(note);
    return;
  }
  note(
    `wrote ${out}: ${manifest.detector}, method ${manifest.method}, ${String(manifest.tasks[0]?.classes.length ?? 0)} classes`,
  );
  for (const { falseAlarmsPerDay, threshold, extrapolated } of thresholds) {
    note(
      `  ${String(falseAlarmsPerDay).padStart(4)} false alarms a day: threshold ${threshold.toFixed(2)}${extrapolated ? ' (extrapolated: the recordings are too short to show this rate)' : ''}${falseAlarmsPerDay === manifest.calibration.falseAlarmsPerDay ? '  <- chosen' : ''}`,
    );
  }
  if (manifest.method === 'equipment') for (const line of describePrediction(manifest)) note(`  ${line}`);
  for (const line of describeConfidence(manifest)) note(`  ${line}`);
  note(
    `  share of calibration windows at or above the chosen threshold: ${JSON.stringify(manifest.quality['sensitivity'])}`,
  );
  warnings.forEach(note);
};

export const register = (program: Command): void => {
  program
    .command('fit')
    .description('make a model package (detector, peepholes, calibration) from nominal recordings')
    .option('--mission <file>', 'mission file')
    .option('--nominal <pass...>', 'nominal recordings: CSV, NDJSON (also gzip) or Parquet')
    .option('--out <folder>', 'package folder to write')
    .option('--adapt <folder>', 'take over this package for another spacecraft of its type, from few nominal hours')
    .option('--detector <pca|file.onnx>', 'the linear detector, or any ONNX reconstruction model', 'pca')
    .option('--method <equipment|paper>', 'peepholes: equipment-shared, or as published', 'equipment')
    .option('--labelled <pass...>', 'recordings with labelled faults that teach classes of their own')
    .option('--labels <file...>', 'their labels files, in the same order')
    .option('--commands <file>', 'telecommands that were sent, CSV time,name,arguments or NDJSON')
    .option(
      '--taps <names>',
      `comma-separated: ${[...SHARED_TAPS, ...WHOLE_TAPS].join(', ')}, and weight layers of the detector (default: ${DEFAULT_TAPS.join(', ')}; with --method paper the latent layer)`,
    )
    .option('--list-taps', 'list the weight layers of --detector FILE.onnx, and stop')
    .option(
      '--mixture <class|full|diagonal>',
      'drillers of shared taps: a mixture a class, or one for all',
      DEFAULT_SETTINGS.mixture,
    )
    .option('--components <n>', 'components a class', String(DEFAULT_SETTINGS.components))
    .option(
      '--dimensions <n>',
      'dimensions of the corevector at shared taps; 0: one less than classes',
      String(DEFAULT_SETTINGS.dimensions),
    )
    .option(
      '--temperature <t>',
      'temperature of the posteriors; 0: chosen on cases held back',
      String(DEFAULT_SETTINGS.temperature),
    )
    .option('--false-alarms-per-day <rate>', 'budget the threshold is chosen for', '0.5')
    .option('--cases <n>', 'injected calibration windows a class', String(DEFAULT_CASES_PER_CLASS))
    .option('--seed <n>', 'seed of all random choices', '1')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  fdir fit --mission rules/mission.yaml --nominal train.csv --out models/mine\n  fdir fit --mission sat-2.yaml --adapt models/sat-1 --nominal hours.csv --out models/sat-2\n',
    )
    .action(fit);
};
