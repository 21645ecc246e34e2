/** Recordings without a mission file: each is fitted as `fdir init` drafts it, on its nominal part, and judged on the rest. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSet, Trial } from '../trial';
import { linesOf, ownLabels, ROOT, writeLines, type QualityWorkshop } from '../workshop';

const drafted = async (workshop: QualityWorkshop, nominal: string, name: string): Promise<string> => {
  const mission = workshop.at(`${name}.yaml`);
  await workshop.fdir('init', nominal, '--spacecraft', 'RIG', '--out', mission, '--force');
  return mission;
};

/** SKAB's own split: the first 400 rows are nominal. */
const SKAB_NOMINAL_ROWS = 400;

export const SKAB: DataSet = {
  name: 'skab',
  prepare: async (workshop, data) => {
    const files = readdirSync(data)
      .flatMap((name) => /^((?:valve|other).*)\.csv$/.exec(name)?.[1] ?? [])
      .sort();
    const trials: Trial[] = [];
    for (const name of files) {
      const [header = '', ...rows] = linesOf(join(data, `${name}.csv`));
      const at = (part: string): string => workshop.at(`skab-${name}-${part}.csv`);
      const nominal = writeLines(at('fit'), [header, ...rows.slice(0, SKAB_NOMINAL_ROWS)]);
      const pass = writeLines(at('rest'), [header, ...rows.slice(SKAB_NOMINAL_ROWS)]);
      trials.push({
        name,
        mission: await drafted(workshop, nominal, `skab-${name}`),
        nominal: [nominal],
        judged: [{ row: 'all files', pass, labels: ownLabels(join(data, 'labels.csv'), name, at('labels')) }],
      });
    }
    return trials;
  },
};

export const NASA: DataSet = {
  name: 'nasa-smap-msl',
  prepare: async (workshop, data) => {
    const channels = readdirSync(data)
      .flatMap((name) => /^(.+)\.train\.csv$/.exec(name)?.[1] ?? [])
      .sort();
    const trials: Trial[] = [];
    for (const name of channels) {
      const nominal = join(data, `${name}.train.csv`);
      trials.push({
        name,
        mission: await drafted(workshop, nominal, `nasa-${name}`),
        nominal: [nominal],
        judged: [
          {
            row: 'all channels',
            pass: join(data, `${name}.test.csv`),
            labels: ownLabels(join(data, 'labels.csv'), name, workshop.at(`nasa-${name}.labels.csv`)),
          },
        ],
      });
    }
    return trials;
  },
};

/** The healthy first third is fitted; the rest is judged. */
const BEARINGS_NOMINAL_ROWS = 700;
/** Published outcome: bearings 3 and 4 fail at the end. The second half of the recording is where a fault may be seen. */
const FAILING = ['b3', 'b4'];

export const BEARINGS: DataSet = {
  name: 'ims-bearings',
  prepare: (workshop, data) => {
    const [header = '', ...rows] = linesOf(join(data, 'test1.csv'));
    const at = (part: string): string => workshop.at(`bearings-${part}.csv`);
    const timeOf = (row: string | undefined): string => row?.split(',')[0] ?? '';
    const half = timeOf(rows[Math.floor(rows.length / 2)]);
    const last = timeOf(rows.at(-1));
    return Promise.resolve([
      {
        name: 'bearings',
        mission: join(ROOT, 'rules/ims-bearings/mission.yaml'),
        nominal: [writeLines(at('fit'), [header, ...rows.slice(0, BEARINGS_NOMINAL_ROWS)])],
        judged: [
          {
            row: 'run to failure',
            pass: writeLines(at('rest'), [header, ...rows.slice(BEARINGS_NOMINAL_ROWS)]),
            labels: writeLines(at('labels'), [
              'start,end,equipment,fault',
              ...FAILING.map((bearing) => `${half},${last},${bearing},`),
            ]),
          },
        ],
      },
    ]);
  },
};
