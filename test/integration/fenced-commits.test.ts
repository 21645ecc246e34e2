/** Commits to PostgreSQL under a lease: refused without it, written once with it, whatever becomes of the answer. */
import type { Pool } from 'pg';
import { Leases } from '../../src/adapters/postgres/leases';
import { databaseOf, openPool, prepareDatabase } from '../../src/adapters/postgres/pg-connect';
import { PgFleetLog, type PartitionLease } from '../../src/adapters/postgres/pg-fleet-log';
import { LeaseLost, type FleetCommit } from '../../src/adapters/log/fleet-log';
import type { CheckEvent } from '../../src/domain/events';
import { describeWithDatabase, startPostgres, type Postgres } from '../support/postgres';
import { tinyMission } from '../support/tiny-mission';

const check = (value: number): CheckEvent => ({
  type: 'check',
  time: '2026-03-01T00:00:00.000Z',
  parameter: 'rw0_current',
  limit: 'warning',
  from: 'withinLimits',
  to: 'aboveHighLimit',
  value,
  range: [0, 1],
});
const commitOf = (value: number): FleetCommit => ({
  spacecraft: 'SAT-1',
  events: [check(value)],
  ledger: [],
  memory: undefined,
  outgoing: [{ sequence: value, topic: 'fdir/SAT-1/check', payload: String(value) }],
});

describeWithDatabase('a fenced commit', () => {
  let postgres: Postgres;
  let pool: Pool;

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = openPool({ ...databaseOf(postgres.url), password: postgres.password }, () => undefined);
  }, 60_000);

  beforeEach(async () => {
    await pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await prepareDatabase(pool);
  });

  afterAll(async () => {
    await pool.end();
    await postgres.stop();
  });

  const own = async (worker: string, leaseMs = 60_000): Promise<PartitionLease> => {
    const [owned] = await new Leases(pool, worker, leaseMs).take([0]);
    if (owned === undefined) throw new Error(`${worker} got no lease`);
    return owned;
  };
  const open = async (owned: PartitionLease, through: Pool = pool): Promise<PgFleetLog> => {
    const log = await PgFleetLog.open({ pool: through, owned, now: () => Date.now(), chainKey: undefined });
    await log.restore(new Map([['SAT-1', { mission: tinyMission(), manifest: undefined, program: undefined }]]));
    return log;
  };
  const valuesOf = async (): Promise<readonly number[]> => {
    const { rows } = await pool.query<{ value: number }>('SELECT value FROM check_transition ORDER BY chain');
    return rows.map(({ value }) => value);
  };

  /** Answers of commits are lost: before the database hears of them, or after it did what was asked. */
  const losing = (when: 'before' | 'after', losses: number): Pool => {
    let left = losses;
    const query = async (text: string, values: unknown[]): Promise<unknown> => {
      const isLost = text.includes('fdir_commit') && left > 0;
      if (isLost) left -= 1;
      if (isLost && when === 'before') throw new Error('the connection broke');
      const result = await pool.query(text, values);
      if (isLost) throw new Error('the answer was lost');
      return result;
    };
    return { query } as unknown as Pool;
  };

  test.each(['before', 'after'] as const)('is written once when its connection breaks %s it was made', async (when) => {
    const log = await open(await own('a'), losing(when, 2));
    await expect(log.commit([commitOf(1)], [])).rejects.toThrow();
    await expect(log.commit([commitOf(1)], [])).rejects.toThrow();
    await log.commit([commitOf(1)], []);
    await log.commit([commitOf(2)], []);
    expect(await valuesOf()).toEqual([1, 2]);
    const { rows } = await pool.query<{ chain: number }>(
      'SELECT chain FROM run UNION ALL SELECT chain FROM check_transition ORDER BY chain',
    );
    expect(rows.map(({ chain }) => chain)).toEqual([1, 2, 3]);
    expect((await log.waiting()).map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  test('is refused as a whole when another worker has the lease', async () => {
    const log = await open(await own('a', 1));
    await pool.query('SELECT pg_sleep(0.05)');
    const other = await open(await own('b'));
    await expect(log.commit([commitOf(1)], [])).rejects.toThrow(LeaseLost);
    await other.commit([commitOf(2)], []);
    expect(other.epoch).toBe(log.epoch + 1);
    expect(await valuesOf()).toEqual([2]);
  });

  test('is refused for a moment, and not lost, when the lease has run out and nobody took it', async () => {
    const owned = await own('a', 1);
    const log = await open(owned);
    await pool.query('SELECT pg_sleep(0.05)');
    await expect(log.commit([commitOf(1)], [])).rejects.toThrow('has run out');
    expect([...(await new Leases(pool, 'a', 60_000).renew([0]))]).toEqual([[0, owned.epoch]]);
    await log.commit([commitOf(1)], []);
    expect(await valuesOf()).toEqual([1]);
  });

  test('of several leases those are taken that nobody holds, with the epoch after the last', async () => {
    await own('a');
    await new Leases(pool, 'a', 1).take([1]);
    await pool.query('SELECT pg_sleep(0.05)');
    const taken = await new Leases(pool, 'b', 60_000).take([2, 0, 1]);
    expect([...taken].sort((one, other) => one.partition - other.partition)).toEqual([
      { partition: 1, owner: 'b', epoch: 2 },
      { partition: 2, owner: 'b', epoch: 1 },
    ]);
  });

  test('what the broker has is forgotten with the next commit, and the rest waits for the next owner', async () => {
    const owned = await own('a');
    const log = await open(owned);
    await log.commit([commitOf(1), commitOf(2)], []);
    const [first] = await log.waiting();
    await log.commit([commitOf(3)], first === undefined ? [] : [first]);
    expect((await log.waiting()).map(({ sequence }) => sequence)).toEqual([2, 3]);
  });
});
