/** Reads the history file beside its writer: opened when it is needed, and again when it was begun anew. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { readRecord, type BucketRecord } from '../../core/history/bucket';
import {
  channelsOf,
  contiguous,
  offsetOf,
  recordBytes,
  type HistoryLayout,
  type Track,
} from '../../core/history/layout';
import { checksum, decodeHeader, headerLength, HEADER_START } from './history-header';

/** Read at once. */
const CHUNK_BYTES = 512 * 1024;

interface OpenFile {
  readonly fd: number;
  readonly identity: string;
  readonly layout: HistoryLayout;
}

const readAt = (fd: number, length: number, position: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  const read = readSync(fd, bytes, 0, length, position);
  return bytes.subarray(0, read);
};

const layoutIn = (fd: number): HistoryLayout | undefined => {
  const length = headerLength(readAt(fd, HEADER_START, 0));
  return length === undefined ? undefined : decodeHeader(readAt(fd, length, 0));
};

export class HistoryReader {
  private open: OpenFile | undefined;
  /** Buckets that were damaged: they are shown as missing. */
  damaged = 0;

  constructor(private readonly path: string) {}

  /** Undefined while there is none, or it cannot be read. */
  get layout(): HistoryLayout | undefined {
    return this.file()?.layout;
  }

  /** Buckets from `first` to `last` that are there, in order. */
  *records(track: Track, level: number, [first, last]: readonly [number, number]): Generator<BucketRecord> {
    const file = this.file();
    if (file === undefined) return;
    const { fd, layout } = file;
    const bytes = recordBytes(layout.shape);
    const channels = channelsOf(layout.shape);
    for (let bucket = first; bucket <= last;) {
      const count = Math.min(
        last - bucket + 1,
        contiguous(layout, bucket),
        Math.max(1, Math.floor(CHUNK_BYTES / bytes)),
      );
      const chunk = readAt(fd, count * bytes, offsetOf(layout, track, level, bucket));
      for (let at = 0; (at + 1) * bytes <= chunk.length; at += 1) {
        const wanted = { bucket: bucket + at, channels };
        const record = readRecord(chunk.subarray(at * bytes, (at + 1) * bytes), wanted, checksum);
        if (record === 'damaged') this.damaged += 1;
        else if (record !== 'empty') yield record;
      }
      bucket += count;
    }
  }

  close(): void {
    if (this.open !== undefined) closeSync(this.open.fd);
    this.open = undefined;
  }

  private file(): OpenFile | undefined {
    const found = statSync(this.path, { throwIfNoEntry: false });
    const identity = found === undefined ? '' : `${String(found.dev)}/${String(found.ino)}/${String(found.size)}`;
    if (this.open?.identity === identity) return this.open;
    this.close();
    if (found === undefined) return undefined;
    const fd = openSync(this.path, 'r');
    const layout = layoutIn(fd);
    if (layout === undefined || fstatSync(fd).size < layout.totalBytes) {
      closeSync(fd);
      return undefined;
    }
    this.open = { fd, identity, layout };
    return this.open;
  }
}
