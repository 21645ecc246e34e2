/**
 * The wheels: figures of models/README.md from simulation to table, through the command line as a user would. Trains and tests on passes of
 * different seeds; the detector is the committed autoencoder.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { heading, percent, print, ROOT, row, type Quality } from './quality-support';

const MISSION = join(ROOT, 'rules/mission.yaml');
const DETECTOR = join(ROOT, 'models/rw-cae/training/detector.onnx');
const PUBLISHED = ['offset', 'step', 'impulse', 'white-noise', 'subspace-alteration'];
/** Nominal passes that models are fitted on: the detector's own, and others. */
const FITTED = ['101:5d', '103:5d', '104:2d', '105:2d', '106:2d', '107:2d', '108:2d', '109:2d'];
/** Nominal passes nothing was fitted on, for false alarms. */
const UNSEEN = [601, 602, 603, 604, 605];

/** The mission with the classes that the paper injects, and no others. */
const writeMission = ({ at }: Quality): void => {
  const text = readFileSync(MISSION, 'utf8');
  const from = text.indexOf('\nfaults:');
  const to = text.indexOf('\nparameters:');
  writeFileSync(at('mission.yaml'), `${text.slice(0, from)}\nfaults: [${PUBLISHED.join(', ')}]${text.slice(to)}`);
};

const published = ({ at, fdir, evaluate }: Quality): void => {
  heading(
    'Published protocol, unseen pass, thresholds at 1 % false positives of five other unseen passes',
    'delta',
    'method',
    'false positives',
    'detection',
    'wheel',
    'wheel, peepholes alone',
    'fault',
    'fault, always naming one',
    'ECE',
    'overhead',
  );
  for (const [delta, subspace] of [
    ['1', '0.5'],
    ['0.1', '0.26'],
  ] as const) {
    const pass = at(`injected-${delta}.csv`);
    fdir(
      'inject',
      '--mission',
      at('mission.yaml'),
      '--pass',
      at('unseen.csv'),
      '--reference',
      at('101.csv'),
      '--independent',
      '--fault',
      PUBLISHED.join(','),
      '--intensity',
      `${delta},subspace-alteration=${subspace}`,
      '--seed',
      '9',
      '--out',
      pass,
    );
    for (const method of ['equipment', 'paper']) {
      const { windows, isolation, identification, calibration, cost } = evaluate(
        at('mission.yaml'),
        at(method),
        pass,
        '--labels',
        pass.replace('.csv', '.labels.csv'),
        '--windows',
        'independent',
        '--threshold-from',
        ...UNSEEN.map((seed) => at(`${String(seed)}.csv`)),
        '--false-positive-rate',
        '0.01',
      );
      row(
        delta,
        method,
        percent(windows.falsePositiveRate),
        percent(windows.detectionRate),
        percent(isolation.balancedAccuracy),
        percent(isolation.peepholeBalancedAccuracy),
        percent(identification.balancedAccuracy),
        percent(identification.forcedBalancedAccuracy),
        (calibration.ece ?? NaN).toFixed(3),
        percent(cost.explanationOverhead),
      );
    }
  }
};

const physical = ({ at, fdir, evaluate }: Quality): void => {
  heading(
    'Physical faults of the simulator (48 in two unseen days), and false alarms of five unseen nominal passes (ten days)',
    'model',
    'faults found',
    'anomalies on faults naming the right wheel',
    'naming the right fault',
    'false events',
    'median delay',
    'ECE',
    'false alarms a day, nominal',
  );
  fdir(
    'simulate',
    '--mission',
    MISSION,
    '--out',
    at('faults.csv'),
    '--labels',
    at('faults.labels.csv'),
    '--duration',
    '2d',
    '--seed',
    '401',
    '--random-faults',
    '48',
  );
  for (const [name, model, mission] of [
    ['five injected classes only', at('equipment'), at('mission.yaml')],
    ['rw-cae as bundled', join(ROOT, 'models/rw-cae'), MISSION],
  ] as const) {
    const { events, calibration } = evaluate(mission, model, at('faults.csv'), '--labels', at('faults.labels.csv'));
    const alarms = UNSEEN.map((seed) => evaluate(mission, model, at(`${String(seed)}.csv`)).events.false ?? 0);
    const total = alarms.reduce((sum, value) => sum + value, 0);
    row(
      name,
      `${String(events.found)} of ${String((events.found ?? 0) + (events.missed ?? 0))}`,
      percent(events.rightEquipment),
      percent(events.rightFault),
      String(events.false),
      `${String(events.medianDelaySeconds)} s`,
      (calibration.ece ?? NaN).toFixed(3),
      `${(total / (2 * UNSEEN.length)).toFixed(2)} (${alarms.join(', ')} in two days each)`,
    );
  }
};

export const qualityWheels = (quality: Quality): void => {
  const { at, fdir } = quality;
  writeMission(quality);
  for (const item of FITTED) {
    const [seed = '', duration = ''] = item.split(':');
    fdir('simulate', '--mission', MISSION, '--out', at(`${seed}.csv`), '--duration', duration, '--seed', seed);
  }
  for (const seed of UNSEEN)
    fdir(
      'simulate',
      '--mission',
      MISSION,
      '--out',
      at(`${String(seed)}.csv`),
      '--duration',
      '2d',
      '--seed',
      String(seed),
    );
  fdir('simulate', '--mission', MISSION, '--out', at('unseen.csv'), '--duration', '2d', '--seed', '102');
  const nominal = FITTED.map((item) => at(`${item.split(':')[0] ?? ''}.csv`));
  for (const method of ['equipment', 'paper']) {
    const started = Date.now();
    fdir(
      'fit',
      '--mission',
      at('mission.yaml'),
      '--nominal',
      ...nominal,
      '--detector',
      DETECTOR,
      '--method',
      method,
      '--out',
      at(method),
    );
    print(
      `fit, method ${method}: ${((Date.now() - started) / 1000).toFixed(0)} s on 22 days of telemetry (475,200 frames)`,
    );
  }
  published(quality);
  physical(quality);
};
