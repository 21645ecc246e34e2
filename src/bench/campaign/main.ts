/**
 * `npm run campaign -- --runs N --seed S`: simulated runs from seed S on. `-- --fleet [--short]`: workers, broker and database of a fleet
 * are killed, frozen and restarted. `-- --files`: recordings beside an independent reader. One JSON document on stdout, failures and
 * progress on stderr.
 */
import { parseArgs } from 'node:util';
import { describeError, exitStatus, FdirError } from '../../domain/errors';
import { describeFileFailure, fileCampaign } from './files/file-campaign';
import { fleetCampaign } from './fleet-campaign';
import { fleetVerdict } from './fleet-outcome';
import { campaign, describeFailure } from './campaign';

const DEFAULT_RUNS = 10_000;
const EVERY = 1000;

const report = (line: string): void => void process.stderr.write(`${line}\n`);

/** @throws FdirError `usage` when it is no whole number. */
const wholeNumber = (name: string, text: string): number => {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < 0)
    throw new FdirError('usage', `--${name} ${text}: must be a whole number`);
  return number;
};

/** As it is run before a release; `--short` is for every day. */
const FLEET = { spacecraft: 600, faults: 500, kills: 60, freezes: 20, restarts: 5 };
const SHORT_FLEET = { spacecraft: 24, faults: 16, kills: 3, freezes: 2, restarts: 1 };

const SIZES = ['spacecraft', 'faults', 'kills', 'freezes', 'restarts'] as const;
type Sizes = Readonly<Partial<Record<(typeof SIZES)[number], string>>>;

/** @param sizes what is not to be as usual. */
const runFleet = async (seed: number, isShort: boolean, sizes: Sizes): Promise<void> => {
  const startedAt = performance.now();
  const given = SIZES.flatMap((name) => {
    const text = sizes[name];
    return text === undefined ? [] : [[name, wholeNumber(name, text)]];
  });
  const plan = { ...(isShort ? SHORT_FLEET : FLEET), ...(Object.fromEntries(given) as Partial<typeof FLEET>) };
  const result = await fleetCampaign({ seed, ...plan }, report);
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...result, seconds }, undefined, 2)}\n`);
  report(fleetVerdict(result, seconds));
  if (!result.isEqual) process.exitCode = 1;
};

const DEFAULT_FILES = 100_000;

const runFiles = async (first: number, count: number): Promise<void> => {
  const startedAt = performance.now();
  const result = await fileCampaign(first, count, (verdict, done) => {
    if (verdict.found.length > 0) report(describeFileFailure(verdict));
    if (done % (10 * EVERY) === 0) report(`${String(done)} of ${String(count)} files`);
  });
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...result, seconds }, undefined, 2)}\n`);
  if (result.failed.length > 0) process.exitCode = 1;
};

const main = async (): Promise<void> => {
  const { runs, seed, fleet, files, short, ...sizes } = parseArgs({
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      fleet: { type: 'boolean', default: false },
      files: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      spacecraft: { type: 'string' },
      faults: { type: 'string' },
      kills: { type: 'string' },
      freezes: { type: 'string' },
      restarts: { type: 'string' },
    },
  }).values;
  if (fleet) {
    await runFleet(seed === undefined ? 1 : wholeNumber('seed', seed), short, sizes);
    return;
  }
  const first = seed === undefined ? 1 : wholeNumber('seed', seed);
  // A seed alone is one to be looked at.
  const many = files ? DEFAULT_FILES : DEFAULT_RUNS;
  const count = runs === undefined ? (seed === undefined ? many : 1) : wholeNumber('runs', runs);
  if (files) {
    await runFiles(first, count);
    return;
  }
  const startedAt = performance.now();
  const result = await campaign(first, count, (verdict, done) => {
    if (verdict.found.length > 0) report(describeFailure(verdict));
    if (done % EVERY === 0) report(`${String(done)} of ${String(count)} runs`);
  });
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...result, seconds }, undefined, 2)}\n`);
  if (result.failed.length > 0) process.exitCode = 1;
};

main().catch((error: unknown) => {
  report(`campaign: ${describeError(error)}`);
  process.exit(exitStatus(error));
});
