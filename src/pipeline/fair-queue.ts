/**
 * What has arrived for many spacecraft and is not judged yet: a lane each, served in turn. A spacecraft that floods fills its own lane
 * and delays nobody. What its lane cannot hold is dropped from the old end, acknowledged and counted. At most one arrival of a lane is
 * judged at a time, so its order stays; several lanes are judged at once.
 */
import type { Arrival } from './ports';

export interface FairQueueOptions {
  /** Arrivals judged at once, of all lanes. */
  readonly most: number;
  /** Telemetry messages that may wait in a lane. */
  readonly laneBound: number;
  /** Whether a lane that is full may let go: not while a backlog is worked off, or nothing can be committed. */
  mayLetGo(): boolean;
  /** Takes the next arrival of a lane; `release` is called when it is judged. */
  admit(name: string, arrival: Arrival): void;
}

interface Lane {
  readonly name: string;
  readonly controls: Arrival[];
  readonly telemetry: Arrival[];
  isUnderWay: boolean;
  isReady: boolean;
  /** Its judgement is being exchanged: it gathers, and nothing of it is admitted. */
  isSuspended: boolean;
  /** Messages let go and not told yet. */
  untold: number;
}

const isControl = ({ frames, modes = [], telecommands = [], controls = [] }: Arrival): boolean =>
  frames.length === 0 && modes.length === 0 && telecommands.length === 0 && controls.length > 0;

export class FairQueue {
  private readonly lanes = new Map<string, Lane>();
  /** Lanes that have something to judge, in the order of their turns. */
  private readonly ready: Lane[] = [];
  private underWay = 0;
  private isPumping = false;
  private isHeld = false;
  private waiting = 0;
  /** Messages let go since the start. */
  letGo = 0;

  constructor(private readonly options: FairQueueOptions) {}

  /** Arrivals that wait, of all lanes. */
  get depth(): number {
    return this.waiting;
  }

  /** When the telemetry that waits longest in any lane arrived, wall clock; undefined when none waits. */
  get oldestAt(): number | undefined {
    return this.ready.reduce<number | undefined>((oldest, { telemetry }) => {
      const at = telemetry[0]?.receivedAt;
      return at === undefined || (oldest !== undefined && oldest <= at) ? oldest : at;
    }, undefined);
  }

  /** Whether nothing of a lane is being judged. */
  isIdle(name: string): boolean {
    return this.lanes.get(name)?.isUnderWay !== true;
  }

  /** Whether nothing waits in a lane. */
  isEmpty(name: string): boolean {
    const lane = this.lanes.get(name);
    return lane === undefined || lane.controls.length + lane.telemetry.length === 0;
  }

  /** A new lane; one that was suspended goes on with what it has gathered. */
  open(name: string): void {
    const lane = this.lanes.get(name);
    if (lane === undefined) {
      const flags = { isUnderWay: false, isReady: false, isSuspended: false };
      this.lanes.set(name, { name, controls: [], telemetry: [], ...flags, untold: 0 });
      return;
    }
    lane.isSuspended = false;
    this.makeReady(lane);
    this.pump();
  }

  /** What was admitted of it is given up; what waits, and what comes, waits until it is opened again. */
  suspend(name: string): void {
    const lane = this.lanes.get(name);
    if (lane === undefined) return;
    lane.isSuspended = true;
    this.halt(lane);
    this.pump();
  }

  /** @returns what waited in it, unacknowledged: whoever forgets it leaves it to the broker, which gives it to the next owner. */
  close(name: string): readonly Arrival[] {
    const lane = this.lanes.get(name);
    if (lane === undefined) return [];
    this.lanes.delete(name);
    this.waiting -= lane.controls.length + lane.telemetry.length;
    this.halt(lane);
    this.pump();
    return [...lane.controls, ...lane.telemetry];
  }

  private halt(lane: Lane): void {
    const index = this.ready.indexOf(lane);
    if (index >= 0) this.ready.splice(index, 1);
    lane.isReady = false;
    if (lane.isUnderWay) this.underWay -= 1;
    lane.isUnderWay = false;
  }

  /** @returns false when there is no such lane. */
  put(name: string, arrival: Arrival): boolean {
    const lane = this.lanes.get(name);
    if (lane === undefined) return false;
    this.waiting += 1;
    (isControl(arrival) ? lane.controls : lane.telemetry).push(arrival);
    if (lane.telemetry.length > this.options.laneBound) this.shorten(lane);
    this.makeReady(lane);
    this.pump();
    return true;
  }

  /** The arrival of this lane that was admitted is judged: the next lane has its turn. */
  release(name: string): void {
    const lane = this.lanes.get(name);
    if (lane?.isUnderWay !== true) return;
    lane.isUnderWay = false;
    this.underWay -= 1;
    this.makeReady(lane);
    this.pump();
  }

  /** Nothing more is admitted until `goOn`: parts that are judged with are exchanged. */
  hold(): void {
    this.isHeld = true;
  }

  goOn(): void {
    this.isHeld = false;
    this.pump();
  }

  private shorten(lane: Lane): void {
    const isLossy = lane.telemetry[0]?.isLossy === true;
    if (!isLossy && !this.options.mayLetGo()) return;
    // Modes and telecommands apply from their packet time on, however late they are told.
    const index = lane.telemetry.findIndex(
      ({ frames, modes = [], telecommands = [] }) => frames.length > 0 && modes.length + telecommands.length === 0,
    );
    const [oldest] = index < 0 ? [] : lane.telemetry.splice(index, 1);
    if (oldest === undefined) return;
    this.waiting -= 1;
    this.letGo += 1;
    lane.untold += 1;
    oldest.acknowledge();
  }

  private makeReady(lane: Lane): void {
    if (lane.isReady || lane.isUnderWay || lane.isSuspended || lane.controls.length + lane.telemetry.length === 0)
      return;
    lane.isReady = true;
    this.ready.push(lane);
  }

  private pump(): void {
    if (this.isPumping) return;
    this.isPumping = true;
    while (!this.isHeld && this.underWay < this.options.most) {
      const lane = this.ready.shift();
      if (lane === undefined) break;
      lane.isReady = false;
      const next = lane.controls.shift() ?? lane.telemetry.shift();
      if (next === undefined) continue;
      this.waiting -= 1;
      this.underWay += 1;
      lane.isUnderWay = true;
      this.options.admit(lane.name, this.withLosses(lane, next));
    }
    this.isPumping = false;
  }

  private withLosses(lane: Lane, arrival: Arrival): Arrival {
    if (lane.untold === 0) return arrival;
    const drop = { reason: 'overflow' as const, message: 'more telemetry came than is judged', count: lane.untold };
    lane.untold = 0;
    return { ...arrival, drops: [...arrival.drops, drop] };
  }
}
