/** `fdir inject`: a labelled faulted pass from a nominal one. */
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readPassText, type PassText } from '../adapters/passes/pass-text';
import { writeLabels } from '../adapters/passes/pass-writer';
import { loadMission } from '../config/load-mission';
import { missingValues } from '../core/telemetry/cell';
import { createRandom } from '../core/random';
import { describeError, FdirError, formatProblem } from '../domain/errors';
import type { Mission } from '../domain/mission';
import type { Label } from '../domain/telemetry';
import { isoTime } from '../domain/units';
import { faultClasses } from '../domain/fault-classes';
import { createInjectionBench } from '../fit/faults/inject-faults';
import {
  checkOptions,
  parseFaults,
  parseTargets,
  place,
  parseIntensity,
  whole,
  type InjectOptions,
} from './inject-options';

const defaultLabels = (out: string): string => `${out.replace(/\.(csv|ndjson|jsonl)$/, '')}.labels.csv`;

const isSameFile = (a: string, b: string): boolean =>
  existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);

const readRecording = async (file: string, mission: Mission, progress: (line: string) => void): Promise<PassText> => {
  const known = new Set(mission.parameters.map(({ id }) => id));
  const recording = await readPassText(file, { known, missing: missingValues(mission.missing) });
  recording.problems.forEach((problem) => {
    progress(formatProblem(problem));
  });
  if (recording.skipped > 0) progress(`${file}: ${String(recording.skipped)} lines were not read and stay as they are`);
  return recording;
};

const write = (file: string, text: string): void => {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new FdirError('runtime', `cannot write ${file}: ${describeError(error)}`);
  }
};

/** Injects and writes; `progress` receives lines for people. @throws FdirError `usage`, `config`, `input` or `runtime`. */
export const inject = async (options: InjectOptions, progress: (line: string) => void): Promise<readonly Label[]> => {
  const { pass: file, out } = options;
  if (file === undefined || out === undefined)
    throw new FdirError('usage', 'fdir inject needs --pass NOMINAL.csv and --out FAULTED.csv');
  checkOptions(options);
  const labelsFile = options.labels ?? defaultLabels(out);
  for (const input of [file, options.mission, ...(options.reference === undefined ? [] : [options.reference])]) {
    for (const output of [out, labelsFile]) {
      if (isSameFile(input, output)) throw new FdirError('usage', `${output} is read; it would be overwritten`);
    }
  }
  if (out === labelsFile) throw new FdirError('usage', '--out and --labels are the same file');
  const faults = parseFaults(options.fault);
  const intensity = parseIntensity(options.intensity);
  const random = createRandom(whole(options.seed, '--seed', 0, Number.MAX_SAFE_INTEGER));
  const mission = loadMission(options.mission);
  const pass = await readRecording(file, mission, progress);
  const reference = options.reference === undefined ? pass : await readRecording(options.reference, mission, progress);
  const targets = parseTargets(mission, pass, file, options.equipment);
  const stretches = place(options, mission, pass, random.fork('place'));

  const bench = createInjectionBench({
    pass,
    reference,
    intensity,
    window: mission.sampling.window,
    label: options.independent === true ? 'stretch' : 'changed',
  });
  const labels: Label[] = [];
  stretches.forEach((stretch, index) => {
    const draw = random.fork(`fault ${String(index)}`);
    const target = targets[draw.int(targets.length)];
    if (target === undefined) throw new Error('no target');
    const frames = stretch.to - stretch.from + 1;
    // A class that was asked for has to reach the intensity; out of all classes those are taken that do.
    const fault =
      options.fault === undefined
        ? bench.chooseReachable(faults, target, frames, draw)
        : faults[draw.int(faults.length)];
    if (fault === undefined) throw new Error('no fault');
    const { replacements, label } = bench.inject(fault, target, stretch, draw);
    replacements.forEach(({ parameter, frame, text }) => {
      pass.replace(parameter, frame, text);
    });
    if (label !== undefined) labels.push(label);
    if (options.independent === true) return;
    progress(
      label === undefined
        ? `${fault} in ${target.name}: no sample changed`
        : `${fault} in ${label.equipment} from ${isoTime(label.start)} to ${isoTime(label.end)}`,
    );
  });
  if (labels.length === 0) {
    throw new FdirError(
      'input',
      `no sample changed: at intensity ${options.intensity} the fault is below the decimals of the pass, or the stretch has no samples`,
    );
  }
  write(out, pass.text());
  writeLabels(labelsFile, labels);
  progress(`${out}: ${String(labels.length)} fault${labels.length === 1 ? '' : 's'}, labels in ${labelsFile}`);
  return labels;
};

const HELP = `
Fault classes: ${faultClasses.slice(0, 7).join(', ')},
  ${faultClasses.slice(7).join(', ')}.
The intensity is the mean squared deviation per sample in nominal standard deviations: an offset of intensity 4 is two of them.
Without --fault, --equipment or --at each is drawn by the seed. Only the equipment's samples inside the labelled stretch change;
a label covers the samples that changed, so that of a step begins at the step.

Examples:
  fdir inject --pass nominal.csv --out faulted.csv --fault offset --equipment rw2 --at 40m --duration 10m --intensity 4
  fdir inject --pass nominal.csv --out faulted.csv --count 20 --fault offset,step,drift
  fdir inject --pass nominal.csv --out cases.csv --independent --fault offset,step,impulse,white-noise

The same arguments give the same bytes.`;

/** Adds the verb `inject` to the program. */
export const register = (program: Command): void => {
  program
    .command('inject')
    .description('make a labelled faulted pass from a nominal one')
    .option('--mission <file>', 'mission file', 'rules/mission.yaml')
    .option('--pass <file>', 'nominal pass to read (CSV, NDJSON, also gzip, or Parquet)')
    .option('--out <file>', 'faulted pass to write')
    .option('--labels <file>', 'labels to write (default: the faulted pass with .labels.csv)')
    .option('--reference <file>', 'nominal pass that scaling and statistics are taken from (default: the pass itself)')
    .option(
      '--fault <classes>',
      'fault class, or several to draw from, joined by commas (default: all that reach the intensity)',
    )
    .option('--equipment <ids>', 'equipment or parameter, or several to draw from, joined by commas (default: all)')
    .option(
      '--intensity <delta>',
      'mean squared deviation per sample, standardised; CLASS=DELTA after a comma for exceptions',
      '1',
    )
    .option('--seed <n>', 'seed of everything that is random', '1')
    .option('--at <time>', 'start: ISO 8601 time, or offset from the start of the pass such as 40m (default: random)')
    .option('--duration <duration>', 'length of a fault (default: four windows)')
    .option('--count <n>', 'faults to spread over the pass, with nominal telemetry between (default: 1)')
    .option(
      '--independent',
      'every consecutive block of one window is a case of its own, for evaluate --windows independent',
    )
    .option('--share <share>', 'share of the independent blocks that are faulted (default: 0.5)')
    .addHelpText('after', HELP)
    .action(async (options: InjectOptions) => {
      await inject(options, (line) => void process.stderr.write(`${line}\n`));
    });
};
