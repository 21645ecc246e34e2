/** Where a command was told to write: a file, or stdout. What cannot be written is an error that names the file. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from '../adapters/host/make-folders';
import { FdirError } from '../domain/errors';

export interface Output {
  put(text: string): Promise<void>;
  end(): Promise<void>;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; what is there is not all of it',
  EDQUOT: 'the quota is used up; what is there is not all of it',
  ENOENT: 'there is no such folder',
  EACCES: 'you may not write there',
  EROFS: 'that file system is read-only',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is a file, or a part of its path is one',
};

/** @throws FdirError `runtime` for what the file system refuses. */
const refused = (file: string, error: unknown): never => {
  const { code = '', message } = error as NodeJS.ErrnoException;
  throw new FdirError('runtime', `${file} cannot be written: ${REASONS[code] ?? message}`);
};

/** Does something that writes to `file`. @throws FdirError `runtime` that names it. */
export const writing = <T>(file: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) refused(file, error);
    throw error;
  }
};

/**
 * Makes a folder that is written to at the end of long work, and finds out now whether it can be.
 * @returns takes the folder away again when it was made here and is empty still.
 * @throws FdirError `runtime` that names it.
 */
export const prepareFolder = (folder: string): (() => void) => {
  const made = writing(folder, () => {
    const first = makeFolders(folder);
    // Permissions do not tell of a read-only file system, nor what root may.
    rmdirSync(mkdtempSync(join(folder, '.fdir-')));
    return first;
  });
  return () => {
    if (made !== undefined && readdirSync(folder).length === 0) rmdirSync(folder);
  };
};

/** Waits until each text is taken: what is exported may be larger than memory. */
export const openOutput = async (file: string | undefined): Promise<Output> => {
  if (file === undefined) {
    const put = async (text: string): Promise<void> => {
      if (!process.stdout.write(text)) await once(process.stdout, 'drain');
    };
    return { put, end: () => Promise.resolve() };
  }
  const handle = await open(file, 'w').catch((error: unknown) => refused(file, error));
  return {
    put: (text) => handle.appendFile(text).catch((error: unknown) => refused(file, error)),
    end: () => handle.close(),
  };
};
