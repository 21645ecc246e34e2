/**
 * Resident memory of the on-board profile: the program as it is packaged, a small model, no console, and the flags of node that
 * `systemd/on-board.conf` sets.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FdirError } from '../domain/errors';
import { stageProgram } from '../packaging/stage';
import { targetsOf } from '../packaging/targets';
import { measureDaemon } from './memory';
import type { Workshop } from './workshop';

const ROOT = join(__dirname, '../..');
const PROFILE = join(ROOT, 'systemd/on-board.conf');
/** Passes that teach the faults the bundled rules know. */
const TAUGHT = [
  'several',
  'dropout',
  'friction-rise',
  'torque-loss',
  'current-noise',
  'stuck-tachometer',
  'temperature-drift',
];

/** The profile as systemd would set it. @throws FdirError `runtime` when the file says something else than it did. */
const profile = (): { readonly flags: readonly string[]; readonly environment: NodeJS.ProcessEnv } => {
  const text = readFileSync(PROFILE, 'utf8');
  const [, flags] = /^Environment="FDIR_NODE_FLAGS=(.*)"$/m.exec(text) ?? [];
  const [, arenas] = /^Environment=MALLOC_ARENA_MAX=(\d+)$/m.exec(text) ?? [];
  if (flags === undefined || arenas === undefined) throw new FdirError('runtime', `${PROFILE} sets no flags`);
  return { flags: flags.split(' '), environment: { MALLOC_ARENA_MAX: arenas } };
};

const fitSmallModel = (out: string): void => {
  const fixture = (name: string, ending: string): string => join(ROOT, 'telemetry-fixtures', `${name}.${ending}`);
  const passes = TAUGHT.map((name) => fixture(name, 'csv'));
  const labels = TAUGHT.map((name) => fixture(name, 'labels.csv'));
  const recordings = ['--nominal', fixture('nominal', 'csv'), '--labelled', ...passes, '--labels', ...labels];
  const args = ['--mission', join(ROOT, 'rules/mission.yaml'), ...recordings, '--detector', 'pca', '--seed', '1'];
  execFileSync(process.execPath, [join(ROOT, 'dist/cli.js'), 'fit', ...args, '--out', out], { stdio: 'ignore' });
};

export const benchOnBoard = async (workshop: Workshop) => {
  const model = workshop.path('on-board-model');
  workshop.say('on-board: fitting a small model');
  fitSmallModel(model);
  const { say } = workshop;
  say('on-board: packaging the program');
  const folder = workshop.path('program');
  for (const target of targetsOf([process.arch])) {
    await stageProgram({ root: ROOT, target, cache: workshop.path('cache'), say }, folder);
  }
  const program = join(folder, 'cli.js');
  return measureDaemon(workshop, { name: 'bench-on-board', model, program, ...profile() });
};
