/**
 * Hands on what is committed, in order and a few at a time, until the broker has it. At least once: what was under way when the process
 * ended is sent again by the next. Who receives requests refuses a number it has seen, and an epoch that is past.
 */
import type { Outgoing } from '../../adapters/log/fleet-log';
import { RefusedPublication } from '../../adapters/mqtt/broker-offer';
import { describeError } from '../../domain/errors';

/** Enough to hide the latency of a link. */
const IN_FLIGHT = 32;
/** While the broker is away, the oldest findings go first; requests have an expiry of their own. */
const MAX_WAITING = 5000;

export interface SenderOptions {
  /** Whether something may leave now: the broker is there, and the lease is ours. */
  mayLeave(): boolean;
  readonly now: () => number;
  publish(item: Outgoing): Promise<void>;
  readonly onTrouble: (message: string) => void;
}

export class Sender {
  private waiting: Outgoing[] = [];
  private settled: Outgoing[] = [];
  private underWay = 0;
  private isStopped = false;
  /** Let go because too many waited, or refused by the broker. */
  lost = 0;

  constructor(private readonly options: SenderOptions) {}

  /** What is not known to be with the broker. */
  get size(): number {
    return this.waiting.length + this.underWay;
  }

  add(items: readonly Outgoing[]): void {
    this.waiting.push(...items);
    while (this.waiting.length > MAX_WAITING) {
      const index = this.waiting.findIndex(({ request }) => request === undefined);
      const [oldest] = this.waiting.splice(Math.max(0, index), 1);
      if (oldest !== undefined) this.settled.push(oldest);
      this.lost += 1;
    }
    this.send();
  }

  /** What the broker has by now, to be forgotten with the next transaction. */
  takeSettled(): readonly Outgoing[] {
    const { settled } = this;
    this.settled = [];
    return settled;
  }

  giveBack(settled: readonly Outgoing[]): void {
    this.settled.unshift(...settled);
  }

  send(): void {
    while (!this.isStopped && this.underWay < IN_FLIGHT && this.options.mayLeave()) {
      const item = this.waiting.shift();
      if (item === undefined) return;
      if (item.request !== undefined && item.request.until <= this.options.now()) {
        this.options.onTrouble(`request ${item.request.id} expired before it could be sent, and is not`);
        this.settled.push(item);
        continue;
      }
      this.underWay += 1;
      void this.publish(item);
    }
  }

  stop(): void {
    this.isStopped = true;
    this.waiting = [];
  }

  private async publish(item: Outgoing): Promise<void> {
    try {
      await this.options.publish(item);
      this.settled.push(item);
    } catch (error) {
      const isRefused = error instanceof RefusedPublication;
      // What the broker refuses it would refuse again; what did not get there waits in its place.
      if (isRefused) {
        this.lost += 1;
        this.settled.push(item);
      } else if (!this.isStopped) this.waiting.unshift(item);
      if (!this.isStopped) this.options.onTrouble(`cannot publish on ${item.topic}: ${describeError(error)}`);
      if (!isRefused) {
        this.underWay -= 1;
        return;
      }
    }
    this.underWay -= 1;
    this.send();
  }
}
