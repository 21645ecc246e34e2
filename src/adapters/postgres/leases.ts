/**
 * Who owns which partition. A lease is a row; only the clock of the database counts, because the clocks of workers differ. Its epoch
 * rises with every owner, and every commit is made under it.
 */
import type { Pool } from 'pg';
import type { PartitionLease } from './pg-fleet-log';

/** A worker as the others see it. */
export interface WorkerRow {
  readonly name: string;
  /** Seconds since it was heard of. */
  readonly age: number;
  readonly partitions: number;
  readonly isDraining: boolean;
}

export interface LeaseRow {
  readonly partition: number;
  readonly owner: string;
  readonly epoch: number;
  /** Seconds until it runs out; negative: it has. */
  readonly left: number;
  readonly wanted: string | null;
}

export class Leases {
  constructor(
    private readonly pool: Pick<Pool, 'query'>,
    private readonly worker: string,
    private readonly leaseMs: number,
  ) {}

  /** The worker is there. @returns everybody that is, by name, itself among them. */
  async greet(partitions: number): Promise<readonly WorkerRow[]> {
    await this.pool.query(
      `INSERT INTO worker (name, seen, partitions) VALUES ($1, clock_timestamp(), $2)
       ON CONFLICT (name) DO UPDATE SET seen = excluded.seen, partitions = excluded.partitions`,
      [this.worker, partitions],
    );
    return (await workersOf(this.pool)).filter(({ age }) => age * 1000 < this.leaseMs);
  }

  /** Leaves: nobody counts on it any more. */
  async leave(): Promise<void> {
    await this.pool.query('DELETE FROM worker WHERE name = $1', [this.worker]);
  }

  /** Prolongs what is held, also what has run out and nobody took. @returns the epochs of the partitions that are still ours. */
  async renew(partitions: Iterable<number>): Promise<ReadonlyMap<number, number>> {
    const { rows } = await this.pool.query<{ partition: number; epoch: number }>(
      `UPDATE lease SET expires = clock_timestamp() + $2 * interval '1 millisecond'
       WHERE owner = $1 AND partition = ANY($3) RETURNING partition, epoch`,
      [this.worker, this.leaseMs, [...partitions]],
    );
    return new Map(rows.map(({ partition, epoch }) => [partition, epoch]));
  }

  /** Takes partitions that nobody holds, or whose lease has run out. @returns those that no other was first to take. */
  async take(partitions: readonly number[]): Promise<readonly PartitionLease[]> {
    // In the order of their numbers: workers that take at the same time wait for each other, and never in a circle.
    const { rows } = await this.pool.query<{ partition: number; epoch: number }>(
      `INSERT INTO lease AS l (partition, owner, epoch, expires)
         SELECT p, $2, 1, clock_timestamp() + $3 * interval '1 millisecond' FROM unnest($1::integer[]) p ORDER BY p
       ON CONFLICT (partition) DO UPDATE SET owner = excluded.owner, epoch = l.epoch + 1, expires = excluded.expires
         WHERE l.expires <= clock_timestamp() RETURNING partition, epoch`,
      [partitions, this.worker, this.leaseMs],
    );
    return rows.map(({ partition, epoch }) => ({ partition, owner: this.worker, epoch }));
  }

  /** Hands a partition back: whoever takes it next need not wait. */
  async release({ partition, epoch }: PartitionLease): Promise<void> {
    await this.pool.query(
      `UPDATE lease SET expires = clock_timestamp() WHERE partition = $1 AND owner = $2 AND epoch = $3`,
      [partition, this.worker, epoch],
    );
  }
}

export const leasesOf = async (pool: Pick<Pool, 'query'>): Promise<readonly LeaseRow[]> => {
  const { rows } = await pool.query<LeaseRow>(
    `SELECT partition, owner, epoch, extract(epoch FROM expires - clock_timestamp())::float8 AS left, wanted
     FROM lease ORDER BY partition`,
  );
  return rows;
};

export const workersOf = async (pool: Pick<Pool, 'query'>): Promise<readonly WorkerRow[]> => {
  const { rows } = await pool.query<WorkerRow>(
    `SELECT name, extract(epoch FROM clock_timestamp() - seen)::float8 AS age, partitions, is_draining AS "isDraining"
     FROM worker ORDER BY name`,
  );
  return rows;
};

/** The worker gives everything away and takes nothing, until `isDraining` is false again. @returns whether there is such a worker. */
export const drain = async (pool: Pick<Pool, 'query'>, worker: string, isDraining: boolean): Promise<boolean> => {
  const { rowCount } = await pool.query('UPDATE worker SET is_draining = $2 WHERE name = $1', [worker, isDraining]);
  return rowCount === 1;
};

/** The owner gives the partition to a worker. @returns whether there is such a partition. */
export const move = async (pool: Pick<Pool, 'query'>, partition: number, worker: string): Promise<boolean> => {
  const { rowCount } = await pool.query('UPDATE lease SET wanted = $2 WHERE partition = $1', [partition, worker]);
  return rowCount === 1;
};
