import { connect } from 'node:net';
import { runCli, startCli, type Running } from '../support/cli';
import { listen, type Listener } from '../support/listener';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { offsetOnWheel1, tinyPass } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

describeWithBroker('what keepers see of a running daemon', () => {
  let work: Workspace;
  let broker: Broker;
  let listener: Listener;
  let daemon: Running | undefined;

  beforeEach(async () => {
    work = await makeWorkspace();
    broker = await startBroker();
    listener = await listen(broker.url);
  });
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
    await listener.close();
    await broker.stop();
    work.remove();
  });

  const configure = (metrics: string): string =>
    work.write(
      'daemon.yaml',
      `mission: mission.yaml\nmodel: model\nrules: [rules.yaml]\nmode: active\nconsole: false\nmetrics: ${metrics}\n` +
        `mqtt: { url: ${broker.url} }\nlog: { path: daemon.db }\n`,
    );
  const urlOf = (running: Running): string | undefined => /"url":"(http[^"]*\/metrics)"/.exec(running.stderr())?.[1];

  test('metrics follow a pass, and nothing but them is served', async () => {
    daemon = startCli(['run', '--config', configure('{ port: 0 }')]);
    const running = daemon;
    const url = await until('the metrics to be served', () => urlOf(running));
    await until('the daemon', () => listener.on('fdir/TINY-1/state').at(-1) === 'online');
    const pass = work.write('pass.csv', tinyPass(300, offsetOnWheel1));
    await runCli(['replay', pass, '--config', work.path('fdir.yaml'), '--mqtt', broker.url]);
    const read = async (): Promise<string> => (await fetch(url)).text();
    const text = await until('every frame to be dealt with', async () => {
      const now = await read();
      return now.includes('fdir_frames_total{spacecraft="TINY-1"} 300') ? now : undefined;
    });
    const value = (series: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `) || line.startsWith(series))
          ?.split(' ')
          .at(-1),
      );
    expect(value('fdir_messages_total')).toBeGreaterThan(0);
    expect(value('fdir_windows_total')).toBeGreaterThan(100);
    expect(value('fdir_inference_seconds_count')).toBeGreaterThan(100);
    expect(value('fdir_commit_seconds_count')).toBeGreaterThan(0);
    expect(value('fdir_anomalies_total{equipment="rw1"')).toBe(1);
    expect(value('fdir_log_bytes')).toBeGreaterThan(0);
    expect(value('fdir_connected')).toBe(1);
    const other = await Promise.all(
      ['/', '/metrics/..', '/metrics?x', '/api'].map(async (path) => (await fetch(new URL(path, url))).status),
    );
    expect(other).toEqual([404, 404, 404, 404]);
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  test('a metrics address that is taken is told, and the daemon watches all the same', async () => {
    const config = configure(`{ port: ${String(broker.port)} }`);
    daemon = startCli(['run', '--config', config]);
    const running = daemon;
    await until('the daemon', () => listener.on('fdir/TINY-1/state').at(-1) === 'online');
    expect(running.stderr()).toContain(`metrics at 127.0.0.1:${String(broker.port)}: the port is taken`);
  });

  test('a client that never finishes its request does not keep others out, nor the daemon from stopping', async () => {
    daemon = startCli(['run', '--config', configure('{ port: 0 }')]);
    const running = daemon;
    const url = new URL(await until('the metrics to be served', () => urlOf(running)));
    const slow = connect(Number(url.port), url.hostname);
    slow.on('error', () => undefined).write('GET /metrics HTTP/1.1\r\n');
    expect((await fetch(url)).status).toBe(200);
    const { status } = await running.stop();
    daemon = undefined;
    slow.destroy();
    expect(status).toBe(0);
  });

  test('status says how the daemon is, before, while and after it runs', async () => {
    const config = configure('false');
    const before = await runCli(['status', '--config', config]);
    expect([before.status, before.stdout]).toEqual([
      1,
      'TINY-1: unknown (no daemon has said anything on this broker)\n',
    ]);
    daemon = startCli(['run', '--config', config]);
    await until('its health', () => listener.on('fdir/TINY-1/health').length > 0);
    const during = await runCli(['status', '--config', config, '--json']);
    expect([during.status, JSON.parse(during.stdout)]).toMatchObject([
      0,
      {
        schemaVersion: 1,
        spacecraft: 'TINY-1',
        state: 'online',
        isStale: false,
        health: { frames: 0, impaired: [], console: { state: 'off', url: null, reason: null } },
      },
    ]);
    await daemon.stop();
    daemon = undefined;
    const after = await runCli(['status', '--config', config]);
    expect(after.status).toBe(1);
    expect(after.stdout).toMatch(/^TINY-1: offline \(does not run; last heard of [\d.]+ s ago\)\n {2}model {7}tiny/);
  });

  test('no broker is a failure at run time, not an answer', async () => {
    const config = work.write('nobody.yaml', 'mission: mission.yaml\nmqtt: { url: mqtt://127.0.0.1:1 }\n');
    const { status, stdout, stderr } = await runCli(['status', '--config', config]);
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^fdir: the broker mqtt:\/\/127\.0\.0\.1:1 does not answer/);
  });
});
