/**
 * Blocks of standardised telemetry, the material faults are made in: [channels][frames], row-major, each channel with mean 0
 * and standard deviation 1 over nominal telemetry. All channels of a block belong to one equipment.
 */
import type { Random } from '../../core/random';

/** Puts one fault into one block; the block given is left as it was. Every call draws a fault of its own. */
export interface FaultInjector {
  apply(block: Float64Array, channels: number, frames: number, random: Random): Float64Array;
}

/** What a fault is fitted on. */
export interface NominalBlocks {
  readonly blocks: readonly Float64Array[];
  readonly channels: number;
  readonly frames: number;
  /** Frames that the classes which repeat in a long block (impulse, the two alterations) take at once; at most `frames`. */
  readonly segment: number;
}

/** The block with every sample replaced by `sample(value, channel, frame)`. Plain loops here: searches call these millions of times. */
export const mapBlock = (
  block: Float64Array,
  frames: number,
  sample: (value: number, channel: number, frame: number) => number,
): Float64Array => {
  const result = new Float64Array(block.length);
  for (let channel = 0, start = 0; start < block.length; channel += 1, start += frames) {
    for (let frame = 0; frame < frames; frame += 1) {
      result[start + frame] = sample(block[start + frame] ?? 0, channel, frame);
    }
  }
  return result;
};

export const meanSquare = (values: Float64Array): number => {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += (values[index] ?? 0) ** 2;
  return sum / values.length;
};

/** Mean squared deviation per sample, the intensity of CONTRACTS section 6. */
export const deviationOf = (faulted: Float64Array, nominal: Float64Array): number => {
  let sum = 0;
  for (let index = 0; index < nominal.length; index += 1) sum += ((faulted[index] ?? 0) - (nominal[index] ?? 0)) ** 2;
  return sum / nominal.length;
};

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean squared value of each channel over all blocks: 1 for telemetry that is standardised on itself. */
export const channelEnergies = ({ blocks, channels, frames }: NominalBlocks): readonly number[] =>
  Array.from({ length: channels }, (_, channel) =>
    mean(blocks.map((block) => meanSquare(block.subarray(channel * frames, (channel + 1) * frames)))),
  );

/** One sign a channel, as when the authors distort every channel by itself. */
export const randomSigns = (channels: number, random: Random): readonly (1 | -1)[] =>
  Array.from({ length: channels }, () => (random.uniform() < 0.5 ? -1 : 1));
