/**
 * What the MQTT client has under way. Messages of quality of service 2 are kept in the outbox of the log, so that a client that was
 * killed goes on with the handshake where it was: the broker then hands the message on once (MQTT 5, section 4.3.3 and 4.4). All
 * else is kept in memory. Knows the client's packets, and not its package.
 */
import { Readable } from 'node:stream';

/** Messages that must reach the broker exactly once; what it is told is durable when it returns. */
export interface Outbox {
  /** A message or its release is about to be written to the connection. */
  put(message: OutboxMessage): void;
  /** The handshake is over, or given up. */
  forget(messageId: number): void;
  /** Messages whose handshake is not over, in order; those that have expired are given up and left out. */
  underWay(): readonly OutboxMessage[];
  /** The broker has forgotten the session: whether it had a message is not known, and none is sent again. */
  giveUp(): void;
}

export interface OutboxMessage {
  readonly messageId: number;
  /** The release of a message that the broker has taken. */
  readonly isRelease: boolean;
  readonly topic: string;
  readonly payload: string;
  readonly expirySeconds: number | null;
}

interface Packet {
  readonly cmd: string;
  readonly messageId?: number | undefined;
  readonly qos?: number | undefined;
  readonly topic?: string;
  readonly payload?: string | Buffer;
  readonly properties?: { readonly messageExpiryInterval?: number } | undefined;
}
type Done = (error?: Error, packet?: Packet) => void;

const toPacket = ({ messageId, isRelease, topic, payload, expirySeconds }: OutboxMessage): Packet =>
  isRelease
    ? { cmd: 'pubrel', qos: 2, messageId }
    : {
        cmd: 'publish',
        qos: 2,
        messageId,
        topic,
        payload,
        // Another word for "sent before": the broker recognises it by its identifier.
        ...{ dup: true, retain: false },
        ...(expirySeconds !== null && { properties: { messageExpiryInterval: expirySeconds } }),
      };

export class OnceStore {
  private readonly volatile = new Map<number, Packet>();

  constructor(private readonly outbox: Outbox) {}

  put(packet: Packet, done: Done): this {
    const { messageId } = packet;
    if (messageId !== undefined) {
      if (packet.qos === 2 || packet.cmd === 'pubrel') this.keep(messageId, packet);
      else this.volatile.set(messageId, packet);
    }
    done();
    return this;
  }

  del({ messageId }: { readonly messageId?: number | undefined }, done: Done): this {
    const packet = this.find(messageId);
    if (messageId !== undefined) {
      if (!this.volatile.delete(messageId)) this.outbox.forget(messageId);
    }
    done(undefined, packet);
    return this;
  }

  get({ messageId }: { readonly messageId?: number | undefined }, done: Done): this {
    const packet = this.find(messageId);
    if (packet === undefined) done(new Error('missing packet'));
    else done(undefined, packet);
    return this;
  }

  createStream(): Readable {
    return Readable.from([...this.outbox.underWay().map(toPacket), ...this.volatile.values()]);
  }

  close(done: Done): void {
    done();
  }

  private keep(messageId: number, { cmd, topic = '', payload = '', properties }: Packet): void {
    this.outbox.put({
      messageId,
      isRelease: cmd === 'pubrel',
      topic,
      payload: payload.toString(),
      expirySeconds: properties?.messageExpiryInterval ?? null,
    });
  }

  private find(messageId: number | undefined): Packet | undefined {
    if (messageId === undefined) return undefined;
    const message = this.outbox.underWay().find((item) => item.messageId === messageId);
    return this.volatile.get(messageId) ?? (message && toPacket(message));
  }
}
