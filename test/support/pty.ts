/** A command line in a pseudo terminal, as `script` of util-linux gives it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { endWithUs } from '../../src/bench/end-with-us';
import { CLI } from './cli';

export const isScriptInstalled = spawnSync('script', ['--version']).status === 0;

export interface PtyOptions {
  readonly rows: number;
  readonly columns: number;
  readonly environment?: NodeJS.ProcessEnv;
}

export class Pty {
  private text = '';
  private readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  /** Starts `fdir` with these arguments. */
  constructor(args: readonly string[], { rows, columns, environment = {} }: PtyOptions) {
    const quoted = [process.execPath, CLI, ...args].map((part) => `'${part}'`).join(' ');
    const command = `stty rows ${String(rows)} cols ${String(columns)}; exec ${quoted}`;
    this.child = spawn('script', ['-qfec', command, '/dev/null'], {
      stdio: 'pipe',
      env: { ...process.env, ...environment },
    });
    endWithUs(this.child);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    // Not `exit`: what it wrote last may come after that.
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** Everything that was written. */
  get written(): string {
    return this.text;
  }

  /** The screen as it is now: what cursor addresses and erasures made of it. */
  get screen(): readonly string[] {
    const lines: string[] = [];
    for (const [, row = '0', content = ''] of this.text.matchAll(
      /\u001b\[(\d+);1H([^\u001b]*(?:\u001b\[[0-9;]*m[^\u001b]*)*)/g,
    ))
      lines[Number(row) - 1] = content.replace(/\u001b\[[0-9;]*m/g, '');
    return lines;
  }

  async close(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
