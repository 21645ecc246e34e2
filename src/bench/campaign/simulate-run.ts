/** One run: a plan carried out on virtual time, from the first message until everything has been dealt with. */
import { setImmediate } from 'node:timers';
import { describeDefect } from '../../domain/errors';
import type { Control } from '../../core/response/response';
import type { RecoveryRequest } from '../../domain/events';
import type { ActionState } from '../../domain/rules';
import { EventQueue } from './event-queue';
import { DaemonRun } from './daemon-run';
import { PACKET_START } from './tiny-telemetry';
import { toyMission, toyProgram, toyScorer } from './toy-mission';
import type { DeathPoint, Plan, PlannedOrder } from './plan';
import type { CampaignRun, SentRequest } from './run-record';
import { VirtualBroker, type BrokerMessage } from './virtual-broker';
import { VirtualLink } from './virtual-link';
import { VirtualLog } from './virtual-log';

/** When a run is given up because it does not come to its end. */
const LONGEST_MS = 900_000;
/** Time for deadlines after the last message. */
const AFTERWARDS_MS = 12_000;
/** The wall clock when the run begins: telemetry is fresh when it takes no time. */
const WALL_START = PACKET_START;

const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

class Simulation {
  private readonly queue = new EventQueue();
  private readonly sent: SentRequest[] = [];
  private readonly received: RecoveryRequest[] = [];
  private readonly dealtWith: BrokerMessage[] = [];
  private readonly troubles: string[] = [];
  private readonly broker: VirtualBroker;
  private life: DaemonRun | undefined;
  private readonly link: VirtualLink;
  /** The model as of the last commit: what a new process begins with. */
  private manifest = toyScorer().manifest;
  private readonly deaths: Plan['deaths'][number][];
  private reached = new Map<string, number>();
  private died = 0;
  private jumpedMs = 0;
  private mode: ActionState;
  private unpublished = 0;
  private readonly toPublish: Omit<BrokerMessage, 'id'>[] = [];
  private greatestDepth = 0;
  private checkpointBytes = 0;
  private asked = 0;
  private hasClock = false;

  constructor(
    private readonly plan: Plan,
    private readonly log: VirtualLog,
  ) {
    this.deaths = [...plan.deaths];
    this.mode = plan.mode;
    this.broker = new VirtualBroker(this.queue, plan.receiveMaximum, (request) => {
      this.onRequest(request);
    });
    this.link = new VirtualLink({ queue: this.queue, broker: this.broker, log, wall: () => this.wall() });
  }

  async run(): Promise<CampaignRun> {
    const { queue, broker } = this;
    this.begin();
    let isDrained = false;
    let quietSince: number | undefined;
    while (queue.now < LONGEST_MS && queue.step()) {
      await settled();
      this.greatestDepth = Math.max(this.greatestDepth, this.life?.depth ?? 0);
      const isBusy = this.unpublished > 0 || !broker.isEmpty || !broker.isUp || this.life === undefined;
      quietSince = isBusy ? undefined : (quietSince ?? queue.now);
      if (quietSince === undefined || queue.now - quietSince < AFTERWARDS_MS) continue;
      isDrained = true;
      break;
    }
    if (!isDrained)
      this.troubles.push(
        `not everything was dealt with: ${String(this.unpublished)} messages unsent, broker empty: ${String(broker.isEmpty)}`,
      );
    this.life?.die();
    this.readBack();
    return {
      ...this.result(),
      isDrained,
      deaths: this.died,
      greatestDepth: this.greatestDepth,
      checkpointBytes: this.checkpointBytes,
      troubles: this.troubles,
    };
  }

  private result(): Pick<CampaignRun, 'log' | 'sent' | 'received' | 'dealtWith' | 'heard'> {
    const { log, sent, received, dealtWith } = this;
    return { log, sent, received, dealtWith, heard: this.link.heard };
  }

  private begin(): void {
    const { plan, queue } = this;
    plan.messages.forEach(({ at, frames, isGarbage }, index) => {
      this.publishAt(at, { frames, isGarbage, controls: [], fingerprint: `telemetry ${String(index)}` });
    });
    for (const { from, to, forgets } of plan.outages) {
      queue.at(from, () => {
        if (this.broker.isUp) this.broker.goDown();
      });
      queue.at(to, () => {
        this.broker.comeBack(forgets);
        this.publishAll();
      });
    }
    for (const { at, byMs } of plan.clockJumps)
      queue.at(at, () => {
        this.jumpedMs += byMs;
      });
    for (const { at, order } of plan.orders)
      queue.at(at, () => {
        this.give(order);
      });
    for (const { at, outcome } of plan.reloads)
      queue.at(at, () => {
        this.ask({ name: 'reload', asked: { by: outcome, comment: '' } });
      });
    this.live();
  }

  /** A client that keeps what it has to say, in order, while the broker is away. */
  private publishAt(at: number, content: Omit<BrokerMessage, 'id'>): void {
    this.unpublished += 1;
    this.queue.at(at, () => {
      this.toPublish.push(content);
      this.publishAll();
    });
  }

  private publishAll(): void {
    if (!this.broker.isUp) return;
    for (const content of this.toPublish.splice(0)) {
      this.unpublished -= 1;
      this.broker.publish(content);
    }
  }

  private wall(): number {
    return WALL_START + this.queue.now + this.jumpedMs;
  }

