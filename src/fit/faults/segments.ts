/** Long blocks in pieces: classes that need second-order statistics act on segments of a fixed number of frames. */

/** Channels `from .. from + length` frames of a block, as a block of its own. */
const cut = (block: Float64Array, channels: number, frames: number, from: number, length: number): Float64Array => {
  const segment = new Float64Array(channels * length);
  for (let channel = 0; channel < channels; channel += 1) {
    segment.set(block.subarray(channel * frames + from, channel * frames + from + length), channel * length);
  }
  return segment;
};

/** The full segments of a block, one after the other. */
export const segmentsOf = (
  block: Float64Array,
  channels: number,
  frames: number,
  length: number,
): readonly Float64Array[] =>
  Array.from({ length: Math.floor(frames / length) }, (_, index) =>
    cut(block, channels, frames, index * length, length),
  );

/**
 * The block with `distort` applied segment after segment. What is left at the end is taken from a last segment that is aligned
 * with the end of the block.
 */
export const bySegment = (
  block: Float64Array,
  channels: number,
  frames: number,
  length: number,
  distort: (segment: Float64Array) => Float64Array,
): Float64Array => {
  const result = Float64Array.from(block);
  for (let from = 0; from < frames; from += length) {
    const start = Math.min(from, frames - length);
    const distorted = distort(cut(block, channels, frames, start, length));
    for (let channel = 0; channel < channels; channel += 1) {
      const kept = distorted.subarray(channel * length + from - start, (channel + 1) * length);
      result.set(kept, channel * frames + from);
    }
  }
  return result;
};
