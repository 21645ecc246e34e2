/** `fdir sign`: detached signatures of model packages, rules and missions, for daemons that want one (`requireSignature`). */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { systemClock } from '../adapters/host/system-clock';
import { makeSigningKey, readSigningKey } from '../adapters/host/signing-key';
import { keyIdOf, signFiles } from '../config/signature';
import { listFiles, readTrustedKeys, signaturePath, verifySigned } from '../config/signed-files';
import { describeError, FdirError } from '../domain/errors';
import { isoTime } from '../domain/units';
import { note, writeJson, writeLine } from './output';

interface SignOptions {
  readonly key?: string;
  readonly json?: boolean;
}

interface VerifyOptions {
  readonly trust: readonly string[];
  readonly json?: boolean;
}

const signAll = (paths: readonly string[], { key: file, json = false }: SignOptions): void => {
  if (paths.length === 0) throw new FdirError('usage', 'name what to sign: a model package, rules files, a mission');
  if (file === undefined) throw new FdirError('usage', 'name the private key: --key FILE (fdir sign keygen makes one)');
  const key = readSigningKey(file);
  const signedAt = isoTime(systemClock.now());
  const signed = paths.map((path) => {
    const listed = listFiles(path);
    const signature = signaturePath(path);
    writeFileSync(signature, `${JSON.stringify(signFiles({ schemaVersion: 1, signedAt, ...listed }, key), null, 2)}\n`);
    if (!json) writeLine(`${signature}: ${String(listed.files.length)} files, key ${keyIdOf(key)}`);
    return { path, signature, keyId: keyIdOf(key), signedAt, files: listed.files };
  });
  if (json) writeJson({ schemaVersion: 1, signed });
};

const verifyAll = (paths: readonly string[], { trust, json = false }: VerifyOptions): void => {
  const trusted = readTrustedKeys(trust);
  const results = paths.map((path) => {
    try {
      const { signedAt, files } = verifySigned(path, { trusted });
      if (!json) writeLine(`${path}: ${String(files.length)} files as they were signed on ${signedAt}`);
      return { path, ok: true, signedAt, files };
    } catch (error) {
      if (!(error instanceof FdirError)) throw error;
      if (!json) note(describeError(error));
      return { path, ok: false, message: error.message, problems: error.problems };
    }
  });
  if (json) writeJson({ schemaVersion: 1, verified: results });
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
};

const makeKey = ({ out, json = false }: { readonly out: string; readonly json?: boolean }): void => {
  const made = makeSigningKey(out);
  if (json) {
    writeJson({ schemaVersion: 1, ...made });
    return;
  }
  writeLine(`key ${made.id}`);
  writeLine(`  ${made.privateKey}: signs; keep it on a computer that no network reaches`);
  writeLine(`  ${made.publicKey}: goes to every daemon, requireSignature: { trust: [...] }`);
};

/** Adds the verb `sign` to the program. */
export const register = (program: Command): void => {
  const sign = program
    .command('sign')
    .description('sign model packages, rules and missions (Ed25519): NAME.sig beside each')
    .argument('[path...]', 'folders and files')
    .option('--key <file>', 'the private key')
    .option('--json', 'one JSON document on stdout')
    .action(signAll);
  sign
    .command('keygen')
    .description('make a pair of keys')
    .requiredOption('--out <folder>', 'where fdir-signing.key and fdir-signing.pub are written')
    .action((_options, command: Command) => {
      makeKey(command.optsWithGlobals());
    });
  sign
    .command('verify')
    .description('check that files are what was signed; exit status 1: they are not')
    .argument('<path...>', 'folders and files')
    .requiredOption('--trust <file...>', 'public keys')
    .action((paths: string[], _options, command: Command) => {
      verifyAll(paths, command.optsWithGlobals());
    });
};
