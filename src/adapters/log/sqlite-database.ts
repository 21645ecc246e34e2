/** Opens SQLite files, and tells what is wrong with them; the only file that knows better-sqlite3. */
import Sqlite from 'better-sqlite3';
import { describeError, FdirError } from '../../domain/errors';
import { UnreadableRecord } from './sqlite-tables';

export type Database = Sqlite.Database;

/** The log and a reader of it (`fdir log list`) may meet; the other is done in milliseconds. */
export const BUSY_TIMEOUT_MS = 5000;

/** What is refused for want of rights is refused in words of SQLite's own that help nobody. */
export const reasonOf = (error: unknown, purpose?: 'reading' | 'writing'): string => {
  const { code } = error as { readonly code?: unknown };
  if (purpose !== undefined && typeof code === 'string' && code.startsWith('SQLITE_READONLY'))
    return purpose === 'writing'
      ? 'the file or its folder is read-only for this user'
      : 'you may not write beside it, which reading needs as a daemon may be writing; copy it to a folder of your own, or read as the user of the daemon';
  return describeError(error);
};

/** @throws FdirError `input` for reading, `runtime` for writing. @param timeout how long a locked file is waited for, milliseconds. */
export const openDatabase = (path: string, readonly: boolean, timeout = BUSY_TIMEOUT_MS): Database => {
  try {
    return new Sqlite(path, { readonly, fileMustExist: readonly, timeout });
  } catch (error) {
    throw new FdirError(readonly ? 'input' : 'runtime', `cannot open the log ${path}: ${reasonOf(error)}`);
  }
};

/** What SQLite says of a file that is no database any more, or of one with pages that do not fit. */
const DAMAGE = /^SQLITE_(CORRUPT|NOTADB|IOERR_SHORT_READ)/;

/** Whether an error says that the file of a log is damaged: no other file of it will be better. */
export const isDamage = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof UnreadableRecord) return true;
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return DAMAGE.test(String(code)) || isDamage(cause);
};
