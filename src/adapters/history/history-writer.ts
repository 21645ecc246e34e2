/**
 * Writes the history beside the flow: what changes is gathered, and goes out once a second in as few writes as possible. Nothing waits
 * for the disk. What is damaged or about another spacecraft is begun anew; a disk that takes nothing is told of, and tried again.
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
import { Staging } from '../../core/history/staging';
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
  private staged: Staging;
  /** What is under way to the disk. */
  private written: Staging;
  private isWriting = false;
  private isClosed = false;
  /** Buckets that were not written because the disk was too slow, or took nothing. */
  lost = 0;

  private constructor(
    private readonly fd: number,
    readonly layout: HistoryLayout,
    private readonly onTrouble: (message: string) => void,
  ) {
    const bytes = recordBytes(layout.shape);
    this.staged = new Staging(bytes, MAX_STAGED_BYTES / 2);
    this.written = new Staging(bytes, MAX_STAGED_BYTES / 2);
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
    if (!this.staged.put(offsetOf(this.layout, track, level, bucket.bucket), bucket)) this.lost += 1;
  }

  /** What is kept of a bucket. */
  recall(track: Track, level: number, bucket: number): BucketRecord | undefined {
    const { shape } = this.layout;
    const offset = offsetOf(this.layout, track, level, bucket);
    const bytes = this.staged.at(offset, checksum) ?? readAt(this.fd, recordBytes(shape), offset).slice();
    if (bytes.length < recordBytes(shape)) return undefined;
    const found = readRecord(bytes, { bucket, channels: channelsOf(shape) }, checksum);
    return typeof found === 'string' ? undefined : found;
  }

  /** Begins to write what is gathered; while it is under way the other half of the memory gathers. */
  flush(): void {
    if (this.isWriting || this.staged.size === 0) return;
    const { staged } = this;
    [this.staged, this.written] = [this.written, staged];
    const runs = staged.runs(checksum);
    this.isWriting = true;
    const next = (): void => {
      const run = runs.shift();
      if (run === undefined) {
        staged.clear();
        this.isWriting = false;
        return;
      }
      write(this.fd, run.bytes, 0, run.bytes.length, run.offset, (error) => {
        if (error === null) next();
        else if (!this.isClosed) this.onTrouble(describeError(error));
      });
    };
    next();
  }

  /** Writes the rest, and waits for it: the daemon stops. */
  close(): void {
    this.isClosed = true;
    try {
      for (const part of [this.written, this.staged])
        for (const { offset, bytes } of part.runs(checksum)) writeSync(this.fd, bytes, 0, bytes.length, offset);
    } catch (error) {
      this.onTrouble(describeError(error));
    }
    closeSync(this.fd);
  }

  /** The disk takes nothing: what is gathered is lost. */
  abandon(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.lost += this.staged.size + this.written.size;
    close(this.fd, () => undefined);
  }
}
