/**
 * One life of the daemon: the real inbox, judgement, record and delivery over what was committed before, from its start to its death.
 * It dies in the middle of what it does; whatever it would have done after that does not happen.
 */
import { Subject, type Observable } from 'rxjs';
import { publicationsOf } from '../../core/publications';
import type { Control } from '../../core/response/response';
import type { RuleProgram } from '../../core/rules/rule-program';
import { topicsOf } from '../../core/topics';
import type { RecoveryRequest } from '../../domain/events';
import type { StoredState } from '../../domain/ledger';
import type { Manifest } from '../../domain/manifest';
import { arrivalOf } from '../../pipeline/arrival';
import { daemonFlow, type FlowOutcome } from '../../pipeline/daemon-flow';
import { Inbox } from '../../pipeline/inbox';
import type { ResumedMemory } from '../../pipeline/memory';
import { ModelSlot } from '../../pipeline/model-slot';
import type { Arrival, Diagnostics, ExplanationLog, Keeping, Publisher, Scorer } from '../../pipeline/ports';
import { ReloadGate, type ReloadResult } from '../../pipeline/reload-gate';
import { withDelivery } from '../../pipeline/with-delivery';
import type { EventQueue } from './event-queue';
import { toyManifests, toyMission, toyModel, toyProgram, toyScorer, type RuleProfile } from './toy-mission';
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
  /** Something that is to be published was committed. */
  publishWaiting(): void;
  /** Another model works from now on. */
  swapped(manifest: Manifest): void;
  /** What was just committed, of what came from the broker. */
  committed(messages: readonly BrokerMessage[]): void;
  send(request: RecoveryRequest, decidedAt?: number): void;
  acknowledge(message: BrokerMessage, connection: number): void;
  broke(error: unknown): void;
}

export interface DaemonRunOptions {
  readonly temper: RuleProfile;
  readonly ahead: number;
  /** The model that the process begins with. */
  readonly manifest: Manifest;
  readonly mode: ActionState;
  readonly kept: StoredState;
  readonly resumed: ResumedMemory;
}

const TOPICS = topicsOf('fdir', toyMission.spacecraft);
const NOBODY: Diagnostics = { dropped: () => undefined, vital: () => undefined };

/** How late a deadline may be noticed while no telemetry comes. */
const TICK_MS = 2000;

export class DaemonRun {
  isAlive = true;
  private readonly arrivals = new Subject<Arrival>();
  private readonly inbox: Inbox;
  private readonly model: ModelSlot;
  private isTicking = false;
  /** Messages by how they are acknowledged, until they are judged. */
  private readonly underWay = new Map<() => void, BrokerMessage>();
  /** Outcomes that are not committed, in order, with what is remembered after each. */
  private readonly judged: { readonly memory: Keeping['memory']; readonly message: BrokerMessage | undefined }[] = [];

  constructor(
    private readonly world: World,
    options: DaemonRunOptions,
  ) {
    // Enough for the windows that the model may have at once: one ends every other frame.
    this.inbox = new Inbox({ overload: 'in-order', most: options.ahead === 1 ? 1 : 3 * options.ahead });
    this.model = new ModelSlot(this.scorer(options.manifest));
    this.arrivals.subscribe((arrival) => {
      this.inbox.put(arrival);
    });
    this.flow(options).subscribe({
      next: ({ acknowledge }) => {
        if (this.isAlive && !this.endsAt('acknowledge')) acknowledge();
      },
      error: (error: unknown) => {
        if (!(error instanceof ProcessDeath)) world.broke(error);
      },
    });
    this.tick();
  }

  /** The flow of the daemon; the world around it is virtual. */
  private flow(options: DaemonRunOptions): Observable<FlowOutcome> {
    const { world } = this;
    const { queue, log } = world;
    const program = toyProgram(options.temper);
    const publisher: Publisher = {
      publicationsOf: (outcome) => publicationsOf(TOPICS, outcome),
      publishWaiting: () => {
        world.publishWaiting();
      },
    };
    return daemonFlow({
      inbox: this.inbox,
      gate: new ReloadGate((by, whenEmpty) => this.reload(by, whenEmpty, program)),
      judge: {
        mission: toyMission,
        model: { ...toyModel(this.model, program.sha256), ahead: options.ahead },
        program,
        response: { mode: options.mode, isAnswered: true, latchFrom: 'high', kept: options.kept },
        diagnostics: NOBODY,
        resumed: options.resumed,
      },
      onJudged: ({ memory, acknowledge }, isPart) => {
        if (isPart) return;
        this.judged.push({ memory, message: this.underWay.get(acknowledge) });
        this.underWay.delete(acknowledge);
      },
      record: {
        log: {
          commit: (...what) => {
            this.reach('before-commit');
            log.commit(...what);
            this.noteCommitted(what[2]);
            this.reach('after-commit');
          },
        },
        diagnostics: NOBODY,
        onFailure: 'hold',
        grouped: publisher,
        scheduler: queue.scheduler(() => this.isAlive),
      },
      deliver: withDelivery<FlowOutcome>(
        publisher,
        {
          request: (request, decidedAt) => {
            this.reach('before-send');
            world.send(request, decidedAt);
            this.reach('after-send');
          },
        },
        { answer: () => undefined },
      ),
    });
  }

  private scorer(manifest: Manifest): Scorer {
    return toyScorer(() => {
      this.reach('inference');
      return this.world.isInferenceLost();
    }, manifest);
  }

  /** `by` says what the files hold. The attempt of a process that has ended never ends. */
  private async reload(by: string, whenEmpty: () => Promise<void>, program: RuleProgram): Promise<ReloadResult> {
    if (by === 'refused') return { program: undefined, ok: false, message: 'the files are not valid' };
    await whenEmpty();
    if (!this.isAlive) return new Promise(() => undefined);
    if (by === 'other-model') {
      const next = toyManifests.find(({ sha256 }) => sha256 !== this.model.manifest.sha256) ?? this.model.manifest;
      this.model.swap(this.scorer(next));
      this.world.swapped(next);
    }
    return { program, ok: true, message: 'loaded' };
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
    this.arrive(arrivalOf({ controls: [control], receivedAt: this.world.wall(), acknowledge }));
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
