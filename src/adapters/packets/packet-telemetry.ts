/** Packets to partial frames by the mission's definition: values by name, time by the packet's clock, repeats and gaps recognised. */
import type { Control } from '../../core/response/response';
import type { Drop } from '../../core/telemetry/drop';
import type { PacketMark } from '../../core/telemetry/packet-memory';
import { LATEST_TIME, timeReason } from '../../core/telemetry/packet-time';
import { equipmentIds, type Mission } from '../../domain/mission';
import type { OnboardEvent } from '../../domain/onboard-event';
import type { PacketSource } from '../../domain/packet-source';
import type { PartialFrame } from '../../domain/telemetry';
import type { Decoder } from '../../packets/decode/compile-decoder';
import type { DecodedPacket, DecodedValue, Field } from '../../packets/decode/values';
import { readPackets, type StreamItem } from '../../packets/stream/packet-reader';
import type { SpacePacket } from '../../packets/stream/space-packet';
import type { PacketClock } from '../../packets/time/packet-clock';
import { openPackets, type PacketParts } from './definition-file';
import { packetClock } from './mission-clock';
import { PacketRepeats, type RememberedPackets } from './packet-repeats';
import { isOfStandard, pusContent, type RequestOf } from './pus-reports';

export interface PacketContent {
  readonly frames: readonly PartialFrame[];
  readonly drops: readonly Drop[];
  /** Events on board, and verifications of requests; left out: none. */
  readonly reports?: readonly OnboardEvent[];
  readonly controls?: readonly Control[];
  /** By what its packets are recognised when they come again; left out: none. */
  readonly packets?: readonly PacketMark[];
}

export interface ReceivedAt {
  /** When the packets came, milliseconds: the time of those that hold none. Undefined in a file, which has no such time. */
  readonly receivedAt: number | undefined;
  /** Latest believable time, milliseconds. */
  readonly latest: number;
}

/** What packets gave so far. */
interface PacketFindings {
  readonly frames: PartialFrame[];
  readonly drops: Drop[];
  readonly reports: OnboardEvent[];
  readonly controls: Control[];
  readonly packets: PacketMark[];
}

/** What many spacecraft of one mission share, and what is small where they are many. */
export interface SharedReading {
  /** What the mission's files hold; left out: they are read. */
  readonly parts?: PacketParts;
  readonly remembered?: RememberedPackets;
}

/** These leave values that can be used. */
const HARMLESS: ReadonlySet<string> = new Set(['unread-bits', 'ambiguous']);

/** Which parameter of the mission each field of the definition is. */
export const fieldNames = (
  fields: readonly Field[],
  ids: ReadonlySet<string>,
  names: PacketSource['names'],
): ReadonlyMap<string, string> => {
  const last = (id: string): string => id.slice(id.lastIndexOf('.') + 1);
  const counts = new Map<string, number>();
  for (const { id } of fields) counts.set(last(id), (counts.get(last(id)) ?? 0) + 1);
  const byName = new Map(Object.entries(names).map(([id, name]) => [name, id]));
  return new Map(
    fields.flatMap(({ id }): [string, string][] => {
      const isAlone = counts.get(last(id)) === 1;
      const given = byName.get(id) ?? (isAlone ? byName.get(last(id)) : undefined);
      const found = given ?? [id, ...(isAlone ? [last(id)] : [])].find((name) => ids.has(name));
      return found === undefined || !ids.has(found) ? [] : [[id, found]];
    }),
  );
};

/** Labels are judged by the number that stands for them. */
const numberOf = ({ value, raw }: DecodedValue): number | undefined => {
  const found = typeof value === 'number' || typeof value === 'bigint' ? value : raw;
  return typeof found === 'number' || typeof found === 'bigint' ? Number(found) : undefined;
};

/** Parameters and equipments of a mission. */
interface KnownNames {
  readonly ids: ReadonlySet<string>;
  readonly units: ReadonlySet<string>;
}

const placeOf = ({ apid, sequence, offset }: SpacePacket): string =>
  `packet of APID ${String(apid)}, sequence count ${String(sequence)}, at byte ${String(offset)}`;

export class PacketTelemetry {
  private readonly decoder: Decoder;
  private readonly names: ReadonlyMap<string, string>;
  private readonly clock: PacketClock;
  /** Equipments of the mission. */
  readonly units: ReadonlySet<string>;
  private readonly repeats: PacketRepeats;
  private withoutTime = 0;

  /** Says which of our requests a verification is about; whoever sends them sets it. */
  requestOf: RequestOf = () => undefined;

  private constructor(
    private readonly source: PacketSource,
    { decoder, leapSeconds }: Omit<PacketParts, 'refused'>,
    known: KnownNames,
    remembered?: RememberedPackets,
  ) {
    this.repeats = new PacketRepeats(remembered);
    this.units = known.units;
    this.names = fieldNames(decoder.fields, known.ids, source.names);
    this.decoder = decoder;
    this.clock = packetClock(source, decoder.fields, leapSeconds);
  }

  /** @param ids of the mission's parameters. */
  static from(source: PacketSource, decoder: Decoder, ids: ReadonlySet<string>): PacketTelemetry {
    return new PacketTelemetry(source, { decoder }, { ids, units: new Set() });
  }

