/** The link of a process to the virtual broker, as the real one behaves: it reconnects, sends again what is kept, and publishes in order. */
import type { RecoveryRequest } from '../../domain/events';
import type { DaemonRun } from './daemon-run';
import type { EventQueue } from './event-queue';
import type { VirtualBroker } from './virtual-broker';
import type { VirtualLog } from './virtual-log';

export interface VirtualLinkWorld {
  readonly queue: EventQueue;
  readonly broker: VirtualBroker;
  readonly log: VirtualLog;
  /** Wall clock, milliseconds. */
  wall(): number;
}

const RECONNECT_MS = 500;

export class VirtualLink {
  private process: DaemonRun | undefined;
  private connection: number | undefined;
  private unsent: { readonly request: RecoveryRequest; readonly until: number }[] = [];
  /** Publications that were given to the broker on this connection. */
  private published = 0;
  /** Publications by their place in the log, each as often as the broker took it. */
  readonly heard: number[] = [];

  constructor(private readonly world: VirtualLinkWorld) {}

  /** A new process connects. */
  begin(process: DaemonRun): void {
    this.process = process;
    this.unsent = [];
    this.connect();
  }

  /** The process has ended, and its connection with it. */
  end(): void {
    this.process = undefined;
    if (this.connection !== undefined) this.world.broker.disconnect(this.connection);
    this.connection = undefined;
  }

  /** @param until wall clock after which it is given up, milliseconds. */
  request(request: RecoveryRequest, until: number): void {
    if (this.isConnected) this.put(request, until);
    else this.unsent.push({ request, until });
  }

  publishWaiting(): void {
    const { connection } = this;
    const { broker, log } = this.world;
    if (connection === undefined || !this.isConnected) return;
    for (; this.published < log.publications.length; this.published += 1) {
      const place = this.published;
      const item = log.publications[place];
      if (item === undefined || item.isTaken) continue;
      broker.take(connection, () => {
        this.heard.push(place);
        item.isTaken = true;
      });
    }
  }

  private get isConnected(): boolean {
    return this.connection !== undefined && this.world.broker.isCurrent(this.connection);
  }

  private connect(): void {
    const { process } = this;
    if (process?.isAlive !== true || this.isConnected) return;
    const again = (): void => {
      this.world.queue.after(RECONNECT_MS, () => {
        this.connect();
      });
    };
    const connection = this.world.broker.connect({
      onMessage: (message, isAgain) => {
        if (process.isAlive && this.connection !== undefined) process.receive(message, isAgain, this.connection);
      },
      onDisconnect: () => {
        process.link(false);
        again();
      },
    });
    if (connection === undefined) {
      again();
      return;
    }
    this.connection = connection;
    this.published = 0;
    this.publishWaiting();
    process.link(true);
    this.sendAgain();
  }

  /** What the outbox holds and what could not be sent goes out now, unless it is too late. */
  private sendAgain(): void {
    const { log } = this.world;
    for (const entry of log.outbox)
      if (!entry.isTaken && entry.until > this.world.wall()) this.deliver(entry.messageId, entry.request);
    const waiting = this.unsent;
    this.unsent = [];
    for (const { request, until } of waiting) if (until > this.world.wall()) this.put(request, until);
  }

  private put(request: RecoveryRequest, until: number): void {
    const { messageId } = this.world.log.put(request, until);
    this.deliver(messageId, request);
  }

  private deliver(messageId: number, request: RecoveryRequest): void {
    if (this.connection === undefined) return;
    this.world.broker.request(this.connection, messageId, request, () => {
      const entry = this.world.log.outbox.find((item) => item.messageId === messageId);
      if (entry !== undefined) entry.isTaken = true;
    });
  }
}
