/** Reads weights from files beside a model. A model from somewhere else must not make this program read anything but those. */
import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';

export interface WeightRange {
  /** File, relative to the folder of the model. */
  readonly location: string;
  readonly offset: number;
  /** Bytes; undefined is up to the end of the file. */
  readonly length: number | undefined;
}

const leadsOut = (folder: string, target: string): boolean => {
  const path = relative(folder, target);
  return path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
};

/** The file itself, links followed. @throws Error when it is missing, or lies outside of the model's folder. */
const resolved = (modelFile: string, location: string): string => {
  const folder = realpathSync(dirname(modelFile));
  const path = join(folder, location);
  const refusal = `"${location}" leads out of the model's folder ${folder}: put the file there, and name it without a path`;
  if (isAbsolute(location) || leadsOut(folder, path)) throw new Error(refusal);
  if (!existsSync(path)) throw new Error(`${path} is missing: copy it there, beside the model`);
  const target = realpathSync(path);
  if (leadsOut(folder, target)) throw new Error(refusal);
  return target;
};

/** @throws Error that names the file, and what is wrong with it. */
export const readWeights = (modelFile: string, { location, offset, length }: WeightRange): Uint8Array => {
  const file = resolved(modelFile, location);
  // Before it is opened: opening a pipe would wait for ever.
  const found = statSync(file);
  if (!found.isFile()) throw new Error(`${file} is not a file`);
  const end = length === undefined ? found.size : offset + length;
  if (end > found.size || offset > found.size)
    throw new Error(
      `${file} ends at byte ${String(found.size)}, and ${String(offset)} to ${String(end)} are needed: copy it again`,
    );
  const descriptor = openSync(file, 'r');
  try {
    const bytes = new Uint8Array(end - offset);
    for (let at = 0; at < bytes.length;) {
      const count = readSync(descriptor, bytes, at, bytes.length - at, offset + at);
      if (count === 0) throw new Error(`${file} became shorter while it was read`);
      at += count;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
};
