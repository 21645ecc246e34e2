/** A fleet's log of a hundred thousand anomalies in PostgreSQL: how long searches, lists and statistics take as `fdir log` asks for them. */
import { programFile } from '../adapters/host/package-root';
import { Leases } from '../adapters/postgres/leases';
import { databaseOf, openPool, prepareDatabase } from '../adapters/postgres/pg-connect';
import { PgFleetLog } from '../adapters/postgres/pg-fleet-log';
import { StoreReader } from '../adapters/postgres/store-reader';
import { StoreThread } from '../adapters/postgres/store-thread';
import type { LogFilter } from '../domain/log-query';
import { makeAnomalies, type SyntheticAnomaly } from './made-anomalies';
import { isPostgresInstalled, startPostgres } from './postgres';
import { ofEvents } from './statistics';
import { BENCH_START, type Workshop } from './workshop';

const ANOMALIES = Number(process.env['FDIR_BENCH_FLEET_ANOMALIES'] ?? 100_000);
const SEED = 405;
const SPAN_MS = 365 * 86_400_000;
const FILL_AT_ONCE = 100;
const LEASE_MS = 3_600_000;
const TURNS = 20;
const SPACECRAFT = 'SAT-001';

/** Absent and frequent words, beginnings of words, words beside filters, and lists without words. */
const ASKED: Readonly<Record<string, LogFilter>> = {
  absentWords: { text: 'never said' },
  frequentWord: { text: 'rw1' },
  twoWords: { text: 'rw1 slowly' },
  beginning: { text: 'bear*' },
  wordAndEquipment: { text: 'motor', equipment: ['rw2'] },
  wordAndOpen: { text: 'suddenly', state: 'open' },
  newest: {},
  equipment: { equipment: ['rw1'] },
  equipmentAndFault: { equipment: ['rw1'], fault: ['offset'] },
};

const fill = async (log: PgFleetLog, made: Iterable<SyntheticAnomaly>): Promise<void> => {
  let batch: SyntheticAnomaly[] = [];
  const write = async (): Promise<void> => {
    const [events, ledger] = [batch.map(({ event }) => event), batch.flatMap((item) => item.ledger)];
    batch = [];
    await log.commit([{ spacecraft: SPACECRAFT, events, ledger, memory: undefined, outgoing: [] }], []);
  };
  for (const item of made) {
    batch.push(item);
    if (batch.length === FILL_AT_ONCE) await write();
  }
  await write();
};

export const benchFleetLog = async ({ report, loaded }: Workshop) => {
  if (!isPostgresInstalled) return { skipped: 'postgresql is not installed' };
  const { mission } = loaded;
  const postgres = await startPostgres();
  const config = { ...databaseOf(postgres.url), password: postgres.password };
  const pool = openPool(config, report);
  try {
    await prepareDatabase(pool);
    const [owned] = await new Leases(pool, 'bench', LEASE_MS).take([0]);
    if (owned === undefined) throw new Error('the lease of a new database is held');
    const log = await PgFleetLog.open({ pool, owned, now: () => Date.now(), chainKey: undefined });
    await log.restore(new Map([[SPACECRAFT, { mission, manifest: undefined, program: undefined }]]));
    report(`fleet: ${String(ANOMALIES)} anomalies into PostgreSQL`);
    const begun = performance.now();
    await fill(log, makeAnomalies({ mission, count: ANOMALIES, seed: SEED, start: BENCH_START, spanMs: SPAN_MS }));
    const seconds = (performance.now() - begun) / 1000;
    // As autovacuum does by itself, a minute later.
    await pool.query('VACUUM ANALYZE');
    report('fleet: searches and lists');
    const reader = new StoreReader(new StoreThread(config, programFile('compose/store-worker.js')));
    const timesOf = (work: () => unknown) =>
      ofEvents(
        Array.from({ length: TURNS }, () => {
          const before = performance.now();
          work();
          return performance.now() - before;
        }),
      );
    const page = { sort: 'start', order: 'desc', limit: 50 } as const;
    const listMs = Object.fromEntries(
      Object.entries(ASKED).map(([name, filter]) => {
        const found = reader.count(filter);
        return [name, { found, ...timesOf(() => reader.list(filter, page)) }];
      }),
    );
    const statsMs = timesOf(() => reader.stats({}));
    reader.close();
    return { anomalies: ANOMALIES, anomaliesPerSecond: Math.round(ANOMALIES / seconds), listMs, statsMs };
  } finally {
    await pool.end();
    await postgres.stop();
  }
};
