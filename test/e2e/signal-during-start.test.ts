/** A daemon that is asked to stop before it runs: a real process, stopped at each step of its start-up. */
import { execFileSync } from 'node:child_process';
import { constants, closeSync, cpSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { lockLog } from '../../src/adapters/log/log-lock';
import { openLog, readLog } from '../../src/adapters/log/sqlite-log';
import { runCli, startCli, type Finished, type Running } from '../support/cli';
import { T0 } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

/** `TimeoutStopSec` of systemd/fdir.service: then it would be killed. */
const STOP_MS = 10_000;
jest.setTimeout(60_000);

let work: Workspace;
let broker: Server;
/** Clients of a broker that accepts connections and says nothing. */
let clients: Socket[];
let daemon: Running | undefined;
beforeEach(async () => {
  work = await makeWorkspace();
  clients = [];
  broker = createServer((client) => {
    clients.push(client.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  daemon?.child.kill('SIGKILL');
  await daemon?.finished;
  for (const client of clients) client.destroy();
  await new Promise((resolve) => broker.close(resolve));
  work.remove();
});

/** @param changes laid over a configuration that is right. */
const configured = (name: string, changes: object = {}): string => {
  const { port } = broker.address() as AddressInfo;
  const config = {
    mission: 'mission.yaml',
    model: 'model',
    console: false,
    mqtt: { url: `mqtt://127.0.0.1:${String(port)}` },
    log: { path: 'x.db' },
    ...changes,
  };
  return work.write(`${name}.yaml`, JSON.stringify(config));
};

const start = (environment: NodeJS.ProcessEnv = {}): Running => {
  daemon = startCli(['run', '--config', configured('daemon')], '', environment);
  return daemon;
};

const terminate = async ({ child, finished }: Running, meanwhile: () => void = () => undefined): Promise<Finished> => {
  child.kill('SIGTERM');
  meanwhile();
  await until('the end', () => child.exitCode !== null || child.signalCode !== null, STOP_MS);
  return finished;
};

const eventsOfLog = (): readonly string[] => {
  const log = readLog(work.path('x.db'));
  try {
    return log.events({}, { limit: 10, order: 'asc' }).map(({ kind }) => kind);
  } finally {
    log.close();
  }
};

test('while it reads its configuration, it ends by the signal', async () => {
  rmSync(work.path('mission.yaml'));
  execFileSync('mkfifo', [work.path('mission.yaml')]);
  const starting = start();
  // A pipe can be opened for writing as soon as somebody reads it, and holds the reader up while nothing is written.
  const pipe = await until('the mission to be read', () => {
    try {
      return openSync(work.path('mission.yaml'), constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      return undefined;
    }
  });
  await terminate(starting);
  closeSync(pipe);
  expect(starting.child.signalCode).toBe('SIGTERM');
  expect(existsSync(work.path('x.db'))).toBe(false);
});

test('while it waits for the log, it ends without having run', async () => {
  openLog(work.path('x.db'), T0).close();
  const holder = new Database(work.path('x.db'));
  holder.exec('BEGIN EXCLUSIVE');
  const starting = start();
  await until('the log to be opened', () => existsSync(work.path('x.db.lock')));
  const { status, stderr } = await terminate(starting, () => {
    holder.exec('ROLLBACK');
    holder.close();
  });
  expect({ status, stopping: stderr.includes('"msg":"stopping"') }).toEqual({ status: 0, stopping: true });
  expect(eventsOfLog()).toEqual([]);
  expect(clients).toEqual([]);
});

test('while its model hangs as it loads, it ends without having run', async () => {
  const mark = work.path('thread-started');
  const starting = start({
    NODE_OPTIONS: `--require ${join(__dirname, '../support/hanging-thread.cjs')}`,
    THREAD_MARK: mark,
  });
  await until('the thread of the model', () => existsSync(mark));
  const { status, stderr } = await terminate(starting);
  expect({ status, stopping: stderr.includes('"msg":"stopping"') }).toEqual({ status: 0, stopping: true });
  expect(eventsOfLog()).toEqual([]);
  expect(clients).toEqual([]);
});

test('while it waits for a broker that says nothing, it stops in order', async () => {
  const starting = start();
  await until('the connection', () => clients.length > 0);
  const { status } = await terminate(starting);
  expect(status).toBe(0);
  expect(eventsOfLog()).toEqual(['started', 'stopped']);
});

test('a start that fails ends by itself, with 2 for what is written wrongly and 3 for what is not there', async () => {
  work.write('a-file', '');
  cpSync(work.path('model'), work.path('damaged'), { recursive: true });
  const graph = readFileSync(work.path('damaged/model.onnx'));
  writeFileSync(work.path('damaged/model.onnx'), graph.subarray(0, graph.length / 2));
  const holder = lockLog(work.path('held.db'), T0);
  const cases = {
    certificate: { mqtt: { url: 'mqtts://127.0.0.1:8883', ca: 'nobody.pem' } },
    port: { mqtt: { url: 'mqtt://127.0.0.1:99999' } },
    damaged: { model: 'damaged' },
    missing: { model: 'nobody' },
    folder: { log: { path: 'a-file/x.db' } },
    held: { log: { path: 'held.db' } },
  };
  const ends = await Promise.all(
    Object.entries(cases).map(async ([name, changes]) => {
      const { status, stderr } = await runCli(['run', '--config', configured(name, changes)]);
      return [name, status, stderr.length > 0] as const;
    }),
  );
  holder.release();
  expect(ends).toEqual([
    ['certificate', 2, true],
    ['port', 2, true],
    ['damaged', 2, true],
    ['missing', 2, true],
    ['folder', 3, true],
    ['held', 3, true],
  ]);
});
