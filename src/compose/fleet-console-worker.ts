/** What the thread of a fleet's console runs. */
import { parentPort, workerData } from 'node:worker_threads';
import { programFile } from '../adapters/host/package-root';
import { StoreReader } from '../adapters/postgres/store-reader';
import { StoreThread } from '../adapters/postgres/store-thread';
import { serveFleet } from '../console/server/fleet/serve-fleet';
import { consoleLog, type LogSource } from './console-log';
import type { FleetConsoleData } from './fleet/fleet-console';

/** The log in a database, opened when it is first wanted. */
const storeSource = (store: ConstructorParameters<typeof StoreThread>[0]): LogSource => {
  let reader: StoreReader | undefined;
  return {
    read: (read) => read((reader ??= new StoreReader(new StoreThread(store, programFile('compose/store-worker.js'))))),
    close: () => {
      reader?.close();
    },
  };
};

if (parentPort === null) throw new Error('this is run in a thread of the daemon');
const { setup, log } = workerData as FleetConsoleData;
const source = 'path' in log ? log.path : storeSource(log.store);
void serveFleet(
  setup,
  parentPort,
  consoleLog(source, () => Date.now()),
);
