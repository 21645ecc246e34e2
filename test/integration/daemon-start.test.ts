/** How a daemon starts when something is wrong from the first moment. */
import Database from 'better-sqlite3';
import { openLog } from '../../src/adapters/log/sqlite-log';
import { createLogger } from '../../src/adapters/host/logger';
import { steadyClock } from '../../src/adapters/host/system-clock';
import { startDaemon } from '../../src/compose/daemon';
import { loadConfig } from '../../src/config/load-config';
import { listen } from '../support/listener';
import { describeWithBroker, startBroker } from '../support/mosquitto';
import { T0 } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

const TIMEOUT_MS = 30_000;

let work: Workspace;
beforeEach(async () => {
  work = await makeWorkspace();
});
afterEach(() => {
  work.remove();
});

/** From now on the file takes no daemon event, as on a disk that has just become full. */
const takeNoEvents = (path: string): void => {
  const database = new Database(path);
  database.exec(
    `CREATE TRIGGER no_room BEFORE INSERT ON daemon_event BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
  );
  database.close();
};

describeWithBroker('a daemon whose first note cannot be written', () => {
  test(
    'starts, says passive and why, and publishes the alarm that has no record',
    async () => {
      const broker = await startBroker();
      const listener = await listen(broker.url);
      const config = {
        mission: 'mission.yaml',
        console: false,
        mode: 'active',
        mqtt: { url: broker.url },
        log: { path: 'x.db' },
      };
      const file = work.write('d.yaml', JSON.stringify(config));
      const loaded = loadConfig(file);
      const log = openLog(loaded.logPath, T0);
      const { mission, manifest, program } = loaded;
      // The checkpoint is of another mission: refusing it is the first note of the next daemon.
      log.resume({ mission: { ...mission, sampling: { ...mission.sampling, periodMs: 2000 } }, manifest, program });
      log.commit([], [], { publications: [], memory: { tally: { frames: 1 } as never } });
      log.close();
      takeNoEvents(loaded.logPath);
      const daemon = await startDaemon(loaded, {
        clock: steadyClock(),
        logger: createLogger('silent'),
        onBroken: (error) => {
          throw error;
        },
      });
      const alarms = (): string[] => listener.on('fdir/TINY-1/alarm');
      await until('the alarm', () => alarms().length > 0);
      await daemon.stop();
      await listener.close();
      await broker.stop();
      expect(JSON.parse(alarms()[0] ?? '')).toMatchObject({
        name: 'daemon/log',
        change: 'triggered',
        severity: 'high',
      });
    },
    TIMEOUT_MS,
  );
});
