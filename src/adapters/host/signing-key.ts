/** Keys that sign packages: made here, kept elsewhere. The private half is for a computer that no network reaches. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { asEd25519, keyIdOf } from '../../config/signature';
import { describeError, FdirError } from '../../domain/errors';
import { makeFolders } from './make-folders';
import { readSecret } from '../secret-file';

export interface MadeKey {
  readonly id: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

/** @throws FdirError `usage` when there is a key already: what it signed could never be signed again. */
const writeNew = (file: string, text: string, mode: number): void => {
  try {
    writeFileSync(file, text, { mode, flag: 'wx' });
  } catch (error) {
    const isThere = (error as { code?: unknown }).code === 'EEXIST';
    throw new FdirError(
      'usage',
      isThere ? `${file} exists already and is not overwritten` : `cannot write ${file}: ${String(error)}`,
    );
  }
};

/** Makes a pair in `folder`. */
export const makeSigningKey = (folder: string): MadeKey => {
  const pair = generateKeyPairSync('ed25519');
  const [privateKey, publicKey] = [join(folder, 'fdir-signing.key'), join(folder, 'fdir-signing.pub')];
  try {
    makeFolders(folder);
  } catch (error) {
    throw new FdirError('usage', `cannot make the folder ${folder}: ${describeError(error)}`);
  }
  writeNew(privateKey, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  writeNew(publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(), 0o644);
  return { id: keyIdOf(pair.publicKey), privateKey, publicKey };
};

/** @throws FdirError `config` when it is missing, no Ed25519 key, or can be read by others. */
export const readSigningKey = (file: string): KeyObject => {
  const pem = readSecret({ file: basename(file) }, { baseDir: dirname(resolve(file)) });
  return asEd25519(() => createPrivateKey(pem), file);
};
