/**
 * One worker of several: it holds leases of partitions, runs their parts, and gives them away when others come. A worker that is frozen
 * or cut off loses them without noticing. The database then refuses its commits, and nothing that it held back leaves any more.
 */
import type { Pool } from 'pg';
import { partitionSession } from '../../adapters/mqtt/fleet-link';
import { Leases, leasesOf } from '../../adapters/postgres/leases';
import { ensureMonths } from '../../adapters/postgres/pg-connect';
import { forgetMonths } from '../../adapters/postgres/pg-retention';
import { PgFleetLog, type PartitionLease } from '../../adapters/postgres/pg-fleet-log';
import { partitionOf, shareOf, type Share } from '../../core/fleet-partition';
import { describeError } from '../../domain/errors';
import type { FleetHost } from './fleet-host';
import { FleetPart } from './fleet-part';

/** So often a worker looks round: an orderly hand-over takes less than a second. */
const CYCLE_MS = 250;
/** Partitions that are given away at the same time: the others go on meanwhile. */
const GIVEN_AT_ONCE = 4;
/** Renewals within one lease: one that fails or is late loses nothing. */
const RENEWALS = 6;
/** Tables for the next month are there long before it begins. */
const MONTH_LOOK_MS = 3_600_000;

interface HeldPartition {
  readonly owned: PartitionLease;
  /** Undefined until its turn to begin has come. */
  part: FleetPart | undefined;
  /** Resolves when it has begun, or will not. */
  begun: Promise<void>;
}

export interface FleetWorkerOptions {
  readonly host: FleetHost;
  readonly pool: Pool;
  /** One connection for the leases alone: no renewal waits behind commits, and its statements come in the order they were asked for. */
  readonly leasePool: Pool;
  readonly chainKey: Uint8Array | undefined;
  readonly partitions: number;
  readonly leaseMs: number;
  /** It has looked round once. */
  readonly onReady: () => void;
}

export class FleetWorker {
  private readonly leases: Leases;
  private readonly held = new Map<number, HeldPartition>();
  private timer: NodeJS.Timeout | undefined;
  private renewalTimer: NodeJS.Timeout | undefined;
  private isRenewing = false;
  private isStopped = false;
  private round: Promise<void> = Promise.resolve();
  /** Parts begin one after another, so that the first is there soon. Rounds go on meanwhile: a lease that runs out waits for nobody. */
  private beginning: Promise<void> = Promise.resolve();
  /** Those that are being given away, each until it is. */
  private readonly leaving = new Map<number, Promise<void>>();
  /** Until then the leases are ours for sure; monotonic, milliseconds. */
  private surelyUntil = -Infinity;
  private looksForMonthsAt = -Infinity;

  constructor(private readonly options: FleetWorkerOptions) {
    const { leasePool, host, leaseMs } = options;
    this.leases = new Leases(leasePool, host.worker, leaseMs);
    host.partitionOf = (name) => partitionOf(name, options.partitions);
    host.restartPart = (number) => this.giveAll([number]);
  }

  async start(): Promise<void> {
    this.renewalTimer = setInterval(() => void this.renew(), this.options.leaseMs / RENEWALS);
    await this.cycle();
    this.schedule();
    await this.beginning;
    this.options.onReady();
  }

  /** Everything is handed over in order. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.round;
    await this.giveAll([...this.held.keys()]);
    clearInterval(this.renewalTimer);
    await this.leases.leave().catch(() => undefined);
  }

  private schedule(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.round = this.cycle().finally(() => {
        this.schedule();
      });
    }, CYCLE_MS);
  }

  private async cycle(): Promise<void> {
    const { host } = this.options;
    try {
      const share = await this.look();
      void this.giveAll(share.give.slice(0, GIVEN_AT_ONCE));
      await this.take(share.take.filter((partition) => !this.leaving.has(partition)));
      if (performance.now() > this.looksForMonthsAt) {
        this.looksForMonthsAt = performance.now() + MONTH_LOOK_MS;
        await this.keepMonths();
      }
      host.report(undefined);
    } catch (error) {
      host.report(`the database cannot be used: ${describeError(error)}`);
    }
  }

  /** Tables for records to come are made, those that are older than wanted go. */
  private async keepMonths(): Promise<void> {
    const { pool, host, chainKey } = this.options;
    await ensureMonths(pool);
    const age = host.config.config.log.retention?.age;
    if (age === undefined) return;
    const forgotten = await forgetMonths(pool, host.options.clock.now() - age, chainKey);
    if (forgotten !== undefined && forgotten > 0)
      host.options.logger.info({ forgotten }, 'the log forgot its oldest months');
  }

