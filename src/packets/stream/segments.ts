/** Segmented user data (133.0-B-2, 4.1.3.4.2): first, continuation and last packets of an APID become one. */
import type { StreamProblem } from './packet-problem';
import { apidKey } from './sequence';
import { HEADER_BYTES, SEQUENCE_MODULUS, type SpacePacket } from './space-packet';

export interface SegmentOptions {
  /** Bytes of a secondary header that continuation and last segments repeat; they are left out. */
  readonly headerBytes: number;
  /** Bytes at the end of each segment but the last that are left out: its checksum. */
  readonly trailerBytes: number;
  readonly maxBytes: number;
}

interface Group {
  readonly first: SpacePacket;
  readonly parts: Uint8Array[];
  bytes: number;
  next: number;
}

const FLAGS_MASK = 0xc0;
const LARGEST_LENGTH_FIELD = 0xffff;

const problem = (code: StreamProblem['code'], packet: SpacePacket, lost: number, message: string): StreamProblem => ({
  type: 'problem',
  code,
  offset: packet.offset,
  apid: packet.apid,
  sequence: packet.sequence,
  lost,
  message,
});

export class SegmentJoiner {
  readonly #groups = new Map<number, Group>();

  constructor(readonly options: SegmentOptions) {}

  /** False for a packet that is whole while no segments wait: `take` would give it back. */
  concerns(packet: SpacePacket): boolean {
    return packet.flags !== 'unsegmented' || this.#groups.size > 0;
  }

  /** Takes one packet. Gives it back if it is whole, the joined one when it was the last segment, and what went wrong. */
  take(packet: SpacePacket): { readonly whole?: SpacePacket; readonly problems: readonly StreamProblem[] } {
    const key = apidKey(packet);
    const open = this.#groups.get(key);
    if (packet.flags === 'unsegmented' || packet.flags === 'first') {
      this.#groups.delete(key);
      const problems = open === undefined ? [] : [this.#incomplete(open)];
      if (packet.flags === 'unsegmented') return { whole: packet, problems };
      this.#groups.set(key, this.#begin(packet));
      return { problems };
    }
    if (open === undefined)
      return { problems: [problem('orphan-segment', packet, 1, 'a segment came without the first one of its group')] };
    if (packet.sequence !== open.next) {
      this.#groups.delete(key);
      return {
        problems: [this.#incomplete(open), problem('orphan-segment', packet, 1, 'a segment before it is missing')],
      };
    }
    return this.#append(key, open, packet);
  }

  #begin(packet: SpacePacket): Group {
    const part = packet.bytes.subarray(0, packet.bytes.length - this.options.trailerBytes);
    return { first: packet, parts: [part], bytes: part.length, next: (packet.sequence + 1) % SEQUENCE_MODULUS };
  }

  #append(
    key: number,
    open: Group,
    packet: SpacePacket,
  ): { readonly whole?: SpacePacket; readonly problems: readonly StreamProblem[] } {
    const isLast = packet.flags === 'last';
    const end = packet.bytes.length - (isLast ? 0 : this.options.trailerBytes);
    const part = packet.bytes.subarray(HEADER_BYTES + this.options.headerBytes, end);
    open.parts.push(part);
    open.bytes += part.length;
    open.next = (packet.sequence + 1) % SEQUENCE_MODULUS;
    if (open.bytes > this.options.maxBytes) {
      this.#groups.delete(key);
      const message = `its segments are more than ${String(this.options.maxBytes)} bytes`;
      return { problems: [problem('oversized', open.first, open.parts.length, message)] };
    }
    if (!isLast) return { problems: [] };
    this.#groups.delete(key);
    return { whole: this.#join(open), problems: [] };
  }

  #join({ first, parts, bytes: length }: Group): SpacePacket {
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    const lengthField = Math.min(length - HEADER_BYTES - 1, LARGEST_LENGTH_FIELD);
    bytes[2] = (bytes[2] ?? 0) | FLAGS_MASK;
    bytes[4] = lengthField >>> 8;
    bytes[5] = lengthField & 0xff;
    return { ...first, flags: 'unsegmented', length, bytes, segments: parts.length };
  }

  #incomplete({ first, parts }: Group): StreamProblem {
    return problem(
      'incomplete-segments',
      first,
      parts.length,
      `the last segment never came; ${String(parts.length)} are dropped`,
    );
  }

  /** Groups that are still open when the stream ends. */
  end(): readonly StreamProblem[] {
    const problems = [...this.#groups.values()].map((group) => this.#incomplete(group));
    this.#groups.clear();
    return problems;
  }
}
