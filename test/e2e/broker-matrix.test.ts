/** Brokers that say no, each a real Mosquitto: the link stays alive, the ladder goes on, and no record tells what did not happen. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoggedEvent } from '../../src/domain/daemon-event';
import type { Recovery } from '../../src/domain/recovery';
import { startCli } from '../support/cli';
import { DaemonWorld } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { until } from '../support/until';
import type { Workspace } from '../support/workspace';

const TIMEOUT_MS = 120_000;

interface BrokerCase {
  /** Lines of the listener. */
  readonly lines?: readonly string[];
  /** Topics that nobody may publish on. */
  readonly denied?: readonly string[];
  /** What the daemon says on `state` in the end; of a broker that keeps nothing it is heard all the same. */
  readonly state: string;
  /** How the recovery ended or stands, and whether its request was heard. */
  readonly recovery: readonly Recovery['state'][];
  readonly heard: boolean;
  readonly events: readonly string[];
  /** Whether the record was heard whole, shortened, or not at all. */
  readonly record: 'whole' | 'shortened' | 'refused';
}

const CASES: readonly (readonly [string, BrokerCase])[] = [
  ['that takes everything', { state: 'online', recovery: ['sent'], heard: true, events: [], record: 'whole' }],
  [
    'that takes packets of 1700 bytes',
    {
      lines: ['max_packet_size 1700'],
      state: 'online',
      recovery: ['sent'],
      heard: true,
      events: ['broker-limits', 'shortened'],
      record: 'shortened',
    },
  ],
  [
    'that refuses messages of more than 1500 bytes and has not said so',
    {
      lines: ['message_size_limit 1500'],
      state: 'online',
      recovery: ['sent'],
      heard: true,
      events: ['shortened'],
      record: 'shortened',
    },
  ],
  [
    'that has one message under way at a time',
    {
      lines: ['max_inflight_messages 1'],
      state: 'online',
      recovery: ['sent'],
      heard: true,
      events: [],
      record: 'whole',
    },
  ],
  [
    'without quality of service 2',
    {
      lines: ['max_qos 1'],
      state: 'online',
      recovery: ['sent'],
      heard: true,
      events: ['broker-limits'],
      record: 'whole',
    },
  ],
  [
    'that retains nothing',
    {
      lines: ['retain_available false'],
      state: 'online',
      recovery: ['sent'],
      heard: true,
      events: ['broker-limits'],
      record: 'whole',
    },
  ],
  [
    'whose access list denies requests',
    { denied: ['action'], state: 'degraded', recovery: ['failed'], heard: false, events: ['refused'], record: 'whole' },
  ],
  [
    'whose access list denies records',
    { denied: ['anomaly'], state: 'degraded', recovery: ['sent'], heard: true, events: ['refused'], record: 'refused' },
  ],
];

const configurationOf =
  ({ lines = [], denied = [] }: BrokerCase) =>
  (port: number, work: Workspace): string => {
    const acl = work.write('acl', ['topic readwrite #', ...denied.map((topic) => `topic deny fdir/TINY-1/${topic}`)]);
    return [
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      `listener ${String(port)} 127.0.0.1`,
      'allow_anonymous true',
      `acl_file ${acl}`,
      ...lines,
      '',
    ].join('\n');
  };

const WATCHED_MS = 20_000;
/** 32 when both came back after a second each time; two daemons have two connections each. */
const MAX_CONNECTIONS = 20;

const brokerThatTells = (port: number, { path }: Workspace): string =>
  [
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    `listener ${String(port)} 127.0.0.1`,
    'allow_anonymous true',
    `log_dest file ${path('broker.log')}`,
    'log_type notice',
    '',
  ].join('\n');

