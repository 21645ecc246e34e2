/** The file of a log as the disk has it: which one it is, and how it is put out of the way. */
import { existsSync, renameSync, statSync } from 'node:fs';
import { isoTime } from '../../domain/units';

/** The write-ahead log and its index belong to the file. */
const COMPANIONS = ['', '-wal', '-shm'];

/** Which file a path leads to; nothing is there: none. */
export const identityOf = (path: string): string => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${String(stat.dev)}/${String(stat.ino)}`;
};

/** Puts a file that no log goes on with under another name. @returns that name. */
export const setAside = (path: string, now: number): string => {
  const aside = `${path}.damaged-${isoTime(now).replace(/[-:]/g, '')}`;
  for (const end of COMPANIONS) if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${aside}${end}`);
  return aside;
};
