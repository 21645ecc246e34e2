/** Two rigs with taught faults (a shaft, a hydraulic circuit): fitted on `fit`, taught and judged on `taught` in turns over its stretches. */
import { join } from 'node:path';
import { foldsOf } from '../folds';
import type { DataSet, JudgedFile, Trial } from '../trial';
import type { QualityWorkshop } from '../workshop';

const taughtSet = (
  workshop: QualityWorkshop,
  name: string,
  data: string,
  periodMs: number,
): readonly (Trial & { readonly judged: readonly JudgedFile[] })[] => {
  const file = (own: string): string => join(data, own);
  const taught = { pass: file('taught.csv'), labels: file('taught.labels.csv') };
  return foldsOf(workshop, taught, name, periodMs).map((fold) => ({
    name: `${name} ${fold.name}`,
    mission: file('mission.yaml'),
    nominal: [file('fit.csv')],
    taught: [fold.taught],
    judged: [{ row: 'taught', ...fold.judged }],
  }));
};

export const ROSA: DataSet = {
  name: 'rosa',
  prepare: (workshop, data) => {
    const file = (own: string): string => join(data, own);
    return Promise.resolve([
      ...taughtSet(workshop, 'rosa', data, 200),
      {
        name: 'rosa above the fitted speeds',
        mission: file('mission.yaml'),
        nominal: [file('fit.csv')],
        taught: [{ pass: file('taught.csv'), labels: file('taught.labels.csv') }],
        judged: [{ row: 'test-fast', pass: file('test-fast.csv'), labels: file('test-fast.labels.csv') }],
      },
    ]);
  },
};

export const HYDRAULIC: DataSet = {
  name: 'hydraulic',
  prepare: (workshop, data) => Promise.resolve(taughtSet(workshop, 'hydraulic', data, 1000)),
};
