/** Reads what passes on a connection of MQTT 5, packet by packet: as much of it as tests look at (MQTT 5, section 2). */

export const PACKET = { connack: 2, publish: 3, puback: 4, pubrel: 6 } as const;

export interface WirePacket {
  readonly type: number;
  /** Sent before, as the sender says. */
  readonly isAgain: boolean;
  /** Packet identifier of `publish` (quality of service above 0), `puback` and `pubrel`. */
  readonly id: number | undefined;
  /** Of `publish`. */
  readonly topic: string;
  readonly payload: string;
  /** Of `connack`: the broker knows the session. */
  readonly isResumed: boolean;
}

/** A variable byte integer, and where it ends; undefined when it is cut off. */
const readLength = (bytes: Buffer, from: number): { readonly value: number; readonly end: number } | undefined => {
  for (let value = 0, at = from, factor = 1; at < bytes.length; at += 1, factor *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
};

const decode = (first: number, body: Buffer): WirePacket => {
  const type = first >> 4;
  const nothing = { type, isAgain: (first & 0x08) !== 0, id: undefined, topic: '', payload: '', isResumed: false };
  if (type === PACKET.connack) return { ...nothing, isResumed: ((body[0] ?? 0) & 1) !== 0 };
  if (type === PACKET.puback || type === PACKET.pubrel) return { ...nothing, id: body.readUInt16BE(0) };
  if (type !== PACKET.publish) return nothing;
  const topicEnd = 2 + body.readUInt16BE(0);
  const isCounted = ((first >> 1) & 3) > 0;
  const id = isCounted ? body.readUInt16BE(topicEnd) : undefined;
  const properties = readLength(body, topicEnd + (isCounted ? 2 : 0)) ?? { value: 0, end: topicEnd };
  const payload = body.toString('utf8', properties.end + properties.value);
  return { ...nothing, id, topic: body.toString('utf8', 2, topicEnd), payload };
};

export class PacketReader {
  private rest = Buffer.alloc(0);

  /** @returns the packets that are complete now. */
  read(chunk: Buffer): WirePacket[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const packets: WirePacket[] = [];
    for (;;) {
      const length = readLength(this.rest, 1);
      if (length === undefined || this.rest.length < length.end + length.value) return packets;
      const end = length.end + length.value;
      packets.push(decode(this.rest[0] ?? 0, this.rest.subarray(length.end, end)));
      this.rest = this.rest.subarray(end);
    }
  }
}
