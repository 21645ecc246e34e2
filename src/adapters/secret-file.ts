/** Reads a secret from its file, and refuses one that others could have read. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeError, FdirError } from '../domain/errors';
import type { SecretSource } from '../domain/secret';

/** Keys and tokens are lines; more is another file. */
const MAX_SECRET_BYTES = 4096;
/** Permissions of everybody but the owner. */
const OTHERS = 0o077;

const pathOf = (source: SecretSource, baseDir: string, environment: NodeJS.ProcessEnv): string => {
  if ('file' in source) return resolve(baseDir, source.file);
  const folder = environment['CREDENTIALS_DIRECTORY'];
  if (folder === undefined)
    throw new FdirError(
      'config',
      `credential ${source.credential}: there is no $CREDENTIALS_DIRECTORY; name it with LoadCredential= of the unit`,
    );
  return join(folder, source.credential);
};

/**
 * The secret without the line end that editors leave.
 * @throws FdirError `config` when it is missing, empty, too long, or a file that group or others may read or write.
 */
export const readSecret = (
  source: SecretSource,
  { baseDir, environment = process.env }: { readonly baseDir: string; readonly environment?: NodeJS.ProcessEnv },
): string => {
  const path = pathOf(source, baseDir, environment);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const { mode, size } = fstatSync(descriptor);
    // Credentials are kept by systemd, which hands them to this service alone.
    if ('file' in source && (mode & OTHERS) !== 0)
      throw new FdirError('config', `${path} can be read by others: chmod 600 ${path}`);
    if (size > MAX_SECRET_BYTES) throw new FdirError('config', `${path} has ${String(size)} bytes: that is no secret`);
    const secret = readFileSync(descriptor, 'utf8').replace(/[\r\n]+$/, '');
    if (secret === '') throw new FdirError('config', `${path} is empty`);
    return secret;
  } catch (error) {
    if (error instanceof FdirError) throw error;
    throw new FdirError('config', `cannot read the secret ${path}: ${describeError(error)}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
};
