/** Packets to partial frames by the mission's definition: values by name, time by the packet's clock, repeats and gaps recognised. */
import { createHash } from 'node:crypto';
import type { Control } from '../../core/response/response';
import type { Drop } from '../../core/telemetry/drop';
import { LATEST_TIME, timeReason } from '../../core/telemetry/packet-time';
import { FdirError } from '../../domain/errors';
import { equipmentIds, type Mission } from '../../domain/mission';
import type { OnboardEvent } from '../../domain/onboard-event';
import type { PacketSource } from '../../domain/packet-source';
import type { PartialFrame } from '../../domain/telemetry';
import { compileDecoder, type Decoder } from '../../packets/decode/compile-decoder';
import type { DecodedPacket, DecodedValue, DecodeProblemCode, Field } from '../../packets/decode/values';
import { readPusReport } from '../../packets/pus/report';
import { readPackets, type StreamItem } from '../../packets/stream/packet-reader';
import { SEQUENCE_MODULUS, type SpacePacket } from '../../packets/stream/space-packet';
import { createPacketClock, type PacketClock, type TimeSpec } from '../../packets/time/packet-clock';
import { definitionProblem, readDefinitionFile } from './definition-file';
import { pusContent, type RequestOf } from './pus-reports';

export interface PacketContent {
  readonly frames: readonly PartialFrame[];
  readonly drops: readonly Drop[];
  /** Events on board, and verifications of requests; left out: none. */
  readonly reports?: readonly OnboardEvent[];
  readonly controls?: readonly Control[];
}

export interface ReceivedAt {
  /** When the packets came, milliseconds: the time of those that hold none. Undefined in a file, which has no such time. */
  readonly receivedAt: number | undefined;
  /** Latest believable time, milliseconds. */
  readonly latest: number;
}

/** What packets gave so far. */
interface Found {
  readonly frames: PartialFrame[];
  readonly drops: Drop[];
  readonly reports: OnboardEvent[];
  readonly controls: Control[];
}

/** Packets that may come again by another station. */
const MAX_REMEMBERED = 4096;
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

/** The clock of a mission: fields may be named by their last part. */
export const packetClock = ({ time }: Pick<PacketSource, 'time'>, fields: readonly Field[]): PacketClock => {
  if (time === undefined) return createPacketClock();
  const { epoch, offset, drift, at } = time;
  const correlation = {
    offsetMs: (offset ?? 0) * 1000,
    ...(drift !== undefined && { drift }),
    ...(at !== undefined && { atMs: Date.parse(at) }),
  };
  const shared: TimeSpec = { ...(epoch !== undefined && { epoch }), correlation };
  if ('parameter' in time) {
    const { parameter } = time;
    const field = fields.find(({ id }) => id === parameter) ?? fields.find(({ id }) => id.endsWith(`.${parameter}`));
    return createPacketClock({ ...shared, parameter: field?.id ?? parameter });
  }
  const { secondaryHeader, pField, position, coarse, fine, dayBytes, subMillisecondBytes } = time;
  return createPacketClock({
    ...shared,
    secondaryHeader,
    ...(pField !== undefined && { pField }),
    ...(position !== undefined && { offset: position }),
    ...(coarse !== undefined && { coarseBytes: coarse }),
    ...(fine !== undefined && { fineBytes: fine }),
    ...(dayBytes !== undefined && { dayBytes }),
    ...(subMillisecondBytes !== undefined && { subMillisecondBytes }),
  });
};

/** @throws FdirError `config` when the definition cannot be used, with every element that is refused. */
const openDecoder = ({ xtce, container }: PacketSource): Decoder => {
  const { definition, problems } = readDefinitionFile(xtce);
  const compiled = definition === undefined ? undefined : compileDecoder(definition, { container });
  if (compiled?.decoder !== undefined) return compiled.decoder;
  const refused = [...problems, ...(compiled?.problems ?? [])].filter(({ effect }) => effect === 'refused');
  throw new FdirError(
    'config',
    `the definition ${xtce} cannot be used`,
    refused.map((problem) => definitionProblem(xtce, problem)),
  );
};

const placeOf = ({ apid, sequence, offset }: SpacePacket): string =>
  `packet of APID ${String(apid)}, sequence count ${String(sequence)}, at byte ${String(offset)}`;

export class PacketTelemetry {
  private readonly names: ReadonlyMap<string, string>;
  private readonly clock: PacketClock;
  /** Last sequence count of each APID. */
  private readonly sequences = new Map<number, number>();
  /** APIDs whose counter was seen to move. */
  private readonly counting = new Set<number>();
  /** Those that came, by what they are recognised by, with their time; oldest first. */
  private readonly seen = new Map<string, number>();
  private withoutTime = 0;

  /** Says which of our requests a verification is about; whoever sends them sets it. */
  requestOf: RequestOf = () => undefined;

  private constructor(
    private readonly source: PacketSource,
    private readonly decoder: Decoder,
    ids: ReadonlySet<string>,
    /** Equipments of the mission. */
    readonly units: ReadonlySet<string> = new Set(),
  ) {
    this.names = fieldNames(decoder.fields, ids, source.names);
    this.clock = packetClock(source, decoder.fields);
  }