  private async renew(): Promise<void> {
    if (this.isRenewing) return;
    this.isRenewing = true;
    const begun = performance.now();
    const held = [...this.held];
    try {
      const epochs = await this.leases.renew(held.map(([partition]) => partition));
      this.surelyUntil = begun + this.options.leaseMs;
      for (const [partition, item] of held)
        if (this.held.get(partition) === item && epochs.get(partition) !== item.owned.epoch) this.lose(partition, item);
      for (const { part } of this.held.values()) part?.sender.send();
    } catch {
      // The next renewal tries again, and the round tells that the database is away.
    } finally {
      this.isRenewing = false;
    }
  }

  private async look(): Promise<Share> {
    const { host, leasePool, partitions } = this.options;
    const workers = await this.leases.greet(this.held.size);
    const leases = await leasesOf(leasePool);
    return shareOf({
      worker: host.worker,
      workers: workers.filter(({ isDraining }) => !isDraining).map(({ name }) => name),
      partitions,
      // What has run out here and nobody took is renewed, and not taken again.
      leases: leases.map((lease) => ({ ...lease, isHeld: lease.left > 0 || this.held.has(lease.partition) })),
    });
  }

  /** All of them at once: those that nobody owns any more are not judged. */
  private async take(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    for (const owned of await this.leases.take(partitions)) {
      const item: HeldPartition = { owned, part: undefined, begun: Promise.resolve() };
      this.held.set(owned.partition, item);
      this.beginning = this.beginning.then(() => this.begin(item));
      item.begun = this.beginning;
    }
  }

  private async begin(item: HeldPartition): Promise<void> {
    const { owned } = item;
    const { partition, epoch } = owned;
    if (this.held.get(partition) !== item) return;
    const { host, pool, chainKey } = this.options;
    const { logger, clock } = host.options;
    try {
      const assignments = host.assignmentsOf(partition, host.partitionOf);
      const log = await PgFleetLog.open({ pool, owned, now: () => clock.now(), chainKey });
      // It may have been lost meanwhile.
      if (this.held.get(partition) !== item) return;
      const part = this.partOf(item, log, [...assignments.keys()]);
      item.part = part;
      host.parts.set(partition, part);
      await part.start(assignments);
      logger.info({ partition, epoch, spacecraft: part.units.size }, 'took the partition');
    } catch (error) {
      this.lose(partition, item, `it cannot be started: ${describeError(error)}`);
    }
  }

  private partOf(item: HeldPartition, log: PgFleetLog, spacecraft: readonly string[]): FleetPart {
    const { host } = this.options;
    const { partition } = item.owned;
    const { baseTopic } = host.config.config.mqtt;
    return new FleetPart({
      ...host.partOptions(),
      log,
      sessions: [partitionSession(baseTopic, host.clientId, partition, spacecraft)],
      mayLeave: () => performance.now() < this.surelyUntil,
      onSubscribed: () => undefined,
      onLost: (reason) => {
        void this.drop(partition, item, reason);
      },
    });
  }

  private lose(partition: number, item: HeldPartition, reason = 'the lease has another owner'): void {
    if (item.part !== undefined) item.part.lose(reason);
    else void this.drop(partition, item, reason);
  }

  private async giveAll(partitions: readonly number[]): Promise<void> {
    await Promise.all(
      partitions.map((partition) => {
        const leaving = this.leaving.get(partition) ?? this.give(partition);
        this.leaving.set(partition, leaving);
        return leaving.finally(() => this.leaving.delete(partition));
      }),
    );
  }

  private async give(partition: number): Promise<void> {
    const { host } = this.options;
    const held = this.held.get(partition);
    // A lease of an earlier process of this name runs out by itself.
    if (held === undefined) return;
    if (held.part !== undefined) await held.begun;
    // It may have been lost meanwhile.
    if (this.held.get(partition) !== held) return;
    this.held.delete(partition);
    host.parts.delete(partition);
    try {
      await held.part?.stop();
      await this.leases.release(held.owned);
      host.options.logger.info({ partition }, 'gave the partition away');
    } catch (error) {
      host.options.logger.warn({ partition }, `while giving it away: ${describeError(error)}`);
    }
  }

  /** It has stopped acting already; what is left is to let go of its session. */
  private async drop(partition: number, item: HeldPartition, reason: string): Promise<void> {
    const { host } = this.options;
    const isHeld = this.held.get(partition) === item;
    host.options.logger.warn({ partition }, `lost the partition: ${reason}`);
    if (isHeld) {
      this.held.delete(partition);
      host.parts.delete(partition);
    }
    try {
      await item.part?.close();
      if (isHeld) await this.leases.release(item.owned);
    } catch (error) {
      host.options.logger.warn({ partition }, `while letting go of it: ${describeError(error)}`);
    }
  }
}
