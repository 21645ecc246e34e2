/** From which size on a deviation is a reason and no chance: the largest of many samples is large by itself. */
import { LEAST_DEVIATION } from '../../domain/explanation';

/** The largest of so many nominal samples is told as a reason in at most this share of cases. */
const CHANCE = 0.01;
/** The iteration below settles to four digits within so many turns. */
const TURNS = 8;

/**
 * The Bonferroni bound of the largest absolute value among `samples` standard normal ones, with Mills' bound of the tail:
 * samples * 2 phi(z) / z = CHANCE. Never below `LEAST_DEVIATION`.
 */
export const leastDeviation = (samples: number): number => {
  let z = LEAST_DEVIATION;
  for (let turn = 0; turn < TURNS; turn += 1)
    z = Math.sqrt(2 * Math.max(1, Math.log((2 * Math.max(1, samples)) / (CHANCE * z * Math.sqrt(2 * Math.PI)))));
  return Math.max(LEAST_DEVIATION, z);
};
