/** Two daemons of one spacecraft, each with a log of its own, on a real Mosquitto: one acts, and both tell of the other. */
import { readLog } from '../../src/adapters/log/sqlite-log';
import { startCli, type Running } from '../support/cli';
import { DaemonWorld } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { until } from '../support/until';

const TIMEOUT_MS = 120_000;

describeWithBroker('two daemons of one spacecraft', () => {
  let world: DaemonWorld;
  const running: Running[] = [];
  beforeEach(async () => {
    world = await DaemonWorld.open();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((daemon) => daemon.stop()));
    await world.close();
  });

  /** The same mission, model and rules, with a log and a client id of its own. */
  const startSecond = (): Running => {
    const { work, broker } = world;
    const settings = {
      ...{ mission: 'mission.yaml', model: 'model', rules: ['rules.yaml'], mode: 'active', console: false },
      mqtt: { url: broker.url, clientId: 'second' },
      log: { path: 'second.db' },
    };
    const daemon = startCli(['run', '--config', work.write('second.yaml', JSON.stringify(settings))]);
    running.push(daemon);
    return daemon;
  };
  const events = (): readonly string[] => {
    const log = readLog(world.work.path('second.db'));
    try {
      return log.events({}, { limit: 100 }).map(({ sentence }) => sentence);
    } finally {
      log.close();
    }
  };

  test(
    'one request leaves; the second is passive, may act by order when the first is gone, and the first is then the second',
    async () => {
      await world.start();
      const second = startSecond();
      await until('the second daemon to be passive', () => world.on('state').includes('passive'));
      await world.isUp('online');
      expect(events()).toContainEqual(
        expect.stringMatching(
          /^another daemon of this spacecraft is there: \S+-[0-9a-f]{8}, active; this one becomes passive$/,
        ),
      );
      await world.pass(10);
      await world.pass(15, { rw1_current: 10 });
      await until('the request', () => world.on('action').length > 0);
      const logged = () => {
        const log = readLog(world.work.path('second.db'));
        try {
          return log.ledger.listRecoveries({ all: true });
        } finally {
          log.close();
        }
      };
      // The second has judged the same and only records it.
      await until('the recovery of the second', () => logged().length > 0);
      expect(world.on('action').length).toBe(1);

      await world.kill();
      await world.isUp('passive');
      expect(events()).toContainEqual(expect.stringMatching(/^the other daemon \S+ is gone$/));
      const ordered = await world.fdir('action', 'state', 'active', '--by', 'bob');
      expect(ordered.stderr + ordered.stdout).toMatch(/active/);
      await world.isUp('online');

      const first = await world.start('passive');
      await world.isUp('online');
      expect(first.stderr()).not.toContain('error');
      expect(second.stderr()).not.toContain('error');
    },
    TIMEOUT_MS,
  );
});
