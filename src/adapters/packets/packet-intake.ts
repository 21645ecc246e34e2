/** What the listeners hand on: arrivals that are counted until they are dealt with, and what was lost for want of room. */
import { Subject } from 'rxjs';
import { TokenBucket } from '../../core/token-bucket';
import type { Arrival } from '../../pipeline/ports';
import type { StreamItem } from '../../packets/stream/packet-reader';
import type { PacketContent, ReceivedAt } from './packet-telemetry';

export interface PacketIntakeOptions {
  /** Wall clock, milliseconds. */
  now(): number;
  /** Reads packets; the same for every way in, so that a packet of two stations is recognised. */
  take(items: Iterable<StreamItem>, at: ReceivedAt): PacketContent;
  /** Packet times further ahead of the clock are dropped, milliseconds. */
  readonly maxLeadMs: number;
  /** Told what a person should know of the listeners, not of each packet. */
  readonly onNote: (message: string) => void;
}

/** A client that comes and goes must not fill the log with notes. */
const NOTES = { burst: 20, perSecond: 1 / 60 };

export class PacketIntake {
  private readonly arrivals = new Subject<Arrival>();
  readonly arrivals$ = this.arrivals.asObservable();
  private readonly notes = new TokenBucket(NOTES);
  /** What found no room and is not told yet. */
  lost = 0;
  /** Wall clock of the last bytes, milliseconds; undefined before the first. */
  lastAt: number | undefined;

  constructor(private readonly options: PacketIntakeOptions) {}

  /**
   * Puts packets into the flow.
   * @param acknowledge called once they are in the log, or once it is known that nothing of them is used
   */
  put(items: Iterable<StreamItem>, acknowledge: () => void, isLossy = false): void {
    const { now, take, maxLeadMs } = this.options;
    const receivedAt = now();
    this.lastAt = receivedAt;
    const content = take(items, { receivedAt, latest: receivedAt + maxLeadMs });
    const drops = [...content.drops, ...this.losses()];
    this.arrivals.next({ ...content, drops, isLossy, receivedAt, isLast: false, acknowledge });
  }

  /** Something came and there was no room for it: the next arrival counts it. */
  lose(): void {
    this.lastAt = this.options.now();
    this.lost += 1;
  }

  note(message: string): void {
    if (this.notes.take(this.options.now())) this.options.onNote(message);
  }

  /** Nothing more comes. */
  close(): void {
    this.arrivals.complete();
  }

  private losses(): Arrival['drops'] {
    if (this.lost === 0) return [];
    const count = this.lost;
    this.lost = 0;
    return [{ reason: 'overflow', message: 'more datagrams came than are judged', count }];
  }
}
