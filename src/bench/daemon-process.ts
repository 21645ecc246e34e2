/** The daemon as operators run it: a process of its own, beside a real Mosquitto and a subscriber. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MqttConnection } from '../adapters/mqtt/mqtt-connection';
import { FdirError } from '../domain/errors';
import { childEnded } from './child-ended';
import { endWithUs } from './end-with-us';
import type { Broker } from './mosquitto';
import { unitEnvironment } from './unit-environment';
import { until } from './until';
import type { Workshop } from './workshop';

export interface DaemonProcess {
  /** From starting the process to the first word of a daemon that is subscribed and whose model has run, milliseconds. */
  readonly readyMs: number;
  /** MiB; null where /proc is not there. */
  residentMemory(): { readonly now: number; readonly peak: number } | null;
  readonly pid: number | undefined;
  /** SIGTERM to the end of the process, milliseconds. */
  stop(): Promise<number>;
}

export interface DaemonProcessOptions {
  readonly broker: Broker;
  /** Names its files. */
  readonly name: string;
  /** Absolute paths of rules files; the bundled ones unless told otherwise. */
  readonly rules?: readonly string[];
  /** Absolute path of the model package; the bundled one unless told otherwise. */
  readonly model?: string;
  /** The program; as it was built unless told otherwise. */
  readonly program?: string;
  /** Flags of node and what its environment has besides ours; as in systemd/fdir.service unless told otherwise. */
  readonly flags?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** None unless told otherwise. */
  readonly console?: { readonly port: number } | false;
  /** The daemon's own unless told otherwise. */
  readonly modelThread?: boolean;
  /** `mqtt.keepalive`; the daemon's own unless told otherwise. */
  readonly keepalive?: string;
  readonly onMessage?: (topic: string, payload: string) => void;
}

export const CLI = join(__dirname, '../cli.js');

export const memoryOf = ({ pid }: ChildProcess): ReturnType<DaemonProcess['residentMemory']> => {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    const mebibytes = (field: string): number =>
      Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 102.4) / 10;
    return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
  } catch {
    return null;
  }
};

/** The bundled configuration with another broker, log and perhaps other rules, active: requests are published. */
export const writeConfig = (
  workshop: Workshop,
  { broker, name, rules, model, console = false, keepalive, modelThread }: DaemonProcessOptions,
): string => {
  const home = join(__dirname, '../../rules');
  const file = workshop.path(`${name}.yaml`);
  const config = {
    mission: join(home, 'mission.yaml'),
    model: model ?? join(home, '../models/rw-cae'),
    rules: rules ?? ['monitoring.yaml', 'event-actions.yaml'].map((name) => join(home, name)),
    mode: 'active',
    mqtt: { url: broker.url, clientId: name, baseTopic: 'fdir', ...(keepalive !== undefined && { keepalive }) },
    log: { path: workshop.path(`${name}.db`) },
    console,
    ...(modelThread !== undefined && { modelThread }),
  };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  return file;
};

/** Starts a daemon and waits until it is ready. @throws FdirError `runtime` when it is not. */
export const startDaemonProcess = async (workshop: Workshop, options: DaemonProcessOptions): Promise<DaemonProcess> => {
  const { broker, name, onMessage, program = CLI } = options;
  const unit = unitEnvironment('fdir.service');
  const { flags = unit.flags, environment = unit.environment } = options;
  const { topics } = workshop;
  const config = writeConfig(workshop, options);
  let readyAt: number | undefined;
  let isListening = false;
  const listener = new MqttConnection({
    url: broker.url,
    clientId: `${name}-listener`,
    session: 'clean',
    subscriptions: [topics.state, topics.action, topics.anomaly, topics.check, topics.health],
    onConnect: () => (isListening = true),
    onMessage: ({ topic, payload }, done) => {
      const text = Buffer.from(payload).toString();
      if (topic === topics.state && text === 'online') readyAt ??= performance.now();
      onMessage?.(topic, text);
      done();
    },
  });
  listener.start();
  await until('the listener to connect', () => isListening);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...flags, program, 'run', '--config', config, '--log-level', 'warn'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  endWithUs(child);
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ready = await until('the daemon to be ready', () => {
    if (child.exitCode !== null) throw new FdirError('runtime', `the daemon ended: ${complaints}`);
    return readyAt;
  });
  return {
    readyMs: ready - startedAt,
    residentMemory: () => memoryOf(child),
    pid: child.pid,
    stop: async () => {
      const stoppedAt = performance.now();
      child.kill('SIGTERM');
      await childEnded(child);
      const stopMs = performance.now() - stoppedAt;
      await listener.stop();
      return stopMs;
    },
  };
};
