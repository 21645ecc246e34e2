/**
 * Time warp: the equipment runs slow, `x'(t) = s x((1 - alpha) t)`. t counts frames from the start of the block, the same for all
 * channels. The factor s keeps the nominal energy: `s^2 = E|x|^2 / E|x((1 - alpha) t)|^2` over nominal blocks.
 *
 * Enttsel et al. 2024, `TimeWarping` in `invariant.py`, interpolate with a cubic spline. Here it is the cubic through four neighbours
 * (Catmull-Rom). It needs no linear system and agrees with the samples where t is whole.
 *
 * Telemetry that hardly moves within a block cannot be warped far; the largest intensity is that of the data.
 */
import { deviationOf, mapBlock, mean, meanSquare, type FaultInjector, type NominalBlocks } from './block';
import { firstCrossing } from './calibrate';

/** Value at `share` 0..1 of the way from the sample `before` to the next one; `at` gives the samples. */
const catmullRom = (at: (frame: number) => number, before: number, share: number): number => {
  const p0 = at(before - 1);
  const p1 = at(before);
  const p2 = at(before + 1);
  const p3 = at(before + 2);
  return p1 + 0.5 * share * (p2 - p0 + share * (2 * p0 - 5 * p1 + 4 * p2 - p3 + share * (3 * (p1 - p2) + p3 - p0)));
};

const slowed = (block: Float64Array, frames: number, alpha: number): Float64Array =>
  mapBlock(block, frames, (_value, channel, frame) => {
    const time = (1 - alpha) * frame;
    const before = Math.floor(time);
    const at = (neighbour: number): number =>
      block[channel * frames + Math.min(frames - 1, Math.max(0, neighbour))] ?? 0;
    return catmullRom(at, before, time - before);
  });

export const timeWarp = (delta: number, { blocks, frames }: NominalBlocks): FaultInjector => {
  const energy = mean(blocks.map(meanSquare));
  const scaleFor = (slow: readonly Float64Array[]): number => {
    const left = mean(slow.map(meanSquare));
    return left === 0 ? 1 : Math.sqrt(energy / left);
  };
  const slowedBlocks = (alpha: number): readonly Float64Array[] => blocks.map((block) => slowed(block, frames, alpha));
  const alpha = firstCrossing('time-warp', delta, (candidate) => {
    const slow = slowedBlocks(candidate);
    const scale = scaleFor(slow);
    return mean(
      slow.map((block, index) =>
        deviationOf(
          mapBlock(block, frames, (value) => scale * value),
          blocks[index] ?? block,
        ),
      ),
    );
  });
  const scale = scaleFor(slowedBlocks(alpha));
  return { apply: (block) => mapBlock(slowed(block, frames, alpha), frames, (value) => scale * value) };
};
