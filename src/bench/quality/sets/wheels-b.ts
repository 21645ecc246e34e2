/** Four wheels by another simulator: faults in the physics, a nominal pass, and the published protocol at delta 1. */
import { join } from 'node:path';
import type { DataSet } from '../trial';

export const WHEELS_B: DataSet = {
  name: 'wheels-b',
  prepare: (_, data) => {
    const file = (name: string): string => join(data, name);
    return Promise.resolve([
      {
        name: 'wheels-b',
        mission: file('mission.yaml'),
        nominal: [file('nominal_train.csv')],
        judged: [
          { row: 'physical', pass: file('physical.csv'), labels: file('physical.labels.csv') },
          { row: 'nominal_test', pass: file('nominal_test.csv') },
          {
            row: 'windows_high',
            pass: file('windows_high.csv'),
            labels: file('windows_high.labels.csv'),
            isIndependent: true,
            thresholdFrom: [file('nominal_test.csv')],
          },
        ],
      },
    ]);
  },
};
