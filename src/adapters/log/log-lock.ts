/**
 * One writer a log. The lock is a write transaction that stays open on a small database beside the log. The operating system
 * takes it back when the process ends, however it ends. Whoever is refused can still read who has it.
 */
import { hostname } from 'node:os';
import { z } from 'zod';
import { describeError, FdirError } from '../../domain/errors';
import { isoTime } from '../../domain/units';
import { openDatabase, type Database } from './sqlite-database';

export interface LogLock {
  release(): void;
}

const ownerSchema = z.object({ pid: z.number(), host: z.string(), since: z.string() });

const ownerOf = (database: Database): string => {
  try {
    const owner = ownerSchema.safeParse(database.prepare('SELECT pid, host, since FROM owner').get());
    if (owner.success) return `process ${String(owner.data.pid)} on ${owner.data.host}, since ${owner.data.since}`;
  } catch {
    // It is just writing its name.
  }
  return 'another process';
};

const isBusy = (error: unknown): boolean => String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY');

/**
 * @param now wall clock, milliseconds.
 * @throws FdirError `runtime` naming the owner when another process writes this log, or when the lock cannot be made.
 */
export const lockLog = (path: string, now: number): LogLock => {
  if (path === ':memory:') return { release: () => undefined };
  const file = `${path}.lock`;
  let database: Database | undefined;
  try {
    database = openDatabase(file, false, 0);
    database.exec('BEGIN IMMEDIATE');
    database.exec(
      'CREATE TABLE IF NOT EXISTS owner (pid INTEGER NOT NULL, host TEXT NOT NULL, since TEXT NOT NULL) STRICT',
    );
    database.exec('DELETE FROM owner');
    database.prepare('INSERT INTO owner VALUES (?, ?, ?)').run(process.pid, hostname(), isoTime(now));
    database.exec('COMMIT; BEGIN IMMEDIATE');
  } catch (error) {
    const owner = database !== undefined && isBusy(error) ? ownerOf(database) : undefined;
    database?.close();
    throw new FdirError(
      'runtime',
      owner === undefined
        ? `cannot lock the log ${path} (${file}): ${describeError(error)}`
        : `the log ${path} is written by ${owner}: one daemon a log; stop the other, or give this one a log.path of its own`,
    );
  }
  const held = database;
  return {
    release: () => {
      held.close();
    },
  };
};
