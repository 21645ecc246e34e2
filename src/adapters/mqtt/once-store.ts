/**
 * What the MQTT client has under way. Messages of quality of service 2 are kept in the outbox of the log. So a client that was
 * killed goes on with the handshake where it was. The broker then delivers the message once (MQTT 5, section 4.3.3 and 4.4). All
 * else is kept in memory. Knows the client's packets, and not its package.
 */
import { Readable } from 'node:stream';
import { toError } from '../../domain/errors';
import type { Outbox, OutboxChange, OutboxMessage } from '../log/outbox';

interface Packet {
  readonly cmd: string;
  readonly messageId?: number | undefined;
  readonly qos?: number | undefined;
  readonly topic?: string;
  readonly payload?: string | Buffer;
  readonly properties?: { readonly messageExpiryInterval?: number } | undefined;
}
type StoreCallback = (error?: Error, packet?: Packet) => void;

const toPacket = ({ messageId, isRelease, topic, payload, packetOf, expirySeconds }: OutboxMessage): Packet =>
  isRelease
    ? { cmd: 'pubrel', qos: 2, messageId }
    : {
        cmd: 'publish',
        qos: 2,
        messageId,
        topic,
        payload: packetOf === undefined ? payload : Buffer.from(payload, 'base64'),
        // Another word for "sent before": the broker recognises it by its identifier.
        ...{ dup: true, retain: false },
        ...(expirySeconds !== null && { properties: { messageExpiryInterval: expirySeconds } }),
      };

/** Which request a packet is, by its bytes in base64: the client hands its store a copy. No two are alike, they are counted. */
const packets = new Map<string, string>();
/** A request is made once in minutes. */
const MAX_NAMED = 1000;

/** Names the request that a payload of bytes is, before it is published once. */
export const nameRequest = (payload: Buffer, id: string): void => {
  packets.set(payload.toString('base64'), id);
  const [oldest] = packets.keys();
  if (packets.size > MAX_NAMED && oldest !== undefined) packets.delete(oldest);
};

const messageOf = (messageId: number, { cmd, topic = '', payload = '', properties }: Packet): OutboxMessage => {
  const bytes = typeof payload === 'string' ? '' : payload.toString('base64');
  const packetOf = packets.get(bytes);
  return {
    messageId,
    isRelease: cmd === 'pubrel',
    topic,
    payload: packetOf === undefined ? payload.toString() : bytes,
    ...(packetOf !== undefined && { packetOf }),
    expirySeconds: properties?.messageExpiryInterval ?? null,
  };
};

const idOf = (change: OutboxChange): number => (change.kind === 'put' ? change.message.messageId : change.messageId);

/**
 * How long the end of a handshake may stay unwritten, milliseconds. Should it be lost, the release is sent again, which the broker
 * answers as it did before: nobody has to wait for the disk.
 */
const FORGET_WITHIN_MS = 100;

/** Pause before what could not be written is tried again, milliseconds. */
const TRY_AGAIN_MS = 1000;

interface Waiting {
  readonly change: OutboxChange;
  readonly done: StoreCallback;
}
const nobody: StoreCallback = () => undefined;

export class OnceStore {
  private readonly volatile = new Map<number, Packet>();
  /** What is not written yet, in order: a number may be taken again as soon as its handshake is over. */
  private waiting: Waiting[] = [];
  private later: NodeJS.Timeout | undefined;

  /** @param onLost a message that could not be written, and is not sent. */
  constructor(
    private readonly outbox: Outbox,
    private readonly onLost: (messageId: number, error: Error) => void,
  ) {}

  put(packet: Packet, done: StoreCallback): this {
    const { messageId } = packet;
    if (messageId !== undefined && (packet.qos === 2 || packet.cmd === 'pubrel')) {
      this.waiting.push({ change: { kind: 'put', message: messageOf(messageId, packet) }, done });
      // Whatever else this turn of the program sends shares the trip to the disk; another turn may be long.
      process.nextTick(() => {
        this.flush();
      });
      return this;
    }
    if (messageId !== undefined) this.volatile.set(messageId, packet);
    done();
    return this;
  }

  del({ messageId }: { readonly messageId?: number | undefined }, done: StoreCallback): this {
    const packet = this.find(messageId);
    if (messageId !== undefined && !this.volatile.delete(messageId)) {
      this.waiting.push({ change: { kind: 'forget', messageId }, done: nobody });
      this.flushLater(FORGET_WITHIN_MS);
    }
    done(undefined, packet);
    return this;
  }

  get({ messageId }: { readonly messageId?: number | undefined }, done: StoreCallback): this {
    const packet = this.find(messageId);
    if (packet === undefined) done(new Error('missing packet'));
    else done(undefined, packet);
    return this;
  }

  createStream(): Readable {
    this.flush();
    return Readable.from([...this.outbox.underWay().map(toPacket), ...this.volatile.values()]);
  }

  close(done: StoreCallback): void {
    this.flush();
    done();
  }

  private flush(): void {
    clearTimeout(this.later);
    this.later = undefined;
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    try {
      this.outbox.write(waiting.map(({ change }) => change));
    } catch (error) {
      this.fail(waiting, toError(error));
      return;
    }
    for (const { done } of waiting) done();
  }

  /** A message that is not kept is not sent. The end of a handshake is tried again: without it the broker and we would wait for good. */
  private fail(waiting: readonly Waiting[], error: Error): void {
    const isMessage = ({ change }: Waiting): boolean => change.kind === 'put' && !change.message.isRelease;
    this.waiting.push(...waiting.filter((item) => !isMessage(item)));
    if (this.waiting.length > 0) this.flushLater(TRY_AGAIN_MS);
    for (const item of waiting.filter(isMessage)) {
      item.done(error);
      this.onLost(idOf(item.change), error);
    }
  }

  private flushLater(ms: number): void {
    this.later ??= setTimeout(() => {
      this.flush();
    }, ms).unref();
  }

  private find(messageId: number | undefined): Packet | undefined {
    if (messageId === undefined) return undefined;
    const volatile = this.volatile.get(messageId);
    if (volatile !== undefined) return volatile;
    const change = this.waiting.map((item) => item.change).findLast((item) => idOf(item) === messageId);
    if (change !== undefined) return change.kind === 'put' ? toPacket(change.message) : undefined;
    const message = this.outbox.find(messageId);
    return message && toPacket(message);
  }
}
