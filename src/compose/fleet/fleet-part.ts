/**
 * Some spacecraft of a fleet with their log and their link: all of them in one process, or those of one partition. What happens to one
 * spacecraft stays with it; what happens to log or link is told of all.
 */
import type { FleetLog } from '../../adapters/log/fleet-log';
import { FleetLink, spacecraftOfTopic, type FleetLinkOptions, type FleetSession } from '../../adapters/mqtt/fleet-link';
import { marked } from '../../adapters/mqtt/message-mark';
import type { MqttMessage } from '../../adapters/mqtt/mqtt-options';
import type { Logger } from '../../adapters/host/logger';
import type { DaemonConfig } from '../../config/daemon-config';
import { TokenBucket } from '../../core/token-bucket';
import type { Control } from '../../core/response/response';
import { describeError } from '../../domain/errors';
import type { Reply } from '../../domain/requests';
import { arrivalOf } from '../../pipeline/arrival';
import type { FairQueue } from '../../pipeline/fair-queue';
import { Committer, type DueOutcome } from './committer';
import type { Assignments } from './members';
import { isReload, readMessage, replyTo, type ReloadRequest } from './messages';
import { Sender } from './sender';
import type { SpacecraftUnit, UnitOutcome } from './spacecraft-unit';
import { UnitSet } from './unit-set';

/** What people ask of all spacecraft together. */
const REQUESTS = { burst: 500, perSecond: 50 };

export interface FleetPartOptions {
  readonly config: DaemonConfig;
  readonly log: FleetLog;
  readonly queue: FairQueue;
  readonly logger: Logger;
  readonly now: () => number;
  readonly isFresh: boolean;
  readonly sessions: readonly FleetSession[];
  readonly link: Pick<FleetLinkOptions, 'url' | 'access' | 'renewAccess' | 'keepaliveMs' | 'will'>;
  /** Whether requests and findings may leave: with a lease, while it lasts. */
  mayLeave(): boolean;
  onOutcome(due: DueOutcome): void;
  onSubscribed(): void;
  onLink(isUp: boolean): void;
  /** Another worker has it: the part has stopped acting. */
  onLost(reason: string): void;
  /** Somebody asked for the fleet to be loaded anew. */
  onReload(by: string): Promise<Reply>;
  /** A message about no spacecraft of this part. */
  onForeign(topic: string): void;
}

export class FleetPart {
  readonly link: FleetLink;
  readonly sender: Sender;
  private committer: Committer | undefined;
  private readonly requests = new TokenBucket(REQUESTS);
  private readonly set: UnitSet;
  private isLost = false;
  /** It is being handed over: it takes nothing more, and what was judged is still committed. */
  private isLeaving = false;
  private isLive = true;
  private logWorks = true;

  constructor(private readonly options: FleetPartOptions) {
    const { sessions, link, now, onSubscribed, logger } = options;
    this.link = new FleetLink({
      ...link,
      sessions,
      now,
      onSubscribed: () => {
        this.forEach((unit) => this.reportVital(unit, 'telemetry', true, ''));
        onSubscribed();
      },
      onLink: (isUp) => {
        this.followLink(isUp);
      },
      onTakenOver: (clientId) => {
        this.lose(`another client uses ${clientId}`);
      },
      onTrouble: (message) => {
        logger.warn(message);
      },
      onMessage: (message, done, isLive) => {
        this.takeMessage(message, done, isLive);
      },
    });
    this.set = new UnitSet({
      ...options,
      settle: async () => this.committer?.settle(),
      onOutcome: (unit, outcome, isPart) => {
        this.take(unit, outcome, isPart);
      },
      onVital: (unit, part, works, detail) => {
        this.reportVital(unit, part, works, detail);
      },
      onBegun: (unit) => {
        if (this.link.isConnected) this.control(unit, { kind: 'link', isUp: true });
      },
      onState: (unit) => {
        this.publishState(unit);
      },
    });
    this.sender = new Sender({
      mayLeave: () => this.link.isConnected && !this.isLost && options.mayLeave(),
      now,
      publish: ({ topic, payload }) => this.link.publish(topic, payload),
      onTrouble: (message) => {
        logger.warn(message);
      },
    });
  }

  get units(): ReadonlyMap<string, SpacecraftUnit> {
    return this.set.units;
  }

  /** From now on these, and no others. */
  assign(assignments: Assignments): ReturnType<UnitSet['assign']> {
    return this.set.assign(assignments);
  }

  /** Whether no message waited at the broker, and the log works: then a lane that is full may let go. */
  get mayLetGo(): boolean {
    return this.isLive && this.logWorks;
  }

  get works(): boolean {
    return this.logWorks;
  }

  async start(assignments: Assignments): Promise<void> {
    const waiting = await this.options.log.waiting();
    this.committer = this.committerFrom(waiting.at(-1)?.sequence ?? 0);
    await this.assign(assignments);
    // What has begun since it was lost is let go as well.
    if (this.isLost) return this.letGo();
    this.sender.add(waiting);
    this.link.start();
  }

  /** Puts something into the flow of one spacecraft. */
  control(unit: SpacecraftUnit, control: Control): void {
    this.options.queue.put(unit.spacecraft, arrivalOf({ controls: [control], receivedAt: this.options.now() }));
  }

  /** The clock as an arrival, while nothing of it is under way. What waits is older than the clock, so no slot is closed before it. */
  tick(unit: SpacecraftUnit): void {
    const { queue, now } = this.options;
    if (!unit.needsClock || !queue.isIdle(unit.spacecraft)) return;
    const arrival = unit.ticker.tick(now(), queue.isEmpty(unit.spacecraft));
    if (arrival !== undefined) queue.put(unit.spacecraft, arrival);
  }

