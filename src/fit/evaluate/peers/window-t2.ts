/**
 * Hotelling's T2 of the whole window under its nominal covariance, almost no shrinkage; the unit is the one whose samples, left out,
 * lower T2 most.
 */
import { covariance, dense, inverse, select, type Dense } from '../../math/dense';
import { scalingOf, standardiseWindow } from '../../nominal-windows';
import { indexOfLargest, type Peer, type PeerInput } from './peer';

/** Shrinkage of the standardised covariance; 1e-2 already hides the relations between parameters. */
const RIDGE = 1e-3;

/** Windows of the covariance at most: they overlap, and more say the same. */
const MAX_NOMINAL = 8000;

const quadratic = (m: Dense, x: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < m.rows; i += 1) {
    let own = 0;
    for (let j = 0; j < m.columns; j += 1) own += (m.data[i * m.columns + j] as number) * (x[j] as number);
    sum += own * (x[i] as number);
  }
  return sum;
};

export const windowT2Peer = ({ layout: { parameters, frames, groups }, nominal }: PeerInput): Peer => {
  const size = parameters * frames;
  const scaling = scalingOf(nominal, parameters, frames);
  const standardised = (values: Float32Array): Float64Array => standardiseWindow(values, scaling, frames);
  const step = Math.max(1, Math.ceil(nominal.length / MAX_NOMINAL));
  const rows = nominal.filter((_, index) => index % step === 0).map(standardised);
  const centre = new Float64Array(size);
  for (const row of rows) row.forEach((value, i) => (centre[i] = (centre[i] as number) + value / rows.length));
  const precision = inverse(covariance(rows, centre, RIDGE));
  const members = groups.map((group) =>
    group.flatMap((row) => Array.from({ length: frames }, (_, t) => row * frames + t)),
  );
  const own = members.map((indices) => inverse(select(precision, indices, indices)));
  return {
    name: 'window T2',
    judge: (values) => {
      const z = standardised(values).map((value, i) => value - (centre[i] as number));
      const pulled = dense(size, 1);
      for (let i = 0; i < size; i += 1) {
        let sum = 0;
        for (let j = 0; j < size; j += 1) sum += (precision.data[i * size + j] as number) * (z[j] as number);
        pulled.data[i] = sum;
      }
      const score = z.reduce((sum, value, i) => sum + value * (pulled.data[i] as number), 0);
      const drops = own.map((inverted, group) =>
        quadratic(
          inverted,
          (members[group] ?? []).map((i) => pulled.data[i] as number),
        ),
      );
      return { score, group: indexOfLargest(drops), fault: -1, confidence: 0 };
    },
  };
};
