/**
 * Faults that fade the signal out while a disturbance fades in: `x' = sqrt(1 - a^2) x + a e d`. The power stays nominal, because d has
 * unit power and `e^2` is the nominal energy of the channel.
 *
 * The deviation is `E (2 - 2 sqrt(1 - a^2))`, where E is the mean energy of the channels. Hence `sqrt(1 - a^2) = 1 - delta / (2 E)`, and
 * delta is at most 2 E. Enttsel et al. 2024, `Mixing` in `invariant.py`.
 */
import type { Random } from '../../core/random';
import { channelEnergies, mapBlock, mean, randomSigns, type FaultInjector, type NominalBlocks } from './block';
import { within } from './calibrate';
import type { FaultClass } from '../../domain/fault-classes';

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
