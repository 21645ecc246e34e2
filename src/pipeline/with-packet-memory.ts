/** What is committed with an arrival says which packets it brought: a daemon that goes on from there knows them again. */
import { noPackets, rememberPackets, type PacketMark, type PacketMemory } from '../core/telemetry/packet-memory';
import { enrich } from './enrich';
import type { Memory, Remembering } from './memory';

interface BringsPackets extends Remembering {
  readonly packets?: readonly PacketMark[];
}

/** What the last run knew of packets. */
export const packetMemoryOf = ({
  packets,
  olderPackets,
}: Pick<Memory, 'packets' | 'olderPackets'> = {}): PacketMemory =>
  packets === undefined && olderPackets === undefined
    ? noPackets
    : { newest: packets ?? noPackets.newest, older: olderPackets ?? noPackets.older };

/** @param most packets that are remembered; undefined: as many as by default. */
export const withPacketMemory = <E extends BringsPackets>(initial: PacketMemory, most: number | undefined) =>
  enrich(
    initial,
    (before, { packets = [] }: E) => ({ state: rememberPackets(before, packets, most), added: {} }),
    // Most missions have no packets: nothing is kept of them.
    (state) => (state === noPackets ? {} : { packets: state.newest, olderPackets: state.older }),
  );
