/**
 * With `requireSignature`, nothing is read that a trusted key did not sign: the bytes that are judged are the bytes that are
 * used.
 *
 * The signature is a DSSE envelope (Ed25519) over name, time and hashes. Refused: to verify first and read later, because a
 * file can change in between.
 */
import { createHash, createPublicKey } from 'node:crypto';
import { lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { FdirError, type Problem } from '../domain/errors';
import { MAX_SIGNED_FILES, type SignedFiles } from '../domain/signature';
import { MAX_GRAPH_BYTES, MAX_TEXT_BYTES, readBounded, type ReadFile } from './read-bounded';
import { asEd25519, judgeEnvelope, keyIdOf, type TrustedKey } from './signature';

/** Public keys have a hundred bytes. */
const MAX_KEY_BYTES = 4096;

export const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Where the signature of a file or folder lies: beside it. */
export const signaturePath = (path: string): string => `${resolve(path)}.sig`;

/** @throws FdirError `config` naming the file that is no Ed25519 public key. */
export const readTrustedKeys = (files: readonly string[]): readonly TrustedKey[] =>
  files.map((file) => {
    const pem = readBounded(file, MAX_KEY_BYTES).toString('utf8');
    if (pem.includes('PRIVATE KEY'))
      throw new FdirError('config', `${file} is a private key: it stays offline, only its public half belongs here`);
    const key = asEd25519(() => createPublicKey(pem), file);
    return { id: keyIdOf(key), key };
  });

/** Every file under a folder, sorted. @throws FdirError `config` for links and devices, which a signature cannot be about. */
export const filesUnder = (folder: string): readonly string[] => {
  const found: string[] = [];
  const walk = (at: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) found.push(relative(folder, path).split(sep).join('/'));
      else throw new FdirError('config', `${path} is neither file nor folder, and so cannot be signed`);
      if (found.length > MAX_SIGNED_FILES)
        throw new FdirError('config', `${folder} has more than ${String(MAX_SIGNED_FILES)} files`);
    }
  };
  walk(folder);
  return found.sort();
};

/** What a path is made of now. @throws FdirError `config` when it is not there. */
export const listFiles = (path: string): Pick<SignedFiles, 'name' | 'kind' | 'files'> => {
  const whole = resolve(path);
  const stat = lstatSync(whole, { throwIfNoEntry: false });
  if (stat === undefined) throw new FdirError('config', `${path} does not exist`);
  const kind = stat.isDirectory() ? 'folder' : 'file';
  const names = kind === 'folder' ? filesUnder(whole) : [basename(whole)];
  const base = kind === 'folder' ? whole : dirname(whole);
  const files = names.map((name) => {
    const bytes = readBounded(join(base, name), MAX_GRAPH_BYTES);
    return { path: name, sha256: sha256Of(bytes), bytes: bytes.length };
  });
  return { name: basename(whole), kind, files };
};

export interface SignaturePolicy {
  readonly trusted: readonly TrustedKey[];
  /** Older signatures are not taken, milliseconds: what keeps a version out that was good once. */
  readonly notBefore?: number | undefined;
}

/** The signature of a file or folder, good or not. */
const readSeal = (path: string, { trusted, notBefore }: SignaturePolicy): SignedFiles => {
  const file = signaturePath(path);
  const refuse = (reason: string): FdirError =>
    new FdirError('config', `${path} is refused`, [{ file, message: `the signature of ${basename(path)} ${reason}` }]);
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined)
    throw refuse(`does not exist: fdir sign ${path} --key FILE`);
  const judged = judgeEnvelope(readBounded(file, MAX_TEXT_BYTES).toString('utf8'), trusted);
  if (!judged.ok) throw refuse(judged.reason);
  const { files } = judged;
  if (files.name !== basename(resolve(path)))
    throw refuse(`is that of ${files.name}: one was put in the place of the other`);
  if (notBefore !== undefined && Date.parse(files.signedAt) < notBefore)
    throw refuse(`is of ${files.signedAt}, and none before ${new Date(notBefore).toISOString()} is taken`);
  return files;
};

/** What differs between what was signed and what is there. */
export const differences = (signed: SignedFiles, actual: SignedFiles['files'], base: string): readonly Problem[] => {
  const now = new Map(actual.map((item) => [item.path, item]));
  const then = new Map(signed.files.map((item) => [item.path, item]));
  return [
    ...signed.files.flatMap(({ path, sha256 }): Problem[] => {
      const file = join(base, path);
      const found = now.get(path);
      if (found === undefined) return [{ file, message: 'was signed and is not there' }];
      return found.sha256 === sha256 ? [] : [{ file, message: 'was altered after it was signed' }];
    }),
    ...actual.flatMap(({ path }): Problem[] =>
      then.has(path) ? [] : [{ file: join(base, path), message: 'was never signed: it was added' }],
    ),
  ];
};

/** Judges a file or folder as it lies there. @returns what was signed. @throws FdirError `config` with every difference. */
export const verifySigned = (path: string, policy: SignaturePolicy): SignedFiles => {
  const signed = readSeal(path, policy);
  const actual = listFiles(path);
  const base = actual.kind === 'folder' ? resolve(path) : dirname(resolve(path));
  const problems =
    signed.kind === actual.kind
      ? differences(signed, actual.files, base)
      : [{ file: path, message: `was signed as a ${signed.kind} and is a ${actual.kind}` }];
  if (problems.length > 0) throw new FdirError('config', `${path} is not what was signed`, problems);
  return signed;
};

/**
 * A reader that only gives bytes a trusted key has signed.
 * @param path the file that is signed, or the folder that the files belong to.
 */
export const signedReader = (path: string, policy: SignaturePolicy): ReadFile => {
  // A whole folder is judged first, so that nothing extra lies in it; each file once more, as the bytes that are used.
  const signed = verifySigned(path, policy);
  const base = signed.kind === 'folder' ? resolve(path) : dirname(resolve(path));
  return (file, maxBytes) => {
    const bytes = readBounded(file, maxBytes);
    const name = relative(base, resolve(file)).split(sep).join('/');
    const expected = signed.files.find((item) => item.path === name)?.sha256;
    if (expected === sha256Of(bytes)) return bytes;
    const message = expected === undefined ? 'was never signed' : 'was altered after it was signed';
    throw new FdirError('config', `${file} is refused`, [{ file, message }]);
  };
};
