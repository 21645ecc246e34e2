/** `fdir simulate`: a pass of the simulated reaction-wheel assembly, with labels of the faults put into it. */
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { makeFolders } from '../adapters/host/make-folders';
import { writeLabels, writePass } from '../adapters/passes/pass-writer';
import { loadMission, readConfigText } from '../config/load-mission';
import { parseYaml } from '../config/yaml-document';
import { FdirError } from '../domain/errors';
import { parseDuration } from '../domain/units';
import { bundleSchema } from '../simulate/bundle';
import { checkFaults, parseFault } from '../simulate/fault-syntax';
import { FAULT_KINDS, FAULTS, labelsOf } from '../simulate/faults';
import { matchMission } from '../simulate/mission-match';
import { randomFaults } from '../simulate/random-faults';
import { frameCount, simulatePass } from '../simulate/simulate-pass';
import { writing } from './output-file';

export interface SimulateOptions {
  readonly out?: string;
  readonly labels?: string;
  readonly mission: string;
  readonly duration: string;
  readonly start: string;
  readonly spacecraftSeed: string;
  readonly seed: string;
  readonly fault: readonly string[];
  readonly randomFaults: string;
  readonly bundle?: string;
}

/** Passes longer than this many frames report their progress. */
const LONG_PASS_FRAMES = 50_000;
/** Ten years at 4 s would be 79 million frames; a longer pass is a slip of the pen. */
const LONGEST_PASS_MS = 3660 * 86_400_000;

const whole = (text: string, option: string, lowest: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < lowest) {
    throw new FdirError('usage', `${option} "${text}" is not a whole number of at least ${String(lowest)}`);
  }
  return value;
};

const duration = (text: string): number => {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0 || ms > LONGEST_PASS_MS) {
    throw new FdirError('usage', `--duration "${text}" is not a duration such as 90m, 6h or 5d`);
  }
  return ms;
};

const startTime = (text: string): number => {
  const ms = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms))
    throw new FdirError(
      'usage',
      `--start "${text}" is not an ISO 8601 time with its zone, such as 2026-03-01T00:00:00Z`,
    );
  return ms;
};

/** Simulates one pass and writes it; `progress` receives lines for people. @throws FdirError `usage`, `config` or `runtime`. */
export const simulateToFile = (options: SimulateOptions, progress: (line: string) => void): void => {
  const { out } = options;
  if (out === undefined) throw new FdirError('usage', 'fdir simulate needs --out PASS.csv (or --bundle FOLDER)');
  const start = startTime(options.start);
  const durationMs = duration(options.duration);
  const spacecraftSeed = whole(options.spacecraftSeed, '--spacecraft-seed', 0);
  const passSeed = whole(options.seed, '--seed', 0);
  const count = whole(options.randomFaults, '--random-faults', 0);
  const mission = loadMission(options.mission);
  const inMissionOrder = matchMission(mission, options.mission);
  const { periodMs } = mission.sampling;

  const faults = [
    ...options.fault.map((text) => parseFault(text, start)),
    ...(count === 0 ? [] : randomFaults({ count, passSeed, passStart: start, durationMs, periodMs })),
  ];
  const pass = { start, durationMs, periodMs, spacecraftSeed, passSeed, faults };
  checkFaults(faults, pass);
  const total = frameCount(pass);
  writePass(out, mission, inMissionOrder(simulatePass(pass)), (done) => {
    if (total > LONG_PASS_FRAMES && done < total) progress(`${out}: ${String(Math.floor((100 * done) / total))} %`);
  });
  if (options.labels !== undefined) writeLabels(options.labels, labelsOf(faults, start, periodMs));
  progress(`${out}: ${String(total)} frames, ${String(faults.length)} fault${faults.length === 1 ? '' : 's'}`);
};

/** Makes every pass of `FOLDER/manifest.yaml` again, into `target`. */
export const simulateBundle = (folder: string, target: string, progress: (line: string) => void): void => {
  const file = join(folder, 'manifest.yaml');
  const { value: bundle } = parseYaml(file, readConfigText(file), bundleSchema);
  writing(target, () => makeFolders(target));
  for (const { name, duration: durationMs, seed, faults } of bundle.passes) {
    simulateToFile(
      {
        out: join(target, `${name}.csv`),
        ...(faults.length === 0 ? {} : { labels: join(target, `${name}.labels.csv`) }),
        mission: join(dirname(file), bundle.mission),
        duration: `${String(durationMs)}ms`,
        start: bundle.start,
        spacecraftSeed: String(bundle.spacecraftSeed),
        seed: String(seed),
        fault: faults,
        randomFaults: '0',
      },
      progress,
    );
  }
};

const HELP = `
A fault is TYPE@WHEEL+START/DURATION[xSEVERITY]; START counts from the start of the pass. Types, what their severity means and its default:
${FAULT_KINDS.map((kind) => `  ${kind.padEnd(18)} ${FAULTS[kind].severity} (${String(FAULTS[kind].default)})`).join('\n')}

Examples:
  fdir simulate --out train.csv --duration 5d --seed 101
  fdir simulate --out pass.csv --labels pass.labels.csv --seed 7 --fault friction-rise@rw2+40m/30m --fault torque-loss@rw0+2h/20mx0.3
  fdir simulate --out mixed.csv --labels mixed.labels.csv --duration 2d --random-faults 48
  fdir simulate --bundle telemetry-fixtures

The same arguments give the same bytes.`;

/** Adds the verb `simulate` to the program. */
export const register = (program: Command): void => {
  program
    .command('simulate')
    .description('simulate telemetry of a four-wheel reaction-wheel assembly, nominal or with physical faults')
    .option('--out <file>', 'pass to write (CSV)')
    .option('--labels <file>', 'labels of the faults to write (CSV)')
    .option(
      '--mission <file>',
      'mission file; its parameters must be those of the wheel assembly',
      'rules/mission.yaml',
    )
    .option('--duration <duration>', 'length of the pass', '6h')
    .option('--start <time>', 'time of the first frame, ISO 8601', '2026-03-01T00:00:00Z')
    .option('--spacecraft-seed <n>', 'seed of the constants of wheels and body', '1')
    .option('--seed <n>', 'seed of what happens in the pass: disturbances, slews, noise', '1')
    .option(
      '--fault <fault>',
      'a fault, see below; may be repeated',
      (text: string, all: string[]) => [...all, text],
      [],
    )
    .option('--random-faults <n>', 'that many seeded random faults, one at a time, with nominal telemetry between', '0')
    .option(
      '--bundle <folder>',
      'make every pass of FOLDER/manifest.yaml again, in that folder (or in the folder --out)',
    )
    .addHelpText('after', HELP)
    .action((options: SimulateOptions, command: Command) => {
      const progress = (line: string): void => void process.stderr.write(`${line}\n`);
      if (options.bundle === undefined) {
        simulateToFile(options, progress);
        return;
      }
      const given = command.options
        .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
        .map(({ long }) => long ?? '')
        .filter((name) => name !== '--bundle' && name !== '--out');
      if (given.length > 0)
        throw new FdirError('usage', `--bundle takes everything from its manifest; leave out ${given.join(', ')}`);
      simulateBundle(options.bundle, options.out ?? options.bundle, progress);
    });
};
