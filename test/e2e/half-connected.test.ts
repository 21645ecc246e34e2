/** One of the daemon's two connections is lost and the other stands: real processes, and a relay that cuts or silences one of them. */
import Database from 'better-sqlite3';
import { telemetryClientId } from '../../src/adapters/mqtt/mqtt-link';
import { DaemonWorld } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { startRelay, type Relay } from '../support/relay';
import { until } from '../support/until';

const CONTROL = 'fdir-TINY-1';
const TELEMETRY = telemetryClientId(CONTROL);
/** systemd/OUTAGES.md: `degraded` within ten seconds. */
const PROMISED_MS = 10_000;
/** Waiting longer than that would only be a slow machine. */
const PATIENCE_MS = 30_000;
const FAULTY = { rw1_current: 10 };

interface DaemonEvent {
  readonly kind: string;
  readonly detail: string;
  /** Milliseconds. */
  readonly time: number;
}

describeWithBroker('a daemon of whose two connections', () => {
  let world: DaemonWorld;
  let relay: Relay;
  beforeEach(async () => {
    world = await DaemonWorld.open();
    relay = await startRelay(world.broker.port);
    world.configure({ mqtt: { url: relay.url, keepalive: '1s' } });
  });
  afterEach(async () => {
    await world.stop();
    await relay.close();
    await world.close();
  });

  const events = (): DaemonEvent[] => {
    const database = new Database(world.work.path('daemon.db'), { readonly: true });
    try {
      return database
        .prepare<[], DaemonEvent>(
          "SELECT kind, detail, CAST(round(unixepoch(wall_time, 'subsec') * 1000) AS INTEGER) AS time FROM daemon_event ORDER BY sequence",
        )
        .all();
    } finally {
      database.close();
    }
  };
  const timeOf = (kind: string, detail?: string): number =>
    events().find((event) => event.kind === kind && (detail === undefined || event.detail === detail))?.time ?? NaN;
  /** What `state` changed to, one after the other: it is said again after every connection. */
  const states = (): string[] => world.on('state').filter((word, index, words) => word !== words[index - 1]);
  /** Stops it, and asserts that every frame was judged once and the log is whole. */
  const hasLostNothing = async (): Promise<void> => {
    // A frame is judged when the next one comes; this one says that all before it have been.
    await world.pass(1, { rw0_speed: 60 });
    await until('the last frame', () => world.documents<{ value: number }>('check').some(({ value }) => value === 60));
    const { second } = world;
    const { stderr } = (await world.stop()) ?? { stderr: '' };
    const stopped = stderr.split('\n').find((line) => line.includes('"msg":"stopped"')) ?? '{}';
    const { summary } = JSON.parse(stopped) as { summary?: { frames: number; dropped: object } };
    // What was not acknowledged when the connection broke comes again, and is recognised.
    const dropped = Object.keys(summary?.dropped ?? {}).filter((reason) => reason !== 'duplicate');
    expect({ frames: summary?.frames, dropped }).toEqual({ frames: second, dropped: [] });
    expect((await world.fdir('log', 'verify')).status).toBe(0);
  };

  test.each([
    ['is hung up on', 'refuse'],
    ['goes silent without a word', 'silence'],
  ] as const)(
    'the one of telemetry %s says so within ten seconds, and is well again when it is back, without having lost a sample',
    async (_what, harm) => {
      await world.start();
      await world.pass(5);
      relay[harm](TELEMETRY);
      await world.isUp('degraded', PATIENCE_MS);
      const health = await world.health('impaired', ({ state }) => state === 'degraded');
      expect({ ...health, reasons: health.reasons?.join() }).toMatchObject({
        impaired: ['telemetry'],
        reasons: expect.stringMatching(/^no telemetry comes from the broker \(.+\)$/) as string,
      });
      await until('the alarm', () => world.on('alarm').some((text) => text.includes('"daemon/telemetry"')));
      expect(timeOf('state', '{"state":"degraded"}') - timeOf('link-down')).toBeLessThanOrEqual(PROMISED_MS);
      const status = await world.fdir('status');
      expect({ status: status.status, told: status.stdout.includes('degraded') }).toEqual({ status: 1, told: true });
      // What is published now waits at the broker.
      await world.pass(20, FAULTY);
      relay.admit(TELEMETRY);
      await world.isUp('online', PATIENCE_MS);
      await world.health('well', ({ state, impaired }) => state === 'online' && impaired.length === 0);
      await until('what was found in it', () => world.on('anomaly').length > 0 && world.on('action').length === 1);
      await until('the alarm to be over', () =>
        world
          .documents<{ name: string; change: string }>('alarm')
          .some(({ name, change }) => name === 'daemon/telemetry' && change === 'returned'),
      );
      // The last will is for the other connection.
      expect(states()).toEqual(['online', 'degraded', 'online']);
      const kinds = events().map(({ kind }) => kind);
      expect(kinds.filter((kind) => /^(link|control|session)/.test(kind)).sort()).toEqual(
        ['control-up', 'link-down', 'link-up', 'link-up'].sort(),
      );
      await hasLostNothing();
    },
  );

  test('the one of telemetry is never let in says degraded, not online, and is well when it is', async () => {
    relay.refuse(TELEMETRY);
    const { stderr } = world.run();
    await world.isUp('degraded', PATIENCE_MS);
    await world.health('impaired', ({ state, impaired }) => state === 'degraded' && impaired.join() === 'telemetry');
    expect(timeOf('state', '{"state":"degraded"}') - timeOf('control-up')).toBeLessThanOrEqual(PROMISED_MS);
    expect(stderr()).toContain('telemetry failed: ');
    relay.admit(TELEMETRY);
    await world.isUp('online', PATIENCE_MS);
    expect(states()).toEqual(['degraded', 'online']);
    await world.pass(5);
    await hasLostNothing();
  });

  test.each([
    ['is hung up on', 'refuse'],
    ['goes silent without a word', 'silence'],
  ] as const)(
    'the other one %s is offline by its last will, judges on, and says and asks afterwards what it found, once',
    async (_what, harm) => {
      await world.start();
      await world.pass(10);
      relay[harm](CONTROL);
      await world.isUp('offline', PATIENCE_MS);
      await until('the loss', () => events().some(({ kind }) => kind === 'control-down'));
      await world.pass(12, FAULTY);
      await until('the decision', () => world.log(({ ledger }) => ledger.listRecoveries({ all: true }).length === 1));
      expect({ anomalies: world.on('anomaly'), actions: world.on('action') }).toEqual({ anomalies: [], actions: [] });
      relay.admit(CONTROL);
      await world.isUp('online', PATIENCE_MS);
      await until('what was found', () => world.on('anomaly').length > 0 && world.on('action').length > 0);
      await world.pass(10);
      await hasLostNothing();
      expect(world.on('action')).toHaveLength(1);
      expect(states()).toEqual(['online', 'offline', 'online', 'offline']);
      const kinds = events().map(({ kind }) => kind);
      expect(kinds.filter((kind) => /^(link|control|session)/.test(kind)).sort()).toEqual(
        ['control-down', 'control-up', 'control-up', 'link-up'].sort(),
      );
    },
  );

  test('the other one is dead before anybody knows: a request that is handed to it is heard afterwards, once', async () => {
    await world.start();
    await world.pass(10);
    relay.silence(CONTROL);
    await world.pass(12, FAULTY);
    await until('the decision', () =>
      world.log(({ ledger }) => ledger.listRecoveries({ all: true }).some(({ state }) => state === 'sent')),
    );
    await world.isUp('offline', PATIENCE_MS);
    expect(world.on('action')).toEqual([]);
    relay.admit(CONTROL);
    await world.isUp('online', PATIENCE_MS);
    await until('the request', () => world.on('action').length > 0);
    await hasLostNothing();
    expect(world.on('action')).toHaveLength(1);
  });
});
