/** `fdir inject`: a labelled faulted pass from a nominal one. */
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { readPassText, type PassText } from '../adapters/pass-text';
import { writeLabels } from '../adapters/pass-writer';
import { loadMission } from '../config/load-mission';
import { parseTimeText } from '../core/packet-time';
import { createRandom, type Random } from '../core/random';
import { FdirError, formatProblem } from '../domain/errors';
import { equipmentIds, type Mission } from '../domain/mission';
import type { Label } from '../domain/telemetry';
import { isoTime, parseDuration } from '../domain/units';
import { faultClasses, isFaultClass, type FaultClass } from '../fit/faults/fault-classes';
import { createInjectionBench, type FaultTarget } from '../fit/faults/inject-faults';
import { independentStretches, spreadStretches, stretchAt, type Stretch } from '../fit/faults/place-faults';

export interface InjectOptions {
  readonly mission: string;
  readonly pass?: string;
  readonly out?: string;
  readonly labels?: string;
  readonly reference?: string;
  readonly fault?: string;
  readonly equipment?: string;
  readonly intensity: string;
  readonly seed: string;
  readonly at?: string;
  readonly duration?: string;
  readonly count?: string;
  readonly independent?: boolean;
  readonly share?: string;
}

/** A stretch long enough for the persistence of a detection, in windows. */
const DEFAULT_WINDOWS = 4;
const MOST_EVENTS = 100_000;

const positive = (text: string, option: string, largest = Infinity): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0 || value > largest) {
    const range = largest === Infinity ? 'a positive number' : `a number above 0 and up to ${String(largest)}`;
    throw new FdirError('usage', `${option} "${text}" is not ${range}`);
  }
  return value;
};

const whole = (text: string, option: string, lowest: number, highest: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < lowest || value > highest) {
    throw new FdirError(
      'usage',
      `${option} "${text}" is not a whole number from ${String(lowest)} to ${String(highest)}`,
    );
  }
  return value;
};

const list = (text: string): readonly string[] => [...new Set(text.split(',').map((item) => item.trim()))];

const parseFaults = (text: string | undefined): readonly FaultClass[] =>
  text === undefined
    ? faultClasses
    : list(text).map((name) => {
        if (isFaultClass(name)) return name;
        throw new FdirError('usage', `there is no fault class "${name}"; the classes are ${faultClasses.join(', ')}`);
      });

/** Equipments, or parameters that were named; a mission without equipments offers its parameters. */
const parseTargets = (
  mission: Mission,
  pass: PassText,
  file: string,
  text: string | undefined,
): readonly FaultTarget[] => {
  const equipments = equipmentIds(mission);
  const all = equipments.length > 0 ? equipments : mission.parameters.map(({ id }) => id);
  const targets = (text === undefined ? all : list(text)).map((name): FaultTarget => {
    const parameters = mission.parameters.filter(({ equipment }) => equipment === name).map(({ id }) => id);
    if (parameters.length > 0) return { name, parameters };
    const parameter = mission.parameters.find(({ id }) => id === name);
    if (parameter !== undefined) return { name: parameter.equipment ?? name, parameters: [name] };
    throw new FdirError(
      'usage',
      `the mission has no equipment or parameter "${name}"; its equipments are ${equipments.join(', ') || 'none'}`,
    );
  });
  const missing = (target: FaultTarget): readonly string[] =>
    target.parameters.filter((id) => !pass.parameters.has(id));
  const present = targets.filter((target) => missing(target).length === 0);
  // Of equipments that were named, each has to be there; of all, those that are.
  const [incomplete] =
    text === undefined && present.length > 0 ? [] : targets.filter((target) => missing(target).length > 0);
  if (incomplete !== undefined) {
    throw new FdirError(
      'input',
      `${file} has no samples of ${missing(incomplete).join(', ')}, needed for "${incomplete.name}"`,
    );
  }
  return present;
};

const parseStart = (text: string, pass: PassText): number => {
  const offset = parseDuration(text);
  const time = offset === undefined ? parseTimeText(text) : (pass.times[0] ?? 0) + offset;
  if (time !== undefined) return time;
  throw new FdirError(
    'usage',
    `--at "${text}" is neither a time such as 2026-03-01T04:12:08Z nor an offset from the start of the pass such as 40m`,
  );
};

