/** What the measurements of cost and settings share: a folder, the command line in a process of its own, and tables in Markdown. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evaluation } from '../../fit/evaluate/evaluation';

export const ROOT = join(__dirname, '../../..');
const CLI = join(__dirname, '../../cli.js');

export interface Quality {
  /** A path in the folder of this run. */
  readonly at: (name: string) => string;
  /** Runs a command and answers its standard output. @throws when it fails. */
  readonly fdir: (...args: readonly string[]) => string;
  readonly evaluate: (mission: string, model: string, pass: string, ...more: readonly string[]) => Evaluation;
  readonly remove: () => void;
}

const report = (line: string): void => void process.stderr.write(`${line}\n`);
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

export const openQuality = (): Quality => {
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
    evaluate: (mission, model, pass, ...more) =>
      JSON.parse(
        fdir('evaluate', '--mission', mission, '--model', model, '--pass', pass, '--json', ...more),
      ) as Evaluation,
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
