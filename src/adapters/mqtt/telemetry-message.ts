/** What a message on one of the telemetry topics brings: frames, modes, telecommands, packets. Parsed once, at the edge. */
import { decodeFirstSync } from 'cbor';
import { describeError } from '../../domain/errors';
import { excerpt, type Drop } from '../../core/telemetry/drop';
import { decodeSenml } from '../../core/telemetry/decode-senml';
import {
  decodeTelecommands,
  isTelecommandJson,
  type DecodedTelecommands,
} from '../../core/telemetry/decode-telecommands';
import { decodeTelemetry } from '../../core/telemetry/decode-telemetry';
import { decodeMode } from '../../core/telemetry/operating-mode';
import { parameterOfTopic, type Topics } from '../../core/topics';
import type { Arrival } from '../../pipeline/ports';
import type { MqttMessage } from './mqtt-options';

/** A frame of a thousand parameters has some thirty kilobytes, an hour of AURORA-1 half a megabyte. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;
/** A pack is a list of flat records; deeper is something else. */
const MAX_CBOR_DEPTH = 8;

/** What of an arrival a message gives. */
export type Content = Pick<Arrival, 'frames' | 'drops' | 'modes' | 'telecommands' | 'reports' | 'controls' | 'packets'>;

export interface TelemetryMessageOptions {
  readonly topics: Topics;
  readonly parameters: ReadonlySet<string>;
  /** Packet times further ahead of the clock are dropped, milliseconds. */
  readonly maxLeadMs: number;
  /** False: the message may have waited at the broker. Default: true. */
  readonly isLive?: boolean | undefined;
  /** Reads telecommand packets; left out: telecommands come as JSON only. */
  readonly telecommands?: ((payload: Uint8Array, receivedAt: number) => DecodedTelecommands) | undefined;
  /** Reads packets; left out: the mission has no definition of them. */
  readonly packets?: ((payload: Uint8Array, receivedAt: number) => Content) | undefined;
}

const dropped = (drop: Drop): Content => ({ frames: [], drops: [drop] });

const oversized = (payload: Uint8Array): Content =>
  dropped({
    reason: 'oversized',
    message: `${String(payload.length)} bytes, more than the ${String(MAX_PAYLOAD_BYTES)} that are read`,
  });

/** RFC 8428, section 12.3. Without a content type (MQTT 3.1.1) the first byte says it: a pack of JSON begins with "[". */
const isCbor = (contentType: string | undefined, payload: Uint8Array): boolean => {
  if (contentType !== undefined && /cbor/i.test(contentType)) return true;
  if (contentType !== undefined && /json/i.test(contentType)) return false;
  return (payload[0] ?? 0) >= 0x80;
};

/** @throws when it is neither. */
const parsePack = (payload: Uint8Array, contentType: string | undefined): unknown =>
  isCbor(contentType, payload)
    ? decodeFirstSync(Buffer.from(payload), { max_depth: MAX_CBOR_DEPTH })
    : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));

const readSenml = (
  { payload, contentType }: MqttMessage,
  { parameters, maxLeadMs }: TelemetryMessageOptions,
  receivedAt: number,
): Content => {
  if (payload.length > MAX_PAYLOAD_BYTES) return oversized(payload);
  let pack: unknown;
  try {
    pack = parsePack(payload, contentType);
  } catch (error) {
    return dropped({ reason: 'malformed', message: `not a SenML pack: ${excerpt(describeError(error))}` });
  }
  return decodeSenml(pack, { parameters, now: receivedAt, latest: receivedAt + maxLeadMs });
};

/** Undefined for a topic that is none of telemetry. @param receivedAt wall clock, milliseconds. */
export const readTelemetryMessage = (
  message: MqttMessage,
  options: TelemetryMessageOptions,
  receivedAt: number,
): Content | undefined => {
  const { topic, payload } = message;
  const { topics, parameters, maxLeadMs, packets, isLive = true } = options;
  const latest = receivedAt + maxLeadMs;
  if (topic === topics.mode) {
    const decoded = decodeMode(payload, latest);
    return 'mode' in decoded ? { frames: [], drops: [], modes: [decoded] } : dropped(decoded);
  }
  if (topic === topics.command) {
    const { telecommands: ofPackets } = options;
    if (payload.length > MAX_PAYLOAD_BYTES) return oversized(payload);
    const isPacket = ofPackets !== undefined && !isTelecommandJson(payload);
    return { frames: [], ...(isPacket ? ofPackets(payload, receivedAt) : decodeTelecommands(payload, latest)) };
  }
  if (topic === topics.senml) return readSenml(message, options, receivedAt);
  if (topic === topics.packet) {
    if (packets === undefined)
      return dropped({
        reason: 'malformed',
        message: 'a packet came, and the mission has no "packets" to read it with',
      });
    return payload.length > MAX_PAYLOAD_BYTES ? oversized(payload) : packets(payload, receivedAt);
  }
  const parameter = parameterOfTopic(topics, topic);
  if (topic !== topics.telemetry && parameter === undefined) return undefined;
  return decodeTelemetry(payload, {
    parameters,
    isLive,
    ...(parameter !== undefined && { parameter }),
    maxBytes: MAX_PAYLOAD_BYTES,
    now: receivedAt,
    latest,
  });
};
