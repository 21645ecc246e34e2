import { connect } from 'node:net';
import { runCli, type Running } from '../support/cli';
import { DaemonWorld } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { offsetOnWheel1, tinyPass } from '../support/tiny-mission';
import { until } from '../support/until';

describeWithBroker('what keepers see of a running daemon', () => {
  let world: DaemonWorld;
  beforeEach(async () => {
    world = await DaemonWorld.open();
  });
  afterEach(() => world.close());

  const urlOf = (running: Running): string | undefined => /"url":"(http[^"]*\/metrics)"/.exec(running.stderr())?.[1];

  test('metrics follow a pass, and nothing but them is served', async () => {
    world.configure({ metrics: { port: 0 } });
    const running = await world.start();
    const url = await until('the metrics to be served', () => urlOf(running));
    const pass = world.work.write('pass.csv', tinyPass(300, offsetOnWheel1));
    await runCli(['replay', pass, '--config', world.work.path('fdir.yaml'), '--mqtt', world.broker.url]);
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
    const { port } = world.broker;
    world.configure({ metrics: { port } });
    const running = await world.start();
    expect(running.stderr()).toContain(`metrics at 127.0.0.1:${String(port)}: the port is taken`);
  });

  test('a client that never finishes its request does not keep others out, nor the daemon from stopping', async () => {
    world.configure({ metrics: { port: 0 } });
    const running = world.run();
    const url = new URL(await until('the metrics to be served', () => urlOf(running)));
    const slow = connect(Number(url.port), url.hostname);
    slow.on('error', () => undefined).write('GET /metrics HTTP/1.1\r\n');
    expect((await fetch(url)).status).toBe(200);
    const stopped = await world.stop();
    slow.destroy();
    expect(stopped?.status).toBe(0);
  });

  test('status says how the daemon is, before, while and after it runs', async () => {
    const before = await world.fdir('status');
    expect([before.status, before.stdout]).toEqual([
      1,
      'TINY-1: unknown (no daemon has published anything on this broker)\n',
    ]);
    await world.start();
    await world.health('of any kind', () => true);
    const during = await world.fdir('status', '--json');
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
    await world.stop();
    const after = await world.fdir('status');
    expect(after.status).toBe(1);
    expect(after.stdout).toMatch(/^TINY-1: offline \(does not run; last heard of [\d.]+ s ago\)\n {2}model {7}tiny/);
  });

  test('no broker is a failure at run time, not an answer', async () => {
    const config = world.work.write('nobody.yaml', 'mission: mission.yaml\nmqtt: { url: mqtt://127.0.0.1:1 }\n');
    const { status, stdout, stderr } = await runCli(['status', '--config', config]);
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^fdir: the broker mqtt:\/\/127\.0\.0\.1:1 does not answer/);
  });
});
