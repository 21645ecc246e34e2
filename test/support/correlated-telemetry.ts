/** Nominal telemetry for tests: channels that share two slow autoregressive causes and carry a little noise of their own, standardised. */
import { createRandom } from '../../src/core/random';

/** [channels][frames], each channel with mean 0 and standard deviation 1 over the whole. */
export const correlatedTelemetry = (channels: number, frames: number, seed: number): Float64Array => {
  const random = createRandom(seed);
  const causes = [0.97, 0.85].map((memory) => {
    const series = new Float64Array(frames);
    let value = random.normal();
    for (let frame = 0; frame < frames; frame += 1) {
      value = memory * value + Math.sqrt(1 - memory * memory) * random.normal();
      series[frame] = value;
    }
    return series;
  });
  const telemetry = new Float64Array(channels * frames);
  for (let channel = 0; channel < channels; channel += 1) {
    const gains = causes.map(() => random.normal());
    const raw = Float64Array.from(
      { length: frames },
      (_, frame) =>
        causes.reduce((sum, cause, index) => sum + (gains[index] ?? 0) * (cause[frame] ?? 0), 0) +
        0.3 * random.normal(),
    );
    const mean = raw.reduce((sum, value) => sum + value, 0) / frames;
    const deviation = Math.sqrt(raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / frames);
    telemetry.set(
      raw.map((value) => (value - mean) / deviation),
      channel * frames,
    );
  }
  return telemetry;
};

/** Consecutive blocks [channels][length] of telemetry [channels][frames]. */
export const consecutiveBlocks = (
  telemetry: Float64Array,
  channels: number,
  frames: number,
  length: number,
): readonly Float64Array[] =>
  Array.from({ length: Math.floor(frames / length) }, (_, index) => {
    const block = new Float64Array(channels * length);
    for (let channel = 0; channel < channels; channel += 1) {
      const from = channel * frames + index * length;
      block.set(telemetry.subarray(from, from + length), channel * length);
    }
    return block;
  });
