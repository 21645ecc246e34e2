/** What the parts of `npm run quality` share: a folder, the command line as a user has it, and tables in Markdown. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FdirError } from '../../domain/errors';
import type { Evaluation } from '../../fit/evaluate/evaluation';

export const ROOT = join(__dirname, '../..');
const CLI = join(__dirname, '../cli.js');

export interface Quality {
  /** A path in the folder of this run. */
  readonly at: (name: string) => string;
  /** Runs a command and answers its standard output. @throws when it fails. */
  readonly fdir: (...args: readonly string[]) => string;
  /** Undefined when it is refused. */
  readonly tryFdir: (...args: readonly string[]) => string | undefined;
  readonly evaluate: (mission: string, model: string, pass: string, ...more: readonly string[]) => Evaluation;
  /** Recordings of others. @throws FdirError `usage` when they are not there. */
  readonly recordings: (folder: string) => string;
  readonly remove: () => void;
}

const report = (line: string): void => void process.stderr.write(`${line}\n`);
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

export const openQuality = (data: string | undefined): Quality => {
  const folder = mkdtempSync(join(tmpdir(), 'fdir-quality-'));
  const told = (args: readonly string[]): void => {
    report(`fdir ${args.join(' ').replaceAll(folder, '.')}`);
  };
  const fdir = (...args: readonly string[]): string => {
    told(args);
    return execFileSync(process.execPath, [CLI, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 2 ** 28,
    });
  };
  return {
    at: (name) => join(folder, name),
    fdir,
    tryFdir: (...args) => {
      told(args);
      const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      });
      if (status === 0) return stdout;
      report(stderr.trim().split('\n').at(-1) ?? '');
      return undefined;
    },
    evaluate: (mission, model, pass, ...more) =>
      JSON.parse(
        fdir('evaluate', '--mission', mission, '--model', model, '--pass', pass, '--json', ...more),
      ) as Evaluation,
    recordings: (name) => {
      if (data === undefined)
        throw new FdirError(
          'usage',
          `"${name}" needs recordings that are not part of this project (their licences differ): give --data FOLDER that holds ${name}/, or leave it out with --only`,
        );
      const path = join(data, name);
      if (!existsSync(path))
        throw new FdirError(
          'usage',
          `--data ${data}: there is no ${name}/ in it; models/README.md says where it is from`,
        );
      return path;
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export const percent = (value: number | null | undefined): string =>
  typeof value === 'number' && Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : '-';
export const row = (...cells: readonly string[]): void => {
  print(`| ${cells.join(' | ')} |`);
};
export const heading = (title: string, ...cells: readonly string[]): void => {
  print(`\n${title}\n`);
  row(...cells);
  row(...cells.map(() => '---'));
};

/** The mission of a recording as `fdir init` drafts it, with another window. */
export const draftMission = (quality: Quality, pass: string, mission: string, window: number): void => {
  quality.fdir('init', pass, '--spacecraft', 'RIG', '--out', mission, '--force');
  writeFileSync(mission, readFileSync(mission, 'utf8').replace(/window: \d+/, `window: ${String(window)}`));
};

export const linesOf = (file: string): readonly string[] => readFileSync(file, 'utf8').trim().split(/\r?\n/);

/** Rows of a labels file of several passes (the pass first, `start` and `end` by name) that belong to one, as a labels file of its own. */
export const writeOwnLabels = (all: string, pass: string, out: string): void => {
  const [header = '', ...lines] = linesOf(all);
  const columns = header.split(',');
  const [start, end] = [columns.indexOf('start'), columns.indexOf('end')];
  if (start < 0 || end < 0) throw new FdirError('input', `${all} has no columns start and end`);
  const own = lines.map((line) => line.split(',')).filter(([name]) => name === pass);
  const rows = own.map((cells) => `${cells[start] ?? ''},${cells[end] ?? ''},,`);
  writeFileSync(out, ['start,end,equipment,fault', ...rows, ''].join('\n'));
};
