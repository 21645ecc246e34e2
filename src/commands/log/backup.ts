/** `fdir log backup`: a complete copy of the log, also while the daemon writes it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readLog } from '../../adapters/log/sqlite-log';
import { describeError, FdirError } from '../../domain/errors';
import { writeJson, writeLine } from '../output';
import { logPathOf, withLogOptions, type LogOptions } from './source';

const backup = async (file: string, options: LogOptions): Promise<void> => {
  const path = logPathOf(options);
  if (existsSync(file)) throw new FdirError('usage', `${file} is there already: name a file that is not`);
  const reader = readLog(path);
  try {
    await reader.backup(file);
  } catch (error) {
    throw new FdirError('runtime', `cannot copy ${path} to ${file}: ${describeError(error)}`);
  } finally {
    reader.close();
  }
  if (options.json === true) writeJson({ log: resolve(path), copy: resolve(file) });
  else writeLine(`${file} is a complete copy of ${path}`);
};

export const registerBackup = (log: Command): void => {
  withLogOptions(
    log
      .command('backup <file>')
      .description('copy the log to a new file, also while the daemon writes; a plain cp lacks the newest records'),
  ).action(backup);
};
