/**
 * Stuck: from one instant on every channel of the equipment holds its value, as a frozen sensor or a stale buffer does. Not among the
 * authors' twelve.
 *
 * `x'_t = x_t` for t < j and `x_j` for t >= j. The n - j frames that it holds decide the deviation. Their number is drawn from two
 * neighbouring ones so that the mean is met.
 *
 * If nominal telemetry moves too little within a block, holding through all of it is not enough. Then the whole block is stuck at a wrong
 * value `x_0 +- b`, with `b^2 = delta - D(n)` and `D(n)` the deviation of holding `x_0`. Each channel has a sign of its own, so the cross
 * term vanishes. Every intensity is reachable.
 */
import { mapBlock, randomSigns, type FaultInjector, type NominalBlocks } from './block';
import { firstCrossing } from './calibrate';

/** Expected deviation when the last 1, 2, ... n frames hold the first value among them. */
const deviationByLength = ({ blocks, channels, frames }: NominalBlocks): Float64Array => {
  const deviations = new Float64Array(frames);
  for (const block of blocks) {
    for (let channel = 0; channel < channels; channel += 1) {
      let [sum, squares] = [0, 0];
      for (let held = 1; held <= frames; held += 1) {
        const value = block[(channel + 1) * frames - held] ?? 0;
        sum += value;
        squares += value * value;
        // The sum over t >= j of (x_t - x_j)^2, from running sums.
        deviations[held - 1] = (deviations[held - 1] ?? 0) + squares - 2 * value * sum + held * value * value;
      }
    }
  }
  return deviations.map((total) => Math.max(0, total) / (blocks.length * channels * frames));
};

export const stuck = (delta: number, nominal: NominalBlocks): FaultInjector => {
  const { frames } = nominal;
  const deviations = deviationByLength(nominal);
  const reachable = deviations.reduce((largest, value) => Math.max(largest, value), 0);
  const wholeBlock = delta > reachable;
  const shift = wholeBlock ? Math.sqrt(delta - (deviations[frames - 1] ?? 0)) : 0;
  const meanHeld = wholeBlock
    ? frames
    : 1 +
      (frames - 1) *
        firstCrossing('stuck', delta, (share) => {
          const held = share * (frames - 1);
          const low = Math.min(frames - 1, Math.floor(held));
          const high = Math.min(frames - 1, low + 1);
          return (deviations[low] ?? 0) * (1 - (held - low)) + (deviations[high] ?? 0) * (held - low);
        });
  return {
    apply: (block, channels, _frames, random) => {
      const signs = randomSigns(channels, random);
      const whole = Math.floor(meanHeld);
      const held = Math.min(frames, whole + (random.uniform() < meanHeld - whole ? 1 : 0));
      const instant = frames - held;
      return mapBlock(block, frames, (value, channel, frame) =>
        frame < instant ? value : (block[channel * frames + instant] ?? 0) + shift * (signs[channel] ?? 1),
      );
    },
  };
};
