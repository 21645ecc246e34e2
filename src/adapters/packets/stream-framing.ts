/** How a byte stream is cut into packets: by their own headers, or by a length before each message. */
import {
  createPacketReader,
  readPackets,
  type PacketReaderOptions,
  type StreamItem,
} from '../../packets/stream/packet-reader';

export interface StreamFraming {
  /** Bytes that wait for the rest of their packet. */
  readonly waitingBytes: number;
  /** Why nothing more of the stream can be read; undefined: it goes on. */
  readonly failure: string | undefined;
  push(bytes: Uint8Array): readonly StreamItem[];
  /** The stream is over: what is left is no whole packet. */
  end(): readonly StreamItem[];
}

/** Big-endian, without itself. */
const LENGTH_BYTES = 4;
/** The same as a message of the broker. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

const truncated = (offset: number, rest: number, wanted: string): StreamItem => {
  const message = `the stream ends after ${String(rest)} bytes of a message; ${wanted} would be needed`;
  return { type: 'problem', code: 'truncated', offset, lost: rest, message };
};

/** A length of 4 bytes before each message, which holds one or more whole packets. */
class LengthFraming implements StreamFraming {
  private pieces: Uint8Array[] = [];
  waitingBytes = 0;
  failure: string | undefined;
  /** Byte of the stream that the waiting bytes begin with. */
  private base = 0;

  constructor(private readonly options: PacketReaderOptions) {}

  push(bytes: Uint8Array): readonly StreamItem[] {
    if (this.failure !== undefined) return [];
    this.pieces.push(bytes);
    this.waitingBytes += bytes.length;
    const items: StreamItem[] = [];
    for (;;) {
      const length = this.nextLength();
      if (length === undefined) return items;
      if (length > MAX_MESSAGE_BYTES) {
        this.failure = `a message of ${String(length)} bytes, more than the ${String(MAX_MESSAGE_BYTES)} that are read`;
        items.push({ type: 'problem', code: 'oversized', offset: this.base, lost: 1, message: this.failure });
        return items;
      }
      if (this.waitingBytes < LENGTH_BYTES + length) return items;
      const message = this.shift(LENGTH_BYTES + length).subarray(LENGTH_BYTES);
      // Packets and problems are placed in the stream, not in the message.
      const offset = this.base - length;
      for (const item of readPackets(message, this.options).items) items.push(movedBy(item, offset));
    }
  }

  end(): readonly StreamItem[] {
    const rest = this.waitingBytes;
    if (rest === 0 || this.failure !== undefined) return [];
    const length = this.nextLength();
    this.pieces = [];
    this.waitingBytes = 0;
    return [truncated(this.base, rest, length === undefined ? 'a length' : `${String(LENGTH_BYTES + length)} bytes`)];
  }

  private nextLength(): number | undefined {
    if (this.waitingBytes < LENGTH_BYTES) return undefined;
    return this.whole().readUInt32BE(0);
  }

  /** At least the bytes of a length in one piece. */
  private whole(): Buffer {
    const [first] = this.pieces;
    if (first === undefined || first.length < LENGTH_BYTES) return this.joined();
    return Buffer.from(first.buffer, first.byteOffset, first.length);
  }

  /** All waiting bytes in one piece: joined when a message is complete, not at every piece. */
  private joined(): Buffer {
    const [first] = this.pieces;
    if (first !== undefined && this.pieces.length === 1)
      return Buffer.from(first.buffer, first.byteOffset, first.length);
    const joined = Buffer.concat(this.pieces);
    this.pieces = [joined];
    return joined;
  }

  private shift(count: number): Uint8Array {
    const joined = this.joined();
    const rest = joined.subarray(count);
    this.pieces = rest.length === 0 ? [] : [rest];
    this.waitingBytes = rest.length;
    this.base += count;
    return joined.subarray(0, count);
  }
}

const movedBy = (item: StreamItem, by: number): StreamItem =>
  item.type === 'packet'
    ? { type: 'packet', packet: { ...item.packet, offset: item.packet.offset + by } }
    : { ...item, offset: item.offset + by };

/** Packets one after another; bytes that begin none are passed over and counted. */
const headerFraming = (options: PacketReaderOptions): StreamFraming => {
  const reader = createPacketReader(options);
  return {
    get waitingBytes() {
      return reader.waitingBytes;
    },
    failure: undefined,
    push: (bytes) => reader.push(bytes),
    end: () => reader.end(),
  };
};

/** @param framing `header`: the packet's own length field; `length`: 4 bytes big-endian before each message. */
export const createFraming = (framing: 'header' | 'length', options: PacketReaderOptions): StreamFraming =>
  framing === 'header' ? headerFraming(options) : new LengthFraming(options);
