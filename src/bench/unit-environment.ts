/** What systemd would set for the daemon: benches run it as operators do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FdirError } from '../domain/errors';

const FOLDER = join(__dirname, '../../systemd');

export interface UnitEnvironment {
  readonly flags: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** @param file a unit or a drop-in of systemd/. @throws FdirError `runtime` when it does not set flags of node and heaps of the C library. */
export const unitEnvironment = (file: string): UnitEnvironment => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const [, flags] = /^Environment="?FDIR_NODE_FLAGS=([^"\n]*)"?$/m.exec(text) ?? [];
  const [, arenas] = /^Environment=MALLOC_ARENA_MAX=(\d+)$/m.exec(text) ?? [];
  if (flags === undefined || arenas === undefined) throw new FdirError('runtime', `systemd/${file} sets no flags`);
  return { flags: flags === '' ? [] : flags.split(' '), environment: { MALLOC_ARENA_MAX: arenas } };
};
