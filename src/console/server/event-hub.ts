/**
 * Server-sent events for everybody who listens. What happens within a tenth of a second goes out together, of each subject the newest.
 * Each client has a bounded buffer: who reads too slowly is dropped, counted, and begins anew with a snapshot. The newest events are
 * kept, so that a short interruption loses nothing.
 */
import type { ConsoleEvent } from '../api/events';

/** More would be a mistake, or an attack: each holds a socket and a buffer. */
export const MAX_CLIENTS = 256;
/** What may wait for one client beyond what the kernel takes. */
export const MAX_CLIENT_BUFFER_BYTES = 256 * 1024;
/** Events that are kept for a client that comes back: minutes, even in a storm. */
const MAX_KEPT = 1000;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/** People see no difference, and in a storm two hundred clients get ten packets a second each, not hundreds. */
const FLUSH_AFTER_MS = 100;
/** Of different subjects; more go out at once. */
const MAX_WAITING = 500;

/** What an event tells the newest of; undefined when every one counts. */
const subjectOf = (event: ConsoleEvent): string | undefined => {
  switch (event.name) {
    case 'alarm':
      return event.data.name;
    case 'anomaly':
    case 'recovery':
    case 'replay':
      return event.data.id;
    case 'equipment':
      return event.data.equipment;
    case 'rule':
      return event.data.rule;
    case 'pulse':
    case 'telemetry':
    case 'model':
      return '';
    case 'verdict':
    case 'order':
    case 'snapshot':
      return undefined;
  }
};

interface KeptEvent {
  readonly number: number;
  readonly text: string;
}

/** Of a `ServerResponse`, what is used. */
interface Stream {
  write(bytes: Buffer): boolean;
  destroy(): unknown;
  readonly writableLength: number;
}

/** Calls `flush` once, soon. */
export type Schedule = (flush: () => void) => void;
const soon: Schedule = (flush) => void setTimeout(flush, FLUSH_AFTER_MS);

export class EventHub {
  private readonly clients = new Set<Stream>();
  private readonly kept: KeptEvent[] = [];
  private keptBytes = 0;
  /** What goes out together, by what it is about: the newest of each. */
  private readonly waiting = new Map<string, ConsoleEvent>();
  private number = 0;
  /** Events up to this one cannot be sent again. */
  private forgotten = 0;
  dropped = 0;

  /** @param epoch of this run: ids of another are not ours. @param snapshot what a client begins with. */
  constructor(
    private readonly epoch: string,
    /** Undefined: a client begins with what comes next. */
    private readonly snapshot: () => ConsoleEvent | undefined,
    private readonly schedule: Schedule = soon,
  ) {}

  get size(): number {
    return this.clients.size;
  }

  get isFull(): boolean {
    return this.clients.size >= MAX_CLIENTS;
  }

  /** Sends to all, soon. A pulse has no id and is not kept: the next one says all of it again. */
  send(event: ConsoleEvent): void {
    if (event.name === 'snapshot') {
      // It says all of what waits.
      this.waiting.clear();
      this.number += 1;
      this.forget();
      this.broadcast(this.textOf(event, this.number));
      return;
    }
    const isFirst = this.waiting.size === 0;
    const key = `${event.name} ${subjectOf(event) ?? String(this.waiting.size)}`;
    // Taken out first, so that it comes after what happened before it.
    this.waiting.delete(key);
    this.waiting.set(key, event);
    if (isFirst)
      this.schedule(() => {
        this.flush();
      });
    if (this.waiting.size >= MAX_WAITING) this.flush();
  }

  /** @param lastId what the client has, when it was here before. @returns how to let it go. */
  join(stream: Stream, lastId: string | undefined): () => void {
    this.flush();
    this.clients.add(stream);
    const missed = this.missedSince(lastId);
    const snapshot = missed === undefined ? this.snapshot() : undefined;
    const text = missed ?? (snapshot === undefined ? '' : this.textOf(snapshot, this.number));
    // The browser comes back after two seconds.
    this.write(stream, Buffer.from(`retry: 2000\n\n${text}`));
    return () => {
      this.clients.delete(stream);
    };
  }

  close(): void {
    for (const stream of this.clients) stream.destroy();
    this.clients.clear();
  }

  private flush(): void {
    let text = '';
    for (const event of this.waiting.values()) {
      if (event.name === 'pulse' || event.name === 'telemetry') {
        text += this.textOf(event);
        continue;
      }
      this.number += 1;
      const own = this.textOf(event, this.number);
      this.keep({ number: this.number, text: own });
      text += own;
    }
    this.waiting.clear();
    if (text !== '') this.broadcast(text);
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

  /** Encoded once for all. */
  private broadcast(text: string): void {
    const bytes = Buffer.from(text);
    for (const stream of this.clients) this.write(stream, bytes);
  }

  private write(stream: Stream, bytes: Buffer): void {
    // Measured before: a snapshot may be larger than the bound, and its reader is not slow for it.
    if (stream.writableLength <= MAX_CLIENT_BUFFER_BYTES) {
      stream.write(bytes);
      return;
    }
    this.dropped += 1;
    this.clients.delete(stream);
    stream.destroy();
  }
}
