/** The built command line as a child process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const CLI = process.env['FDIR_CLI'] ?? join(__dirname, '../../dist/cli.js');

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  readonly finished: Promise<Finished>;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<Finished>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** @param environment what its environment has besides ours. */
export const startCli = (args: readonly string[], input = '', environment: NodeJS.ProcessEnv = {}): Running => {
  if (!existsSync(CLI)) throw new Error(`${CLI} is not there: run "npm run build" first`);
  const child = spawn(process.execPath, [CLI, ...args], { stdio: 'pipe', env: { ...process.env, ...environment } });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (status) => {
      running.delete(child);
      resolve({ status, stdout, stderr });
    });
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    finished,
    stop: () => {
      child.kill('SIGTERM');
      return finished;
    },
  };
};

export const runCli = (args: readonly string[], input = ''): Promise<Finished> => startCli(args, input).finished;
