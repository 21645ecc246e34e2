/** Which log a command reads, and with which keys. Reads no more of a configuration than that. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readChainKey } from '../../adapters/log/chain-key';
import { readLog, type FileReader } from '../../adapters/log/sqlite-log';
import { loadSharedAddress } from '../../config/load-address';
import { describeError, FdirError } from '../../domain/errors';
import { note, writeJson } from '../output';

export interface LogOptions {
  readonly log?: string;
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

export const withReader = <T>(options: LogOptions, read: (reader: FileReader) => T): T => {
  const path = logPathOf(options);
  const reader = readLog(path);
  try {
    return read(reader);
  } catch (error) {
    if (error instanceof FdirError) throw error;
    const why = describeError(error);
    throw new FdirError('input', `the log ${path} cannot be read: ${why}; "fdir log verify" tells more`);
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
    .option('--config <file>', 'the daemon configuration that names it')
    .option('--json', 'JSON on stdout');
