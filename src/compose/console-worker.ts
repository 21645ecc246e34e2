/** What the console's thread runs. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { HistoryReader } from '../adapters/history/history-reader';
import { programFile } from '../adapters/host/package-root';
import { consoleLog } from './console-log';
import type { ConsoleSetup } from '../console/port/messages';
import { ReplayRuns } from '../console/server/replay-runs';
import { serveConsole } from '../console/server/serve';

const setup = workerData as ConsoleSetup;
const now = (): number => Date.now();

/** Nice: in Linux it is the thread's own, so that the pipeline goes first where a core is short. */
const NICE = 5;

if (process.platform === 'linux') setPriority(0, NICE);
if (parentPort === null) throw new Error('this is run in a thread of the daemon');
void serveConsole({
  setup,
  port: parentPort,
  log: consoleLog(setup.logPath, now),
  history: new HistoryReader(setup.historyPath ?? ''),
  replays: (onChange) =>
    new ReplayRuns({
      configFile: setup.configFile,
      folder: setup.passes,
      file: programFile('compose/replay-worker.js'),
      openLog: (path) => consoleLog(path, now),
      now,
      onChange,
    }),
  now,
});
