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

/** Groups of all APIDs together may wait with so many bytes for each that one group may have. */
const OPEN_GROUPS = 4;

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

const orphan = (packet: SpacePacket, message: string): StreamProblem => problem('orphan-segment', packet, 1, message);

interface JoinStep {
  readonly whole?: SpacePacket;
  readonly problems: readonly StreamProblem[];
}

export class SegmentJoiner {
  readonly #groups = new Map<number, Group>();
  #waiting = 0;

  constructor(readonly options: SegmentOptions) {}

  /** False for a packet that is whole while no segments wait: `take` would give it back. */
  concerns(packet: SpacePacket): boolean {
    return packet.flags !== 'unsegmented' || this.#groups.size > 0;
  }

  /** Takes one packet. Gives it back if it is whole, the joined one when it was the last segment, and what went wrong. */
  take(packet: SpacePacket): JoinStep {
    const key = apidKey(packet);
    const open = this.#groups.get(key);
    if (packet.flags === 'unsegmented' || packet.flags === 'first') {
      this.#close(key);
      const problems = open === undefined ? [] : [this.#incomplete(open)];
      if (packet.flags === 'unsegmented') return { whole: packet, problems };
      this.#groups.set(key, this.#begin(packet));
      return { problems: [...problems, ...this.#makeRoom()] };
    }
    if (open === undefined) return { problems: [orphan(packet, 'a segment came without the first one of its group')] };
    if (packet.sequence !== open.next) {
      this.#close(key);
      return { problems: [this.#incomplete(open), orphan(packet, 'a segment before it is missing')] };
    }
    return this.#append(key, open, packet);
  }

  #close(key: number): void {
    this.#waiting -= this.#groups.get(key)?.bytes ?? 0;
    this.#groups.delete(key);
  }

  /** Drops the oldest groups when all of them together are too many bytes. */
  #makeRoom(): readonly StreamProblem[] {
    const problems: StreamProblem[] = [];
    for (const [key, group] of this.#groups) {
      if (this.#waiting <= OPEN_GROUPS * this.options.maxBytes) break;
      this.#close(key);
      problems.push(this.#incomplete(group));
    }
    return problems;
  }

  #begin(packet: SpacePacket): Group {
    // A copy: a view would keep the whole buffer of the stream while the group waits.
    const part = packet.bytes.slice(0, packet.bytes.length - this.options.trailerBytes);
    this.#waiting += part.length;
    return {
      first: { ...packet, bytes: part },
      parts: [part],
      bytes: part.length,
      next: (packet.sequence + 1) % SEQUENCE_MODULUS,
    };
  }

  #append(key: number, open: Group, packet: SpacePacket): JoinStep {
    const isLast = packet.flags === 'last';
    const end = packet.bytes.length - (isLast ? 0 : this.options.trailerBytes);
    const part = packet.bytes.slice(HEADER_BYTES + this.options.headerBytes, end);
    open.parts.push(part);
    open.bytes += part.length;
    this.#waiting += part.length;
    open.next = (packet.sequence + 1) % SEQUENCE_MODULUS;
    if (open.bytes > this.options.maxBytes) {
      this.#close(key);
      const message = `its segments are more than ${String(this.options.maxBytes)} bytes`;
      return { problems: [problem('oversized', open.first, open.parts.length, message)] };
    }
    if (!isLast) return { problems: this.#makeRoom() };
    this.#close(key);
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
    this.#waiting = 0;
    return problems;
  }
}
