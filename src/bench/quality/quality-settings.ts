/**
 * What the drillers' settings are worth: isolation and identification at a tenth of the published intensity, on a pass nothing was fitted on.
 * Two days to fit and one to judge, not the twenty of the wheels' table: settings are compared with each other here.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { heading, percent, ROOT, row, type Quality } from './quality-support';

const MISSION = join(ROOT, 'rules/mission.yaml');
const PUBLISHED = ['offset', 'step', 'impulse', 'white-noise', 'subspace-alteration'];
const VARIANTS: readonly (readonly [string, ...string[]])[] = [
  ['**defaults**: a mixture a class, 6 components each, 4 dimensions, temperature calibrated'],
  ['one mixture, full covariances, 30 components', '--mixture', 'full', '--components', '30'],
  ['one mixture, diagonal covariances, 30 components', '--mixture', 'diagonal', '--components', '30'],
  ['one mixture, diagonal covariances, 100 components', '--mixture', 'diagonal', '--components', '100'],
  ['1 component a class', '--components', '1'],
  ['3 components a class', '--components', '3'],
  ['12 components a class', '--components', '12'],
  ['2 dimensions', '--dimensions', '2'],
  ['8 dimensions', '--dimensions', '8'],
  ['16 dimensions', '--dimensions', '16'],
  ['temperature 1 (not calibrated)', '--temperature', '1'],
  ['temperature 3', '--temperature', '3'],
  ['taps: residual and detector-residual, pooled', '--taps', 'residual,detector-residual'],
];

export const qualitySettings = ({ at, fdir, evaluate }: Quality): void => {
  const text = readFileSync(MISSION, 'utf8');
  const [from, to] = [text.indexOf('\nfaults:'), text.indexOf('\nparameters:')];
  const mission = at('settings.yaml');
  writeFileSync(mission, `${text.slice(0, from)}\nfaults: [${PUBLISHED.join(', ')}]${text.slice(to)}`);
  const nominal = ['131', '132'].map((seed) => {
    fdir('simulate', '--mission', MISSION, '--out', at(`${seed}.csv`), '--duration', '1d', '--seed', seed);
    return at(`${seed}.csv`);
  });
  fdir('simulate', '--mission', MISSION, '--out', at('133.csv'), '--duration', '1d', '--seed', '133');
  const pass = at('settings-cases.csv');
  const INJECT = ['--independent', '--fault', PUBLISHED.join(','), '--seed', '9'];
  const INTENSITY = ['--intensity', '0.1,subspace-alteration=0.26'];
  fdir('inject', '--mission', mission, '--pass', at('133.csv'), '--out', pass, ...INJECT, ...INTENSITY);
  heading(
    'Settings, delta 0.1 (subspace alteration 0.26), pca, two days fitted, one day judged',
    'settings',
    'wheel',
    'fault',
    'fault, always naming one',
    'ECE',
    'Brier',
    'overhead at batch 1',
  );
  const model = at('settings-model');
  for (const [title, ...options] of VARIANTS) {
    fdir('fit', '--mission', mission, '--nominal', ...nominal, '--out', model, '--cases', '900', ...options);
    const LABELS = ['--labels', pass.replace('.csv', '.labels.csv'), '--windows', 'independent'];
    const { isolation, identification, calibration, cost } = evaluate(mission, model, pass, ...LABELS);
    row(
      title,
      percent(isolation.balancedAccuracy),
      percent(identification.balancedAccuracy),
      percent(identification.forcedBalancedAccuracy),
      (calibration.ece ?? NaN).toFixed(3),
      (calibration.brier ?? NaN).toFixed(3),
      cost.windowsPerSecond === null || cost.detectorOnlyWindowsPerSecond === null
        ? '-'
        : `${(1000 / cost.windowsPerSecond - 1000 / cost.detectorOnlyWindowsPerSecond).toFixed(3)} ms`,
    );
  }
};
