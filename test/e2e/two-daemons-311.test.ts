/** Two daemons of one spacecraft on a broker of MQTT 3.1.1, which has no user properties: they know each other by their health. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { readLog } from '../../src/adapters/log/sqlite-log';
import { startCli, type Running } from '../support/cli';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

const BROKER = join(__dirname, '../../dist/adapters/mqtt/embedded-broker.js');
const TIMEOUT_MS = 180_000;

let work: Workspace;
/** The broker of the demonstration, in a process of its own: its package cannot be loaded here. */
let broker: ChildProcess;
let url = '';
const running: Running[] = [];
beforeAll(async () => {
  work = await makeWorkspace();
  const program = `require(${JSON.stringify(BROKER)}).startEmbeddedBroker().then(({ url }) => console.log(url))`;
  broker = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  broker.stdout?.on('data', (text: Buffer) => (url += text.toString()));
  await until('the broker', () => url.endsWith('\n'));
});
afterAll(async () => {
  try {
    await Promise.all(running.splice(0).map((daemon) => daemon.stop()));
  } finally {
    broker.kill();
    work.remove();
  }
});

const start = (name: string): Running => {
  const settings = {
    ...{ mission: 'mission.yaml', model: 'model', rules: ['rules.yaml'], mode: 'active', console: false },
    mqtt: { url: url.trim(), clientId: name },
    log: { path: `${name}.db` },
  };
  const daemon = startCli(['run', '--config', work.write(`${name}.yaml`, JSON.stringify(settings))]);
  running.push(daemon);
  return daemon;
};
const events = (name: string): readonly string[] => {
  const log = readLog(work.path(`${name}.db`));
  try {
    return log.events({}, { limit: 100 }).map(({ sentence }) => sentence);
  } finally {
    log.close();
  }
};

test(
  'the later one becomes passive and says so; when the first is gone without a word, that is told',
  async () => {
    const first = start('first');
    await until('the first daemon', () => first.stderr().includes('connected to the broker'));
    const second = start('second');
    await until('the second daemon', () => second.stderr().includes('connected to the broker'));
    const yields = /^another daemon of this spacecraft is there: \S+-[0-9a-f]{8}, active; this one becomes passive$/;
    await until('the second to be passive', () => events('second').some((text) => yields.test(text)), 30_000);
    expect(events('first').some((text) => yields.test(text))).toBe(false);
    first.child.kill('SIGKILL');
    await first.finished;
    await until(
      'the end of the first',
      () => events('second').some((text) => /^the other daemon \S+ is gone$/.test(text)),
      60_000,
    );
  },
  TIMEOUT_MS,
);
