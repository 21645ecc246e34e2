/**
 * A stream of bytes to space packets. Bytes that begin no packet are passed over, counted, until packets follow again.
 * Nothing here decodes what a packet holds.
 */
import { CHECKSUM_BYTES, type Checksum } from './checksum';
import { ChecksumPlace } from './checksum-place';
import type { StreamProblem, StreamProblemCode } from './packet-problem';
import { SegmentJoiner } from './segments';
import { SequenceCounter } from './sequence';
import {
  apidAt,
  HEADER_BYTES,
  IDLE_APID,
  isHeaderAt,
  joined,
  lengthAt,
  MAX_PACKET_BYTES,
  packetAt,
  readHeader,
  type SpacePacket,
} from './space-packet';
import type { StreamCounts } from './stream-counts';

export interface PacketReaderOptions {
  /** Bytes before each packet that belong to none. */
  readonly skip?: number;
  /** Where it stands, at the end of the packet or after it, is found with the first packet that fits. */
  readonly checksum?: Checksum | undefined;
  /** Joins segments (default). */
  readonly reassemble?: boolean;
  /** Bytes of a secondary header that continuation segments repeat. */
  readonly segmentHeaderBytes?: number;
  readonly limits?: PacketLimits;
}
export interface PacketLimits {
  /** Longer packets are taken for bytes that begin no packet. */
  readonly maxPacketBytes: number;
  readonly maxSegmentedBytes: number;
}
export const PACKET_LIMITS: PacketLimits = { maxPacketBytes: MAX_PACKET_BYTES, maxSegmentedBytes: 16 * 2 ** 20 };

export type StreamItem =
  | { readonly type: 'packet'; readonly packet: SpacePacket }
  /** A packet that only fills the stream; nothing of it is given out. */
  | { readonly type: 'idle'; readonly offset: number }
  | StreamProblem;

type Finding = 'yes' | 'no' | 'wait';

/** Headers that must follow one another where synchronisation is found again. */
const CHAIN = 3;

export class PacketReader {
  #buffer: Uint8Array = new Uint8Array(0);
  /** Byte of the stream that the buffer begins with. */
  #base = 0;
  #isEnded = false;
  #lostFrom: number | undefined;
  #packets = 0;
  #idle = 0;
  #lostBytes = 0;
  readonly #apids = new Set<number>();
  readonly #problems: Partial<Record<StreamProblemCode, number>> = {};
  readonly #sequence = new SequenceCounter();
  readonly #segments: SegmentJoiner;
  readonly #checksum: ChecksumPlace | undefined;
  readonly #skip: number;
  readonly #limits: PacketLimits;

