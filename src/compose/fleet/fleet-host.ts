/** What the parts of a fleet in one process share: members with their models, the queue, the voice of the worker, the timers. */
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { MqttConnection } from '../../adapters/mqtt/mqtt-connection';
import { readBrokerAccess, type BrokerAccess } from '../../adapters/mqtt/broker-access';
import { unmanaged } from '../../adapters/host/service-manager';
import { loadFleet, type LoadedFleet } from '../../config/load-fleet';
import { workerTopics, type WorkerTopics } from '../../core/fleet-topics';
import { describeError } from '../../domain/errors';
import type { Reply } from '../../domain/requests';
import { FairQueue } from '../../pipeline/fair-queue';
import type { DaemonOptions } from '../daemon/daemon-options';
import { observeDaemon, statusLine, type Observation } from '../metrics';
import { fleetHealthOf, publishHealth, stateOfFleet, sumOfTallies } from './fleet-health';
import type { FleetPart, FleetPartOptions } from './fleet-part';
import { readingsOf } from './fleet-readings';
import { assign, closeMembers, definitionNotesOf, startMembers, type Assignments, type RunningMember } from './members';
import type { SpacecraftUnit } from './spacecraft-unit';

/** So often some spacecraft have their turn: what all of them do at once would delay telemetry. */
const BEAT_MS = 100;
/** Each is told the time once a second. */
const BEATS_PER_SECOND = 10;
/** Each says how it is every ten seconds (CONTRACTS section 8). */
const BEATS_PER_HEALTH = 100;
/** Arrivals judged at once: what keeps the thread of the model busy. */
const JUDGED_AT_ONCE = 8;
/** Telemetry messages of one spacecraft that may wait: below what a broker has under way at once. */
const LANE_BOUND = 16;

/** Host name and process id, as far as a topic takes them. */
const defaultWorker = (): string => `${hostname()}-${String(process.pid)}`.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 64);

/** A part, by its number. */
export type Parts = ReadonlyMap<number, FleetPart>;

export class FleetHost {
  readonly worker: string;
  readonly topics: WorkerTopics;
  readonly clientId: string;
  readonly queue: FairQueue;
  readonly observation: Observation;
  readonly parts = new Map<number, FleetPart>();
  readonly access: BrokerAccess;
  members: readonly RunningMember[] = [];
  private voice: MqttConnection | undefined;
  private readonly startedAt: number;
  lastProgressAt: number;
  /** What keeps the whole worker from its work, in words. */
  trouble: string | undefined;
  private foreign = 0;
  private beat = 0;
  private timer: { unsubscribe(): void } | undefined;
  private reloading: Promise<unknown> = Promise.resolve();

  constructor(
    private loaded: LoadedFleet,
    readonly options: DaemonOptions,
    /** Null: this process has the whole fleet. */
    private readonly partitions: number | null,
  ) {
    const { config, fleet } = loaded;
    this.worker = fleet.worker ?? defaultWorker();
    this.topics = workerTopics(config.mqtt.baseTopic, this.worker);
    this.clientId = config.mqtt.clientId ?? 'fdir-fleet';
    this.startedAt = options.clock.now();
    this.lastProgressAt = this.startedAt;
    this.access = this.readAccess();
    this.observation = observeDaemon({ config, spacecraft: `fleet/${this.worker}`, logger: options.logger });
    const isInOrder = config.mqtt.overload === 'in-order';
    this.queue = new FairQueue({
      most: JUDGED_AT_ONCE,
      laneBound: LANE_BOUND,
      mayLetGo: () => !isInOrder && [...this.parts.values()].every(({ mayLetGo }) => mayLetGo),
      admit: (name, arrival) => {
        this.unitOf(name)?.take(arrival);
      },
    });
  }

  get config(): LoadedFleet {
    return this.loaded;
  }

  get assignments(): Assignments {
    return assign(this.loaded.members, this.members);
  }

  readonly readAccess = (): BrokerAccess =>
    readBrokerAccess(this.loaded.config.mqtt, { baseDir: dirname(this.loaded.file) });