  /** @param ids of the mission's parameters. */
  static from(source: PacketSource, decoder: Decoder, ids: ReadonlySet<string>): PacketTelemetry {
    return new PacketTelemetry(source, decoder, ids);
  }

  /** Undefined for a mission without packets. @throws FdirError `config` when its definition cannot be used. */
  static of(mission: Mission): PacketTelemetry | undefined {
    const { packets, parameters } = mission;
    const units = new Set(equipmentIds(mission));
    return (
      packets && new PacketTelemetry(packets, openDecoder(packets), new Set(parameters.map(({ id }) => id)), units)
    );
  }

  /** Whole packets of one message. Never throws on bytes. */
  read(bytes: Uint8Array, at: ReceivedAt): PacketContent {
    const { skip, checksum } = this.source;
    return this.take(readPackets(bytes, { skip, checksum }).items, at);
  }

  /** Packets that a reader found, and what it found wrong. */
  take(items: Iterable<StreamItem>, at: ReceivedAt): PacketContent {
    const found: Found = { frames: [], drops: [], reports: [], controls: [] };
    for (const item of items) {
      if (item.type === 'packet') this.takePacket(item.packet, at, found);
      else if (item.code !== 'gap')
        found.drops.push({
          reason: item.code === 'oversized' ? 'oversized' : 'malformed',
          message: `${item.message} (at byte ${String(item.offset)}${item.apid === undefined ? '' : `, APID ${String(item.apid)}`})`,
        });
    }
    const { frames, drops, reports, controls } = found;
    return {
      frames,
      drops,
      ...(reports.length > 0 && { reports }),
      ...(controls.length > 0 && { controls }),
    };
  }

  private takePacket(packet: SpacePacket, at: ReceivedAt, found: Found): void {
    const { frames, drops, reports, controls } = found;
    const decoded = this.decoder.decode(packet.bytes);
    const bad = decoded.problems.find(({ code }) => !HARMLESS.has(code) && !this.isOfStandard(packet, code));
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
    if (this.isRepeated(packet, time, at)) {
      drops.push({ reason: 'duplicate', message: `${placeOf(packet)} had already arrived` });
      return;
    }
    drops.push(...this.gapBefore(packet));
    const pus = pusContent({ packet, decoded, time }, this.source.pus, this);
    if (pus.problem !== undefined) drops.push({ reason: 'malformed', message: `${placeOf(packet)}: ${pus.problem}` });
    reports.push(...pus.reports);
    controls.push(...pus.controls);
    const values = this.valuesOf(decoded, drops);
    if (Object.keys(values).length > 0) frames.push({ time, values });
  }

  /** Services 1 and 5 say what is read of them also where the definition has no container for them. */
  private isOfStandard(packet: SpacePacket, code: DecodeProblemCode): boolean {
    const report = this.source.pus && readPusReport(packet, this.source.pus);
    return code === 'unknown-packet' && (report?.service === 1 || report?.service === 5);
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

  /**
   * By APID, sequence count and time. Two stations do not receive at the same time. So a packet without a time of its own is
   * recognised by its bytes. If its counter stands still, it is not: any two equal packets would be one.
   */
  private isRepeated({ apid, sequence, bytes }: SpacePacket, time: number, { receivedAt }: ReceivedAt): boolean {
    const hasOwnTime = this.source.time !== undefined || receivedAt === undefined || time !== receivedAt;
    const last = this.sequences.get(apid);
    if (last !== undefined && last !== sequence) this.counting.add(apid);
    const by = hasOwnTime ? String(time) : createHash('sha1').update(bytes).digest('base64');
    const key = `${String(apid)} ${String(sequence)} ${by}`;
    const before = this.seen.get(key);
    if (before !== undefined) return hasOwnTime || before === time || this.counting.has(apid);
    this.seen.set(key, time);
    const [oldest] = this.seen.keys();
    if (this.seen.size > MAX_REMEMBERED && oldest !== undefined) this.seen.delete(oldest);
    return false;
  }

  private gapBefore(packet: SpacePacket): readonly Drop[] {
    const count = this.missingBefore(packet);
    return count === 0 ? [] : [{ reason: 'missing', message: `${String(count)} before the ${placeOf(packet)}`, count }];
  }

  /** Packets of its APID that are missing before it; one that was overtaken misses none. */
  private missingBefore({ apid, sequence }: SpacePacket): number {
    const last = this.sequences.get(apid);
    const step = last === undefined ? 1 : (sequence - last + SEQUENCE_MODULUS) % SEQUENCE_MODULUS;
    const isOvertaken = step === 0 || step > SEQUENCE_MODULUS / 2;
    if (!isOvertaken) this.sequences.set(apid, sequence);
    return isOvertaken ? 0 : step - 1;
  }
}

/** Of a recording, whatever its time. */
export const RECORDED: ReceivedAt = { receivedAt: undefined, latest: LATEST_TIME };