  forEach(work: (unit: SpacecraftUnit) => void): void {
    for (const unit of this.units.values()) work(unit);
  }

  /** Orderly: what is judged is committed, and the broker keeps the rest for the next owner. */
  async stop(): Promise<void> {
    // What arrives while the last commit is written has no lane any more, and must stay unacknowledged.
    this.isLeaving = true;
    for (const name of this.units.keys()) this.options.queue.close(name);
    await this.committer?.settle();
    this.isLost = true;
    this.letGo();
    await this.link.stop(this.options.link.will);
    await this.options.log.close();
  }

  /** At once: nothing more is committed, acknowledged or sent. */
  lose(reason: string): void {
    if (this.isLost) return;
    this.isLost = true;
    this.letGo();
    this.options.onLost(reason);
  }

  private letGo(): void {
    this.committer?.stop();
    this.sender.stop();
    for (const name of this.units.keys()) this.options.queue.close(name);
    this.forEach((unit) => {
      unit.stop();
    });
  }

  /** After `lose`. */
  async close(): Promise<void> {
    await this.link.stop();
    await this.options.log.close();
  }

  publishState(unit: SpacecraftUnit): void {
    if (this.link.isConnected && !this.isLost) this.publish(unit.topics.state, unit.status.state, { retain: true });
  }

  publish(topic: string, payload: string, options: Parameters<FleetLink['publish']>[2] = {}): void {
    this.link.publish(topic, payload, options).catch((error: unknown) => {
      this.options.logger.warn(`cannot publish on ${topic}: ${describeError(error)}`);
    });
  }

  private committerFrom(sequence: number): Committer {
    const { log, now, logger } = this.options;
    const report = (works: boolean, detail: string): void => {
      if (works === this.logWorks) return;
      this.logWorks = works;
      if (works) this.link.expectBacklog();
      if (works) logger.info('the log works again');
      else logger.error(`the log cannot be written, and nothing is acknowledged: ${detail}`);
      this.forEach((unit) => this.reportVital(unit, 'log', works, detail));
    };
    return new Committer(
      {
        log,
        now,
        takeSettled: () => this.sender.takeSettled(),
        giveBack: (settled) => {
          this.sender.giveBack(settled);
        },
        onCommitted: (due, outgoing) => {
          this.sender.add(outgoing);
          for (const item of due) this.deliver(item);
        },
        onLog: report,
        onLost: () => {
          this.lose('a commit found another owner');
        },
      },
      sequence,
    );
  }

  private take(unit: SpacecraftUnit, outcome: UnitOutcome, isPart: boolean): void {
    this.committer?.add({ unit, outcome });
    if (!isPart) this.options.queue.release(unit.spacecraft);
  }

  private deliver({ unit, outcome }: DueOutcome): void {
    unit.committed(outcome);
    this.set.worked(unit);
    for (const answer of outcome.answers)
      void replyTo(answer, unit.spacecraft, this.options.log).then((said) => {
        if (said !== undefined) this.publish(said.topic, said.payload, said.options);
      });
    this.options.onOutcome({ unit, outcome });
    outcome.acknowledge();
  }

  reportVital(
    unit: SpacecraftUnit,
    part: Parameters<SpacecraftUnit['vitals']['report']>[0],
    works: boolean,
    detail: string,
  ): void {
    if (!unit.vitals.report(part, works, detail)) return;
    if (part !== 'log') {
      const [{ logger }, { spacecraft }] = [this.options, unit];
      if (works) logger.info({ spacecraft, part }, `${part} works again`);
      else logger.error({ spacecraft, part }, `${part} failed: ${detail}`);
    }
    this.control(unit, { kind: 'vital', part, works, detail });
  }

  private followLink(isUp: boolean): void {
    this.forEach((unit) => {
      this.control(unit, { kind: 'link', isUp });
      if (isUp) this.publishState(unit);
    });
    if (isUp) this.sender.send();
    this.options.onLink(isUp);
  }

  /** It is about the whole fleet, whichever spacecraft was asked. */
  private async reload({ asked }: ReloadRequest, spacecraft: string): Promise<void> {
    const { by } = asked.request.asked;
    const reply = await this.options.onReload(by);
    const said = await replyTo({ asked, reply }, spacecraft, this.options.log);
    if (said !== undefined) this.publish(said.topic, said.payload, said.options);
  }

  private takeMessage(message: MqttMessage, done: () => void, isLive: boolean): void {
    if (this.isLost || this.isLeaving) return;
    this.isLive = isLive;
    const { config, now, onForeign, queue } = this.options;
    const unit = this.units.get(spacecraftOfTopic(config.mqtt.baseTopic, message.topic) ?? '');
    if (unit === undefined) {
      onForeign(message.topic);
      done();
      return;
    }
    const receivedAt = now();
    unit.lastMessageAt = receivedAt;
    const mayAsk = (): boolean => this.requests.take(receivedAt);
    const arrival = readMessage(unit, message, { done, isLive, receivedAt, mayAsk, maxLeadMs: config.maxLead });
    const reload = arrival.controls?.find(isReload);
    if (reload !== undefined) {
      void this.reload(reload, unit.spacecraft).finally(done);
      return;
    }
    if (!queue.put(unit.spacecraft, marked(message, arrival))) done();
  }
}
