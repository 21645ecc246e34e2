/**
 * Writes the history beside the flow: what changes is gathered, and goes out once a second, or when the memory is full, in as few writes as
 * possible. Nothing waits for the disk. What is damaged or about another spacecraft is begun anew; a disk that takes nothing is told of,
 * and tried again.
 */
import { close, closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, write, writeSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { readRecord, type BucketRecord, type OpenBucket } from '../../core/history/bucket';
import {
  channelsOf,
  layoutOf,
  leastSize,
  offsetOf,
  recordBytes,
  type HistoryLayout,
  type HistoryShape,
  type Track,
} from '../../core/history/layout';
import { Staging, type StagedRun } from '../../core/history/staging';
import { describeError, FdirError } from '../../domain/errors';
import { checksum, decodeHeader, encodeHeader, headerLength, headerSize, HEADER_START } from './history-header';

/** More waits for no disk: what comes after it is let go, and counted. */
export const MAX_STAGED_BYTES = 2 * 1024 * 1024;
/** A file only its owner reads: telemetry may be confidential. */
const FILE_MODE = 0o600;

export interface OpenedHistory {
  readonly writer: HistoryWriter;
  /** Why what was there is not gone on with; undefined when it is, or nothing was there. */
  readonly begunAnew: string | undefined;
}

const readAt = (fd: number, length: number, position: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  const read = readSync(fd, bytes, 0, length, position);
  return bytes.subarray(0, read);
};

/** Whether the file is the one wanted; otherwise what is the matter. */
const examine = (fd: number, wanted: HistoryLayout): string | undefined => {
  const start = readAt(fd, HEADER_START, 0);
  if (start.length === 0) return undefined;
  const length = headerLength(start);
  const found = length === undefined ? undefined : decodeHeader(readAt(fd, length, 0));
  if (found === undefined) return 'it is damaged';
  if (!isDeepStrictEqual(found.shape, wanted.shape)) return 'it is about another mission, or another sampling';
  if (found.totalBytes !== wanted.totalBytes) return 'it has another size';
  return fstatSync(fd).size === wanted.totalBytes ? undefined : 'its end is missing';
};

export class HistoryWriter {
  private readonly staged: Staging;
  /** What is under way to the disk; empty when nothing is. */
  private underWay: StagedRun[] = [];
  private isClosed = false;
  /** Buckets that were not written because the disk was too slow, or took nothing. */
  lost = 0;

  private constructor(
    private readonly fd: number,
    readonly layout: HistoryLayout,
    private readonly onTrouble: (message: string) => void,
  ) {
    this.staged = new Staging(recordBytes(layout.shape), MAX_STAGED_BYTES / 2);
  }

  /**
   * @param size of the file, bytes. @param onTrouble told once when the disk takes nothing any more; the writer is closed then.
   * @throws FdirError `config` when the size is too small; what the file system says when the file cannot be opened.
   */
  static open(
    path: string,
    options: { shape: HistoryShape; size: number; onTrouble: (m: string) => void },
  ): OpenedHistory {
    const { shape, size, onTrouble } = options;
    const header = headerSize(shape, size);
    const layout = layoutOf(shape, size, header);
    if (layout === undefined) {
      const least = Math.ceil(leastSize(shape, header) / 1e6);
      throw new FdirError(
        'config',
        `history.size: ${String(shape.parameters.length)} parameters need ${String(least)}MB at least`,
      );
    }
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
    try {
      const begunAnew = examine(fd, layout);
      const isEmpty = fstatSync(fd).size === 0;
      if (isEmpty || begunAnew !== undefined) {
        ftruncateSync(fd, 0);
        ftruncateSync(fd, layout.totalBytes);
        writeSync(fd, encodeHeader(shape, size), 0, layout.headerBytes, 0);
      }
      return { writer: new HistoryWriter(fd, layout, onTrouble), begunAnew };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  put(track: Track, level: number, bucket: OpenBucket): void {
    const offset = offsetOf(this.layout, track, level, bucket.bucket);
    if (this.staged.put(offset, bucket)) return;
    // A recording that runs fast fills the memory within a second.
    this.flush();
    if (!this.staged.put(offset, bucket)) this.lost += 1;
  }

  /** What is kept of a bucket. */
  recall(track: Track, level: number, bucket: number): BucketRecord | undefined {
    const { shape } = this.layout;
    const offset = offsetOf(this.layout, track, level, bucket);
    const bytes = this.staged.at(offset, checksum) ?? this.sent(offset) ?? readAt(this.fd, recordBytes(shape), offset);
    if (bytes.length < recordBytes(shape)) return undefined;
    const found = readRecord(bytes.slice(), { bucket, channels: channelsOf(shape) }, checksum);
    return typeof found === 'string' ? undefined : found;
  }

  /** Begins to write what is gathered, unless an earlier write is under way. */
  flush(): void {
    if (this.underWay.length > 0 || this.staged.size === 0) return;
    this.underWay = this.staged.runs(checksum);
    this.staged.clear();
    this.writeNext();
  }

  /** Writes the rest, and waits for it: the daemon stops. */
  close(): void {
    this.isClosed = true;
    try {
      for (const { offset, bytes } of [...this.underWay, ...this.staged.runs(checksum)])
        writeSync(this.fd, bytes, 0, bytes.length, offset);
    } catch (error) {
      this.onTrouble(describeError(error));
    }
    closeSync(this.fd);
  }

  /** The disk takes nothing: what is gathered is lost. */
  abandon(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const bytes = this.underWay.reduce((sum, run) => sum + run.bytes.length, 0);
    this.lost += this.staged.size + bytes / recordBytes(this.layout.shape);
    close(this.fd, () => undefined);
  }

  /** A record that is under way to the disk. */
  private sent(offset: number): Uint8Array | undefined {
    const run = this.underWay.find((one) => one.offset <= offset && offset < one.offset + one.bytes.length);
    return run?.bytes.subarray(offset - run.offset, offset - run.offset + recordBytes(this.layout.shape));
  }

  private writeNext(): void {
    const [run] = this.underWay;
    if (run === undefined) return;
    write(this.fd, run.bytes, 0, run.bytes.length, run.offset, (error) => {
      if (this.isClosed) return;
      if (error !== null) {
        this.onTrouble(describeError(error));
        return;
      }
      this.underWay.shift();
      this.writeNext();
    });
  }
}
