/** Long blocks in pieces: classes that need second-order statistics act on segments of a fixed number of frames. */

/** The shape of a block: [channels][frames]. */
export interface BlockSize {
  readonly channels: number;
  readonly frames: number;
}

/** `length` frames of every channel of a block, from the frame `from` on, as a block of its own. */
const cut = (block: Float64Array, { channels, frames }: BlockSize, from: number, length: number): Float64Array => {
  const segment = new Float64Array(channels * length);
  for (let channel = 0; channel < channels; channel += 1) {
    segment.set(block.subarray(channel * frames + from, channel * frames + from + length), channel * length);
  }
  return segment;
};

/** The full segments of a block, one after the other. */
export const segmentsOf = (block: Float64Array, size: BlockSize, length: number): readonly Float64Array[] =>
  Array.from({ length: Math.floor(size.frames / length) }, (_, index) => cut(block, size, index * length, length));

/**
 * The block with `distort` applied segment after segment. If frames are left at the end, a last segment that ends with the block
 * supplies them.
 */
export const bySegment = (
  block: Float64Array,
  size: BlockSize,
  length: number,
  distort: (segment: Float64Array) => Float64Array,
): Float64Array => {
  const { channels, frames } = size;
  const result = Float64Array.from(block);
  for (let from = 0; from < frames; from += length) {
    const start = Math.min(from, frames - length);
    const distorted = distort(cut(block, size, start, length));
    for (let channel = 0; channel < channels; channel += 1) {
      const kept = distorted.subarray(channel * length + from - start, (channel + 1) * length);
      result.set(kept, channel * frames + from);
    }
  }
  return result;
};
