/** Makes a folder and those above it that are missing. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const make = (folder: string): string | undefined => {
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return undefined;
  const above = make(dirname(folder));
  mkdirSync(folder);
  return above ?? folder;
};

/**
 * One by one: with `recursive`, Node 20 tries for ever where the folder above is there and takes none (`/proc`).
 * @returns the uppermost that was made; undefined when all were there.
 * @throws what the file system says.
 */
export const makeFolders = (folder: string): string | undefined => make(resolve(folder));
