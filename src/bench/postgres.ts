/** A PostgreSQL cluster of its own on a free port, for benches and tests; it ends with the process that started it. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnded } from './child-ended';
import { endWithUs } from './end-with-us';
import { freePort } from './free-port';
import { portAnswers } from './port-answers';
import { until } from './until';

/** Debian keeps the programs of each version in a folder that is on nobody's path. */
const FOLDERS = ['/usr/lib/postgresql', '/opt/homebrew/opt'];

const binaries = (): string | undefined =>
  FOLDERS.filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .sort()
        .reverse()
        .map((version) => join(folder, version, 'bin')),
    )
    .find((folder) => existsSync(join(folder, 'initdb')));

const BINARIES = binaries();
export const isPostgresInstalled = BINARIES !== undefined;

export interface Postgres {
  readonly port: number;
  /** Of the database `fdir`, for the user of the same name. */
  readonly url: string;
  /** A file with the password of that user. */
  readonly passwordFile: string;
  readonly password: string;
  /** The postmaster. */
  readonly pid: number | undefined;
  /** Runs one of the tools (`pg_dump`) against it. @returns what it wrote. */
  tool(name: string, args: readonly string[]): Buffer;
  /** At once, as a machine that loses power. */
  kill(): Promise<void>;
  /** Again, on the same data and port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root: then it runs as its own user, or as nobody. */
const runner = (): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // There is no such user.
    }
  }
  return {};
};

const PASSWORD = 'a password of the tests';

/** Paths of what a server shows of itself. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** @param tls left out: it speaks no TLS. */
export const startPostgres = async (tls?: ServerCertificate): Promise<Postgres> => {
  if (BINARIES === undefined) throw new Error('postgresql is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'fdir-postgres-'));
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  const as = runner();
  if (as.uid !== undefined && as.gid !== undefined)
    for (const path of [folder, passwordFile]) chownSync(path, as.uid, as.gid);
  chmodSync(folder, 0o700);
  const run = (name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Buffer =>
    execFileSync(join(BINARIES, name), args, {
      ...as,
      cwd: folder,
      env: { ...process.env, ...env, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 512 * 1024 * 1024,
    });
  const encrypted = ['--auth=scram-sha-256', '--encoding=UTF8', '--username=fdir', `--pwfile=${passwordFile}`];
  run('initdb', ['-D', data, ...encrypted]);
  const port = await freePort();
  if (tls !== undefined) {
    // Where nobody but it can read them.
    for (const [name, path] of [['server.crt', tls.cert] as const, ['server.key', tls.key] as const]) {
      const own = join(data, name);
      copyFileSync(path, own);
      chmodSync(own, 0o600);
      if (as.uid !== undefined && as.gid !== undefined) chownSync(own, as.uid, as.gid);
    }
    writeFileSync(join(data, 'postgresql.auto.conf'), 'ssl = on\n');
  }
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const options = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`];
    const started = spawn(join(BINARIES, 'postgres'), ['-D', data, '-p', String(port), ...options], {
      ...as,
      cwd: folder,
      stdio: 'ignore',
    });
    child = started;
    endWithUs(started);
    await until('the database to listen', () => portAnswers(port));
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined) return;
    child.kill(signal);
    await childEnded(child);
  };
  await start();
  const tool = (name: string, args: readonly string[]): Buffer =>
    run(name, ['-h', '127.0.0.1', '-p', String(port), '-U', 'fdir', ...args], { PGPASSWORD: PASSWORD });
  await until('the database to answer', () => {
    try {
      tool('createdb', ['fdir']);
      return true;
    } catch (error) {
      return String(error).includes('already exists');
    }
  });
  return {
    port,
    url: `postgresql://fdir@127.0.0.1:${String(port)}/fdir`,
    passwordFile,
    password: PASSWORD,
    get pid() {
      return child?.pid;
    },
    tool,
    kill: () => end('SIGQUIT'),
    start,
    stop: async () => {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
