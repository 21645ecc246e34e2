/** A fleet of tiny spacecraft against a real broker: telemetry in, and everything that is said is heard. */
import { connectAsync, type MqttClient } from 'mqtt';
import { createLogger } from '../../src/adapters/host/logger';
import { steadyClock } from '../../src/adapters/host/system-clock';
import { startFleet } from '../../src/compose/fleet/start-fleet';
import type { Daemon } from '../../src/compose/daemon/daemon-options';
import { loadFleet } from '../../src/config/load-fleet';
import { isoTime } from '../../src/domain/units';
import { offsetOnWheel1, T0, tinyValues } from './tiny-mission';
import type { Workspace } from './workspace';

export interface Heard {
  readonly topic: string;
  readonly text: string;
}

export interface FleetListener {
  readonly heard: readonly Heard[];
  on(topic: string): readonly Heard[];
  /** One frame of a spacecraft, a second of packet time after the one before. */
  frame(spacecraft: string, index: number, change?: Readonly<Record<string, number>>): Promise<void>;
  publish(topic: string, text: string): Promise<void>;
  stop(): Promise<void>;
}

export const listenToFleet = async (url: string): Promise<FleetListener> => {
  const client: MqttClient = await connectAsync(url);
  const heard: Heard[] = [];
  client.on('message', (topic, payload) => heard.push({ topic, text: payload.toString() }));
  await client.subscribeAsync('fdir/#', { qos: 1 });
  const publish = async (topic: string, text: string): Promise<void> => {
    await client.publishAsync(topic, text, { qos: 1 });
  };
  return {
    heard,
    on: (topic) => heard.filter((item) => item.topic === topic),
    frame: (spacecraft, index, change = {}) =>
      publish(
        `fdir/${spacecraft}/tm`,
        JSON.stringify({ time: isoTime(T0 + index * 1000), values: tinyValues(index, change) }),
      ),
    publish,
    stop: () => client.endAsync(),
  };
};

/** Frames 0 to `frames` of several spacecraft in turn; those of `faulty` have an offset on wheel 1. */
export const fly = async (
  listener: FleetListener,
  spacecraft: readonly string[],
  { from = 0, to, faulty = [] }: { readonly from?: number; readonly to: number; readonly faulty?: readonly string[] },
): Promise<void> => {
  for (let index = from; index < to; index += 1)
    await Promise.all(
      spacecraft.map((name) => listener.frame(name, index, faulty.includes(name) ? offsetOnWheel1(index) : {})),
    );
};

/** @param lines of the fleet's configuration besides the members. */
export const writeFleet = (
  workspace: Workspace,
  url: string,
  {
    name = 'fleet',
    spacecraft,
    worker = 'w1',
    lines = [],
  }: {
    /** Of the file. */
    readonly name?: string;
    readonly spacecraft: string;
    readonly worker?: string;
    readonly lines?: readonly string[];
  },
): string =>
  workspace.write(`${name}.yaml`, [
    'mode: active',
    'modelThread: false',
    'console: false',
    `mqtt: { url: "${url}" }`,
    'fleet:',
    `  members: [{ mission: mission.yaml, model: model, rules: [rules.yaml], spacecraft: ${spacecraft} }]`,
    `  worker: ${worker}`,
    ...lines,
  ]);

export const startTestFleet = (file: string): Promise<Daemon> =>
  startFleet(loadFleet(file), {
    clock: steadyClock(),
    logger: createLogger('silent'),
    onBroken: (error) => {
      throw error;
    },
  });
