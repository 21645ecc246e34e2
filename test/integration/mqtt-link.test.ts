import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter } from 'rxjs';
import { MqttConnection } from '../../src/adapters/mqtt/mqtt-connection';
import { RECEIVE_MAXIMUM } from '../../src/adapters/mqtt/mqtt-intake';
import { MqttLink } from '../../src/adapters/mqtt/mqtt-link';
import { topicsOf } from '../../src/core/topics';
import type { Arrival } from '../../src/pipeline/ports';
import { freePort } from '../support/free-port';
import { listen } from '../support/listener';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { T0, TINY_PARAMETERS, tinyValues } from '../support/tiny-mission';
import { until } from '../support/until';

const topics = topicsOf('fdir', 'TINY-1');
let onSubscribed = (): void => undefined;
const makeLink = (url: string, clientId: string, troubles: string[] = []): MqttLink =>
  new MqttLink({
    url,
    clientId,
    topics,
    parameters: new Set(TINY_PARAMETERS),
    now: () => T0,
    maxLeadMs: 600_000,
    onConnect: () => undefined,
    onSubscribed: () => {
      onSubscribed();
    },
    onTrouble: (message) => troubles.push(message),
  });
const frame = (index: number): string =>
  JSON.stringify({ time: (T0 + index * 1000) / 1000, values: tinyValues(index) });

describeWithBroker('the link', () => {
  let broker: Broker;
  beforeEach(async () => {
    broker = await startBroker(
      undefined,
      (port) => `listener ${String(port)} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 200\n`,
    );
  });
  afterEach(async () => {
    await broker.stop();
  });

  test('as many messages are under way as the receive maximum says, and what is not acknowledged comes again', async () => {
    const listener = await listen(broker.url);
    const first = makeLink(broker.url, 'one');
    const arrivals: Arrival[] = [];
    first.arrivals$.pipe(filter(({ frames }) => frames.length > 0)).subscribe((arrival) => arrivals.push(arrival));
    const subscribed = new Promise<void>((resolve) => (onSubscribed = resolve));
    first.start();
    await subscribed;
    for (let index = 0; index < 3 * RECEIVE_MAXIMUM; index += 1) await listener.publish(topics.telemetry, frame(index));
    await until('what may be under way', () => arrivals.length === RECEIVE_MAXIMUM);
    // Acknowledged out of order: nothing leaves before the first one does.
    for (const { acknowledge } of arrivals.slice(1, 10)) acknowledge();
    first.publishState('online');
    await until('a word on the other connection', () => listener.on(topics.state).includes('online'));
    expect(arrivals.length).toBe(RECEIVE_MAXIMUM);
    arrivals[0]?.acknowledge();
    await until('as many more', () => arrivals.length === RECEIVE_MAXIMUM + 10);
    await first.stop();
    const second = makeLink(broker.url, 'one');
    const again: (boolean | undefined)[] = [];
    second.arrivals$.subscribe(({ frames, mark, acknowledge }) => {
      for (const { time } of frames) again[(time - T0) / 1000] = mark?.isAgain;
      acknowledge();
    });
    second.start();
    const last = 3 * RECEIVE_MAXIMUM - 1;
    await until('everything', () => again[last] !== undefined);
    // What was sent before says so; what is acknowledged does not come.
    expect([again.slice(0, 10), again[10]]).toEqual([Array.from({ length: 10 }, () => undefined), true]);
    await second.stop();
    await listener.close();
  });

  test('state is retained, also the last word', async () => {
    const link = makeLink(broker.url, 'two');
    link.start();
    await until('the connection', () => link.isConnected);
    link.publishState('degraded');
    const states = async (): Promise<string[]> => {
      const listener = await listen(broker.url);
      const found = await until('the retained state', () => listener.on(topics.state).at(-1));
      await listener.close();
      return [found];
    };
    await until('degraded', async () => (await states())[0] === 'degraded');
    await link.stop();
    expect(await states()).toEqual(['offline']);
  });

  test('a broker that restarts is found again', async () => {
    const troubles: string[] = [];
    const link = makeLink(broker.url, 'three', troubles);
    link.start();
    await until('the connection', () => link.isConnected);
    const { port } = broker;
    await broker.stop();
    await until('the loss', () => !link.isConnected);
    broker = await startBroker(port);
    await until('the connection again', () => link.isConnected);
    await link.stop();
  });
});

