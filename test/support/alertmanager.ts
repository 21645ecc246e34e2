/** Debian's prometheus-alertmanager on a free port, with a folder of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert } from '../../src/domain/notification';
import { endWithUs } from '../../src/bench/end-with-us';
import { freePort } from './free-port';
import { until } from './until';

const BINARY = 'prometheus-alertmanager';
export const isAlertmanagerInstalled = spawnSync(BINARY, ['--version']).status === 0;
export const isAmtoolInstalled = spawnSync('amtool', ['--version']).status === 0;

/** Skips with a clear word where it is missing; in CI it is not. */
export const describeWithAlertmanager = (title: string, body: () => void): void => {
  if (isAlertmanagerInstalled || process.env['CI'] === 'true') describe(title, body);
  else describe.skip(`${title} (skipped: ${BINARY} is not installed)`, body);
};

/** As the API tells it. */
export type ShownAlert = Alert & { readonly status: { readonly state: string } };

const CONFIG = 'route: { receiver: none }\nreceivers: [{ name: none }]\n';

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false;
  }
};

export class Alertmanager {
  private child: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'fdir-alertmanager-'));

  private constructor(private readonly port: number) {
    writeFileSync(join(this.folder, 'alertmanager.yml'), CONFIG);
  }

  /** One that does not run yet. */
  static async make(): Promise<Alertmanager> {
    return new Alertmanager(await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  async start(): Promise<void> {
    const child = spawn(
      BINARY,
      [
        `--config.file=${join(this.folder, 'alertmanager.yml')}`,
        `--storage.path=${this.folder}`,
        `--web.listen-address=127.0.0.1:${String(this.port)}`,
        '--cluster.listen-address=',
      ],
      { stdio: 'ignore' },
    );
    endWithUs(child);
    this.child = child;
    await until('Alertmanager to be ready', () => isReady(this.url));
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Alerts that are active, by their alarm. */
  async active(): Promise<readonly ShownAlert[]> {
    const answer = await fetch(`${this.url}/api/v2/alerts`);
    return (await answer.json()) as readonly ShownAlert[];
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
