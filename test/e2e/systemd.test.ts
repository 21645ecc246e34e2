import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCli, type Running } from '../support/cli';
import { freePort } from '../support/free-port';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { canNotify, openNotifySocket, type NotifySocket } from '../support/notify-socket';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

const UNITS = join(__dirname, '../../systemd');
const unit = (name: string): string => readFileSync(join(UNITS, name), 'utf8');
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).error === undefined;
const describeIf = (can: boolean, title: string, body: () => void): void => {
  if (can) describe(title, body);
  else describe.skip(`${title} (skipped: systemd is not installed)`, body);
};

/** The most that is promised; systemd-analyze counts in tenths. */
const MAX_EXPOSURE = 1.5;

describeIf(hasAnalyze, 'the units', () => {
  test.each(['fdir.service', 'fdir@.service', 'fdir-worker@.service'])('%s is exposed no more than 1.5', (name) => {
    const told = execFileSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', join(UNITS, name)], {
      encoding: 'utf8',
    });
    const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(told) ?? [];
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(MAX_EXPOSURE);
  });
});

test('the template is the unit with the name of the mission in its paths', () => {
  const body = (text: string): string => text.slice(text.indexOf('[Unit]'));
  expect(
    body(unit('fdir@.service'))
      .replace('daemon of %i (', 'daemon (')
      .replaceAll('/etc/fdir/%i/', '/etc/fdir/')
      .replace('StateDirectory=fdir/%i', 'StateDirectory=fdir')
      .replace('/var/lib/fdir/%i', '/var/lib/fdir'),
  ).toBe(body(unit('fdir.service')));
});

(canNotify ? describeWithBroker : describe.skip)('what a service manager hears', () => {
  let work: Workspace;
  let socket: NotifySocket;
  let broker: Broker | undefined;
  let daemon: Running | undefined;

  beforeEach(async () => {
    work = await makeWorkspace();
    socket = await openNotifySocket(work.folder);
  });
  afterEach(async () => {
    await daemon?.stop();
    await broker?.stop();
    socket.close();
    work.remove();
  });

  /** The first message of each kind, in the order they came. */
  const kinds = (): string[] => [...new Set(socket.heard().map((message) => message.replace(/=.*/, '')))];

  test('ready when the broker is there and not before; fed while it gets on; reload and stop said', async () => {
    const port = await freePort();
    work.write(
      'daemon.yaml',
      `mission: mission.yaml\nmodel: model\nmqtt: { url: mqtt://127.0.0.1:${String(port)} }\nlog: { path: x.db }\nconsole: false\n`,
    );
    daemon = startCli(['run', '--config', work.path('daemon.yaml')], '', {
      NOTIFY_SOCKET: socket.path,
      WATCHDOG_USEC: '600000',
    });
    await until('the start to be prolonged', () => kinds().includes('EXTEND_TIMEOUT_USEC'));
    expect(kinds()).not.toContain('READY');
    expect(socket.heard()).toContain('STATUS=passive, waiting for the broker, 0 frames, 0 anomalies, 0 requests');
    broker = await startBroker(port);
    await until('it to be fed', () => kinds().includes('WATCHDOG'));
    expect(kinds().indexOf('READY')).toBeLessThan(kinds().indexOf('WATCHDOG'));
    const readyBefore = socket.heard().filter((message) => message === 'READY=1').length;
    daemon.child.kill('SIGHUP');
    await until('the reload', () => socket.heard().filter((message) => message === 'READY=1').length > readyBefore);
    expect(socket.heard().some((message) => /^RELOADING=1\|MONOTONIC_USEC=\d+$/.test(message))).toBe(true);
    await daemon.stop();
    await until('the farewell', () => socket.heard().includes('STOPPING=1'));
  });
});
