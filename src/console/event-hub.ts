/**
 * Server-sent events for everybody who listens. Each client has a bounded buffer: who reads too slowly is dropped, counted, and
 * begins anew with a snapshot. The newest events are kept, so that a short interruption loses nothing.
 */
import type { ConsoleEvent } from './api/events';

/** More would be a mistake, or an attack: each holds a socket and a buffer. */
export const MAX_CLIENTS = 256;
/** What may wait for one client beyond what the kernel takes. */
export const MAX_CLIENT_BUFFER_BYTES = 256 * 1024;
/** Events that are kept for a client that comes back: minutes, even in a storm. */
const MAX_KEPT = 1000;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

interface KeptEvent {
  readonly number: number;
  readonly text: string;
}

/** Of a `ServerResponse`, what is used. */
interface Stream {
  write(text: string): boolean;
  destroy(): unknown;
  readonly writableLength: number;
}

export class EventHub {
  private readonly clients = new Set<Stream>();
  private readonly kept: KeptEvent[] = [];
  private keptBytes = 0;
  private number = 0;
  /** Events up to this one cannot be sent again. */
  private forgotten = 0;
  dropped = 0;

  /** @param epoch of this run: ids of another are not ours. @param snapshot what a client begins with. */
  constructor(
    private readonly epoch: string,
    private readonly snapshot: () => ConsoleEvent,
  ) {}

  get size(): number {
    return this.clients.size;
  }

  get isFull(): boolean {
    return this.clients.size >= MAX_CLIENTS;
  }

  /** Sends to all. A pulse has no id and is not kept: the next one says all of it again. */
  send(event: ConsoleEvent): void {
    if (event.name === 'pulse') {
      this.broadcast(this.textOf(event));
      return;
    }
    this.number += 1;
    const text = this.textOf(event, this.number);
    if (event.name === 'snapshot') this.forget();
    else this.keep({ number: this.number, text });
    this.broadcast(text);
  }

  /** @param lastId what the client has, when it was here before. @returns how to let it go. */
  join(stream: Stream, lastId: string | undefined): () => void {
    this.clients.add(stream);
    const missed = this.missedSince(lastId);
    // The browser comes back after two seconds.
    const text = missed ?? this.textOf(this.snapshot(), this.number);
    this.write(stream, `retry: 2000\n\n${text}`);
    return () => {
      this.clients.delete(stream);
    };
  }

  close(): void {
    for (const stream of this.clients) stream.destroy();
    this.clients.clear();
  }

  private missedSince(lastId: string | undefined): string | undefined {
    const [epoch, digits] = lastId?.split('-') ?? [];
    const last = Number(digits);
    if (epoch !== this.epoch || !Number.isInteger(last) || last < this.forgotten || last > this.number)
      return undefined;
    return this.kept
      .filter(({ number }) => number > last)
      .map(({ text }) => text)
      .join('');
  }

  private textOf({ name, data }: ConsoleEvent, number?: number): string {
    // JSON holds no line breaks of its own.
    const id = number === undefined ? '' : `id: ${this.epoch}-${String(number)}\n`;
    return `${id}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  private keep(event: KeptEvent): void {
    this.kept.push(event);
    this.keptBytes += event.text.length;
    while (this.kept.length > MAX_KEPT || this.keptBytes > MAX_KEPT_BYTES) {
      const oldest = this.kept.shift();
      if (oldest === undefined) return;
      this.keptBytes -= oldest.text.length;
      this.forgotten = oldest.number;
    }
  }

  private forget(): void {
    this.kept.length = 0;
    this.keptBytes = 0;
    this.forgotten = this.number;
  }

  private broadcast(text: string): void {
    for (const stream of this.clients) this.write(stream, text);
  }

  private write(stream: Stream, text: string): void {
    // Measured before: a snapshot may be larger than the bound, and its reader is not slow for it.
    if (stream.writableLength <= MAX_CLIENT_BUFFER_BYTES) {
      stream.write(text);
      return;
    }
    this.dropped += 1;
    this.clients.delete(stream);
    stream.destroy();
  }
}
