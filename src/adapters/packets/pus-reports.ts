/** What a packet says by the packet utilisation standard besides its parameters: verifications of requests, and events on board. */
import type { Control } from '../../core/response/response';
import type { OnboardEvent } from '../../domain/onboard-event';
import type { PacketSource } from '../../domain/packet-source';
import { isoTime } from '../../domain/units';
import { eventOf, readPusReport, verificationOf, type EventReport } from '../../packets/pus/report';
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

/** Parameters behind the number of the event. */
const auxiliary = (decoded: DecodedPacket, { secondaryHeader, eventId }: Layout): OnboardEvent['values'] => {
  const from = (HEADER_BYTES + secondaryHeader + eventId) * 8;
  return Object.fromEntries(
    decoded.values
      .filter(({ start }) => start >= from)
      .map((item) => [item.field.id.slice(item.field.id.lastIndexOf('.') + 1), shownValue(item)]),
  );
};

interface Told {
  readonly packet: SpacePacket;
  readonly decoded: DecodedPacket;
  /** Packet time, milliseconds. */
  readonly time: number;
}

/** The name is that of the container which the definition gives this event, where it gives it one. */
const onboardEvent = (told: Told, event: EventReport, layout: Layout, units: ReadonlySet<string>): OnboardEvent => {
  const { packet, decoded, time } = told;
  const { container } = decoded;
  const unit = container.system.split('.').at(-1) ?? '';
  return {
    type: 'report',
    time: isoTime(time),
    name: container.abstract ? `event ${String(event.number)}` : container.name,
    number: event.number,
    severity: event.severity,
    apid: packet.apid,
    sequence: packet.sequence,
    ...(units.has(unit) && { equipment: unit }),
    values: auxiliary(decoded, layout),
  };
};

/** @param units equipments of the mission: the SpaceSystem of an event's container may be one. */
export const pusContent = (
  told: Told,
  layout: Layout | undefined,
  { requestOf, units }: { readonly requestOf: RequestOf; readonly units: ReadonlySet<string> },
): PusContent => {
  const report = layout && readPusReport(told.packet, layout);
  if (layout === undefined || report === undefined) return nothing;
  const verification = verificationOf(report);
  const event = eventOf(report, layout);
  if (verification !== undefined && 'problem' in verification) return { ...nothing, problem: verification.problem };
  if (event !== undefined && 'problem' in event) return { ...nothing, problem: event.problem };
  if (event !== undefined) return { ...nothing, reports: [onboardEvent(told, event, layout, units)] };
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
