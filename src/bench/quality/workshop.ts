/** A folder for what a run of `npm run quality` makes, and the command line as a user has it, run in this process. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { FdirError } from '../../domain/errors';

export const ROOT = join(__dirname, '../../..');

type Register = { readonly register: (program: Command) => void };

/** The verbs that data sets are made and fitted with. */
const VERBS: Readonly<Record<string, () => Promise<Register>>> = {
  init: () => import('../../commands/init.js'),
  fit: () => import('../../commands/fit.js'),
  inject: () => import('../../commands/inject.js'),
  simulate: () => import('../../commands/simulate.js'),
};

export interface QualityWorkshop {
  readonly at: (name: string) => string;
  /** Runs a verb of the command line with its defaults. @throws what the verb throws. */
  readonly fdir: (verb: keyof typeof VERBS, ...args: readonly string[]) => Promise<void>;
  readonly remove: () => void;
}

export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** @param keep a folder that stays; left out: one that goes at the end. */
export const openWorkshop = (keep: string | undefined): QualityWorkshop => {
  const folder = keep ?? mkdtempSync(join(tmpdir(), 'fdir-quality-'));
  return {
    at: (name) => join(folder, name),
    fdir: async (verb, ...args) => {
      const load = VERBS[verb];
      if (load === undefined) throw new FdirError('usage', `the quality tables know no verb "${verb}"`);
      const program = new Command('fdir');
      (await load()).register(program);
      say(`fdir ${[verb, ...args].join(' ').replaceAll(folder, '.')}`);
      await program.parseAsync([verb, ...args], { from: 'user' });
    },
    remove: () => {
      if (keep === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
};

export const linesOf = (file: string): readonly string[] => readFileSync(file, 'utf8').trim().split(/\r?\n/);

export const writeLines = (file: string, lines: readonly string[]): string => {
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
};

/**
 * A labels file with the rows of another one that belong to `name`, a pass or a channel with a column of its own there. Equipment and
 * fault are left out.
 */
export const ownLabels = (all: string, name: string, out: string): string => {
  const [header = '', ...lines] = linesOf(all);
  const columns = header.split(',');
  const [start, end] = [columns.indexOf('start'), columns.indexOf('end')];
  if (start < 0 || end < 0) throw new FdirError('input', `${all} has no columns start and end`);
  const own = lines.map((line) => line.split(',')).filter(([first]) => first === name);
  const rows = own.map((cells) => `${cells[start] ?? ''},${cells[end] ?? ''},,`);
  return writeLines(out, ['start,end,equipment,fault', ...rows]);
};
