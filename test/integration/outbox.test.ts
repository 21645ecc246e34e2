import { connect as connectTcp, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate, parser, type Packet } from 'mqtt-packet';
import { MqttConnection } from '../../src/adapters/mqtt/mqtt-connection';
import type { Outbox, OutboxChange, OutboxMessage } from '../../src/adapters/log/outbox';
import { openLog } from '../../src/adapters/log/sqlite-log';
import { listen } from '../support/listener';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { T0 } from '../support/tiny-mission';
import { until } from '../support/until';

const TOPIC = 'fdir/TINY-1/action';
const message = (id: string, messageId: number): OutboxMessage => ({
  messageId,
  isRelease: false,
  topic: TOPIC,
  payload: JSON.stringify({ id }),
  expirySeconds: 60,
});

const put = (item: OutboxMessage): OutboxChange => ({ kind: 'put', message: item });
const release = (messageId: number): OutboxChange => put({ ...message('', messageId), isRelease: true });
const forget = (messageId: number): OutboxChange => ({ kind: 'forget', messageId });

describe('the outbox in the log', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fdir-outbox-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const reopened = (now = T0) => {
    const log = openLog(join(folder, 'log.db'), T0);
    return { log, outbox: log.outbox(() => now) };
  };

  test('knows after a restart what is under way, and what was handed over even when that is done', () => {
    const first = reopened();
    first.outbox.write([put(message('a', 7)), put(message('b', 8))]);
    first.outbox.write([put(message('c', 9)), release(8), forget(9)]);
    first.log.close();
    const { log, outbox } = reopened();
    expect(outbox.underWay()).toEqual([message('a', 7), { ...message('b', 8), isRelease: true }]);
    expect([...log.restore().handed].sort()).toEqual(['a', 'b', 'c']);
    log.close();
  });

  test('gives up what has expired by the wall clock, and what the broker has already taken goes on', () => {
    const first = reopened();
    first.outbox.write([put(message('a', 7)), put(message('b', 8)), release(8)]);
    first.log.close();
    const { log, outbox } = reopened(T0 + 60_000);
    expect(outbox.underWay().map(({ messageId }) => messageId)).toEqual([8]);
    expect([...log.restore().handed].sort()).toEqual(['a', 'b']);
    log.close();
  });

  test('finds one by its number, which the next message may take when the handshake is over', () => {
    const { log, outbox } = reopened();
    outbox.write([put(message('a', 7)), put(message('b', 8)), release(8)]);
    expect([outbox.find(7), outbox.find(8), outbox.find(9)]).toEqual([
      message('a', 7),
      { ...message('b', 8), isRelease: true },
      undefined,
    ]);
    outbox.write([forget(7), put(message('c', 7))]);
    expect(outbox.find(7)).toEqual(message('c', 7));
    log.close();
  });

  test('gives up everything when the broker has forgotten the session', () => {
    const { log, outbox } = reopened();
    outbox.write([put(message('a', 7))]);
    outbox.giveUp();
    expect([outbox.underWay(), log.restore().handed]).toEqual([[], ['a']]);
    log.close();
  });
});

/** An outbox in memory that tells what it was told. */
const memoryOutbox = (before: readonly OutboxMessage[] = []) => {
  const kept = new Map(before.map((item) => [item.messageId, item]));
  const told: string[] = [];
  const outbox: Outbox = {
    write: (changes) => {
      for (const change of changes) {
        if (change.kind === 'forget') {
          told.push('done');
          kept.delete(change.messageId);
        } else {
          told.push(change.message.isRelease ? 'release' : 'message');
          kept.set(change.message.messageId, change.message);
        }
      }
    },
    find: (messageId) => kept.get(messageId),
    underWay: () => [...kept.values()],
    giveUp: () => {
      told.push('gave up');
      kept.clear();
    },
  };
  return { outbox, told };
};

/** A client that dies in the middle of a handshake: it sends a message and ends when the broker has taken it. */
const dieAfterSending = (port: number, clientId: string, item: OutboxMessage): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket: Socket = connectTcp(port, '127.0.0.1');
    const reader = parser({ protocolVersion: 5 });
    const write = (packet: Packet): void => {
      socket.write(generate(packet, { protocolVersion: 5 }));
    };
    reader.on('packet', (packet) => {
      if (packet.cmd === 'connack') {
        const { messageId, topic, payload } = item;
        write({ cmd: 'publish', messageId, topic, payload, qos: 2, dup: false, retain: false });
      }
      if (packet.cmd === 'pubrec') {
        socket.destroy();
        resolve();
      }
    });
    socket.on('data', (data) => reader.parse(data));
    socket.once('error', reject);
    socket.once('connect', () => {
      write({
        cmd: 'connect',
        clientId,
        protocolId: 'MQTT',
        protocolVersion: 5,
        clean: false,
        keepalive: 60,
        properties: { sessionExpiryInterval: 600 },
      });
    });
  });

