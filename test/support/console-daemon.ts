/** A daemon with a console on a fixed port, beside a real broker, and telemetry for it. */
import { chmodSync } from 'node:fs';
import { freePort } from '../../src/bench/free-port';
import { startCli, type Running } from './cli';
import { listen, type Listener } from './listener';
import { startBroker, type Broker } from './mosquitto';
import { T0, tinyPass, tinyValues, offsetOnWheel1 } from './tiny-mission';
import { until } from './until';
import { makeWorkspace, type Workspace } from './workspace';

export const TOKEN = 'ann-0123456789abcdef';
const ROOT = 'fdir/TINY-1';
const RULES = `eventActions:
  - id: switch-wheel
    title: Switch off the wheel
    level: 2
    when: { equipment: [rw0, rw1], confidence: 0.5 }
    authority: confirm
    cooldown: 1h
    steps:
      - { command: WHEEL_OFF, arguments: { wheel: '\${equipment}' }, expiry: 10m }
    because: A wheel that lies about its current cannot be controlled.
`;

export class ConsoleDaemon {
  private second = 0;
  private daemon: Running | undefined;
  private constructor(
    private readonly work: Workspace,
    private readonly broker: Broker,
    readonly listener: Listener,
    readonly url: string,
  ) {}

  static async open(): Promise<ConsoleDaemon> {
    const work = await makeWorkspace();
    const broker = await startBroker();
    const port = await freePort();
    work.write('rules.yaml', RULES);
    work.write(
      'recorded.csv',
      tinyPass(110, (index) => (index >= 70 && index < 90 ? { rw0_current: -10 } : offsetOnWheel1(index))),
    );
    work.write('ann.token', `${TOKEN}\n`);
    chmodSync(work.path('ann.token'), 0o600);
    work.write('daemon.yaml', [
      'mission: mission.yaml',
      'model: model',
      'rules: [rules.yaml]',
      'mode: active',
      `mqtt: { url: ${broker.url} }`,
      'log: { path: daemon.db }',
      `console: { port: ${String(port)}, passes: ., tokens: [{ name: ann, file: ann.token }] }`,
    ]);
    return new ConsoleDaemon(work, broker, await listen(broker.url), `http://127.0.0.1:${String(port)}`);
  }

  async start(): Promise<void> {
    const running = startCli(['run', '--config', this.work.path('daemon.yaml')]);
    this.daemon = running;
    await until('the console', () => /"url":"http:[^"]+","msg":"console"/.test(running.stderr()), 60_000);
    await until('the state', async () => (await fetch(`${this.url}/api/v1/overview`)).ok);
  }
  async stop(): Promise<void> {
    await this.daemon?.stop();
    this.daemon = undefined;
  }
  /** So many seconds of telemetry; `change` is laid over it. */
  async pass(seconds: number, change: Readonly<Record<string, number>> = {}): Promise<void> {
    for (let index = 0; index < seconds; index += 1, this.second += 1) {
      const time = new Date(T0 + this.second * 1000).toISOString();
      await this.listener.publish(`${ROOT}/tm`, JSON.stringify({ time, values: tinyValues(this.second, change) }));
    }
  }
  requests(): string[] {
    return this.listener.on(`${ROOT}/action`);
  }
  async close(): Promise<void> {
    await this.stop();
    await this.listener.close();
    await this.broker.stop();
    this.work.remove();
  }
}
