/** One bucket of one track: the least, greatest and mean value of every channel over some time. NaN where there was none. */
import { CHANNEL_BYTES, RECORD_HEAD } from './layout';

/** As it lies in the file, without its checksum. */
export interface BucketRecord {
  readonly bucket: number;
  readonly frames: number;
  /** [channels, 3]: least, greatest, mean. */
  readonly values: Float32Array;
}

/** Used again for one bucket after another: a thousand frames a second must not make garbage. */
export class OpenBucket {
  bucket = NaN;
  frames = 0;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly sum: Float64Array;
  private readonly counts: Float64Array;

  constructor(readonly channels: number) {
    this.low = new Float64Array(channels);
    this.high = new Float64Array(channels);
    this.sum = new Float64Array(channels);
    this.counts = new Float64Array(channels);
  }

  begin(bucket: number): this {
    this.bucket = bucket;
    this.frames = 0;
    this.low.fill(Infinity);
    this.high.fill(-Infinity);
    this.sum.fill(0);
    this.counts.fill(0);
    return this;
  }

  /** One value a channel. */
  add(values: Float64Array): void {
    const { low, high, sum, counts, channels } = this;
    this.frames += 1;
    for (let at = 0; at < channels; at += 1) {
      const value = values[at] ?? NaN;
      if (Number.isNaN(value)) continue;
      if (value < (low[at] ?? 0)) low[at] = value;
      if (value > (high[at] ?? 0)) high[at] = value;
      sum[at] = (sum[at] ?? 0) + value;
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }

  /** One value a channel, and how far about it is normal, one a channel. */
  addBand(values: Float64Array, halfWidths: Float64Array): void {
    const { low, high, sum, counts, channels } = this;
    this.frames += 1;
    for (let at = 0; at < channels; at += 1) {
      const value = values[at] ?? NaN;
      if (Number.isNaN(value)) continue;
      const half = halfWidths[at] ?? 0;
      if (value - half < (low[at] ?? 0)) low[at] = value - half;
      if (value + half > (high[at] ?? 0)) high[at] = value + half;
      sum[at] = (sum[at] ?? 0) + value;
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }

  /** Another bucket that lies within this one. */
  merge(other: OpenBucket): void {
    const { low, high, sum, counts, channels } = this;
    this.frames += other.frames;
    for (let at = 0; at < channels; at += 1) {
      const count = other.counts[at] ?? 0;
      if (count === 0) continue;
      low[at] = Math.min(low[at] ?? 0, other.low[at] ?? 0);
      high[at] = Math.max(high[at] ?? 0, other.high[at] ?? 0);
      sum[at] = (sum[at] ?? 0) + (other.sum[at] ?? 0);
      counts[at] = (counts[at] ?? 0) + count;
    }
  }

  /** What a file kept of a bucket that is or lies within this one. @param channels which of the record's, in order. */
  mergeRecord({ frames, values }: BucketRecord, channels?: readonly number[]): void {
    this.frames += frames;
    for (let at = 0; at < this.channels; at += 1) {
      const from = 3 * (channels?.[at] ?? at);
      const mean = values[from + 2] ?? NaN;
      if (Number.isNaN(mean)) continue;
      this.low[at] = Math.min(this.low[at] ?? Infinity, values[from] ?? Infinity);
      this.high[at] = Math.max(this.high[at] ?? -Infinity, values[from + 1] ?? -Infinity);
      this.sum[at] = (this.sum[at] ?? 0) + mean * frames;
      this.counts[at] = (this.counts[at] ?? 0) + frames;
    }
  }

  /** [channels, 3] from `start` on: least, greatest, mean. */
  write(into: Float32Array, start = 0): void {
    const { low, high, sum, counts, channels } = this;
    for (let at = 0; at < channels; at += 1) {
      const count = counts[at] ?? 0;
      const to = start + 3 * at;
      into[to] = count === 0 ? NaN : (low[at] ?? NaN);
      into[to + 1] = count === 0 ? NaN : (high[at] ?? NaN);
      into[to + 2] = count === 0 ? NaN : (sum[at] ?? NaN) / count;
    }
  }

  record(): BucketRecord {
    const values = new Float32Array(3 * this.channels);
    this.write(values);
    return { bucket: this.bucket, frames: this.frames, values };
  }
}

/** `empty`: nothing of this bucket was kept here. `damaged`: something else than what was written. */
export const readRecord = (
  from: Uint8Array,
  wanted: { readonly bucket: number; readonly channels: number },
  checksum: (bytes: Uint8Array) => number,
): BucketRecord | 'empty' | 'damaged' => {
  const view = new DataView(from.buffer, from.byteOffset);
  const frames = view.getUint32(8, true);
  if (frames === 0 || view.getFloat64(0, true) !== wanted.bucket) return 'empty';
  const told = view.getUint32(12, true);
  view.setUint32(12, 0, true);
  if (checksum(from) !== told) return 'damaged';
  const values = new Float32Array((wanted.channels * CHANNEL_BYTES) / 4);
  values.set(new Float32Array(from.buffer, from.byteOffset + RECORD_HEAD, values.length));
  return { bucket: wanted.bucket, frames, values };
};
