/** How many commits a second PostgreSQL takes that are made under a lease: eight partitions at once, one decision or a hundred each. */
import { Leases } from '../adapters/postgres/leases';
import { databaseOf, openPool, prepareDatabase } from '../adapters/postgres/pg-connect';
import { PgFleetLog } from '../adapters/postgres/pg-fleet-log';
import type { CheckEvent } from '../domain/events';
import { isoTime } from '../domain/units';
import { isPostgresInstalled, startPostgres } from './postgres';
import type { Workshop } from './workshop';

const PARTITIONS = 8;
const SECONDS = 5;
const LEASE_MS = 60_000;

const decisionOf = (number: number): CheckEvent => ({
  type: 'check',
  time: isoTime(number),
  parameter: 'rw0_current_a',
  limit: 'warning',
  from: 'withinLimits',
  to: 'aboveHighLimit',
  value: number,
  range: [0, 1],
});

export const benchFencedCommits = async ({ report, loaded }: Workshop) => {
  if (!isPostgresInstalled) return { skipped: 'postgresql is not installed' };
  const postgres = await startPostgres();
  const pool = openPool({ ...databaseOf(postgres.url), password: postgres.password, max: PARTITIONS }, report);
  try {
    await prepareDatabase(pool);
    const leases = new Leases(pool, 'bench', LEASE_MS);
    const subject = { mission: loaded.mission, manifest: undefined, program: undefined };
    const logs = await Promise.all(
      Array.from({ length: PARTITIONS }, async (_, partition) => {
        const [owned] = await leases.take([partition]);
        if (owned === undefined) throw new Error('the lease of a new database is held');
        const log = await PgFleetLog.open({ pool, owned, now: () => Date.now(), chainKey: undefined });
        await log.restore(new Map([[`SAT-${String(partition)}`, subject]]));
        return log;
      }),
    );
    const measured: Record<string, number> = {};
    for (const decisions of [1, 100]) {
      report(`fleet: fenced commits of ${String(decisions)}`);
      let commits = 0;
      const begun = performance.now();
      const isOver = (): boolean => performance.now() - begun > SECONDS * 1000;
      await Promise.all(
        logs.map(async (log, partition) => {
          for (let number = 0; !isOver(); number += 1) {
            const events = Array.from({ length: decisions }, (_, index) => decisionOf(number * decisions + index));
            const spacecraft = `SAT-${String(partition)}`;
            await log.commit([{ spacecraft, events, ledger: [], memory: undefined, outgoing: [] }], []);
            commits += 1;
          }
        }),
      );
      const seconds = (performance.now() - begun) / 1000;
      measured[`commitsPerSecondOf${String(decisions)}`] = Math.round(commits / seconds);
      measured[`decisionsPerSecondInBatchesOf${String(decisions)}`] = Math.round((commits * decisions) / seconds);
    }
    return { partitions: PARTITIONS, ...measured };
  } finally {
    await pool.end();
    await postgres.stop();
  }
};
