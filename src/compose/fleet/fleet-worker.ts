/**
 * One worker of several: it holds leases of partitions, runs their parts, and gives them away when others come. A worker that is frozen
 * or cut off loses them without noticing; the database then refuses its commits, and nothing it held back leaves any more.
 */
import type { Pool } from 'pg';
import { partitionSession } from '../../adapters/mqtt/fleet-link';
import { Leases, leasesOf } from '../../adapters/postgres/leases';
import { ensureMonths } from '../../adapters/postgres/pg-connect';
import { forgetMonths } from '../../adapters/postgres/pg-retention';
import { PgFleetLog, type Owned } from '../../adapters/postgres/pg-fleet-log';
import { partitionOf, shareOf, type Share } from '../../core/fleet-partition';
import { describeError } from '../../domain/errors';
import type { FleetHost } from './fleet-host';
import { FleetPart } from './fleet-part';

/** So often a worker looks round: an orderly hand-over takes less than a second. */
const CYCLE_MS = 250;
/** Partitions taken, or given away, in one round: the leases of the others must be renewed in between. */
const AT_ONCE = 8;
/** Tables for the next month are there long before it begins. */
const MONTH_LOOK_MS = 3_600_000;

interface Held {
  readonly owned: Owned;
  readonly part: FleetPart;
}

export interface FleetWorkerOptions {
  readonly host: FleetHost;
  readonly pool: Pool;
  readonly chainKey: Uint8Array | undefined;
  readonly partitions: number;
  readonly leaseMs: number;
  /** It has looked round once. */
  readonly onReady: () => void;
}

export class FleetWorker {
  private readonly leases: Leases;
  private readonly held = new Map<number, Held>();
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private round: Promise<void> = Promise.resolve();
  /** Until then the leases are ours for sure; monotonic, milliseconds. */
  private surelyUntil = -Infinity;
  private looksForMonthsAt = -Infinity;
  private isDatabaseThere = true;

  constructor(private readonly options: FleetWorkerOptions) {
    const { pool, host, leaseMs } = options;
    this.leases = new Leases(pool, host.worker, leaseMs);
    host.partitionOf = (name) => partitionOf(name, options.partitions);
    host.restartPart = (number) => this.giveAll([number]);
  }

  async start(): Promise<void> {
    await this.cycle();
    this.options.onReady();
    this.schedule();
  }

  /** Everything is handed over in order. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.round;
    await this.giveAll([...this.held.keys()]);
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
    const { logger } = this.options.host.options;
    try {
      await this.renew();
      const share = await this.look();
      await this.giveAll(share.give.slice(0, AT_ONCE));
      await Promise.all(share.take.slice(0, AT_ONCE).map((partition) => this.take(partition)));
      if (performance.now() > this.looksForMonthsAt) {
        this.looksForMonthsAt = performance.now() + MONTH_LOOK_MS;
        await this.keepMonths();
      }
      if (!this.isDatabaseThere) logger.info('the database is there again');
      this.isDatabaseThere = true;
    } catch (error) {
      if (this.isDatabaseThere) logger.error(`the database cannot be used: ${describeError(error)}`);
      this.isDatabaseThere = false;
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
    const begun = performance.now();
    const epochs = await this.leases.renew(this.held.keys());
    this.surelyUntil = begun + this.options.leaseMs;
    for (const [partition, { owned, part }] of this.held)
      if (epochs.get(partition) !== owned.epoch) part.lose('the lease has another owner');
    for (const { part } of this.held.values()) part.sender.send();
  }

  private async look(): Promise<Share> {
    const { host, pool, partitions } = this.options;
    const workers = await this.leases.greet(this.held.size);
    const leases = await leasesOf(pool);
    return shareOf({
      worker: host.worker,
      workers: workers.filter(({ isDraining }) => !isDraining).map(({ name }) => name),
      partitions,
      leases: leases.map((lease) => ({ ...lease, isHeld: lease.left > 0 })),
    });
  }

  private async take(partition: number): Promise<void> {
    const { host, pool, chainKey } = this.options;
    const { logger, clock } = host.options;
    const owned = await this.leases.take(partition);
    if (owned === undefined) return;
    const { baseTopic } = host.config.config.mqtt;
    const assignments = host.assignmentsOf(partition, host.partitionOf);
    const log = await PgFleetLog.open({ pool, owned, now: () => clock.now(), chainKey });
    const part = new FleetPart({
      ...host.partOptions(),
      log,
      sessions: [partitionSession(baseTopic, host.clientId, partition, [...assignments.keys()])],
      mayLeave: () => performance.now() < this.surelyUntil,
      onSubscribed: () => undefined,
      onLost: (reason) => {
        void this.drop(partition, part, reason);
      },
    });
    this.held.set(partition, { owned, part });
    host.parts.set(partition, part);
    try {
      await part.start(assignments);
      logger.info({ partition, epoch: owned.epoch, spacecraft: part.units.size }, 'took the partition');
    } catch (error) {
      part.lose(`it cannot be started: ${describeError(error)}`);
    }
  }

  private async giveAll(partitions: readonly number[]): Promise<void> {
    const { host } = this.options;
    await Promise.all(
      partitions.map(async (partition) => {
        const held = this.held.get(partition);
        // A lease of an earlier process of this name runs out by itself.
        if (held === undefined) return;
        this.held.delete(partition);
        host.parts.delete(partition);
        await held.part.stop();
        await this.leases.release(held.owned).catch(() => undefined);
        host.options.logger.info({ partition }, 'gave the partition away');
      }),
    );
  }

  /** It has stopped acting already; what is left is to let go of its session. */
  private async drop(partition: number, part: FleetPart, reason: string): Promise<void> {
    const { host } = this.options;
    const held = this.held.get(partition);
    host.options.logger.warn({ partition }, `lost the partition: ${reason}`);
    if (held?.part === part) {
      this.held.delete(partition);
      host.parts.delete(partition);
    }
    try {
      await part.close();
      if (held !== undefined) await this.leases.release(held.owned);
    } catch (error) {
      host.options.logger.warn({ partition }, `while letting go of it: ${describeError(error)}`);
    }
  }
}
