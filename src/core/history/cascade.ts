/**
 * Frames become buckets of every level. A bucket that is complete goes into the one above it. What is still open is written from time to
 * time too, and recalled after a restart, so that a crash loses a second at most.
 */
import { OpenBucket, type BucketRecord } from './bucket';
import { bucketAt, channelsOf, FACTOR, LEVELS, type HistoryLayout, widthMs } from './layout';

export interface CascadeOptions {
  readonly layout: HistoryLayout;
  /** Told of a bucket as it now is; `isComplete`: nothing more is expected of it. */
  readonly onRecord: (level: number, bucket: OpenBucket, isComplete: boolean) => void;
  /** What an earlier run kept of a bucket. */
  readonly recall: (level: number, bucket: number) => BucketRecord | undefined;
}

interface Level {
  readonly bucket: OpenBucket;
  isOpen: boolean;
  /** Number of the newest bucket that was begun. */
  newest: number | undefined;
  isChanged: boolean;
}

export class BucketCascade {
  private readonly levels: readonly Level[];

  constructor(private readonly options: CascadeOptions) {
    this.levels = Array.from({ length: LEVELS }, () => ({
      bucket: new OpenBucket(channelsOf(options.layout.shape)),
      isOpen: false,
      newest: undefined,
      isChanged: false,
    }));
  }

  /** One instant. @param halfWidths how far about each value is normal; left out: the values are what was measured. */
  add(time: number, values: Float64Array, halfWidths?: Float64Array): void {
    const { layout } = this.options;
    const index = bucketAt(layout, 0, time);
    const bucket = this.bucketOf(0, index);
    if (halfWidths === undefined) bucket?.add(values);
    else bucket?.addBand(values, halfWidths);
    // Nothing more can come into it: people need not wait for the next frame.
    if (time + layout.shape.periodMs >= (index + 1) * widthMs(layout, 0)) this.complete(0);
  }

  /** Tells of the buckets that are open and have changed. */
  drain(): void {
    this.levels.forEach((level, at) => {
      if (!level.isOpen || !level.isChanged) return;
      level.isChanged = false;
      this.options.onRecord(at, level.bucket, false);
    });
  }

  /** The open bucket of a level; one of another time is complete by now. */
  private bucketOf(at: number, index: number): OpenBucket | undefined {
    const level = this.levels[at];
    if (level === undefined) return undefined;
    if (level.isOpen && level.bucket.bucket !== index) this.complete(at);
    level.isChanged = true;
    if (level.isOpen) return level.bucket;
    level.bucket.begin(index);
    level.isOpen = true;
    // After a restart, or when the spacecraft's clock went back, there may be something of it.
    const isNew = level.newest !== undefined && index > level.newest;
    const known = isNew ? undefined : this.options.recall(at, index);
    if (known !== undefined) level.bucket.mergeRecord(known);
    level.newest = index;
    return level.bucket;
  }

  private complete(at: number): void {
    const level = this.levels[at];
    if (level?.isOpen !== true) return;
    const { bucket } = level;
    level.isOpen = false;
    this.options.onRecord(at, bucket, true);
    this.bucketOf(at + 1, Math.floor(bucket.bucket / FACTOR))?.merge(bucket);
    // The last part of the one above: it is complete as well.
    if ((bucket.bucket + 1) % FACTOR === 0) this.complete(at + 1);
  }
}
