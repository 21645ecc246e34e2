/** What the console's thread runs. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { consoleLog } from './compose-console-log';
import type { ConsoleSetup } from './console/messages';
import { ReplayRuns } from './console/replay-runs';
import { serveConsole } from './console/serve';

const REPLAY = join(__dirname, 'compose-console-replay.js');

const setup = workerData as ConsoleSetup;
const now = (): number => Date.now();

if (parentPort === null) throw new Error('this is run in a thread of the daemon');
void serveConsole({
  setup,
  port: parentPort,
  log: consoleLog(setup.logPath, now),
  replays: (onChange) =>
    new ReplayRuns({
      configFile: setup.configFile,
      folder: setup.passes,
      file: REPLAY,
      openLog: (path) => consoleLog(path, now),
      now,
      onChange,
    }),
  now,
});
