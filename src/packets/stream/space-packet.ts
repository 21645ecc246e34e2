/** A CCSDS space packet (133.0-B-2, section 4.1): six bytes of primary header, then a data field of 1 to 65,536 bytes. */

export const HEADER_BYTES = 6;
/** Largest packet of the standard: header and 65,536 bytes. */
export const MAX_PACKET_BYTES = HEADER_BYTES + 65_536;
/** APID of idle packets (133.0-B-2, 4.1.3.3.4.4). */
export const IDLE_APID = 2047;
/** Sequence counts go from 0 to 16383 and begin again. */
export const SEQUENCE_MODULUS = 16_384;

/** Sequence flags (133.0-B-2, 4.1.3.4.2.2). */
export type SequenceFlags = 'continuation' | 'first' | 'last' | 'unsegmented';
const FLAGS: readonly SequenceFlags[] = ['continuation', 'first', 'last', 'unsegmented'];

export interface PacketHeader {
  readonly version: number;
  readonly type: 'telemetry' | 'telecommand';
  readonly hasSecondaryHeader: boolean;
  readonly apid: number;
  readonly flags: SequenceFlags;
  /** Source sequence count, or the packet name of a telecommand. */
  readonly sequence: number;
  /** Bytes of the whole packet, header included. */
  readonly length: number;
}

export interface SpacePacket extends PacketHeader {
  /** The whole packet, checksum included. A reassembled one has the header of its first segment, `unsegmented`, and the new length. */
  readonly bytes: Uint8Array;
  /** Where it begins in the stream, the bytes that are skipped before it not counted in. */
  readonly offset: number;
  /** Segments that it was put together from; 1 for a packet that came whole. */
  readonly segments: number;
}

/** Bytes of the packet whose header stands at `offset`, which the buffer must hold whole. */
export const lengthAt = (bytes: Uint8Array, offset: number): number =>
  (((bytes[offset + 4] ?? 0) << 8) | (bytes[offset + 5] ?? 0)) + 1 + HEADER_BYTES;

export const apidAt = (bytes: Uint8Array, offset: number): number =>
  (((bytes[offset] ?? 0) & 0x07) << 8) | (bytes[offset + 1] ?? 0);

/** False for another version than 0, and for what zero fill looks like: a header of zeros only. */
export const isHeaderAt = (bytes: Uint8Array, offset: number): boolean => {
  const first = bytes[offset] ?? 0;
  if (first >= 0x20) return false;
  return (
    first !== 0 ||
    bytes[offset + 1] !== 0 ||
    bytes[offset + 2] !== 0 ||
    bytes[offset + 3] !== 0 ||
    bytes[offset + 4] !== 0 ||
    bytes[offset + 5] !== 0
  );
};

/** The packet of `length` bytes whose header stands at `offset`; its bytes are a view of the buffer. */
export const packetAt = (bytes: Uint8Array, offset: number, streamOffset: number): SpacePacket => {
  const b0 = bytes[offset] ?? 0;
  const b2 = bytes[offset + 2] ?? 0;
  const length = lengthAt(bytes, offset);
  return {
    version: b0 >> 5,
    type: (b0 & 0x10) === 0 ? 'telemetry' : 'telecommand',
    hasSecondaryHeader: (b0 & 0x08) !== 0,
    apid: apidAt(bytes, offset),
    flags: FLAGS[b2 >> 6] ?? 'unsegmented',
    sequence: ((b2 & 0x3f) << 8) | (bytes[offset + 3] ?? 0),
    length,
    bytes: bytes.subarray(offset, offset + length),
    offset: streamOffset,
    segments: 1,
  };
};

/** Reads the primary header at `offset`, or undefined when fewer than six bytes are there. */
export const readHeader = (bytes: Uint8Array, offset = 0): PacketHeader | undefined => {
  if (offset + HEADER_BYTES > bytes.length) return undefined;
  const { bytes: _, offset: __, segments: ___, ...header } = packetAt(bytes, offset, offset);
  return header;
};

/** The two one after the other, in a new array. */
export const joined = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
};
