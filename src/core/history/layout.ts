/**
 * Where in the history file which bucket lies. There are two tracks, what was measured and what was judged, of several levels each. A
 * bucket of a level is four times as wide as one of the level below. A bucket's slot follows from its time, so nothing has to be looked
 * up. What is older is overwritten in place, so the file never grows.
 */

/** What the file is about; a file about anything else is begun anew. */
export interface HistoryShape {
  readonly spacecraft: string;
  /** Sampling period, milliseconds. */
  readonly periodMs: number;
  readonly parameters: readonly string[];
  /** Names of operating modes: their track holds the index. */
  readonly modes: readonly string[];
}

/** `measured`: every parameter and the mode. `judged`: what the others imply of every parameter, and the score. */
export const tracks = ['measured', 'judged'] as const;
export type Track = (typeof tracks)[number];

export const LEVELS = 6;
/** How much wider a bucket is than one of the level below. */
export const FACTOR = 4;
/** Two of the shortest buckets are a pixel of a screen that shows five minutes. */
const MIN_BASE_MS = 250;
/** Bucket number (float64), frames (uint32), checksum (uint32). */
export const RECORD_HEAD = 16;
/** Least, greatest and mean value of a channel, float32. */
export const CHANNEL_BYTES = 12;
/** Fewer slots a level are no history. */
const MIN_SLOTS = 32;

export interface HistoryLayout {
  readonly shape: HistoryShape;
  readonly headerBytes: number;
  /** Buckets of each level that are kept. */
  readonly slots: number;
  /** Of the narrowest buckets. */
  readonly baseMs: number;
  readonly totalBytes: number;
}

/** One more than there are parameters: the mode, or the score. */
export const channelsOf = ({ parameters }: HistoryShape): number => parameters.length + 1;

export const recordBytes = (shape: HistoryShape): number => {
  const bytes = RECORD_HEAD + CHANNEL_BYTES * channelsOf(shape);
  return Math.ceil(bytes / 8) * 8;
};

export const widthMs = ({ baseMs }: Pick<HistoryLayout, 'baseMs'>, level: number): number => baseMs * FACTOR ** level;

export const bucketAt = (layout: Pick<HistoryLayout, 'baseMs'>, level: number, time: number): number =>
  Math.floor(time / widthMs(layout, level));

/** The least size that holds anything of this shape, bytes. */
export const leastSize = (shape: HistoryShape, headerBytes: number): number =>
  headerBytes + MIN_SLOTS * LEVELS * tracks.length * recordBytes(shape);

/** @returns undefined when `size` bytes are too few; `leastSize` says how many are enough. */
export const layoutOf = (shape: HistoryShape, size: number, headerBytes: number): HistoryLayout | undefined => {
  if (size < leastSize(shape, headerBytes)) return undefined;
  const record = recordBytes(shape);
  const slots = Math.floor((size - headerBytes) / (record * LEVELS * tracks.length));
  const totalBytes = headerBytes + slots * record * LEVELS * tracks.length;
  return { shape, headerBytes, slots, baseMs: Math.max(shape.periodMs, MIN_BASE_MS), totalBytes };
};

const slotOf = ({ slots }: HistoryLayout, bucket: number): number => ((bucket % slots) + slots) % slots;

/** Byte in the file at which a bucket lies. */
export const offsetOf = (layout: HistoryLayout, track: Track, level: number, bucket: number): number => {
  const row = tracks.indexOf(track) * LEVELS + level;
  return layout.headerBytes + (row * layout.slots + slotOf(layout, bucket)) * recordBytes(layout.shape);
};

/** How many buckets from `bucket` on lie behind each other in the file. */
export const contiguous = (layout: HistoryLayout, bucket: number): number => layout.slots - slotOf(layout, bucket);

/**
 * The level for a picture of `points` points: the finest that has few enough buckets for it and still reaches back to `from`. If none
 * does, the widest. Milliseconds. @param newest the newest time that was kept.
 */
export const levelFor = (
  layout: HistoryLayout,
  {
    from,
    to,
    points,
    newest,
  }: { readonly from: number; readonly to: number; readonly points: number; readonly newest: number },
): number => {
  for (let level = 0; level < LEVELS; level += 1) {
    const width = widthMs(layout, level);
    const reaches = from >= newest - (layout.slots - 1) * width;
    if (reaches && (to - from) / width <= points * FACTOR) return level;
  }
  return LEVELS - 1;
};
