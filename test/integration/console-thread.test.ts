/** The console's thread from the daemon's side, with threads that misbehave. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConsoleSetup, FromConsole } from '../../src/console/port/messages';
import { ConsoleThread } from '../../src/console/daemon-side/thread';
import { tinyMission } from '../support/tiny-mission';
import { until } from '../support/until';

const setup: ConsoleSetup = {
  host: '127.0.0.1',
  port: 0,
  allowedHosts: [],
  tokens: [],
  configFile: '/nowhere',
  logPath: '/nowhere',
  historyPath: undefined,
  openmct: undefined,
  passes: undefined,
  page: '/nowhere',
  mission: tinyMission(),
  yamcs: undefined,
  startedAt: 0,
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-thread-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const threadOf = (code: string) => {
  const file = join(folder, 'worker.js');
  writeFileSync(file, `const { parentPort, workerData } = require('node:worker_threads');\n${code}`);
  const messages: FromConsole[] = [];
  const troubles: string[] = [];
  let started = 0;
  let gone = 0;
  const thread = new ConsoleThread({
    file,
    setup,
    retryMs: 1,
    onStarted: (post) => {
      started += 1;
      post({ kind: 'reply', order: started, reply: { ok: true, message: '' } });
    },
    onMessage: (message) => messages.push(message),
    onGone: () => (gone += 1),
    onTrouble: (message) => troubles.push(message),
  });
  thread.start();
  return { thread, messages, troubles, counts: () => ({ started, gone }) };
};

test('one that breaks is started again and again, and the same trouble told once', async () => {
  const { thread, troubles, counts } = threadOf(`throw new Error('no memory for ' + workerData.mission.spacecraft)`);
  await until('the fourth start', () => counts().started >= 4);
  await thread.stop();
  expect(troubles).toEqual([expect.stringMatching(/^the console broke: .*no memory for TINY-1$/)]);
  const { started, gone } = counts();
  expect(gone).toBe(started);
});

test('one that serves again is told of when it breaks again', async () => {
  const { thread, troubles, counts } = threadOf(`
    parentPort.once('message', ({ order }) => {
      if (order === 1 || order === 3) throw new Error('broken');
      parentPort.postMessage({ kind: 'listening', url: '' });
      setTimeout(() => process.exit(0), 1);
    })`);
  await until('the fourth start', () => counts().started >= 4);
  await thread.stop();
  expect(troubles).toEqual([expect.stringContaining('broken'), expect.stringContaining('broken')]);
});

test('one that cannot serve says why, and is tried again', async () => {
  const { thread, troubles, counts } = threadOf(
    `parentPort.postMessage({ kind: 'failed', message: 'the port is taken' }); parentPort.close();`,
  );
  await until('the third start', () => counts().started >= 3);
  await thread.stop();
  expect(troubles).toEqual(['the port is taken']);
});

test('one that takes too much memory ends, and not the process', async () => {
  const { thread, troubles } = threadOf(`const all = []; for (;;) all.push(new Array(1000).fill(Math.random()));`);
  await until('its end', () => troubles.length > 0);
  await thread.stop();
  expect(troubles[0]).toMatch(/memory/);
});

test('one that does not stop when it is asked is ended', async () => {
  const { thread, messages, counts } = threadOf(`parentPort.postMessage({ kind: 'pulse-taken' }); for (;;);`);
  await until('its message', () => messages.length === 1);
  await thread.stop();
  expect(counts()).toEqual({ started: 1, gone: 1 });
});