  constructor(readonly options: PacketReaderOptions = {}) {
    this.#skip = options.skip ?? 0;
    this.#limits = options.limits ?? PACKET_LIMITS;
    this.#checksum = options.checksum === undefined ? undefined : new ChecksumPlace(options.checksum);
    this.#segments = new SegmentJoiner({
      headerBytes: options.segmentHeaderBytes ?? 0,
      trailerBytes: options.checksum === undefined ? 0 : CHECKSUM_BYTES,
      maxBytes: this.#limits.maxSegmentedBytes,
    });
  }

  get counts(): StreamCounts {
    return {
      bytes: this.#base + this.#buffer.length,
      packets: this.#packets,
      idle: this.#idle,
      lostBytes: this.#lostBytes,
      problems: { ...this.#problems },
      byApid: this.#sequence.counts(),
    };
  }

  /** Bytes that wait for the rest of their packet. */
  get waitingBytes(): number {
    return this.#buffer.length;
  }

  /** Takes the next bytes of the stream; gives every packet that is whole by now. */
  push(bytes: Uint8Array): readonly StreamItem[] {
    this.#checksum?.addCredit(bytes.length);
    // A plain array: taking a view of it is cheaper than of a Buffer.
    const more = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#buffer = this.#buffer.length === 0 ? more : joined(this.#buffer, more);
    return this.#read();
  }

  /** The stream is over: what is left is no whole packet. */
  end(): readonly StreamItem[] {
    this.#isEnded = true;
    const items = [...this.#read()];
    const rest = this.#buffer.length;
    if (rest > 0 && this.#lostFrom === undefined) items.push(this.#truncated(rest));
    else this.#closeLoss(items, this.#base + rest);
    this.#lostBytes += this.#lostFrom === undefined && rest > 0 ? rest : 0;
    this.#base += rest;
    this.#buffer = new Uint8Array(0);
    for (const problem of this.#segments.end()) items.push(this.#count(problem));
    return items;
  }

  #count(problem: StreamProblem): StreamProblem {
    this.#problems[problem.code] = (this.#problems[problem.code] ?? 0) + 1;
    return problem;
  }

  #truncated(rest: number): StreamProblem {
    const header = readHeader(this.#buffer, this.#skip);
    const about = header === undefined ? {} : { apid: header.apid, sequence: header.sequence };
    const wanted = header === undefined ? 'a header' : `${String(this.#skip + header.length)} bytes`;
    const message = `the stream ends after ${String(rest)} bytes of a packet; ${wanted} would be needed`;
    return this.#count({ type: 'problem', code: 'truncated', offset: this.#base, lost: rest, message, ...about });
  }

  /** Bytes from one packet to the next: skipped ones, those of the packet, a checksum after it. */
  #stride(at: number): number {
    return this.#skip + lengthAt(this.#buffer, at + this.#skip) + (this.#checksum?.trailingBytes ?? 0);
  }

  /** Whether a header can stand behind the skipped bytes at `at`; undefined without enough bytes. */
  #plausible(at: number): boolean | undefined {
    const begin = at + this.#skip;
    if (begin + HEADER_BYTES > this.#buffer.length) return undefined;
    return isHeaderAt(this.#buffer, begin) && lengthAt(this.#buffer, begin) <= this.#limits.maxPacketBytes;
  }

  /** Whether packets begin at `at`: a checksum fits, or as many headers follow one another as CHAIN says, or up to the end. */
  #beginsPackets(at: number): Finding {
    if (this.#checksum !== undefined) return this.#beginsChecked(at, this.#checksum);
    let position = at;
    for (let count = 0; count < CHAIN; count += 1) {
      if (count > 0 && position === this.#buffer.length && this.#isEnded) return 'yes';
      const isPlausible = this.#plausible(position);
      if (isPlausible === undefined) return this.#isEnded ? 'no' : 'wait';
      // Once APIDs are known, a header of another one is no evidence.
      if (!isPlausible || !this.#isKnown(position)) return 'no';
      position += this.#stride(position);
      if (position > this.#buffer.length) return this.#isEnded ? 'no' : 'wait';
    }
    return 'yes';
  }

  #isKnown(at: number): boolean {
    const apid = apidAt(this.#buffer, at + this.#skip);
    return this.#apids.size === 0 || this.#apids.has(apid) || apid === IDLE_APID;
  }

  #beginsChecked(at: number, checksum: ChecksumPlace): Finding {
    const isPlausible = this.#plausible(at);
    if (isPlausible === undefined) return this.#isEnded ? 'no' : 'wait';
    if (!isPlausible) return 'no';
    const begin = at + this.#skip;
    const end = begin + lengthAt(this.#buffer, begin);
    // Waiting for the rest is worth it for an APID that is known; noise would have all the others.
    if (end > this.#buffer.length) return this.#isEnded || !this.#isKnown(at) ? 'no' : 'wait';
    const fits = checksum.fits(this.#buffer.subarray(begin, end), this.#buffer.subarray(end));
    return fits ? 'yes' : 'no';
  }

  #read(): readonly StreamItem[] {
    const items: StreamItem[] = [];
    let at = 0;
    for (;;) {
      const next = this.#lostFrom === undefined ? this.#readOne(at, items) : this.#search(at, items);
      if (next === undefined) break;
      at = next;
    }
    this.#buffer = this.#buffer.subarray(at);
    this.#base += at;
    return items;
  }

  /** Reads the packet at `at`. @returns where to go on, undefined when more bytes are needed */
  #readOne(at: number, items: StreamItem[]): number | undefined {
    const isPlausible = this.#plausible(at);
    if (isPlausible === undefined) return undefined;
    if (!isPlausible) return this.#lose(at);
    const begin = at + this.#skip;
    const end = begin + lengthAt(this.#buffer, begin);
    const checksum = this.#checksum;
    if (end + (checksum?.trailingBytes ?? 0) > this.#buffer.length)
      return this.#isEnded && this.#findsPacketsIn(at) ? this.#lose(at) : undefined;
    const packet = packetAt(this.#buffer, begin, this.#base + begin);
    const isChecked =
      checksum === undefined || checksum.verify(packet.bytes, this.#buffer.subarray(end), this.#isEnded);
    if (isChecked === undefined) return undefined;
    const next = at + this.#stride(at);
    // A checksum that fits says that the packet is whole, whatever follows; one that does not may be no packet's at all.
    const isLost = checksum === undefined ? this.#isSuspect(at, next) : !isChecked && this.#findsPacketsIn(at, next);
    if (isLost) return this.#lose(at);
    if (isChecked) this.#accept(packet, items);
    else items.push(this.#badChecksum(packet));
    return next;
  }

  /** True when what follows is no packet, and packets begin before it would: the length is wrong, or bytes are missing. */
  #isSuspect(at: number, next: number): boolean {
    return this.#plausible(next) === false && this.#findsPacketsIn(at, next);
  }

  #findsPacketsIn(at: number, end = this.#buffer.length): boolean {
    for (let position = at + 1; position < end; position += 1) if (this.#beginsPackets(position) === 'yes') return true;
    return false;
  }

  #badChecksum(packet: SpacePacket): StreamProblem {
    const { offset, apid, sequence } = packet;
    const message = `the ${this.options.checksum ?? ''} checksum differs; the packet is dropped`;
    return this.#count({ type: 'problem', code: 'checksum', offset, apid, sequence, lost: 1, message });
  }

  #accept(packet: SpacePacket, items: StreamItem[]): void {
    if (packet.apid === IDLE_APID) {
      this.#idle += 1;
      items.push({ type: 'idle', offset: packet.offset });
      return;
    }
    this.#apids.add(packet.apid);
    const missing = this.#sequence.note(packet);
    const { offset, apid, sequence } = packet;
    if (missing > 0) {
      const message = `${String(missing)} packets are missing before it`;
      items.push(this.#count({ type: 'problem', code: 'gap', offset, apid, sequence, lost: missing, message }));
    }
    if (this.options.reassemble === false || !this.#segments.concerns(packet)) {
      this.#give(packet, items);
      return;
    }
    const { whole, problems } = this.#segments.take(packet);
    for (const problem of problems) items.push(this.#count(problem));
    if (whole !== undefined) this.#give(whole, items);
  }

  #give(packet: SpacePacket, items: StreamItem[]): void {
    this.#packets += 1;
    items.push({ type: 'packet', packet });
  }

  #lose(at: number): number {
    this.#lostFrom = this.#base + at;
    return at + 1;
  }

  /** Goes on to where packets follow one another again. */
  #search(at: number, items: StreamItem[]): number | undefined {
    for (let position = at; position < this.#buffer.length; position += 1) {
      const found = this.#beginsPackets(position);
      // More bytes will tell; those before are lost already.
      if (found === 'wait') return position === at ? undefined : position;
      if (found === 'no') continue;
      this.#closeLoss(items, this.#base + position);
      return position;
    }
    return at < this.#buffer.length ? this.#buffer.length : undefined;
  }

  #closeLoss(items: StreamItem[], end: number): void {
    if (this.#lostFrom === undefined) return;
    const offset = this.#lostFrom;
    const lost = end - offset;
    this.#lostFrom = undefined;
    this.#lostBytes += lost;
    const message = `${String(lost)} bytes begin no packet; they are passed over`;
    items.push(this.#count({ type: 'problem', code: 'lost-sync', offset, lost, message }));
  }
}

/** A reader for one stream. */
export const createPacketReader = (options: PacketReaderOptions = {}): PacketReader => new PacketReader(options);

/** The packets of one message or file that holds whole packets. */
export const readPackets = (
  bytes: Uint8Array,
  options: PacketReaderOptions = {},
): { readonly items: readonly StreamItem[]; readonly counts: StreamCounts } => {
  const reader = createPacketReader(options);
  const items = [...reader.push(bytes), ...reader.end()];
  return { items, counts: reader.counts };
};
