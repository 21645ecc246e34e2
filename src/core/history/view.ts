/** What people see of the history: buckets of one level, laid together until there are no more than the picture has points. */
import { OpenBucket, type BucketRecord } from './bucket';

export interface ViewRange {
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

export interface Grid {
  /** Number of the first bucket, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** Buckets of the file that make one point. */
  readonly merged: number;
}

/** @param width of a bucket of the level, milliseconds. */
export const gridOf = ({ from, to, points }: ViewRange, width: number, slots: number): Grid => {
  const last = Math.floor(to / width);
  // No more than the level holds: the rest of a year is empty.
  const first = Math.max(Math.floor(from / width), last - slots + 1);
  const merged = Math.max(1, Math.ceil((last - first + 1) / points));
  const aligned = Math.floor(first / merged) * merged;
  return { first: aligned, count: Math.ceil((last - aligned + 1) / merged), merged };
};

/** Channel by channel: least, greatest, mean. */
export interface ChannelView {
  readonly min: (number | null)[];
  readonly max: (number | null)[];
  readonly mean: (number | null)[];
}

/** Five digits are more than a screen has, and keep the answer short. */
const shown = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(6));

/** Gathers the buckets of one track, in order, into one point each `merged`. @param channels which of all `width`. */
export class ViewBuilder {
  private readonly points: (OpenBucket | undefined)[];

  constructor(
    private readonly grid: Grid,
    private readonly channels: readonly number[],
  ) {
    this.points = new Array<OpenBucket | undefined>(grid.count).fill(undefined);
  }

  take(record: BucketRecord): void {
    const { first, merged } = this.grid;
    const at = Math.floor((record.bucket - first) / merged);
    if (at < 0 || at >= this.points.length) return;
    const point = (this.points[at] ??= new OpenBucket(this.channels.length).begin(at));
    point.mergeRecord(record, this.channels);
  }

  /** In the order of `channels`. */
  build(): readonly ChannelView[] {
    const records = this.points.map((point) => point?.record().values);
    return this.channels.map((_, index) => ({
      min: records.map((values) => shown(values?.[3 * index])),
      max: records.map((values) => shown(values?.[3 * index + 1])),
      mean: records.map((values) => shown(values?.[3 * index + 2])),
    }));
  }
}
