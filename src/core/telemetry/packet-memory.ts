/**
 * Packets that came, as the checkpoint keeps them: after a restart, or on another worker of a fleet, they are still recognised
 * when another station sends them again. A pure reducer. Twelve bytes a packet, in two blocks: the newest is written with every
 * commit, the older one only when the newest is full.
 */

/** By what a packet is recognised. */
export interface PacketMark {
  readonly apid: number;
  readonly sequence: number;
  /** Packet time in milliseconds; of a packet without a time of its own, a number made of its bytes. */
  readonly stamp: number;
}

/** Packets in the order in which they came. */
export interface PacketBlock {
  /** APID and sequence count: eleven bits and fourteen. */
  readonly heads: Uint32Array;
  readonly stamps: Float64Array;
}

export interface PacketMemory {
  readonly older: PacketBlock;
  readonly newest: PacketBlock;
}

/** Packets that may come again by another station: more than an hour of one a second. */
export const MAX_REMEMBERED = 4096;
/** Parts of the memory that are written with every packet: of 4096 packets 3 kB. */
const NEWEST_SHARE = 16;

const SEQUENCE_BITS = 14;
const SEQUENCE_MASK = (1 << SEQUENCE_BITS) - 1;

const blockOf = (heads: readonly number[], stamps: readonly number[]): PacketBlock => ({
  heads: Uint32Array.from(heads),
  stamps: Float64Array.from(stamps),
});

export const noPackets: PacketMemory = { older: blockOf([], []), newest: blockOf([], []) };

/** The last `most` packets of both. */
const join = (a: PacketBlock, b: PacketBlock, most: number): PacketBlock =>
  blockOf([...a.heads, ...b.heads].slice(-most), [...a.stamps, ...b.stamps].slice(-most));

/** @param most how many are remembered at least, once so many came. */
export const rememberPackets = (
  memory: PacketMemory,
  marks: readonly PacketMark[],
  most = MAX_REMEMBERED,
): PacketMemory => {
  if (marks.length === 0) return memory;
  const added = blockOf(
    marks.map(({ apid, sequence }) => (apid << SEQUENCE_BITS) | sequence),
    marks.map(({ stamp }) => stamp),
  );
  const newest = join(memory.newest, added, most);
  if (newest.heads.length <= most / NEWEST_SHARE) return { ...memory, newest };
  return { older: join(memory.older, newest, most), newest: noPackets.newest };
};

/** Oldest first. */
export const packetMarks = ({ older, newest }: PacketMemory): readonly PacketMark[] =>
  [older, newest].flatMap(({ heads, stamps }) =>
    Array.from(heads, (head, index) => ({
      apid: head >>> SEQUENCE_BITS,
      sequence: head & SEQUENCE_MASK,
      stamp: stamps[index] ?? NaN,
    })),
  );