  unitOf(name: string): SpacecraftUnit | undefined {
    for (const part of this.parts.values()) {
      const unit = part.units.get(name);
      if (unit !== undefined) return unit;
    }
    return undefined;
  }

  get units(): readonly SpacecraftUnit[] {
    return [...this.parts.values()].flatMap(({ units }) => [...units.values()]);
  }

  /** What every part of this process is made with. */
  partOptions(): Omit<FleetPartOptions, 'log' | 'sessions' | 'mayLeave' | 'onLost' | 'onSubscribed'> {
    const { config } = this.loaded;
    const { clock, logger, isFresh = false } = this.options;
    return {
      ...{ config, queue: this.queue, logger, isFresh },
      now: () => clock.now(),
      link: {
        url: config.mqtt.url,
        access: this.access,
        renewAccess: this.readAccess,
        keepaliveMs: config.mqtt.keepalive,
      },
      onOutcome: ({ outcome }) => {
        this.lastProgressAt = clock.now();
        this.observation.metrics?.outcome(outcome);
        (this.options.service ?? unmanaged).progressed();
      },
      onLink: () => {
        this.reportLine();
      },
      onReload: (by) => this.reload(by),
      onForeign: () => {
        this.foreign += 1;
      },
    };
  }

  /** @throws FdirError `model` when a package does not run here. */
  async start(): Promise<void> {
    const { clock } = this.options;
    this.members = await startMembers(this.loaded);
    for (const note of definitionNotesOf(this.members)) this.options.logger.warn(note);
    const { config } = this.loaded;
    this.voice = new MqttConnection({
      ...{ url: config.mqtt.url, access: this.access, renewAccess: this.readAccess, session: 'clean' },
      clientId: `${this.clientId}-${this.worker}`,
      will: { topic: this.topics.state, payload: 'offline' },
      onConnect: () => {
        this.tellFleet();
      },
    });
    this.voice.start();
    this.timer = clock.every(BEAT_MS).subscribe(() => {
      this.tick();
    });
    await this.observation.start(() => readingsOf(this));
  }

  /** Loads everything anew; what is invalid is refused as a whole. Spacecraft that stay as they are notice nothing. */
  reload(by: string): Promise<Reply> {
    const mine = this.reloading.then(() => this.reloadNow(by));
    this.reloading = mine;
    return mine;
  }

  async stop(): Promise<void> {
    await this.reloading;
    this.timer?.unsubscribe();
    await this.observation.stop();
    await this.voice?.stop({ topic: this.topics.state, payload: 'offline' });
    await closeMembers(this.members);
  }

  /** Which spacecraft a part has; where there are no partitions, the only part has all. */
  assignmentsOf(number: number, partitionOf: (name: string) => number): Assignments {
    if (this.partitions === null) return this.assignments;
    return new Map([...this.assignments].filter(([name]) => partitionOf(name) === number));
  }

  /** Hands a partition over, to this worker or another. Left out: the sessions have wildcards. */
  restartPart: ((number: number) => Promise<void>) | undefined;

  /** Set by whoever knows which spacecraft belongs where. */
  partitionOf: (name: string) => number = () => 0;

  /** Everybody is told what keeps the worker from its work; undefined: nothing does. */
  report(trouble: string | undefined): void {
    if (trouble === this.trouble) return;
    const { logger } = this.options;
    if (trouble === undefined) logger.info(`no longer: ${String(this.trouble)}`);
    else logger.error(trouble);
    this.trouble = trouble;
    this.tellFleet();
    this.reportLine();
  }

