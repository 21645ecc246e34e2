/** The daemon as a process beside a real Mosquitto, a listener there, and telemetry of the tiny mission for it. */
import { writeFileSync } from 'node:fs';
import { readLog } from '../../src/adapters/log/sqlite-log';
import type { Health } from '../../src/domain/health';
import { runCli, startCli, type Finished, type Running } from './cli';
import { listen, type Listener } from './listener';
import { startBroker, type Broker } from './mosquitto';
import { T0, tinyValues } from './tiny-mission';
import { until } from './until';
import { makeWorkspace, type Workspace } from './workspace';

export const ROOT = 'fdir/TINY-1';

type Change = Readonly<Record<string, number>>;

/** One frame as it is published. */
export const frameText = (second: number, change: Change = {}): string =>
  JSON.stringify({ time: new Date(T0 + second * 1000).toISOString(), values: tinyValues(second, change) });

export class DaemonWorld {
  /** The one that runs; undefined: none. */
  daemon: Running | undefined;
  /** Which frame comes next. */
  second = 0;

  private constructor(
    readonly work: Workspace,
    readonly broker: Broker,
    readonly listener: Listener,
  ) {
    this.configure();
  }

  /** @param configure the text of the broker's configuration for a port; left out: one that lets everybody in. */
  static async open(configure?: (port: number, work: Workspace) => string): Promise<DaemonWorld> {
    const work = await makeWorkspace();
    const broker = await startBroker(undefined, configure && ((port) => configure(port, work)));
    return new DaemonWorld(work, broker, await listen(broker.url));
  }

  get config(): string {
    return this.work.path('daemon.yaml');
  }

  /**
   * Writes its configuration: model and rules of the workspace, active, without a console.
   * @param changes laid over that; `undefined` takes a key away.
   */
  configure({ mqtt, ...changes }: Readonly<Record<string, unknown>> & { readonly mqtt?: object } = {}): string {
    const settings = {
      mission: 'mission.yaml',
      model: 'model',
      rules: ['rules.yaml'],
      mode: 'active',
      console: false,
      mqtt: { url: this.broker.url, ...mqtt },
      log: { path: 'daemon.db' },
      ...changes,
    };
    // JSON is YAML.
    writeFileSync(this.config, JSON.stringify(settings));
    return this.config;
  }

  /** Starts it and does not wait. */
  run(): Running {
    this.daemon = startCli(['run', '--config', this.config]);
    return this.daemon;
  }
  /** Starts it and waits until it says that it is up. */
  async start(word = 'online'): Promise<Running> {
    const before = this.on('state').length;
    const running = this.run();
    await until(`the daemon to be ${word}`, () => this.on('state').slice(before).includes(word));
    return running;
  }
  async stop(): Promise<Finished | undefined> {
    const { daemon } = this;
    this.daemon = undefined;
    return daemon?.stop();
  }
  async kill(): Promise<void> {
    this.daemon?.child.kill('SIGKILL');
    await this.daemon?.finished;
    this.daemon = undefined;
  }

  /** So many seconds of telemetry; `change` is laid over it. */
  async pass(seconds: number, change: Change | ((second: number) => Change) = {}): Promise<void> {
    for (let index = 0; index < seconds; index += 1, this.second += 1) {
      const { second } = this;
      const changed = typeof change === 'function' ? change(second) : change;
      await this.listener.publish(`${ROOT}/tm`, frameText(second, changed));
    }
  }
  /** What was heard on a topic of the spacecraft. */
  on(topic: string): string[] {
    return this.listener.on(`${ROOT}/${topic}`);
  }
  /** What was heard there, read as JSON. */
  documents<T extends object>(topic: string): T[] {
    return this.on(topic).map((text) => JSON.parse(text) as T);
  }
  /** Waits for the newest word on `state`. */
  isUp(word: string, timeoutMs?: number): Promise<unknown> {
    return until(`the daemon to be ${word}`, () => this.on('state').at(-1) === word, timeoutMs);
  }
  /** Waits for health that is so. */
  health(what: string, isSo: (health: Health) => boolean, timeoutMs?: number): Promise<Health> {
    return until(`health: ${what}`, () => this.documents<Health>('health').findLast(isSo), timeoutMs);
  }
  /** Reads the log, also of a daemon that runs. */
  log<T>(read: (log: ReturnType<typeof readLog>) => T): T {
    const log = readLog(this.work.path('daemon.db'));
    try {
      return read(log);
    } finally {
      log.close();
    }
  }
  /** A command that asks this daemon. */
  fdir(...args: string[]): Promise<Finished> {
    return runCli([...args, '--config', this.config]);
  }

  async close(): Promise<void> {
    await this.stop();
    await this.listener.close();
    await this.broker.stop();
    this.work.remove();
  }
}
