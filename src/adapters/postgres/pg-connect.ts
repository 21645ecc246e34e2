/** Connects to PostgreSQL as `store.postgres` of fdir.yaml says; the only file that knows how the package wants to be told. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Pool, types, type PoolConfig } from 'pg';
import type { StoreConfig } from '../../config/fleet-config';
import { describeError, FdirError } from '../../domain/errors';
import { readSecret } from '../secret-file';
import { PG_SCHEMA, PG_SCHEMA_VERSION } from './pg-schema';

/** Type of `bigint`: numbers of links and milliseconds, all of them below 2^53. */
const INT8 = 20;
types.setTypeParser(INT8, Number);

/** A database that does not answer so long is not there: telemetry waits at the broker meanwhile. */
const CONNECT_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** Commits of the partitions of a worker that are under way at once. */
const CONNECTIONS = 8;
/** Any number that no other program on the database uses for the same. */
const MIGRATION_LOCK = 4_677_091;

/** Where the database is, and as whom. The package would let a URL without a password overrule one that is given besides. */
export const databaseOf = (url: string): Pick<PoolConfig, 'host' | 'port' | 'user' | 'database'> => {
  const { hostname, port, username, pathname } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 5432 : Number(port),
    ...(username !== '' && { user: decodeURIComponent(username) }),
    database: decodeURIComponent(pathname.slice(1)),
  };
};

/** Ready for the client; holds a secret, so it is never logged. @throws FdirError `config` naming the file that is unfit. */
export const poolConfigOf = ({ postgres }: StoreConfig, baseDir: string): PoolConfig => {
  const { url, passwordFile, ca } = postgres;
  const source = typeof passwordFile === 'string' ? { file: passwordFile } : passwordFile;
  const password = source === undefined ? undefined : readSecret(source, { baseDir });
  let authorities: string | undefined;
  try {
    authorities = ca === undefined ? undefined : readFileSync(resolve(baseDir, ca), 'utf8');
  } catch (error) {
    throw new FdirError('config', `cannot read store.postgres.ca ${String(ca)}: ${describeError(error)}`);
  }
  return {
    ...databaseOf(url),
    ...(password !== undefined && { password }),
    ...(authorities !== undefined && { ssl: { ca: authorities, rejectUnauthorized: true } }),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    max: CONNECTIONS,
    application_name: 'fdir',
  };
};

/** @param onTrouble told of connections that broke while nobody used them. */
export const openPool = (config: PoolConfig, onTrouble: (message: string) => void): Pool => {
  const pool = new Pool(config);
  pool.on('error', (error) => {
    onTrouble(`the database closed a connection: ${describeError(error)}`);
  });
  return pool;
};

/** Makes what is missing; workers that start together take turns. @throws FdirError `runtime` when the database cannot be used. */
export const prepareDatabase = async (pool: Pool): Promise<void> => {
  let client;
  try {
    client = await pool.connect();
  } catch (error) {
    throw new FdirError('runtime', `the database cannot be reached: ${describeError(error)}; check store.postgres`);
  }
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query(PG_SCHEMA);
    const { rows } = await client.query<{ version: number }>('SELECT version FROM schema_version');
    const version = rows[0]?.version;
    if (version !== undefined && version > PG_SCHEMA_VERSION)
      throw new FdirError(
        'runtime',
        `the database has schema ${String(version)}, and this version of fdir knows ${String(PG_SCHEMA_VERSION)}: install the newer one`,
      );
    if (version === undefined) await client.query('INSERT INTO schema_version VALUES ($1)', [PG_SCHEMA_VERSION]);
    await ensureMonths(client);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    if (error instanceof FdirError) throw error;
    throw new FdirError('runtime', `the database cannot be prepared: ${describeError(error)}`);
  } finally {
    client.release();
  }
};

/** Tables for this month and the next. */
export const ensureMonths = async (client: Pick<Pool, 'query'>): Promise<void> => {
  await client.query(`SELECT fdir_ensure_month(now()), fdir_ensure_month(now() + interval '1 month')`);
};
