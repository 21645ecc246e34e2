/** What a packet says by the packet utilisation standard besides its parameters: verifications of requests, and events on board. */
import type { Control } from '../../core/response/response';
import type { OnboardEvent } from '../../domain/onboard-event';
import type { PacketSource } from '../../domain/packet-source';
import { isoTime } from '../../domain/units';
import {
  eventOf,
  readPusReport,
  reportNameOf,
  verificationOf,
  type EventReport,
  type PusReport,
} from '../../packets/pus/report';
import { HEADER_BYTES, type SpacePacket } from '../../packets/stream/space-packet';
import type { DecodedPacket, DecodedValue } from '../../packets/decode/values';

/** The id of the request that left as this telecommand; undefined: it is not ours. */
export type RequestOf = (apid: number, sequence: number) => string | undefined;

export interface PusContent {
  readonly controls: readonly Control[];
  readonly reports: readonly OnboardEvent[];
  /** Why the report says nothing. */
  readonly problem?: string;
}

const nothing: PusContent = { controls: [], reports: [] };

type Layout = NonNullable<PacketSource['pus']>;

/** A value of an event report as the log keeps it: labels and numbers, bytes in hexadecimal. */
export const shownValue = ({ value, raw }: DecodedValue): string | number => {
  const found = value ?? raw;
  if (typeof found === 'bigint') return Number.isSafeInteger(Number(found)) ? Number(found) : String(found);
  if (found instanceof Uint8Array) return Buffer.from(found).toString('hex');
  return found;
};

/** The values of a report that the log keeps; a packet may have a hundred thousand. */
const MAX_VALUES = 500;
/** Bytes of a report that no container describes. */
const MAX_BYTES = 256;

/** Parameters from a byte of the packet on. One that comes several times is numbered: `PMON[0]`, `PMON[1]`. */
const valuesFrom = (decoded: DecodedPacket, byte: number): OnboardEvent['values'] => {
  const named = decoded.values
    .filter(({ start }) => start >= byte * 8)
    .map((item) => [item.field.id.slice(item.field.id.lastIndexOf('.') + 1), item] as const);
  const counts = new Map<string, number>();
  for (const [name] of named) counts.set(name, (counts.get(name) ?? 0) + 1);
  const taken = new Map<string, number>();
  const values = named.slice(0, MAX_VALUES).map(([name, item]): [string, string | number] => {
    const index = taken.get(name) ?? 0;
    taken.set(name, index + 1);
    return [counts.get(name) === 1 ? name : `${name}[${String(index)}]`, shownValue(item)];
  });
  const leftOut = named.length - values.length;
  return Object.fromEntries(leftOut > 0 ? [...values, ['values left out', leftOut]] : values);
};

interface TimedPacket {
  readonly packet: SpacePacket;
  readonly decoded: DecodedPacket;
  /** Packet time, milliseconds. */
  readonly time: number;
}

/** The name is that of the container which the definition gives this report, where it gives it one. */
const onboardReport = (
  { packet, decoded, time }: TimedPacket,
  said: Pick<OnboardEvent, 'name' | 'severity' | 'values'> & Partial<OnboardEvent>,
  units: ReadonlySet<string>,
): OnboardEvent => {
  const { container } = decoded;
  const unit = container.system.split('.').at(-1) ?? '';
  return {
    ...said,
    type: 'report',
    time: isoTime(time),
    name: container.abstract ? said.name : container.name,
    apid: packet.apid,
    sequence: packet.sequence,
    ...(units.has(unit) && { equipment: unit }),
  };
};

const ofEvent = ({ number, severity }: EventReport, { decoded }: TimedPacket, layout: Layout) => ({
  name: `event ${String(number)}`,
  number,
  severity,
  values: valuesFrom(decoded, HEADER_BYTES + layout.secondaryHeader + layout.eventId),
});

/** A report of services 12 and 19: with the words and numbers of its container, or else its bytes. */
const ofNamed = (name: string, { service, subtype, data }: PusReport, { decoded }: TimedPacket, layout: Layout) => ({
  name,
  service,
  subtype,
  severity: 'informative' as const,
  values:
    decoded.bitsUsed > (HEADER_BYTES + layout.secondaryHeader) * 8
      ? valuesFrom(decoded, HEADER_BYTES + layout.secondaryHeader)
      : { data: Buffer.from(data.subarray(0, MAX_BYTES)).toString('hex'), bytes: data.length },
});

/** Whether what a packet says is read also where the definition has no container for it. */
export const isOfStandard = (packet: SpacePacket, layout: Layout | undefined): boolean => {
  const report = layout && readPusReport(packet, layout);
  return report !== undefined && (report.service === 1 || report.service === 5 || reportNameOf(report) !== undefined);
};

/** @param units equipments of the mission: the SpaceSystem of an event's container may be one. */
export const pusContent = (
  told: TimedPacket,
  layout: Layout | undefined,
  { requestOf, units }: { readonly requestOf: RequestOf; readonly units: ReadonlySet<string> },
): PusContent => {
  const report = layout && readPusReport(told.packet, layout);
  if (layout === undefined || report === undefined) return nothing;
  const verification = verificationOf(report);
  const event = eventOf(report, layout);
  if (verification !== undefined && 'problem' in verification) return { ...nothing, problem: verification.problem };
  if (event !== undefined && 'problem' in event) return { ...nothing, problem: event.problem };
  if (event !== undefined) return { ...nothing, reports: [onboardReport(told, ofEvent(event, told, layout), units)] };
  const name = reportNameOf(report);
  if (name !== undefined)
    return { ...nothing, reports: [onboardReport(told, ofNamed(name, report, told, layout), units)] };
  const id = verification && requestOf(verification.apid, verification.sequence);
  if (verification === undefined || id === undefined) return nothing;
  const { stage, words } = verification;
  const code = stage === 'failed' ? failureCode(report.data) : '';
  return { ...nothing, controls: [{ kind: 'acknowledge', id, stage, reason: `the spacecraft says ${words}${code}` }] };
};

/** What stands behind the request identifier, as it came: its size is the mission's. */
const failureCode = (data: Uint8Array): string => {
  const rest = Buffer.from(data.subarray(4, 12)).toString('hex');
  return rest === '' ? '' : ` (0x${rest})`;
};
