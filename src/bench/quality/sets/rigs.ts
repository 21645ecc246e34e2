/**
 * Two rigs with taught faults (a shaft, a hydraulic circuit): fitted on `fit`, taught and judged on `taught` in turns over its stretches.
 * How often nominal telemetry is called faulty is counted on the last fifth of `fit`, by a package of the rest.
 */
import { join } from 'node:path';
import { foldsOf } from '../folds';
import type { DataSet, JudgedFile, Trial } from '../trial';
import { linesOf, writeLines, type QualityWorkshop } from '../workshop';

/** Of the nominal recording, the share that is fitted on where the rest is judged. */
const FITTED = 0.8;

const nominalTrial = (
  workshop: QualityWorkshop,
  name: string,
  nominal: string,
): Pick<Trial, 'name' | 'nominal'> & { readonly judged: readonly JudgedFile[] } => {
  const [header = '', ...rows] = linesOf(nominal);
  const cut = Math.floor(FITTED * rows.length);
  const write = (part: string, own: readonly string[]): string =>
    writeLines(workshop.at(`${name}-nominal-${part}.csv`), [header, ...own]);
  return {
    name: `${name} nominal`,
    nominal: [write('fitted', rows.slice(0, cut))],
    judged: [{ row: 'nominal', pass: write('judged', rows.slice(cut)) }],
  };
};

const taughtSet = (
  workshop: QualityWorkshop,
  name: string,
  data: string,
  periodMs: number,
): readonly (Trial & { readonly judged: readonly JudgedFile[] })[] => {
  const file = (own: string): string => join(data, own);
  const mission = file('mission.yaml');
  const taught = { pass: file('taught.csv'), labels: file('taught.labels.csv') };
  return [
    ...foldsOf(workshop, taught, name, periodMs).map((fold) => ({
      name: `${name} ${fold.name}`,
      mission,
      nominal: [file('fit.csv')],
      taught: [fold.taught],
      judged: [{ row: 'taught', ...fold.judged }],
    })),
    { ...nominalTrial(workshop, name, file('fit.csv')), mission, taught: [taught] },
  ];
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
