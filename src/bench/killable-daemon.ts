/** The daemon as a process that a bench kills and starts again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { FdirError } from '../domain/errors';
import { childEnded } from './child-ended';
import { endWithUs } from './end-with-us';

/** A daemon of the built program that can be started, stopped and killed again and again. */
export class KillableDaemon {
  private child: ChildProcess | undefined;
  private complaints = '';
  readyCount = 0;

  constructor(
    private readonly program: string,
    private readonly config: string,
  ) {}

  begin(): void {
    const child = spawn(process.execPath, [this.program, 'run', '--config', this.config, '--log-level', 'warn'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    endWithUs(child);
    this.complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.complaints += text));
    this.child = child;
  }

  /** @throws FdirError `runtime` when it has ended by itself. */
  check(): void {
    if (this.child?.exitCode !== null) throw new FdirError('runtime', `the daemon ended: ${this.complaints}`);
  }

  async pause(ms: number): Promise<void> {
    this.child?.kill('SIGSTOP');
    await wait(ms);
    this.child?.kill('SIGCONT');
    await wait(ms);
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    this.check();
    child.kill(signal);
    await childEnded(child);
    this.child = undefined;
  }

  /** Whatever happened, nothing is left behind. */
  close(): void {
    this.child?.kill('SIGKILL');
  }
}
