/** The key that the log's chain is signed with, where the operator has one. */
import { secretName, type SecretSource } from '../../domain/secret';
import { FdirError } from '../../domain/errors';
import { readSecret } from '../secret-file';

/** Shorter ones can be guessed; `openssl rand -hex 32` makes one. */
const LEAST_CHARACTERS = 32;

/** @throws FdirError `config` when it cannot be read, or is too short. */
export const readChainKey = (source: SecretSource | undefined, baseDir: string): Uint8Array | undefined => {
  if (source === undefined) return undefined;
  const secret = readSecret(source, { baseDir });
  if (secret.length < LEAST_CHARACTERS) {
    throw new FdirError(
      'config',
      `${secretName(source)}: a key of the log has at least ${String(LEAST_CHARACTERS)} characters; openssl rand -hex 32 makes one`,
    );
  }
  return Buffer.from(secret);
};
