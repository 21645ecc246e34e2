/** Which log a command reads, and with which keys. Reads no more of a configuration than that. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readChainKey } from '../../adapters/log/chain-key';
import type { PoolConfig } from 'pg';
import { programFile } from '../../adapters/host/package-root';
import { readLog, type FileReader } from '../../adapters/log/sqlite-log';
import { poolConfigOf } from '../../adapters/postgres/pg-connect';
import { StoreReader } from '../../adapters/postgres/store-reader';
import { StoreThread } from '../../adapters/postgres/store-thread';
import { storeSchema } from '../../config/fleet-config';
import { loadSharedAddress } from '../../config/load-address';
import { describeError, FdirError } from '../../domain/errors';
import { note, writeJson } from '../output';

export interface LogOptions {
  readonly log?: string;
  readonly store?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** @throws FdirError `usage` when none is named. */
export const logPathOf = ({ log, config }: LogOptions): string => {
  const path = log ?? (config === undefined ? undefined : loadSharedAddress(config).logPath);
  if (path === undefined) throw new FdirError('usage', 'no log is named: give --log FILE or --config FILE');
  return path;
};

/** Keys from files, and from the configuration. */
export const keysOf = (files: readonly string[], { config }: LogOptions): readonly Uint8Array[] => {
  const named = files.map((file) => readChainKey({ file: resolve(file) }, '.'));
  const { logKey, folder } = config === undefined ? { logKey: undefined, folder: '.' } : loadSharedAddress(config);
  return [...named, readChainKey(logKey, folder)].filter((key) => key !== undefined);
};

/** What reads a log, wherever it is. */
export type AnyReader = FileReader | StoreReader;

/** The database that is named, or that the configuration names; undefined: the log is a file. */
const storeOf = ({ store, log, config, passwordFile, ca }: LogOptions): PoolConfig | undefined => {
  if (store !== undefined) return poolConfigOf({ postgres: { url: checkedUrl(store), passwordFile, ca } }, '.');
  if (log !== undefined || config === undefined) return undefined;
  const { store: configured, folder } = loadSharedAddress(config);
  return configured && poolConfigOf(configured, folder);
};

const checkedUrl = (url: string): string => {
  const { error } = storeSchema.safeParse({ postgres: { url } });
  if (error !== undefined) throw new FdirError('usage', `--store ${error.issues[0]?.message ?? 'is no URL'}`);
  return url;
};

/** Where the log is, in words. */
const nameOf = (options: LogOptions): string => options.store ?? logPathOf(options);

/** @throws FdirError `usage` when no log is named, `input` when it cannot be opened. */
export const openReader = (options: LogOptions): AnyReader => {
  const store = storeOf(options);
  return store === undefined
    ? readLog(logPathOf(options))
    : new StoreReader(new StoreThread(store, programFile('compose/store-worker.js')));
};

export const withReader = <T>(options: LogOptions, read: (reader: AnyReader) => T): T => {
  const reader = openReader(options);
  try {
    return read(reader);
  } catch (error) {
    if (error instanceof FdirError) throw error;
    const why = describeError(error);
    throw new FdirError('input', `the log ${nameOf(options)} cannot be read: ${why}; "fdir log verify" tells more`);
  } finally {
    reader.close();
  }
};

/** The answer is no: exit status 1, and `null` for programs. */
export const reportUnknownId = (id: string, { json }: LogOptions): void => {
  if (json === true) writeJson(null);
  else note(`no anomaly has the id ${id}; fdir log list names them`);
  process.exitCode = 1;
};

export const withLogOptions = (command: Command): Command =>
  command
    .option('--log <file>', 'the log, or a copy of it')
    .option('--store <url>', 'the log of a fleet, postgresql://USER@HOST:PORT/DATABASE')
    .option('--password-file <file>', 'the password for --store')
    .option('--ca <file>', 'authorities (PEM) that may vouch for the server of --store')
    .option('--config <file>', 'the daemon configuration that names it')
    .option('--json', 'JSON on stdout');
