/** A daemon with a console on a fixed port, beside a real broker, and telemetry for it. */
import { chmodSync } from 'node:fs';
import { freePort } from '../../src/bench/free-port';
import { TOKEN } from './console-world';
import { DaemonWorld } from './daemon-world';
import { offsetOnWheel1, tinyPass } from './tiny-mission';
import { until } from './until';
import { wheelRules } from './wheel-rules';

/** Of the next shift. */
export const BOB = 'bob-0123456789abcdef';

export class ConsoleDaemon {
  private constructor(
    private readonly world: DaemonWorld,
    readonly url: string,
  ) {}

  static async open(): Promise<ConsoleDaemon> {
    const world = await DaemonWorld.open();
    const { work } = world;
    const port = await freePort();
    work.write('rules.yaml', wheelRules({ step: ['expiry: 10m'] }));
    work.write(
      'recorded.csv',
      tinyPass(110, (index) => (index >= 70 && index < 90 ? { rw0_current: -10 } : offsetOnWheel1(index))),
    );
    work.write('ann.token', `${TOKEN}\n`);
    work.write('bob.token', `${BOB}\n`);
    for (const file of ['ann.token', 'bob.token']) chmodSync(work.path(file), 0o600);
    const tokens = ['ann', 'bob'].map((name) => ({ name, file: `${name}.token` }));
    world.configure({ console: { port, passes: '.', tokens }, openmct: true });
    return new ConsoleDaemon(world, `http://127.0.0.1:${String(port)}`);
  }

  async start(): Promise<void> {
    const running = this.world.run();
    await until('the console', () => /"url":"http:[^"]+","msg":"console"/.test(running.stderr()), 60_000);
    await until('the state', async () => (await fetch(`${this.url}/api/v1/overview`)).ok);
  }
  async stop(): Promise<void> {
    await this.world.stop();
  }
  /** So many seconds of telemetry; `change` is laid over it. */
  pass(seconds: number, change: Readonly<Record<string, number>> = {}): Promise<void> {
    return this.world.pass(seconds, change);
  }
  requests(): string[] {
    return this.world.on('action');
  }
  close(): Promise<void> {
    return this.world.close();
  }
}