  /** Undefined for a mission without packets. @throws FdirError `config` when its definition cannot be used. */
  static of(mission: Mission, { parts, remembered }: SharedReading = {}): PacketTelemetry | undefined {
    const { packets, parameters } = mission;
    if (packets === undefined) return undefined;
    const ids = new Set(parameters.map(({ id }) => id));
    const units = new Set(equipmentIds(mission));
    return new PacketTelemetry(packets, parts ?? openPackets(packets), { ids, units }, remembered);
  }

  /** Whole packets of one message. Never throws on bytes. */
  read(bytes: Uint8Array, at: ReceivedAt): PacketContent {
    const { skip, checksum } = this.source;
    return this.take(readPackets(bytes, { skip, checksum }).items, at);
  }

  /** Packets that a reader found, and what it found wrong. */
  take(items: Iterable<StreamItem>, at: ReceivedAt): PacketContent {
    const found: PacketFindings = { frames: [], drops: [], reports: [], controls: [], packets: [] };
    let idle = 0;
    for (const item of items) {
      if (item.type === 'packet') this.takePacket(item.packet, at, found);
      else if (item.type === 'idle') idle += 1;
      else if (item.code !== 'gap')
        found.drops.push({
          reason: item.code === 'oversized' ? 'oversized' : 'malformed',
          message: `${item.message} (at byte ${String(item.offset)}${item.apid === undefined ? '' : `, APID ${String(item.apid)}`})`,
        });
    }
    const { frames, drops, reports, controls, packets } = found;
    if (idle > 0) drops.push({ reason: 'idle', message: `${String(idle)} idle packets`, count: idle });
    return {
      frames,
      drops,
      ...(reports.length > 0 && { reports }),
      ...(controls.length > 0 && { controls }),
      ...(packets.length > 0 && { packets }),
    };
  }

  private takePacket(packet: SpacePacket, at: ReceivedAt, found: PacketFindings): void {
    const { frames, drops, reports, controls } = found;
    const decoded = this.decoder.decode(packet.bytes);
    const bad = decoded.problems.find(
      ({ code }) => !HARMLESS.has(code) && !(code === 'unknown-packet' && isOfStandard(packet, this.source.pus)),
    );
    if (bad !== undefined) {
      drops.push(...this.gapBefore(packet), { reason: 'malformed', message: `${placeOf(packet)}: ${bad.message}` });
      return;
    }
    const time = this.timeOf(packet, decoded, at);
    const reason = typeof time === 'string' ? 'malformed' : timeReason(time, at.latest);
    if (typeof time === 'string' || reason !== undefined) {
      const what = typeof time === 'string' ? time : `its time is in the ${reason ?? ''}`;
      drops.push({ reason: reason ?? 'malformed', message: `${placeOf(packet)}: ${what}` });
      return;
    }
    const isOwn = this.source.time !== undefined || at.receivedAt === undefined || time !== at.receivedAt;
    const mark = this.repeats.take(packet, { time, isOwn });
    if (mark === undefined) {
      drops.push({ reason: 'duplicate', message: `${placeOf(packet)} had already arrived` });
      return;
    }
    found.packets.push(mark);
    drops.push(...this.gapBefore(packet));
    const pus = pusContent({ packet, decoded, time }, this.source.pus, this);
    if (pus.problem !== undefined) drops.push({ reason: 'malformed', message: `${placeOf(packet)}: ${pus.problem}` });
    reports.push(...pus.reports);
    controls.push(...pus.controls);
    const values = this.valuesOf(decoded, drops);
    if (Object.keys(values).length > 0) frames.push({ time, values });
  }

  private valuesOf({ values }: DecodedPacket, drops: Drop[]): Record<string, number> {
    const found: Record<string, number> = {};
    for (const item of values) {
      const id = this.names.get(item.field.id);
      const value = id === undefined ? undefined : numberOf(item);
      if (id === undefined || value === undefined || item.reason === 'condition') continue;
      if (Number.isFinite(value)) found[id] = value;
      else drops.push({ reason: 'not-finite', message: `"${id}" is not finite` });
    }
    return found;
  }

  /** Packet time, milliseconds, or why there is none. */
  private timeOf(packet: SpacePacket, decoded: DecodedPacket, { receivedAt }: ReceivedAt): number | string {
    const read = this.clock.timeOf(packet, decoded);
    if (read.ok) return Math.round(read.timeMs);
    const { time, reception } = this.source;
    if (read.reason !== 'none' || time !== undefined) return read.message;
    if (receivedAt !== undefined) return receivedAt;
    if (reception === undefined) return `${read.message}; give "time" or "reception" in the mission's "packets"`;
    this.withoutTime += 1;
    return Date.parse(reception.start) + (this.withoutTime - 1) * reception.period;
  }

  private gapBefore(packet: SpacePacket): readonly Drop[] {
    const count = this.repeats.missingBefore(packet);
    return count === 0 ? [] : [{ reason: 'missing', message: `${String(count)} before the ${placeOf(packet)}`, count }];
  }
}

/** Of a recording, whatever its time. */
export const RECORDED: ReceivedAt = { receivedAt: undefined, latest: LATEST_TIME };