const place = (options: InjectOptions, mission: Mission, pass: PassText, random: Random): readonly Stretch[] => {
  const { window, periodMs } = mission.sampling;
  if (options.independent === true) {
    const stretches = independentStretches(pass.times.length, window, positive(options.share ?? '0.5', '--share', 1));
    if (stretches.length > 0) return stretches;
    throw new FdirError(
      'input',
      `the pass is too short: ${String(pass.times.length)} frames hold no block of ${String(window)} frames to be faulted`,
    );
  }
  const durationMs =
    options.duration === undefined ? DEFAULT_WINDOWS * window * periodMs : parseDuration(options.duration);
  const frames = Math.round((durationMs ?? NaN) / periodMs);
  if (!(frames >= 2)) {
    throw new FdirError(
      'usage',
      `--duration "${options.duration ?? ''}" is not a duration of at least two sampling periods, such as 5m`,
    );
  }
  if (options.at !== undefined) return [stretchAt(pass.times, periodMs, parseStart(options.at, pass), frames)];
  const count = whole(options.count ?? '1', '--count', 1, MOST_EVENTS);
  // A single fault may fill a short pass; between several there are whole nominal windows.
  const margin = count > 1 ? window : Math.min(window, Math.max(0, Math.floor((pass.times.length - frames) / 2)));
  return spreadStretches(pass.times, periodMs, count, frames, margin, random);
};

/** Options that contradict each other. */
const checkOptions = (options: InjectOptions): void => {
  const given = (names: readonly (keyof InjectOptions)[]) => names.filter((name) => options[name] !== undefined);
  const clash = (having: string, names: readonly (keyof InjectOptions)[]): void => {
    const [name] = given(names);
    if (name !== undefined) throw new FdirError('usage', `${having} and --${name} exclude each other`);
  };
  if (options.independent === true) clash('--independent', ['at', 'duration', 'count']);
  else if (options.share !== undefined) throw new FdirError('usage', '--share belongs to --independent');
  if (options.at !== undefined) clash('--at', ['count']);
};

const defaultLabels = (out: string): string => `${out.replace(/\.(csv|ndjson|jsonl)$/, '')}.labels.csv`;

const isSameFile = (a: string, b: string): boolean =>
  existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);

const readRecording = (file: string, mission: Mission, progress: (line: string) => void): PassText => {
  const recording = readPassText(file, new Set(mission.parameters.map(({ id }) => id)));
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
    throw new FdirError('runtime', `cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** Injects and writes; `progress` receives lines for people. @throws FdirError `usage`, `config`, `input` or `runtime`. */
export const inject = (options: InjectOptions, progress: (line: string) => void): readonly Label[] => {
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
  const intensity = positive(options.intensity, '--intensity');
  const random = createRandom(whole(options.seed, '--seed', 0, Number.MAX_SAFE_INTEGER));
  const mission = loadMission(options.mission);
  const pass = readRecording(file, mission, progress);
  const reference = options.reference === undefined ? pass : readRecording(options.reference, mission, progress);
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
      `no sample changed: at intensity ${String(intensity)} the fault is below the decimals of the pass, or the stretch has no samples`,
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
    .option('--pass <file>', 'nominal pass to read (CSV or NDJSON)')
    .option('--out <file>', 'faulted pass to write')
    .option('--labels <file>', 'labels to write (default: the faulted pass with .labels.csv)')
    .option('--reference <file>', 'nominal pass that scaling and statistics are taken from (default: the pass itself)')
    .option(
      '--fault <classes>',
      'fault class, or several to draw from, joined by commas (default: all that reach the intensity)',
    )
    .option('--equipment <ids>', 'equipment or parameter, or several to draw from, joined by commas (default: all)')
    .option('--intensity <delta>', 'mean squared deviation per sample, standardised', '1')
    .option('--seed <n>', 'decides everything that is random', '1')
    .option('--at <time>', 'start: ISO 8601 time, or offset from the start of the pass such as 40m (default: random)')
    .option('--duration <duration>', 'length of a fault (default: four windows)')
    .option('--count <n>', 'faults to spread over the pass, with nominal telemetry between (default: 1)')
    .option(
      '--independent',
      'every consecutive block of one window is a case of its own, for evaluate --windows independent',
    )
    .option('--share <share>', 'share of the independent blocks that are faulted (default: 0.5)')
    .addHelpText('after', HELP)
    .action((options: InjectOptions) => {
      inject(options, (line) => void process.stderr.write(`${line}\n`));
    });
};
