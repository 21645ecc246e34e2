/** `fdir log migrate`: brings a log of an older version up to date, after a copy. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { lockLog } from '../../adapters/log/log-lock';
import { openLog } from '../../adapters/log/sqlite-log';
import { systemClock } from '../../adapters/host/system-clock';
import { FdirError } from '../../domain/errors';
import { writeJson, writeLine } from '../output';
import { keysOf, logPathOf, withLogOptions, type LogOptions } from './source';

interface MigrateOptions extends LogOptions {
  readonly key: readonly string[];
}

const migrateLog = (options: MigrateOptions): void => {
  const path = logPathOf(options);
  if (!existsSync(path)) throw new FdirError('input', `there is no log ${path}`);
  let copy: string | null = null;
  const lock = lockLog(path, systemClock.now());
  try {
    openLog(path, systemClock.now(), {
      chainKey: keysOf(options.key, options)[0],
      onMigrated: (made) => {
        copy = made;
      },
    }).close();
  } finally {
    lock.release();
  }
  if (options.json === true) writeJson({ log: path, copy });
  else writeLine(copy === null ? `${path} is up to date` : `${path} is up to date; as it was: ${String(copy)}`);
};

export const registerMigrate = (log: Command): void => {
  withLogOptions(log.command('migrate').description('bring a log of an older version up to date; a copy is kept'))
    .option(
      '--key <file>',
      'the key that signs it; that of --config is known',
      (file: string, before: string[]) => [...before, file],
      [],
    )
    .action(migrateLog);
};
