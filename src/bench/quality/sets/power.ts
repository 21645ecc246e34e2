/** A power system: faults of eleven kinds, a nominal pass, and rare commanded events that are no faults. */
import { join } from 'node:path';
import type { DataSet } from '../trial';
import { linesOf, writeLines } from '../workshop';

export const POWER: DataSet = {
  name: 'power',
  prepare: (workshop, data) => {
    const file = (name: string): string => join(data, name);
    const [, ...events] = linesOf(file('rare.labels.csv'));
    const rare = writeLines(workshop.at('power-rare.labels.csv'), [
      'start,end,equipment,fault',
      ...events.map((row) => `${row.split(',').slice(0, 2).join(',')},,`),
    ]);
    return Promise.resolve([
      {
        name: 'power',
        mission: file('mission.yaml'),
        nominal: [1, 2, 3, 4].map((part) => file(`nominal_train_${String(part)}.csv`)),
        judged: [
          { row: 'faults', pass: file('faults.csv'), labels: file('faults.labels.csv') },
          { row: 'nominal_test', pass: file('nominal_test.csv') },
          { row: 'rare', pass: file('rare.csv'), labels: rare, isBenign: true },
        ],
      },
    ]);
  },
};
