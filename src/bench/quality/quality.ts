/**
 * `npm run quality -- --data FOLDER`: fits and judges every data set with the defaults and prints one table (Markdown on stdout, progress
 * on stderr). `--only NAME,...` takes some of them by folder name, `--json` prints the document of CONTRACTS section 12. `--only cost`, `fit`
 * or `settings` measures what explanations cost, what a fit takes, and what the drillers' settings are worth.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createProgress } from '../../commands/progress';
import { describeError, exitStatus, FdirError } from '../../domain/errors';
import { qualityCost, qualityFit } from './quality-cost';
import { qualitySettings } from './quality-settings';
import { openQuality, type Quality } from './quality-support';
import { runSet, type QualityRow } from './run-set';
import { BEARINGS, NASA, SKAB } from './sets/channels';
import { POWER } from './sets/power';
import { HYDRAULIC, ROSA } from './sets/rigs';
import { WHEELS } from './sets/wheels';
import { WHEELS_B } from './sets/wheels-b';
import { documentOf, groupTable, leftOutTable, rowsOf, tableOf } from './table';
import type { DataSet, Method } from './trial';
import { openWorkshop, say } from './workshop';

const SETS: readonly DataSet[] = [WHEELS_B, POWER, ROSA, HYDRAULIC, SKAB, NASA, BEARINGS, WHEELS];

/** Measurements that are no data set; only on demand. */
const MEASUREMENTS: ReadonlyMap<string, (quality: Quality) => void | Promise<void>> = new Map([
  ['cost', qualityCost],
  ['fit', qualityFit],
  ['settings', qualitySettings],
]);

const HELP = `npm run quality -- [--data FOLDER] [--only NAME,...] [--method equipment,paper] [--peers] [--json] [--keep FOLDER]

  --data FOLDER   the recordings, a folder a data set; without it only those that need none (wheels) run
  --only NAME,... some data sets, by folder name: ${SETS.map(({ name }) => name).join(', ')};
                  or a measurement: ${[...MEASUREMENTS.keys()].join(', ')}
  --method M,...  equipment (default), paper, or both
  --peers         judge with simple peers too: z-score, window T2, LDA on mean and deviation
  --json          print one JSON document instead of the table
  --from FILE     print the tables of a JSON document of an earlier run; again for several
  --keep FOLDER   an existing folder for passes and packages, which stay; left out: a temporary one
`;

const OPTIONS = {
  only: { type: 'string' },
  data: { type: 'string' },
  method: { type: 'string', default: 'equipment' },
  peers: { type: 'boolean', default: false },
  from: { type: 'string', multiple: true, default: [] as string[] },
  keep: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const chosenSets = (only: string | undefined, data: string | undefined): readonly DataSet[] => {
  const names =
    only?.split(',') ?? SETS.map(({ name }) => name).filter((name) => data !== undefined || name === 'wheels');
  const unknown = names.filter((name) => !SETS.some((set) => set.name === name));
  if (unknown.length > 0)
    throw new FdirError('usage', `--only ${unknown.join(',')}: there are ${SETS.map(({ name }) => name).join(', ')}`);
  const absent = names.filter((name) => name !== 'wheels' && !existsSync(join(data ?? '', name)));
  if (absent.length > 0)
    throw new FdirError(
      'usage',
      data === undefined
        ? `${absent.join(', ')}: these recordings are not part of the project; give --data FOLDER that holds them`
        : `--data ${data}: there is no ${absent.join(', no ')} in it; models/README.md says where each is from`,
    );
  return SETS.filter(({ name }) => names.includes(name));
};

const chosenMethods = (text: string): readonly Method[] =>
  text.split(',').map((method) => {
    if (method === 'equipment' || method === 'paper') return method;
    throw new FdirError('usage', `--method "${method}" is neither "equipment" nor "paper"`);
  });

const printTables = (rows: readonly QualityRow[]): void => {
  process.stdout.write(`${[...tableOf(rows), '', ...groupTable(rows), '', ...leftOutTable(rows)].join('\n')}\n`);
};

const measure = async (name: string): Promise<void> => {
  const quality = openQuality();
  try {
    await MEASUREMENTS.get(name)?.(quality);
  } finally {
    quality.remove();
  }
};

const main = async (): Promise<void> => {
  const { only, data, method, peers, from, keep, json, help } = parseArgs({ options: OPTIONS }).values;
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  if (from.length > 0) {
    printTables(from.flatMap((file) => rowsOf(readFileSync(file, 'utf8'))));
    return;
  }
  if (only !== undefined && MEASUREMENTS.has(only)) {
    await measure(only);
    return;
  }
  // Before anything long: what is missing is told at once.
  const [sets, methods] = [chosenSets(only, data), chosenMethods(method)];
  if (keep !== undefined && !existsSync(keep)) throw new FdirError('usage', `--keep ${keep}: there is no such folder`);
  const workshop = openWorkshop(keep);
  const progress = createProgress();
  const rows: QualityRow[] = [];
  try {
    for (const set of sets) {
      const own = await runSet(workshop, set, join(data ?? '', set.name), { methods, peers, progress });
      progress.end();
      if (sets.length > 1 || json) for (const line of tableOf(own)) say(line);
      rows.push(...own);
    }
  } finally {
    workshop.remove();
  }
  if (json) process.stdout.write(`${JSON.stringify(documentOf(rows))}\n`);
  else printTables(rows);
};

main().catch((error: unknown) => {
  process.stderr.write(`quality: ${describeError(error)}\n`);
  process.exitCode = exitStatus(error);
});
