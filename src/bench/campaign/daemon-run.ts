/**
 * One life of the daemon: the real inbox, judgement, record and delivery over what was committed before, from its start to its death.
 * It dies in the middle of what it does; whatever it would have done after that does not happen.
 */
import { Subject, tap } from 'rxjs';
import type { Control } from '../../core/response/response';
import type { RecoveryRequest } from '../../domain/events';
import { Inbox } from '../../pipeline/inbox';
import { judge } from '../../pipeline/judge';
import type { Arrival, Diagnostics, ExplanationLog, Keeping } from '../../pipeline/ports';
import { withDelivery } from '../../pipeline/with-delivery';
import { withRecord } from '../../pipeline/with-record';
import { withTally } from '../../pipeline/with-tally';
import type { ResumedMemory } from '../../pipeline/memory';
import type { StoredState } from '../../domain/ledger';
import type { EventQueue } from './event-queue';
import { toyMission, toyModel, toyProgram, toyScorer, type RuleProfile } from './toy-mission';
import type { ActionState } from '../../domain/rules';
import type { DeathPoint } from './plan';
import type { BrokerMessage } from './virtual-broker';

/** The process has ended; thrown through whatever it was doing. */
export class ProcessDeath extends Error {}

/** What a life can do to the world, and the world to it. */
export interface World {
  readonly queue: EventQueue;
  /** Wall clock, milliseconds. */
  wall(): number;
  /** Asked at every point where a process may end: whether it does. */
  endsAt(point: DeathPoint): boolean;
  /** Whether the model's answers are no numbers now; throws when it does not answer at all. */
  isInferenceLost(): boolean;
  readonly log: ExplanationLog;
  /** What was just committed, of what came from the broker. */
  committed(messages: readonly BrokerMessage[]): void;
  send(request: RecoveryRequest, decidedAt?: number): void;
  acknowledge(message: BrokerMessage, connection: number): void;
  broke(error: unknown): void;
}

export interface DaemonRunOptions {
  readonly temper: RuleProfile;
  readonly ahead: number;
  readonly mode: ActionState;
  readonly kept: StoredState;
  readonly resumed: ResumedMemory;
}

/** How late a deadline may be noticed while no telemetry comes. */
const TICK_MS = 2000;

export class DaemonRun {
  isAlive = true;
  private readonly arrivals = new Subject<Arrival>();
  private readonly inbox: Inbox;
  private isTicking = false;
  /** Messages by how they are acknowledged, until they are judged. */
  private readonly underWay = new Map<() => void, BrokerMessage>();
  /** Outcomes that are not committed, in order, with what is remembered after each. */
  private readonly judged: { readonly memory: Keeping['memory']; readonly message: BrokerMessage | undefined }[] = [];

  constructor(
    private readonly world: World,
    options: DaemonRunOptions,
  ) {
    const { queue, log } = world;
    // Enough for the windows that the model may have at once: one ends every other frame.
    this.inbox = new Inbox({ overload: 'in-order', most: options.ahead === 1 ? 1 : 3 * options.ahead });
    const program = toyProgram(options.temper);
    const scorer = toyScorer(() => {
      this.reach('inference');
      return world.isInferenceLost();
    });
    const diagnostics: Diagnostics = { dropped: () => undefined, vital: () => undefined };
    this.arrivals.subscribe((arrival) => {
      this.inbox.put(arrival);
    });
    this.inbox.arrivals$
      .pipe(
        judge({
          mission: toyMission,
          model: { ...toyModel(scorer, program.sha256), ahead: options.ahead },
          program,
          response: { mode: options.mode, isAnswered: true, latchFrom: 'high', kept: options.kept },
          diagnostics,
          resumed: options.resumed,
        }),
        withTally(options.resumed.tally),
        tap(({ memory, acknowledge, endsBase }) => {
          if (endsBase !== undefined) return;
          this.judged.push({ memory, message: this.underWay.get(acknowledge) });
          this.underWay.delete(acknowledge);
          this.inbox.release();
        }),
        withRecord(
          {
            commit: (...what) => {
              this.reach('before-commit');
              log.commit(...what);
              this.noteCommitted(what[2]);
              this.reach('after-commit');
            },
          },
          diagnostics,
          {
            onFailure: 'hold',
            grouped: { publicationsOf: () => [] },
            scheduler: queue.scheduler(() => this.isAlive),
          },
        ),
        withDelivery(
          { publicationsOf: () => [], publishWaiting: () => undefined },
          {
            request: (request, decidedAt) => {
              this.reach('before-send');
              world.send(request, decidedAt);
              this.reach('after-send');
            },
          },
          { answer: () => undefined },
        ),
      )
      .subscribe({
        next: ({ acknowledge }) => {
          if (this.isAlive && !this.endsAt('acknowledge')) acknowledge();
        },
        error: (error: unknown) => {
          if (!(error instanceof ProcessDeath)) world.broke(error);
        },
      });
    this.tick();
  }

  /** Arrivals that wait to be judged. */
  get depth(): number {
    return this.inbox.depth;
  }

  die(): void {
    this.isAlive = false;
  }

  link(isUp: boolean): void {
    this.control({ kind: 'link', isUp });
  }

  receive(message: BrokerMessage, isAgain: boolean, connection: number): void {
    const { frames, controls, isGarbage, fingerprint } = message;
    const acknowledge = (): void => {
      if (this.isAlive) this.world.acknowledge(message, connection);
    };
    const receivedAt = this.world.wall();
    this.underWay.set(acknowledge, { ...message, receivedAt });
    this.arrive({
      frames,
      controls,
      drops: isGarbage ? [{ reason: 'malformed', message: 'garbage' }] : [],
      mark: { fingerprint, isAgain },
      receivedAt,
      isLast: false,
      acknowledge,
    });
  }

  private control(control: Control, acknowledge: () => void = () => undefined): void {
    this.arrive({
      frames: [],
      drops: [],
      controls: [control],
      receivedAt: this.world.wall(),
      isLast: false,
      acknowledge,
    });
  }

  private arrive(arrival: Arrival): void {
    if (this.isAlive) this.arrivals.next(arrival);
  }

  /** A transaction holds everything that was judged up to the outcome whose memory it keeps. */
  private noteCommitted(keeping: Keeping | undefined): void {
    const last = this.judged.findLastIndex(({ memory }) => memory === keeping?.memory);
    const committed = this.judged
      .splice(0, last + 1)
      .flatMap(({ message }) => (message === undefined ? [] : [message]));
    this.world.committed(committed);
  }

  private reach(point: DeathPoint): void {
    if (!this.isAlive || this.endsAt(point)) throw new ProcessDeath();
  }

  private endsAt(point: DeathPoint): boolean {
    if (this.world.endsAt(point)) this.isAlive = false;
    return !this.isAlive;
  }

  /** The clock, one tick under way at a time. */
  private tick(): void {
    if (!this.isAlive) return;
    if (!this.isTicking) {
      this.isTicking = true;
      this.control({ kind: 'tick' }, () => {
        this.isTicking = false;
      });
    }
    this.world.queue.after(TICK_MS, () => {
      this.tick();
    });
  }
}
