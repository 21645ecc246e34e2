/**
 * Faults that take part of a channel's range away. Both end at the zero signal, so their largest deviation is the energy of the
 * telemetry. That is 1 for telemetry that is standardised on itself. At intensity 1, clipping and dead zone are the same fault, also in
 * the authors' code. Enttsel et al. 2024, `decreasing.py`.
 *
 * The authors' threshold is a quantile of |x| in the window. It jumps to the zero signal at its end, since the least |x| of a window is
 * not 0. That leaves a gap of intensities that nobody can reach. Here the threshold is a share of the window's peak, whose deviation
 * covers 0..1. Like theirs it follows the window, so a quiet window is hit as well as a lively one.
 */
import { mapBlock, type FaultInjector, type NominalBlocks } from './block';
import { calibrateDistortion } from './calibrate';

const peaks = (block: Float64Array, frames: number): readonly number[] =>
  Array.from({ length: block.length / frames }, (_, channel) => {
    let peak = 0;
    for (let frame = 0; frame < frames; frame += 1)
      peak = Math.max(peak, Math.abs(block[channel * frames + frame] ?? 0));
    return peak;
  });

/** Clipping: x' = sign(x) min(|x|, (1 - p) peak), peak of the channel in the block. Authors' `Clipping`. */
export const clipping = (delta: number, nominal: NominalBlocks): FaultInjector => {
  const distort = (block: Float64Array, share: number): Float64Array => {
    const limits = peaks(block, nominal.frames).map((peak) => (1 - share) * peak);
    return mapBlock(block, nominal.frames, (value, channel) => {
      const limit = limits[channel] ?? 0;
      return Math.min(limit, Math.max(-limit, value));
    });
  };
  const share = calibrateDistortion('clipping', delta, nominal, distort);
  return { apply: (block) => distort(block, share) };
};

/** Dead zone: x' = 0 where |x| <= p peak, x elsewhere; peak of the channel in the block. Authors' `DeadZone`. */
export const deadZone = (delta: number, nominal: NominalBlocks): FaultInjector => {
  const distort = (block: Float64Array, share: number): Float64Array => {
    const thresholds = peaks(block, nominal.frames).map((peak) => share * peak);
    return mapBlock(block, nominal.frames, (value, channel) =>
      Math.abs(value) <= (thresholds[channel] ?? 0) ? 0 : value,
    );
  };
  const share = calibrateDistortion('dead-zone', delta, nominal, distort);
  return { apply: (block) => distort(block, share) };
};
