/**
 * Forgets whole months of records: their tables are dropped, which costs nothing, however many rows they have. A sealed gap stays in the
 * chain of each partition, so what is left still verifies. What is open stays: alarms, recoveries under way, anomalies that last.
 */
import type { Pool, PoolClient } from 'pg';
import { linkedTables, sealOf } from '../log/log-chain';
import { isoTime } from '../../domain/units';

/** One worker forgets at a time. */
const RETENTION_LOCK = 4_677_092;

interface Month {
  /** `_2026_03`: how its tables end. */
  readonly suffix: string;
  /** Its first moment and that of the next, milliseconds. */
  readonly from: number;
  readonly to: number;
}

const monthsOf = async (client: PoolClient): Promise<readonly Month[]> => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'run'::regclass ORDER BY c.relname`,
  );
  return rows.flatMap(({ name }): Month[] => {
    const [, year = '', month = ''] = /^run_(\d{4})_(\d{2})$/.exec(name) ?? [];
    if (year === '') return [];
    const from = Date.UTC(Number(year), Number(month) - 1, 1);
    return [{ suffix: `_${year}_${month}`, from, to: Date.UTC(Number(year), Number(month), 1) }];
  });
};

/** Seals the gap that a month leaves in the chain of each partition. @returns how many links it takes. */
const sealMonth = async (client: PoolClient, suffix: string, key: Uint8Array | undefined): Promise<number> => {
  const all = linkedTables.map((table) => `SELECT partition, chain, mac FROM ${table}${suffix}`).join(' UNION ALL ');
  const { rows } = await client.query<{ partition: number; first: number; last: number; mac: Buffer }>(
    `WITH links AS (${all}), ends AS (SELECT partition, min(chain) AS first, max(chain) AS last FROM links GROUP BY partition)
     SELECT e.partition, e.first, e.last, l.mac FROM ends e JOIN links l ON l.partition = e.partition AND l.chain = e.last`,
  );
  for (const { partition, first, last, mac } of rows)
    await client.query('INSERT INTO chain_gap VALUES ($1, $2, $3, $4, $5)', [
      partition,
      first,
      last,
      mac,
      Buffer.from(sealOf(key, first, last, mac)),
    ]);
  return rows.reduce((sum, { first, last }) => sum + last - first + 1, 0);
};

/** What lists show of the time before. */
const forgetLists = async (client: PoolClient, before: string): Promise<void> => {
  await client.query(`DELETE FROM anomaly_latest WHERE state = 'closed' AND "end" < $1`, [before]);
  await client.query(`DELETE FROM recovery WHERE is_over = 1 AND started_at < $1`, [before]);
  await client.query(`DELETE FROM alarm WHERE state = 'cleared' AND changed_at < $1`, [before]);
};

/**
 * @param before wall clock, milliseconds: months that ended by then are forgotten.
 * @returns how many links were; undefined when another worker is at it.
 */
export const forgetMonths = async (
  pool: Pool,
  before: number,
  key: Uint8Array | undefined,
): Promise<number | undefined> => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
      RETENTION_LOCK,
    ]);
    if (rows[0]?.mine !== true) {
      await client.query('ROLLBACK');
      return undefined;
    }
    let forgotten = 0;
    for (const { suffix, to } of await monthsOf(client)) {
      if (to > before) continue;
      forgotten += await sealMonth(client, suffix, key);
      for (const table of linkedTables) await client.query(`DROP TABLE ${table}${suffix}`);
      await forgetLists(client, isoTime(to));
    }
    await client.query('COMMIT');
    return forgotten;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
};