/** Two daemons of two spacecraft with one client id, watched for a while. */
const watchTwins = async () => {
  const world = await DaemonWorld.open(brokerThatTells);
  try {
    const { broker, work } = world;
    world.configure({ mode: 'passive', model: undefined, rules: undefined, mqtt: { clientId: 'twin' } });
    work.write('other-mission.yaml', readFileSync(work.path('mission.yaml'), 'utf8').replace('TINY-1', 'TINY-2'));
    const mqtt = `{ url: "${broker.url}", clientId: twin }`;
    const other = work.write(
      'other.yaml',
      `{ mission: other-mission.yaml, console: false, mqtt: ${mqtt}, log: { path: other.db } }`,
    );
    await world.start('passive');
    const second = startCli(['run', '--config', other]);
    await until('the second daemon', () => second.stderr().includes('connected to the broker'));
    await delay(WATCHED_MS);
    const connections = readFileSync(work.path('broker.log'), 'utf8').match(/ as twin(-tm)? /g)?.length ?? 0;
    const finished = await Promise.all([world.stop(), second.stop()]);
    const events = world.log((log) => log.events({}, { limit: 1000 }));
    const sentences = events.flatMap(({ kind, sentence }) => (kind === 'client-taken-over' ? [sentence] : []));
    return { connections, sentences, told: finished.map((one) => one?.stderr) };
  } finally {
    await world.close();
  }
};

describeWithBroker('a broker', () => {
  /** Watched while the other cases run. */
  let twins: ReturnType<typeof watchTwins>;
  beforeAll(() => {
    twins = watchTwins();
    twins.catch(() => undefined);
  });
  let world: DaemonWorld | undefined;
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });

  test.each(CASES)(
    '%s',
    async (_, wanted) => {
      const open = await DaemonWorld.open(configurationOf(wanted));
      world = open;
      await open.start();
      await open.pass(10);
      await open.pass(15, { rw1_current: 10 });
      const recovery = await until('the recovery', () =>
        open
          .log(({ ledger }) => ledger.listRecoveries({ all: true }))
          .find(({ state }) => wanted.recovery.includes(state)),
      );
      await open.isUp(wanted.state);
      const anomalies = () => open.documents<{ shortened?: string[] }>('anomaly');
      if (wanted.record !== 'refused') await until('the record', () => anomalies().length > 0);
      if (wanted.heard) await until('the request', () => open.on('action').length > 0);
      // The link is alive: a person is answered.
      const asked = await open.fdir('action', 'list', '--json');
      const kinds = new Set(open.log((log) => log.events({}, { limit: 1000 })).map(({ kind }: LoggedEvent) => kind));
      const told = ['broker-limits', 'shortened', 'refused', 'session-lost', 'control-down'];
      expect({
        asked: asked.status,
        heard: open.on('action').length,
        events: told.filter((kind) => kinds.has(kind)),
        isShortened: anomalies().some(({ shortened }) => shortened !== undefined),
        records: anomalies().length > 0,
        // The log keeps all of it.
        logged: open.log((log) => Object.keys(log.listAnomalies()[0]?.freezeFrame.parameters ?? {}).length) > 0,
      }).toEqual({
        asked: 0,
        heard: wanted.heard ? 1 : 0,
        events: wanted.events,
        isShortened: wanted.record === 'shortened',
        records: wanted.record !== 'refused',
        logged: true,
      });
      if (!wanted.heard) expect(recovery.note).toMatch(/access list/);
    },
    TIMEOUT_MS,
  );

  test(
    'that has another client of the same client id says so, and the two put each other out ever more rarely',
    async () => {
      const { connections, sentences, told } = await twins;
      expect(connections).toBeGreaterThan(6);
      expect(connections).toBeLessThanOrEqual(MAX_CONNECTIONS);
      const use = 'another client seems to use the clientId twin';
      for (const text of told) expect(text).toContain(`${use}: give each daemon its own in mqtt.clientId`);
      expect(sentences).toEqual([expect.stringContaining(use)]);
    },
    TIMEOUT_MS,
  );
});
