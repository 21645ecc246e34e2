/** Reads files of a bounded size: a configuration of a gigabyte, or a device that never ends, is no configuration. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { describeError, FdirError } from '../domain/errors';

/** YAML and signatures: mission files of a thousand parameters have 200 kB. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** `model.json`, with a golden vector of every output. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;
/** Detectors for small computers have a few megabytes. */
export const MAX_GRAPH_BYTES = 512 * 1024 * 1024;

/** What is read of the largest definition of packets, and of a table of leap seconds. */
export const MAX_DEFINITION_BYTES = 256 * 1024 * 1024;

/** Gives the bytes of a file that may be used. */
export type ReadFile = (file: string, maxBytes: number) => Buffer;

/** @throws FdirError `config` when it is no file, cannot be read, or is larger than that. */
export const readBounded: ReadFile = (file, maxBytes) => {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error('it is no file');
    if (stat.size > maxBytes)
      throw new Error(`it has ${String(stat.size)} bytes, more than the ${String(maxBytes)} that are read`);
    const bytes = Buffer.alloc(stat.size);
    let length = 0;
    for (let count = 1; count > 0 && length < bytes.length; length += count)
      count = readSync(descriptor, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } catch (error) {
    throw new FdirError('config', `cannot read ${file}`, [{ file, message: describeError(error) }]);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
};