  private async reloadNow(by: string): Promise<Reply> {
    const { logger, service = unmanaged } = this.options;
    service.reloading();
    let next: LoadedFleet;
    let members: readonly RunningMember[];
    try {
      next = loadFleet(this.loaded.file);
      this.readAccess();
      members = await this.takeOver(next);
    } catch (error) {
      const message = `the fleet stays as it was: ${describeError(error)}`;
      logger.error({ by }, message);
      service.reloaded();
      return { ok: false, message };
    }
    const before = this.members;
    this.members = members;
    this.loaded = next;
    let [begun, ended] = [0, 0];
    for (const [number, part] of [...this.parts]) {
      const assignments = this.assignmentsOf(number, this.partitionOf);
      // The session of a partition names its spacecraft: with others it begins anew.
      const isSame =
        assignments.size === part.units.size && [...part.units.keys()].every((name) => assignments.has(name));
      if (!isSame && this.restartPart !== undefined) {
        await this.restartPart(number);
        continue;
      }
      const changed = await part.assign(assignments);
      begun += changed.begun;
      ended += changed.ended;
    }
    await closeMembers(before.filter(({ models }) => !members.some((member) => member.models === models)));
    const message = `the fleet was loaded: ${String(this.assignments.size)} spacecraft, ${String(begun)} begun, ${String(ended)} ended`;
    logger.info({ by }, message);
    service.reloaded();
    this.tellFleet();
    return { ok: true, message };
  }

  /** Members whose content is the same go on with their model; the others start one. */
  private async takeOver(next: LoadedFleet): Promise<readonly RunningMember[]> {
    const kept = next.members.map(({ content }) => this.members.find(({ member }) => member.content === content));
    const fresh = next.members.filter((_, index) => kept[index] === undefined);
    const started = [...(await startMembers({ ...next, members: fresh }))];
    for (const note of definitionNotesOf(started)) this.options.logger.warn(note);
    return kept.flatMap((running) => running ?? started.shift() ?? []);
  }

  private tick(): void {
    const { clock } = this.options;
    this.beat += 1;
    for (const part of this.parts.values()) {
      let index = 0;
      part.forEach((unit) => {
        const isTurn = (beats: number): boolean => index % beats === this.beat % beats;
        if (isTurn(BEATS_PER_SECOND)) part.tick(unit);
        if (isTurn(BEATS_PER_HEALTH) && part.link.isConnected) publishHealth(part, unit, clock.now());
        index += 1;
      });
    }
    if (this.beat % BEATS_PER_SECOND === 0) this.endSecond();
    if (this.beat % BEATS_PER_HEALTH === 0) this.tellFleet();
  }

  private endSecond(): void {
    const parts = [...this.parts.values()];
    for (const { sender } of parts) sender.send();
    // Nothing to do, and a log that is tried again, are no reason to be started anew.
    if (this.queue.depth === 0 || parts.some(({ works }) => !works)) (this.options.service ?? unmanaged).progressed();
  }

  private tellFleet(): void {
    const { units, voice } = this;
    if (voice?.isConnected !== true) return;
    const health = fleetHealthOf(units, {
      now: this.options.clock.now(),
      startedAt: this.startedAt,
      worker: this.worker,
      partitions: this.partitions === null ? null : [...this.parts.keys()].sort((a, b) => a - b),
      protocol: voice.protocol,
      waiting: this.queue.depth,
      letGo: this.queue.letGo,
      foreign: this.foreign,
      trouble: this.trouble,
    });
    const publish = (topic: string, payload: string): void => {
      voice.publish(topic, payload, { retain: true }).catch((error: unknown) => {
        this.options.logger.warn(`cannot publish on ${topic}: ${describeError(error)}`);
      });
    };
    publish(this.topics.state, health.state);
    publish(this.topics.health, JSON.stringify(health));
    this.reportLine();
  }

  private reportLine(): void {
    const { units } = this;
    const tally = { ...sumOfTallies(units) } as Parameters<typeof statusLine>[2];
    const isConnected = [...this.parts.values()].every(({ link }) => link.isConnected);
    const line = statusLine(stateOfFleet(units, this.trouble), isConnected, tally);
    const trouble = this.trouble === undefined ? '' : `, ${this.trouble}`;
    (this.options.service ?? unmanaged).status(`${String(units.length)} spacecraft, ${line}${trouble}`);
  }
}
