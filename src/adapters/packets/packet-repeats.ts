/** Which packets came before: those that come again by another station, and those that are missing in between. */
import { createHash } from 'node:crypto';
import { MAX_REMEMBERED, type PacketMark } from '../../core/telemetry/packet-memory';
import { SEQUENCE_MODULUS, type SpacePacket } from '../../packets/stream/space-packet';

/** What the last run knew, and how much is remembered. */
export interface RememberedPackets {
  /** Packets that are recognised when they come again; left out: 4096. */
  readonly most?: number | undefined;
  /** Oldest first; left out: none. */
  readonly marks?: readonly PacketMark[] | undefined;
}

/** When a packet was, milliseconds. */
interface PacketInstant {
  readonly time: number;
  /** False: the time is that of its reception. */
  readonly isOwn: boolean;
}

/** Bytes of a hash that a double holds exactly. */
const STAMP_BYTES = 6;
const stampOf = (bytes: Uint8Array): number => createHash('sha1').update(bytes).digest().readUIntBE(0, STAMP_BYTES);

const keyOf = ({ apid, sequence, stamp }: PacketMark): string => `${String(apid)} ${String(sequence)} ${String(stamp)}`;

export class PacketRepeats {
  /** Last sequence count of each APID, from which missing packets are counted. */
  private readonly sequences = new Map<number, number>();
  /** The sequence count that came before, and whether it was seen to move. */
  private readonly counters = new Map<number, { readonly last: number; readonly moves: boolean }>();
  /** Those that came, by what they are recognised by, with their time; oldest first. */
  private readonly seen = new Map<string, number>();
  private readonly most: number;

  constructor({ most = MAX_REMEMBERED, marks = [] }: RememberedPackets = {}) {
    this.most = most;
    for (const mark of marks.slice(-most)) {
      this.follow(mark);
      // A reception time of the last run is that of no packet now.
      this.seen.set(keyOf(mark), NaN);
    }
  }

  /**
   * By APID, sequence count and time. Two stations do not receive at the same time. So a packet without a time of its own is
   * recognised by its bytes. If its counter stands still, it is not: any two equal packets would be one.
   * @returns by what it will be recognised; undefined: it came before.
   */
  take({ apid, sequence, bytes }: SpacePacket, { time, isOwn }: PacketInstant): PacketMark | undefined {
    const mark = { apid, sequence, stamp: isOwn ? time : stampOf(bytes) };
    const moves = this.follow(mark);
    const key = keyOf(mark);
    const before = this.seen.get(key);
    if (before !== undefined) return isOwn || before === time || moves ? undefined : mark;
    this.seen.set(key, time);
    const [oldest] = this.seen.keys();
    if (this.seen.size > this.most && oldest !== undefined) this.seen.delete(oldest);
    return mark;
  }

  /** Packets of its APID that are missing before it; one that was overtaken misses none. What a run begins with misses none. */
  missingBefore({ apid, sequence }: SpacePacket): number {
    const last = this.sequences.get(apid);
    const step = last === undefined ? 1 : (sequence - last + SEQUENCE_MODULUS) % SEQUENCE_MODULUS;
    const isOvertaken = step === 0 || step > SEQUENCE_MODULUS / 2;
    if (!isOvertaken) this.sequences.set(apid, sequence);
    return isOvertaken ? 0 : step - 1;
  }

  /** Whether the counter of the APID was ever seen to move. */
  private follow({ apid, sequence }: PacketMark): boolean {
    const before = this.counters.get(apid);
    const moves = before !== undefined && (before.moves || before.last !== sequence);
    this.counters.set(apid, { last: sequence, moves });
    return moves;
  }
}
