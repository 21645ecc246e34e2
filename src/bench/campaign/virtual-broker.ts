/**
 * A broker with one persistent session. Towards the daemon it has quality of service 1: in order, redelivered with DUP until the
 * connection that it came over acknowledges it. Towards the spacecraft it has 2: delivered once a message identifier.
 */
import type { Control } from '../../core/response/response';
import type { RecoveryRequest } from '../../domain/events';
import type { PartialFrame } from '../../domain/telemetry';
import type { EventQueue } from './event-queue';

export interface BrokerMessage {
  readonly id: number;
  readonly fingerprint: string;
  readonly frames: readonly PartialFrame[];
  readonly controls: readonly Control[];
  readonly isGarbage: boolean;
  /** Wall clock when it came, that time that it was dealt with. */
  readonly receivedAt?: number;
}

export interface BrokerSession {
  onMessage(message: BrokerMessage, isAgain: boolean): void;
  onDisconnect(): void;
}

/** Of one hop, milliseconds. */
const LATENCY_MS = 1;

export class VirtualBroker {
  isUp = true;
  /** Messages that the session has yet to have acknowledged: those under way first. */
  private waiting: BrokerMessage[] = [];
  private underWay = 0;
  private connection = 0;
  private session: BrokerSession | undefined;
  private readonly taken = new Set<number>();
  private nextId = 1;
  /** Messages that were forgotten with the session. */
  forgotten = 0;

  constructor(
    private readonly queue: EventQueue,
    private readonly receiveMaximum: number,
    private readonly onRequest: (request: RecoveryRequest) => void,
  ) {}

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  publish(content: Omit<BrokerMessage, 'id'>): void {
    this.waiting.push({ ...content, id: (this.nextId += 1) });
    this.pump();
  }

  /** @returns the number of the connection; undefined when the broker is not there. */
  connect(session: BrokerSession): number | undefined {
    if (!this.isUp) return undefined;
    this.session = session;
    this.connection += 1;
    const again = this.underWay;
    this.underWay = 0;
    for (let index = 0; index < again; index += 1) this.sendNext(true);
    this.pump();
    return this.connection;
  }

  /** The other end has gone. */
  disconnect(connection: number): void {
    if (connection === this.connection) this.session = undefined;
  }

  acknowledge(connection: number, id: number): void {
    if (connection !== this.connection || this.session === undefined) return;
    const index = this.waiting.findIndex((message) => message.id === id);
    if (index < 0 || index >= this.underWay) return;
    this.waiting.splice(index, 1);
    this.underWay -= 1;
    this.pump();
  }

  /** A request with its message identifier, under way to the spacecraft; `onTaken` when the handshake is over. */
  request(connection: number, messageId: number, request: RecoveryRequest, onTaken: () => void): void {
    this.queue.after(LATENCY_MS, () => {
      if (connection !== this.connection || this.session === undefined) return;
      if (!this.taken.has(messageId)) {
        this.taken.add(messageId);
        this.onRequest(request);
      }
      onTaken();
    });
  }

  /** A finding for whoever listens, at least once; `onTaken` when it is acknowledged. */
  take(connection: number, onTaken: () => void): void {
    this.queue.after(LATENCY_MS, () => {
      if (this.isCurrent(connection)) onTaken();
    });
  }

  isCurrent(connection: number): boolean {
    return this.session !== undefined && connection === this.connection;
  }

  goDown(): void {
    this.isUp = false;
    const { session } = this;
    this.session = undefined;
    session?.onDisconnect();
  }

  comeBack(forgets: boolean): void {
    this.isUp = true;
    if (!forgets) return;
    this.forgotten += this.waiting.length;
    this.waiting = [];
    this.underWay = 0;
  }

  private pump(): void {
    while (this.session !== undefined && this.underWay < this.receiveMaximum && this.underWay < this.waiting.length)
      this.sendNext(false);
  }

  private sendNext(isAgain: boolean): void {
    const message = this.waiting[this.underWay];
    const { connection, session } = this;
    if (message === undefined) return;
    this.underWay += 1;
    this.queue.after(LATENCY_MS, () => {
      if (connection === this.connection && this.session === session) session?.onMessage(message, isAgain);
    });
  }
}
