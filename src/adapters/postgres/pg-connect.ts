/** Connects to PostgreSQL as `store.postgres` of fdir.yaml says; the only file that knows how the package wants to be told. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool, types, type PoolConfig, type QueryConfig } from 'pg';
import type { StoreConfig } from '../../config/fleet-config';
import { describeError, FdirError } from '../../domain/errors';
import { readSecret } from '../secret-file';
import { PG_SCHEMA, PG_SCHEMA_VERSION } from './pg-schema';
import { isPassing, isSilence } from './pg-trouble';

/** Type of `bigint`: numbers of links and milliseconds, all of them below 2^53. */
const INT8 = 20;
types.setTypeParser(INT8, Number);

/** A database that does not answer so long is not there: telemetry waits at the broker meanwhile. */
const CONNECT_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** A million records are indexed in a minute. */
const INDEX_PATIENCE_MS = 1_800_000;
/** A busy machine is given so long for a statement about leases, however short they are. */
const LEASE_PATIENCE_MS = 2000;
/** Commits of the partitions of a worker that are under way at once. */
const CONNECTIONS = 8;
/** Any number that no other program on the database uses for the same. */
const MIGRATION_LOCK = 4_677_091;

/** Where the database is, and as whom. The package would let a URL without a password overrule one that is given besides. */
export const databaseOf = (url: string): Pick<PoolConfig, 'port' | 'user' | 'database'> & { readonly host: string } => {
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
  const database = databaseOf(url);
  return {
    ...database,
    ...(password !== undefined && { password }),
    // Without the name, a certificate of an address would be compared with "localhost".
    ...(authorities !== undefined && { ssl: { ca: authorities, rejectUnauthorized: true, host: database.host } }),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    max: CONNECTIONS,
    application_name: 'fdir',
  };
};

/** The same for leases: one connection, whose statements are given up while there is still time to ask again on a new one. */
export const leasePoolOf = (config: PoolConfig, leaseMs: number): PoolConfig => {
  const patienceMs = Math.min(CONNECT_TIMEOUT_MS, Math.max(LEASE_PATIENCE_MS, leaseMs / 2));
  return { ...config, max: 1, connectionTimeoutMillis: patienceMs, query_timeout: patienceMs };
};

/** @param onTrouble told of connections that broke while nobody used them. */
export const openPool = (config: PoolConfig, onTrouble: (message: string) => void): Pool => {
  const pool = new Pool(config);
  pool.on('error', (error) => {
    onTrouble(`the database closed a connection: ${describeError(error)}`);
  });
  return pool;
};

/** For a program that starts before its database does. */
export interface DatabasePatience {
  /** Ends the wait. */
  readonly signal: AbortSignal | undefined;
  /** Told before each pause. */
  onWait(reason: string, pauseMs: number): void;
}

/** First and longest pause before a database that is not ready is asked again, milliseconds. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/**
 * Makes what is missing; workers that start together take turns. @param patience left out: it is tried once.
 * @throws FdirError `runtime` when the database cannot be used, and will not be by waiting.
 */
export const prepareDatabase = async (pool: Pool, patience?: DatabasePatience): Promise<void> => {
  let wasAnswered = false;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
    const failed = await prepareOnce(pool);
    if (failed === undefined) return;
    // An address that nobody has ever answered at may be a wrong one.
    const mayPass = isPassing(failed.reason) || (wasAnswered && isSilence(failed.reason));
    if (patience === undefined || !mayPass) throw failed.error;
    wasAnswered ||= !isSilence(failed.reason);
    patience.onWait(describeError(failed.reason), pauseMs);
    await pause(pauseMs, undefined, { ...(patience.signal !== undefined && { signal: patience.signal }) });
  }
};

interface FailedPreparation {
  readonly reason: unknown;
  readonly error: FdirError;
}

const prepareOnce = async (pool: Pool): Promise<FailedPreparation | undefined> => {
  let client;
  try {
    client = await pool.connect();
  } catch (reason) {
    const message = `the database cannot be reached: ${describeError(reason)}; check store.postgres`;
    return { reason, error: new FdirError('runtime', message) };
  }
  try {
    await makeTables(client);
    client.release();
    return undefined;
  } catch (reason) {
    // What is wrong with the connection is not known: the next try has one of its own.
    client.release(true);
    if (reason instanceof FdirError) return { reason, error: reason };
    return { reason, error: new FdirError('runtime', `the database cannot be prepared: ${describeError(reason)}`) };
  }
};

const makeTables = async (client: Pick<Pool, 'query'>): Promise<void> => {
  await client.query('BEGIN');
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  // An index that is new is made over all there is, however long that takes.
  await client.query('SET LOCAL statement_timeout = 0');
  const making: QueryConfig & { readonly query_timeout: number } = {
    text: PG_SCHEMA,
    query_timeout: INDEX_PATIENCE_MS,
  };
  await client.query(making);
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
};

/** Tables for this month and the next. */
export const ensureMonths = async (client: Pick<Pool, 'query'>): Promise<void> => {
  await client.query(`SELECT fdir_ensure_month(now()), fdir_ensure_month(now() + interval '1 month')`);
};