describeWithBroker('a request on its way to the broker', () => {
  let broker: Broker;
  beforeEach(async () => {
    broker = await startBroker();
  });
  afterEach(async () => {
    await broker.stop();
  });
  let troubles: string[];
  const connected = async (clientId: string, outbox: Outbox): Promise<MqttConnection> => {
    troubles = [];
    const onTrouble = (trouble: string) => troubles.push(trouble);
    const connection = new MqttConnection({ url: broker.url, clientId, session: 'persistent', outbox, onTrouble });
    connection.start();
    await until('the connection', () => connection.isConnected);
    return connection;
  };

  test('is in the outbox before it is on the wire, and goes when the broker has it', async () => {
    const listener = await listen(broker.url);
    const { outbox, told } = memoryOutbox();
    const connection = await connected('one', outbox);
    await connection.publish(TOPIC, JSON.stringify({ id: 'a' }), { once: true, expirySeconds: 60 });
    await until('the end of the handshake', () => told.includes('done'));
    expect(told).toEqual(['gave up', 'message', 'release', 'done']);
    await until('the message', () => listener.on(TOPIC).length > 0);
    await connection.stop();
    await listener.close();
  });

  test('shares the trip to the disk with the others of its moment', async () => {
    const { outbox, told } = memoryOutbox();
    const writes: number[] = [];
    const counting: Outbox = {
      ...outbox,
      write: (changes) => {
        writes.push(changes.length);
        outbox.write(changes);
      },
    };
    const connection = await connected('shared', counting);
    const ids = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(ids.map((id) => connection.publish(TOPIC, JSON.stringify({ id }), { once: true })));
    expect(writes[0]).toBe(5);
    await connection.stop();
    // What was over and not written yet is written at the latest when the connection is closed.
    expect(told.filter((word) => word === 'done').length).toBe(5);
  });

  test('that cannot be written to the outbox is not sent, and whoever hands it over is told', async () => {
    const listener = await listen(broker.url);
    const { outbox } = memoryOutbox();
    let isFull = true;
    const full: Outbox = {
      ...outbox,
      write: (changes) => {
        if (isFull) throw new Error('database or disk is full');
        outbox.write(changes);
      },
    };
    const connection = await connected('full', full);
    await expect(connection.publish(TOPIC, JSON.stringify({ id: 'a' }), { once: true })).rejects.toThrow('removed');
    expect(troubles).toEqual([expect.stringContaining('disk is full')]);
    isFull = false;
    await connection.publish(TOPIC, JSON.stringify({ id: 'b' }), { once: true });
    await until('the message', () => listener.on(TOPIC).length > 0);
    expect(listener.on(TOPIC)).toEqual([JSON.stringify({ id: 'b' })]);
    await connection.stop();
    await listener.close();
  });

  test('that the broker has taken before the client died is handed on once, though it is sent again', async () => {
    const listener = await listen(broker.url);
    const item = message('a', 7);
    await dieAfterSending(broker.port, 'two', item);
    const { outbox, told } = memoryOutbox([item]);
    const connection = await connected('two', outbox);
    await until('the end of the handshake', () => told.includes('done'));
    await connection.publish(TOPIC, JSON.stringify({ id: 'b' }), { once: true });
    await until('the next message', () => listener.on(TOPIC).some((text) => text.includes('"b"')));
    expect(listener.on(TOPIC)).toEqual([item.payload, JSON.stringify({ id: 'b' })]);
    await connection.stop();
    await listener.close();
  });

  test('that the broker never got is sent after the restart', async () => {
    const listener = await listen(broker.url);
    const { outbox: empty } = memoryOutbox();
    await (await connected('three', empty)).stop();
    const { outbox, told } = memoryOutbox([message('a', 7)]);
    const connection = await connected('three', outbox);
    await until('the end of the handshake', () => told.includes('done'));
    await until('the message', () => listener.on(TOPIC).length > 0);
    expect(listener.on(TOPIC).length).toBe(1);
    await connection.stop();
    await listener.close();
  });

  test('is not sent again to a broker that has forgotten the session, where it could be a second one', async () => {
    const listener = await listen(broker.url);
    const { outbox, told } = memoryOutbox([message('a', 7)]);
    const connection = await connected('four', outbox);
    await connection.publish(TOPIC, JSON.stringify({ id: 'b' }), { once: true });
    await until('the next message', () => listener.on(TOPIC).length > 0);
    expect({ heard: listener.on(TOPIC), told: told[0] }).toEqual({ heard: ['{"id":"b"}'], told: 'gave up' });
    await connection.stop();
    await listener.close();
  });
});