  private live(): void {
    const { plan, log } = this;
    const { temper, ahead } = plan;
    const program = toyProgram(temper);
    const kept = log.kept();
    const subject = { mission: toyMission, manifest: this.manifest, program };
    const { resumed, refused, bytes } = log.resume(subject);
    this.checkpointBytes = Math.max(this.checkpointBytes, bytes);
    for (const { part, reason } of refused)
      this.troubles.push(`the daemon does not resume the checkpoint's ${part}: ${reason}`);
    const keptMode = kept.memory['mode'];
    this.mode = keptMode === 'passive' || keptMode === 'disabled' ? keptMode : plan.mode;
    this.reached = new Map();
    const life = new DaemonRun(
      {
        queue: this.queue,
        wall: () => this.wall(),
        endsAt: (point) => this.endsAt(point),
        committed: (messages) => {
          this.dealtWith.push(...messages);
        },
        isInferenceLost: () => this.isInferenceLost(),
        log: {
          commit: (events, ledger, keeping) => {
            if (plan.diskFull.some(({ from, to }) => this.queue.now >= from && this.queue.now < to))
              throw new Error('SQLITE_FULL: database or disk is full');
            this.hasClock = log.memory?.response?.anchor !== undefined;
            log.commit(events, ledger, keeping);
            this.manifest = subject.manifest;
            for (const entry of ledger)
              if (entry.kind === 'memory' && entry.name === 'mode') this.mode = entry.value as ActionState;
          },
        },
        publishWaiting: () => {
          this.link.publishWaiting();
        },
        swapped: (manifest) => {
          subject.manifest = manifest;
        },
        send: (request, decidedAt) => {
          this.send(request, decidedAt);
        },
        acknowledge: (message, connection) => {
          this.broker.acknowledge(connection, message.id);
        },
        broke: (error) => {
          this.troubles.push(`the flow broke: ${describeDefect(error)}`);
        },
      },
      { temper, ahead, mode: plan.mode, kept, resumed, manifest: this.manifest },
    );
    this.life = life;
    this.link.begin(life);
  }

  /** As the link does. */
  private send(request: RecoveryRequest, decidedAt = this.wall()): void {
    const until = decidedAt + Date.parse(request.expiry) - Date.parse(request.time);
    if (until <= this.wall()) return;
    const isRecorded = this.log.events.some(
      (event) => event.type === 'action' && event.id === request.id && event.disposition === 'request',
    );
    this.sent.push({ request, at: this.queue.now, isRecorded, hasClock: this.hasClock, mode: this.mode });
    this.link.request(request, until);
  }

  private endsAt(point: DeathPoint): boolean {
    const [death] = this.deaths;
    const count = (this.reached.get(point) ?? 0) + 1;
    this.reached.set(point, count);
    if (death?.point !== point || count < death.nth) return false;
    this.deaths.shift();
    this.died += 1;
    this.life = undefined;
    this.link.end();
    this.queue.after(death.downMs, () => {
      this.live();
    });
    return true;
  }

  private isInferenceLost(): boolean {
    const { now } = this.queue;
    const failing = this.plan.inferenceFails.find(({ from, to }) => now >= from && now < to);
    if (failing?.nan === false) throw new Error('inference failed');
    return failing !== undefined;
  }

  /** The spacecraft answers what it was asked. */
  private onRequest(request: RecoveryRequest): void {
    const answer = this.plan.answers[this.received.length % Math.max(1, this.plan.answers.length)];
    this.received.push(request);
    if (answer === 'silent' || request.command === 'CALL' || request.command === 'NOTE') return;
    const say = (stage: 'accepted' | 'completed' | 'failed', delayMs: number): void => {
      this.publishControl({ kind: 'acknowledge', id: request.id, stage, reason: stage }, delayMs);
    };
    say('accepted', 300);
    say(answer === 'fails' ? 'failed' : 'completed', 1500);
  }

  private give(order: PlannedOrder['order']): void {
    const who = { by: 'ann', comment: '' };
    if (order === 'approve' || order === 'reject') {
      const waiting = this.log.recoveries().find(({ state }) => state === 'waiting');
      if (waiting === undefined) return;
      const name = order === 'approve' ? ('action-approve' as const) : ('action-reject' as const);
      this.ask({ name, asked: { ...who, id: waiting.id } });
      return;
    }
    this.ask({ name: 'action-state', asked: { ...who, state: order } });
  }

  private ask(request: Extract<Control, { kind: 'request' }>['asked']['request']): void {
    this.publishControl({ kind: 'request', asked: { topic: 'answers', correlation: {}, request } }, 0);
  }

  private publishControl(control: Control, delayMs: number): void {
    this.asked += 1;
    const fingerprint = `${String(this.asked)} ${JSON.stringify(control)}`;
    this.publishAt(this.queue.now + delayMs, { frames: [], controls: [control], isGarbage: false, fingerprint });
  }

  /** The last checkpoint can be gone on with, too. */
  private readBack(): void {
    const program = toyProgram(this.plan.temper);
    const { refused, bytes } = this.log.resume({ mission: toyMission, manifest: this.manifest, program });
    this.checkpointBytes = Math.max(this.checkpointBytes, bytes);
    for (const { part, reason } of refused)
      this.troubles.push(`the daemon could not resume the last checkpoint's ${part}: ${reason}`);
  }
}

/** @param log where it is kept; in memory unless told otherwise. */
export const simulateRun = (plan: Plan, log = new VirtualLog()): Promise<CampaignRun> =>
  new Simulation(plan, log).run();