/** The least of a broker that knows 3.1.1 only: it refuses version 5 as the 3.1.1 specification says (section 3.2.2.3). */
const oldBroker = (port: number, versions: number[]): Promise<Server> =>
  new Promise((resolve) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (packet) => {
        if (packet[0] !== 0x10) return;
        const version = packet[8] ?? 0;
        versions.push(version);
        socket.write(Buffer.from([0x20, 0x02, 0x00, version === 4 ? 0 : 1]));
      });
    });
    server.on('close', () => {
      sockets.forEach((socket) => socket.destroy());
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });

test('a broker that refuses MQTT 5 is spoken to in 3.1.1', async () => {
  const port = await freePort();
  const versions: number[] = [];
  const server = await oldBroker(port, versions);
  const troubles: string[] = [];
  const connection = new MqttConnection({
    url: `mqtt://127.0.0.1:${String(port)}`,
    clientId: 'old',
    session: 'clean',
    onTrouble: (message) => troubles.push(message),
  });
  connection.start();
  await until('the connection', () => connection.isConnected);
  expect({ versions, protocol: connection.protocol, troubles }).toEqual({
    versions: [5, 4],
    protocol: '3.1.1',
    troubles: ['the broker does not speak MQTT 5; trying 3.1.1'],
  });
  await connection.stop();
  await new Promise((resolve) => {
    server.close(resolve);
    server.emit('close');
  });
});

/** The least of a broker of MQTT 5: it lets everybody in, and sends this with its CONNACK (section 3.2). */
const brokerThatSends = (port: number, more: readonly number[], connections: number[]): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (packet) => {
        if (packet[0] !== 0x10) return;
        connections.push(socket.remotePort ?? 0);
        socket.write(Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00, ...more]));
      });
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });

test.each([
  [
    'says that the session is taken over',
    [0xe0, 0x02, 0x8e, 0x00],
    /^another client uses the clientId shared: give each/,
  ],
  ['sends bytes that are no MQTT', [0xf1, 0x00], /^cannot reach mqtt:.*: .*; trying again in 1 s$/],
])('when a broker %s it is told', async (_, more, wanted) => {
  const port = await freePort();
  const connections: number[] = [];
  const server = await brokerThatSends(port, more, connections);
  const troubles: string[] = [];
  let takenOver = 0;
  const connection = new MqttConnection({
    url: `mqtt://127.0.0.1:${String(port)}`,
    clientId: 'shared',
    session: 'clean',
    onTakenOver: () => (takenOver += 1),
    onTrouble: (message) => troubles.push(message),
  });
  connection.start();
  await until('the trouble', () => troubles.length > 0);
  expect(troubles[0]).toMatch(wanted);
  expect(takenOver).toBe(more[2] === 0x8e ? 1 : 0);
  // A stream that cannot be read any further is not kept.
  if (takenOver === 0) await until('another connection', () => connections.length > 1);
  await connection.stop();
  await new Promise((resolve) => server.close(resolve));
});

const DYNAMIC_SECURITY = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/mosquitto_dynamic_security.so`)
  .find((path) => existsSync(path));

(DYNAMIC_SECURITY === undefined ? describe.skip : describeWithBroker)('a broker that lets everybody in', () => {
  test('and refuses the subscription of telemetry is as good as none, and its reason is kept', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fdir-roles-'));
    const file = join(folder, 'roles.json');
    const may = { publishClientSend: true, publishClientReceive: true, subscribe: true, unsubscribe: true };
    const refused = { acltype: 'subscribeLiteral', topic: topics.telemetry, priority: 1, allow: false };
    const roles = {
      defaultACLAccess: may,
      roles: [{ rolename: 'others', acls: [refused] }],
      groups: [{ groupname: 'everybody', roles: [{ rolename: 'others' }] }],
      anonymousGroup: 'everybody',
    };
    writeFileSync(file, JSON.stringify(roles));
    const broker = await startBroker(
      undefined,
      (port) =>
        `${process.getuid?.() === 0 ? 'user root\n' : ''}listener ${String(port)} 127.0.0.1\nallow_anonymous true\n` +
        `plugin ${String(DYNAMIC_SECURITY)}\nplugin_opt_config_file ${file}\n`,
    );
    const link = makeLink(broker.url, 'unheard');
    try {
      link.start();
      const trouble = await until('the refusal', () => link.telemetryTrouble);
      const why = 'check its access list (Subscribe error: Not authorized)';
      expect(trouble).toBe(`the broker refuses the subscription of ${topics.telemetry}: ${why}`);
      await until('the other connection', () => link.isTelemetryLost);
    } finally {
      await link.stop();
      await broker.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
