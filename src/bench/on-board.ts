/**
 * Resident memory of the on-board profile: the program as it is packaged, a small model, no console, and the flags of node that
 * `systemd/on-board.conf` sets.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { stageProgram } from '../packaging/stage';
import { targetsOf } from '../packaging/targets';
import { measureDaemon } from './memory';
import { unitEnvironment } from './unit-environment';
import type { Workshop } from './workshop';

const ROOT = join(__dirname, '../..');
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
  workshop.report('on-board: fitting a small model');
  fitSmallModel(model);
  const { report } = workshop;
  report('on-board: packaging the program');
  const folder = workshop.path('program');
  for (const target of targetsOf([process.arch])) {
    await stageProgram({ root: ROOT, target, cache: workshop.path('cache'), report }, folder);
  }
  const program = join(folder, 'cli.js');
  return measureDaemon(workshop, {
    name: 'bench-on-board',
    model,
    program,
    modelThread: false,
    ...unitEnvironment('on-board.conf'),
  });
};
