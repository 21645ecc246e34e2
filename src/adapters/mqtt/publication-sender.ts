/**
 * Hands on what waits to be published, in order and a few at a time, and has it forgotten when the broker has it. At least once:
 * what was under way when the process ended is said again by the next, and is recognised by its id and revision.
 */
import type { Publication } from '../../pipeline/ports';
import type { PublicationQueue } from '../log/outbox';

export interface PublicationSenderOptions {
  isConnected(): boolean;
  /** Resolves when the broker has it; rejects when this client is no more. */
  publish(publication: Publication): Promise<void>;
  /** Told of one that was not published. @returns whether the broker refused it, so that it is not tried again. */
  readonly onFailed: (publication: Publication, error: unknown) => boolean;
}

/** Enough to hide the latency of a link, and little to hold. */
const IN_FLIGHT = 32;

export class PublicationSender {
  private last = 0;
  private underWay = 0;

  constructor(
    private readonly queue: PublicationQueue,
    private readonly options: PublicationSenderOptions,
  ) {}

  publishWaiting(): void {
    if (!this.options.isConnected() || this.underWay >= IN_FLIGHT) return;
    for (const item of this.queue.next(this.last, IN_FLIGHT - this.underWay)) {
      this.last = item.sequence;
      this.underWay += 1;
      void this.publish(item);
    }
  }

  private async publish({ sequence, ...publication }: Publication & { readonly sequence: number }): Promise<void> {
    try {
      await this.options.publish(publication);
      this.queue.settle(sequence);
    } catch (error) {
      // It would be refused again: what stands behind it must not wait for it.
      if (this.options.onFailed(publication, error)) this.queue.settle(sequence);
    }
    this.underWay -= 1;
    this.publishWaiting();
  }
}
