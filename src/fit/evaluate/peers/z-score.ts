/** The largest standardised value of the window; the unit is that of the parameter that holds it. */
import { scalingOf } from '../../nominal-windows';
import type { Peer, PeerInput } from './peer';

export const zScorePeer = ({ layout: { parameters, frames, groups }, nominal }: PeerInput): Peer => {
  const { mean, std } = scalingOf(nominal, parameters, frames);
  return {
    name: 'z-score',
    judge: (values) => {
      let [score, row] = [0, -1];
      values.forEach((value, index) => {
        const own = Math.floor(index / frames);
        const size = Math.abs((value - (mean[own] ?? 0)) / (std[own] ?? 1));
        if (size > score) [score, row] = [size, own];
      });
      return { score, group: groups.findIndex((group) => group.includes(row)), fault: -1, confidence: 0 };
    },
  };
};
