/** Packets, telecommands and SenML of a fleet over a real broker, in both stores: each spacecraft has counts, gaps and repeats of its own. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { encode } from 'cbor';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Daemon } from '../../src/compose/daemon/daemon-options';
import { readHealth } from '../../src/core/health';
import { encodeCommand } from '../../src/packets/encode/encode-command';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { idlePacket } from '../support/bus-packets';
import { startTestFleet } from '../support/fleet-world';
import { startBroker, type Broker } from '../support/mosquitto';
import { describeWithDatabase, startPostgres, type Postgres } from '../support/postgres';
import { housekeeping, PUS_RULES, PUS_TIME, PUS_XTCE, pusMission, stallEvent } from '../support/pus-bus';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

const NAMES = ['SAT-1', 'SAT-2'];
const CLI = join(__dirname, '../../dist/cli.js');

const wheelOff = (): Buffer => {
  const command = readDefinition(PUS_XTCE).definition?.commands.get('Wheel_Off');
  const encoded = command && encodeCommand(command, { arguments: { WHEEL: 'RW2' }, parameters: { SOURCE: 66 } });
  if (encoded?.ok !== true) throw new Error('the telecommand of this test cannot be made');
  return Buffer.from(encoded.bytes);
};

const testWith = (kind: 'sqlite' | 'postgres') => (): void => {
  let broker: Broker;
  let postgres: Postgres | undefined;
  let workspace: Workspace;
  let client: MqttClient;
  let daemon: Daemon;
  let start: (worker: string) => Promise<Daemon>;
  const heard: { readonly topic: string; readonly text: string }[] = [];

  const on = (topic: string): readonly string[] =>
    heard.filter((item) => item.topic === `fdir/${topic}`).map(({ text }) => text);
  const publish = async (topic: string, payload: string | Buffer): Promise<void> => {
    await client.publishAsync(`fdir/${topic}`, payload, { qos: 1 });
  };
  const dropped = (name: string) => readHealth(on(`${name}/health`).at(-1) ?? '')?.dropped;
  const told = (name: string, value: number): boolean =>
    on(`${name}/check`).some((text) => (JSON.parse(text) as { value: number }).value === value);
  const log = (
    verb: string,
  ): readonly { readonly name: string; readonly values?: object; readonly arguments?: object }[] => {
    const store =
      postgres === undefined
        ? ['--log', workspace.path('explanations.db')]
        : ['--store', postgres.url, '--password-file', postgres.passwordFile];
    const { stdout, stderr } = spawnSync(process.execPath, [CLI, 'log', verb, ...store, '--json'], {
      encoding: 'utf8',
    });
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as ReturnType<typeof log>;
  };

  beforeAll(async () => {
    [broker, workspace] = [await startBroker(), await makeWorkspace()];
    postgres = kind === 'postgres' ? await startPostgres() : undefined;
    workspace.write('bus.xml', PUS_XTCE);
    workspace.write('mission.yaml', pusMission('BUS'));
    workspace.write('rules.yaml', PUS_RULES);
    client = await connectAsync(broker.url);
    client.on('message', (topic, payload) => heard.push({ topic, text: payload.toString() }));
    await client.subscribeAsync('fdir/#', { qos: 1 });
    const store = postgres && [
      '  partitions: 2',
      `store: { postgres: { url: "${postgres.url}", passwordFile: "${postgres.passwordFile}" } }`,
    ];
    const configuration = (worker: string): string[] => [
      ...['mode: active', 'modelThread: false', 'console: false', `mqtt: { url: "${broker.url}" }`, 'fleet:'],
      '  members: [{ mission: mission.yaml, rules: [rules.yaml], spacecraft: [SAT-1, SAT-2] }]',
      `  worker: ${worker}`,
      ...(store ?? []),
    ];
    start = async (worker) => {
      const before = new Map(NAMES.map((name) => [name, on(`${name}/state`).length]));
      const started = await startTestFleet(workspace.write(`${worker}.yaml`, configuration(worker)));
      const isOnline = (name: string): boolean => on(`${name}/state`).slice(before.get(name)).at(-1) === 'online';
      await until('both to be online', () => NAMES.every(isOnline));
      return started;
    };
    daemon = await start('w1');
  }, 60_000);

  afterAll(async () => {
    await daemon.stop();
    await client.endAsync();
    await broker.stop();
    await postgres?.stop();
    workspace.remove();
  });

  test('each is judged, counted and logged by its own packets', async () => {
    // The same counts and times on both: nothing of one is a repeat of the other.
    for (const second of [0, 1, 2, 3])
      for (const name of ['SAT-1', 'SAT-2']) await publish(`${name}/packet`, housekeeping(second, second, 2800));
    await publish('SAT-1/packet', housekeeping(3, 3, 2800));
    await publish('SAT-1/packet', Buffer.concat([idlePacket(0), idlePacket(1)]));
    await publish('SAT-1/packet', housekeeping(4, 4, 2800).subarray(0, 22));
    for (const second of [6, 7, 8]) await publish('SAT-2/packet', housekeeping(second, second, 3100));
    await publish('SAT-2/packet', stallEvent(9, 9));
    await publish('SAT-1/command', wheelOff());
    const at = new Date(PUS_TIME + 9000).toISOString();
    await publish('SAT-2/command', JSON.stringify({ time: at, name: 'HEATER_ON', arguments: { zone: 2 } }));
    for (const second of [10, 11, 12])
      await publish('SAT-1/senml', encode([{ n: 'bus_voltage', t: PUS_TIME / 1000 + second, v: 33 }]));
    await until('the limit of SAT-2', () => told('SAT-2', 31));
    await until('the limit of SAT-1, by SenML', () => told('SAT-1', 33));
    await until('the request', () => on('SAT-2/action').length > 0);
    expect([told('SAT-1', 31), told('SAT-2', 33), on('SAT-1/action')]).toEqual([false, false, []]);
    await until('the counts of SAT-1', () => dropped('SAT-1')?.['malformed'] === 1);
    await until('the counts of SAT-2', () => dropped('SAT-2')?.['missing'] === 2);
    expect(dropped('SAT-1')).toMatchObject({ duplicate: 1, idle: 2 });
    expect(dropped('SAT-1')?.['missing']).toBeUndefined();
    expect(dropped('SAT-2')).toEqual({ missing: 2 });
    await daemon.stop();
    expect(log('commands').map(({ name, arguments: given }) => [name, given])).toEqual(
      expect.arrayContaining([
        ['SAT-1/WHEEL_OFF', { wheel: 'RW2' }],
        ['SAT-2/HEATER_ON', { zone: 2 }],
      ]),
    );
    expect(log('reports')).toMatchObject([{ name: 'SAT-2/EVENT_STALL', values: { friction: 300 } }]);
  });

  test('another worker that takes over knows packets that come again, and those of each spacecraft alone', async () => {
    const requests = on('SAT-2/action').length;
    daemon = await start('w2');
    for (const second of [6, 7, 8]) await publish('SAT-2/packet', housekeeping(second, second, 3100));
    await publish('SAT-2/packet', stallEvent(9, 9));
    // SAT-1 never sent these.
    for (const second of [16, 17, 18]) await publish('SAT-1/packet', housekeeping(second, second, 2800));
    await until('the repeats of SAT-2', () => dropped('SAT-2')?.['duplicate'] === 4);
    await until('the limit of SAT-1', () => told('SAT-1', 28));
    expect(dropped('SAT-1')).toMatchObject({ duplicate: 1 });
    await daemon.stop();
    expect(on('SAT-2/action')).toHaveLength(requests);
    expect(log('reports')).toHaveLength(1);
  });
};

for (const kind of ['sqlite', 'postgres'] as const)
  describeWithDatabase(`a fleet that sends packets, kept by ${kind}`, testWith(kind));
