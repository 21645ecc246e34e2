/**
 * Faults that fade the signal out while a disturbance fades in, x' = sqrt(1 - a^2) x + a e d, with d of unit power and e^2 the
 * nominal energy of the channel, so that the power stays nominal. The deviation is E (2 - 2 sqrt(1 - a^2)), E the mean energy
 * of the channels, hence sqrt(1 - a^2) = 1 - delta / (2 E) and at most 2 E. Enttsel et al. 2024, `Mixing` in `invariant.py`.
 */
import type { Random } from '../../core/random';
import { channelEnergies, mapBlock, mean, randomSigns, type FaultInjector, type NominalBlocks } from './block';
import { within } from './calibrate';
import type { FaultClass } from './fault-classes';

type Disturbance = (channels: number, random: Random) => (channel: number) => number;

const mixing = (fault: FaultClass, delta: number, nominal: NominalBlocks, disturbance: Disturbance): FaultInjector => {
  const energies = channelEnergies(nominal);
  const energy = mean(energies);
  const kept = energy === 0 ? within(fault, delta, 0) : 1 - within(fault, delta, 2 * energy) / (2 * energy);
  const mixedIn = Math.sqrt(1 - kept * kept);
  return {
    apply: (block, channels, frames, random) => {
      const draw = disturbance(channels, random);
      return mapBlock(
        block,
        frames,
        (value, channel) => kept * value + mixedIn * Math.sqrt(energies[channel] ?? 0) * draw(channel),
      );
    },
  };
};

/** Mixing with white Gaussian noise. Authors' `MixingGWN`. */
export const mixingNoise = (delta: number, nominal: NominalBlocks): FaultInjector =>
  mixing('mixing-noise', delta, nominal, (_channels, random) => () => random.normal());

/** Mixing with a constant of random sign, one a channel. Authors' `MixingConstant`. */
export const mixingOffset = (delta: number, nominal: NominalBlocks): FaultInjector =>
  mixing('mixing-offset', delta, nominal, (channels, random) => {
    const signs = randomSigns(channels, random);
    return (channel) => signs[channel] ?? 1;
  });
