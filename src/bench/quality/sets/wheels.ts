/**
 * The project's own wheels, from simulation to table: passes of different seeds teach and test; the detector is the committed
 * autoencoder. The published protocol is judged with both methods, the bundled package on faults in the physics and on nominal days.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSet } from '../trial';
import { ROOT, type QualityWorkshop } from '../workshop';

const MISSION = join(ROOT, 'rules/mission.yaml');
const DETECTOR = join(ROOT, 'models/rw-cae/training/detector.onnx');
const BUNDLED = join(ROOT, 'models/rw-cae');
const PUBLISHED = ['offset', 'step', 'impulse', 'white-noise', 'subspace-alteration'];
/** Nominal passes that models are fitted on: the detector's own, and others. */
const FITTED = ['101:5d', '103:5d', '104:2d', '105:2d', '106:2d', '107:2d', '108:2d', '109:2d'];
/** Nominal passes nothing was fitted on, for thresholds and false alarms. */
const UNSEEN = ['601:2d', '602:2d', '603:2d', '604:2d', '605:2d'];
const FAULTS = 48;

/** The mission with the classes that the paper injects, and no others. */
const publishedMission = (workshop: QualityWorkshop): string => {
  const text = readFileSync(MISSION, 'utf8');
  const [from, to] = [text.indexOf('\nfaults:'), text.indexOf('\nparameters:')];
  const file = workshop.at('published.yaml');
  writeFileSync(file, `${text.slice(0, from)}\nfaults: [${PUBLISHED.join(', ')}]${text.slice(to)}`);
  return file;
};

const simulated = async (workshop: QualityWorkshop, passes: readonly string[]): Promise<readonly string[]> => {
  const files: string[] = [];
  for (const item of passes) {
    const [seed = '', duration = ''] = item.split(':');
    const file = workshop.at(`wheels-${seed}.csv`);
    await workshop.fdir('simulate', '--mission', MISSION, '--out', file, '--duration', duration, '--seed', seed);
    files.push(file);
  }
  return files;
};

interface MadePass {
  readonly pass: string;
  readonly labels: string;
}

const injected = async (
  workshop: QualityWorkshop,
  mission: string,
  from: string,
  reference: string,
): Promise<MadePass[]> => {
  const made: MadePass[] = [];
  for (const [delta, subspace] of [
    ['1', '0.5'],
    ['0.1', '0.26'],
  ] as const) {
    const pass = workshop.at(`wheels-injected-${delta}.csv`);
    const what = ['--mission', mission, '--pass', from, '--reference', reference, '--independent'];
    const faults = ['--fault', PUBLISHED.join(','), '--intensity', `${delta},subspace-alteration=${subspace}`];
    await workshop.fdir('inject', ...what, ...faults, '--seed', '9', '--out', pass);
    made.push({ pass, labels: pass.replace('.csv', '.labels.csv') });
  }
  return made;
};

const physical = async (workshop: QualityWorkshop): Promise<MadePass> => {
  const made = { pass: workshop.at('wheels-faults.csv'), labels: workshop.at('wheels-faults.labels.csv') };
  const what = ['--mission', MISSION, '--out', made.pass, '--labels', made.labels];
  await workshop.fdir('simulate', ...what, '--duration', '2d', '--seed', '401', '--random-faults', String(FAULTS));
  return made;
};

export const WHEELS: DataSet = {
  name: 'wheels',
  prepare: async (workshop) => {
    const mission = publishedMission(workshop);
    const nominal = await simulated(workshop, FITTED);
    const unseen = await simulated(workshop, UNSEEN);
    const [source = ''] = await simulated(workshop, ['102:2d']);
    const [strong, faint] = await injected(workshop, mission, source, nominal[0] ?? '');
    if (strong === undefined || faint === undefined) throw new Error('two intensities are injected');
    const how = { isIndependent: true, thresholdFrom: unseen };
    return [
      {
        name: 'published protocol',
        mission,
        nominal,
        detector: DETECTOR,
        methods: ['equipment', 'paper'],
        judged: [
          { row: 'published, delta 1', ...strong, ...how },
          { row: 'published, delta 0.1', ...faint, ...how },
        ],
      },
      {
        name: 'bundled package',
        mission: MISSION,
        nominal,
        model: BUNDLED,
        judged: [
          { row: 'physical, bundled', ...(await physical(workshop)) },
          ...unseen.map((pass) => ({ row: 'nominal, bundled', pass })),
        ],
      },
    ];
  },
};
