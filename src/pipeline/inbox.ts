/**
 * What has arrived and is not judged yet. As many are judged at a time as it is told. Acknowledgements, orders of people and the
 * clock go before telemetry, so that a recovery is not stuck behind a backlog. It is bounded. What a broker can keep stays there,
 * because nothing more is acknowledged (receive maximum). What it cannot keep (quality of service 0) is dropped when there is no
 * room, and counted.
 */
import { Subject } from 'rxjs';
import type { Arrival } from './ports';

export interface InboxOptions {
  /** `freshest-first`: a backlog of telemetry is let go from its old end, and counted; `in-order`: everything is judged. */
  readonly overload: 'in-order' | 'freshest-first';
  /** How many arrivals may be judged at once; left out: one. */
  readonly most?: number;
}

/** Arrivals that nobody keeps for us: some tens of megabytes at the largest message. */
export const MAX_LOSSY = 1024;
/** With the freshest first, a backlog longer than this is shortened: below what a broker has under way at once. */
export const FRESH = 16;

const isControl = ({ frames, modes = [], telecommands = [], controls = [] }: Arrival): boolean =>
  frames.length === 0 && modes.length === 0 && telecommands.length === 0 && controls.length > 0;

export class Inbox {
  private readonly controls: Arrival[] = [];
  private readonly telemetry: Arrival[] = [];
  private readonly admitted = new Subject<Arrival>();
  /** To be judged. */
  readonly arrivals$ = this.admitted.asObservable();
  private underWay = 0;
  private isPumping = false;
  /** Messages let go and not told yet. */
  private untold = 0;

  constructor(private readonly options: InboxOptions) {}

  /** Arrivals that wait. */
  get depth(): number {
    return this.controls.length + this.telemetry.length;
  }

  /** When the telemetry that waits longest arrived, wall clock; undefined when none waits. */
  get oldestAt(): number | undefined {
    return this.telemetry[0]?.receivedAt;
  }

  put(arrival: Arrival): void {
    if (isControl(arrival)) this.controls.push(arrival);
    else if (arrival.isLossy === true && this.telemetry.length >= MAX_LOSSY) this.letGo(arrival);
    else {
      this.telemetry.push(arrival);
      if (this.options.overload === 'freshest-first') this.freshen();
    }
    this.pump();
  }

  /** One that was admitted is judged: the next one may come. */
  release(): void {
    this.underWay -= 1;
    this.pump();
  }

  private freshen(): void {
    while (this.telemetry.length > FRESH) {
      // Modes apply from their packet time on, however late they are told; what is no telemetry comes once.
      const index = this.telemetry.findIndex(
        ({ frames, modes = [], telecommands = [], reports = [], controls = [] }) =>
          frames.length > 0 && modes.length + telecommands.length + reports.length + controls.length === 0,
      );
      const [oldest] = index < 0 ? [] : this.telemetry.splice(index, 1);
      if (oldest === undefined) return;
      this.letGo(oldest);
    }
  }

  private letGo(arrival: Arrival): void {
    this.untold += 1;
    arrival.acknowledge();
  }

  private pump(): void {
    if (this.isPumping) return;
    this.isPumping = true;
    for (;;) {
      const { most = 1 } = this.options;
      const next = this.underWay >= most ? undefined : (this.controls.shift() ?? this.telemetry.shift());
      if (next === undefined) break;
      this.underWay += 1;
      this.admitted.next(this.withLosses(this.withoutHaste(next)));
    }
    this.isPumping = false;
  }

  /** While telemetry waits here, nothing is known of whether a slot is over. */
  private withoutHaste(arrival: Arrival): Arrival {
    return arrival.closing !== undefined && this.telemetry.length > 0 ? { ...arrival, closing: undefined } : arrival;
  }

  private withLosses(arrival: Arrival): Arrival {
    if (this.untold === 0) return arrival;
    const drop = { reason: 'overflow' as const, message: 'more telemetry came than is judged', count: this.untold };
    this.untold = 0;
    return { ...arrival, drops: [...arrival.drops, drop] };
  }
}
