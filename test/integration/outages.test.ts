/** The broker goes, hangs, forgets and comes back: real Mosquitto, real log. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MqttConnection } from '../../src/adapters/mqtt/mqtt-connection';
import { MqttLink, subscriptionsOf } from '../../src/adapters/mqtt/mqtt-link';
import type { MqttLinkOptions } from '../../src/adapters/mqtt/mqtt-link-options';
import { openLog, type SqliteLog } from '../../src/adapters/log/sqlite-log';
import type { DaemonEvent } from '../../src/domain/daemon-event';
import { watchOutages } from '../../src/compose/broker-outages';
import { topicsOf } from '../../src/core/topics';
import type { RecoveryRequest } from '../../src/domain/events';
import { nothingKept } from '../../src/domain/ledger';
import { listen } from '../support/listener';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { T0, TINY_PARAMETERS, tinyValues } from '../support/tiny-mission';
import { until } from '../support/until';

const topics = topicsOf('fdir', 'TINY-1');
const frame = (index: number): string =>
  JSON.stringify({ time: (T0 + index * 1000) / 1000, values: tinyValues(index) });

describeWithBroker('a link whose broker', () => {
  let broker: Broker;
  let links: MqttLink[];
  let told: string[];
  beforeEach(async () => {
    broker = await startBroker();
    links = [];
    told = [];
  });
  afterEach(async () => {
    for (const link of links) await link.stop();
    await broker.stop();
  });

  const start = async (options: Partial<MqttLinkOptions> = {}) => {
    const seconds: number[] = [];
    let isSubscribed = false;
    const link = new MqttLink({
      url: broker.url,
      clientId: 'fdir-outage',
      topics,
      parameters: new Set(TINY_PARAMETERS),
      now: () => T0,
      maxLeadMs: 3_600_000,
      onConnect: () => undefined,
      onTrouble: () => undefined,
      onTelemetry: (isResumed) => told.push(isResumed ? 'resumed' : 'begun'),
      onTelemetryLost: () => told.push('lost'),
      ...options,
      onSubscribed: () => {
        isSubscribed = true;
      },
    });
    link.arrivals$.subscribe(({ frames, acknowledge }) => {
      seconds.push(...frames.map(({ time }) => (time - T0) / 1000));
      acknowledge();
    });
    links.push(link);
    link.start();
    await until('the subscriptions', () => isSubscribed);
    return { link, seconds };
  };
  const say = async (topic: string, ...indices: number[]): Promise<void> => {
    const listener = await listen(broker.url);
    for (const index of indices) await listener.publish(topic, frame(index));
    await listener.close();
  };

  test('hangs is noticed by its silence, and taken up again when it goes on', async () => {
    const { link } = await start({ keepaliveMs: 1000 });
    const signal = (name: NodeJS.Signals): void => {
      process.kill(broker.pid ?? NaN, name);
    };
    signal('SIGSTOP');
    await until('the silence to be noticed', () => told.includes('lost') && !link.isConnected, 20_000);
    signal('SIGCONT');
    await until('the broker to be back', () => told.at(-1) === 'resumed' && link.isConnected, 20_000);
  });

  test('hangs does not hold up a stop, though it acknowledges nothing', async () => {
    const connection = new MqttConnection({ url: broker.url, clientId: 'fdir-stop', session: 'persistent' });
    connection.start();
    await until('the connection', () => connection.isConnected);
    process.kill(broker.pid ?? NaN, 'SIGSTOP');
    void connection.publish(topics.anomaly, '{}').catch(() => undefined);
    await connection.stop();
    process.kill(broker.pid ?? NaN, 'SIGCONT');
    await until('the line to be cut', () => !connection.isConnected);
  });

  test('was restarted and has forgotten everything is subscribed to again, and that is told', async () => {
    const { seconds } = await start();
    await say(topics.telemetry, 0);
    await until('a frame', () => seconds.includes(0));
    const { port } = broker;
    await broker.stop();
    await until('the loss', () => told.includes('lost'));
    broker = await startBroker(port);
    await until('the broker to be back', () => told.length === 3, 20_000);
    await until('telemetry', async () => {
      await say(topics.telemetry, 1);
      return seconds.includes(1);
    });
    expect(told).toEqual(['begun', 'lost', 'begun']);
  });

  test('remembers topics of an earlier configuration is told to forget them', async () => {
    const first = await start();
    await first.link.stop();
    await say(topics.telemetry, 1);
    const moved = topicsOf('ground/fdir', 'TINY-1');
    const formerly = Object.values(subscriptionsOf(topics)).flat();
    const drops: string[] = [];
    const { link, seconds } = await start({ topics: moved, formerly });
    link.arrivals$.subscribe((arrival) => drops.push(...arrival.drops.map(({ reason }) => reason)));
    await say(topics.telemetry, 2);
    await say(moved.telemetry, 3);
    await until('telemetry on the new topic', () => seconds.includes(3));
    // What had been published before is ours no more; nothing further comes.
    expect(seconds).toEqual([3]);
  });

  describe('is away', () => {
    let folder: string;
    let log: SqliteLog;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'fdir-away-'));
      log = openLog(join(folder, 'log.db'), T0);
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });
    const publish = (...names: readonly string[]): void => {
      const publications = names.map((name) => ({ topic: topics.anomaly, payload: name }));
      log.commit([], [], { publications, memory: undefined });
    };

    test('gets what waited in the log when it is back, in order, also from the next process', async () => {
      publish('a', 'b');
      const listener = await listen(broker.url);
      const { link } = await start({ publications: log.publications });
      await until('what waited', () => listener.on(topics.anomaly).length === 2);
      publish('c');
      link.publishWaiting();
      await until('what came', () => listener.on(topics.anomaly).length === 3);
      expect(listener.on(topics.anomaly)).toEqual(['a', 'b', 'c']);
      await until('the broker to have it', () => log.publications.size === 0);
      await listener.close();
      await link.stop();
      publish('d', 'e');
      log.close();
      log = openLog(join(folder, 'log.db'), T0);
      const later = await listen(broker.url);
      const next = await start({ publications: log.publications });
      await until('the rest', () => later.on(topics.anomaly).length === 2);
      expect(later.on(topics.anomaly)).toEqual(['d', 'e']);
      await later.close();
      await next.link.stop();
      log.close();
    });

    test('so long that too much waits: the oldest go, and are counted', () => {
      for (let hundred = 0; hundred < 101; hundred += 1)
        publish(...Array.from({ length: 100 }, (_, index) => String(hundred * 100 + index)));
      const { size, lost } = log.publications;
      expect({ size, lost, first: log.publications.next(0, 1)[0]?.payload }).toEqual({
        size: 10_000,
        lost: 100,
        first: '100',
      });
      log.close();
    });

    test('when a request is to leave: it goes when it is back, unless it expired meanwhile', async () => {
      let now = T0;
      const { link } = await start({ now: () => now });
      const { port } = broker;
      await broker.stop();
      await until('the loss', () => !link.isConnected);
      const request = (id: string, expiry: number) =>
        ({ id, time: new Date(T0).toISOString(), expiry: new Date(expiry).toISOString() }) as RecoveryRequest;
      link.request(request('short', T0 + 60_000));
      link.request(request('long', T0 + 600_000));
      now = T0 + 61_000;
      broker = await startBroker(port);
      const listener = await listen(broker.url);
      await until('the request', () => listener.on(topics.action).length > 0, 20_000);
      expect(listener.on(topics.action).map((text) => (JSON.parse(text) as RecoveryRequest).id)).toEqual(['long']);
      await listener.close();
      log.close();
    });

    test('and back is an event of the log, with what is known of the gap', () => {
      let now = T0;
      const notes: string[] = [];
      const clock = {
        now: () => now,
        every: () => {
          throw new Error('not asked for');
        },
      };
      const note = ({ kind, detail }: DaemonEvent): void => void notes.push(`${kind} ${JSON.stringify(detail)}`);
      const first = watchOutages({ log, clock, note }, nothingKept);
      now += 2000;
      first.connected(false, undefined);
      first.subscribed(['a/tm']);
      first.lost();
      first.lost();
      now += 30_000;
      first.connected(true, T0);
      const next = watchOutages({ log, clock, note }, log.restore());
      next.connected(false, T0);
      expect([next.formerly(log.restore()), notes]).toEqual([
        ['a/tm'],
        [
          'link-up {"seconds":2}',
          'link-down {}',
          'link-up {"seconds":30}',
          'session-lost {"seconds":0,"telemetrySince":"2026-03-01T00:00:00Z"}',
        ],
      ]);
      log.close();
    });
  });
});
