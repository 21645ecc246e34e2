/** The console of a running daemon, between a real broker and a real log. */
import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { parse } from 'yaml';
import type { AnomalyAccount, AnomalyList } from '../../src/console/api/anomalies';
import type { ModelView } from '../../src/console/api/model';
import type { Health } from '../../src/domain/health';
import { writeTinyPackage } from '../support/tiny-model';
import type { HealthView, Overview } from '../../src/console/api/overview';
import type { AlarmList, RecoveryAccount, RuleList } from '../../src/console/api/recovery';
import type { ReplayList, ReplayView } from '../../src/console/api/replay';
import { runCli, type Running } from '../support/cli';
import { TOKEN } from '../support/console-world';
import { DaemonWorld } from '../support/daemon-world';
import { openStream } from '../support/event-stream';
import { describeWithBroker } from '../support/mosquitto';
import { offsetOnWheel1, tinyMission, tinyPass } from '../support/tiny-mission';
import { until } from '../support/until';
import { wheelRules } from '../support/wheel-rules';
import type { Workspace } from '../support/workspace';

describeWithBroker('the console of a running daemon', () => {
  let world: DaemonWorld;
  let work: Workspace;
  let url = '';

  beforeEach(async () => {
    world = await DaemonWorld.open();
    ({ work } = world);
    work.write('rules.yaml', wheelRules());
    work.write('ann.token', `${TOKEN}\n`);
    chmodSync(work.path('ann.token'), 0o600);
    configure('{ port: 0, passes: ., tokens: [{ name: ann, file: ann.token }] }');
  });
  afterEach(() => world.close());

  const configure = (console: string, models = 'model: model'): string =>
    world.configure(parse(`console: ${console}\n${models}`) as Record<string, unknown>);
  const urlIn = ({ stderr }: Running): string | undefined => /"url":"(http:[^"]+)","msg":"console"/.exec(stderr())?.[1];
  const startWithConsole = async (): Promise<void> => {
    const running = await world.start();
    url = await until('the console', () => urlIn(running));
  };
  const pass = (seconds: number, change: Record<string, number> = {}) => world.pass(seconds, change);
  const get = async <T>(path: string): Promise<T> => (await fetch(`${url}/api/v1/${path}`)).json() as Promise<T>;
  const statusOf = async (path: string): Promise<number> => (await fetch(`${url}/api/v1/${path}`)).status;
  const order = async (path: string, body: object = {}): Promise<readonly [status: number, text: string]> => {
    const response = await fetch(`${url}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { message, detail } = (await response.json()) as { message?: string; detail?: string };
    return [response.status, message ?? detail ?? ''];
  };
  const id = encodeURIComponent;

  test('an anomaly is seen as it happens, accounted for, and its recovery approved by the one whose token it was', async () => {
    await startWithConsole();
    const stream = await openStream(url);
    await pass(10);
    await pass(12, { rw1_current: 10 });
    const [anomaly] = await until('the anomaly', () => stream.on('anomaly').length > 0 && stream.on('anomaly'));
    const overview = await until('the request', async () => {
      const now = await get<Overview>('overview');
      // The pulse comes every second.
      return now.recoveries.length > 0 && now.pulse.frames > 0 && now;
    });
    expect(overview).toMatchObject({
      spacecraft: 'TINY-1',
      pulse: { state: 'online', mode: 'active', isConnected: true },
      openAnomalies: [{ id: anomaly?.id, equipment: 'rw1', state: 'open' }],
      recoveries: [{ rule: 'switch-wheel', ruleTitle: 'Switch off the wheel', state: 'waiting', equipment: 'rw1' }],
      alarms: [{ name: 'anomaly/rw1', state: 'triggered' }],
    });
    expect(overview.equipment.find(({ equipment }) => equipment === 'rw1')).toMatchObject({
      openAnomalies: [anomaly?.id],
      alarms: ['anomaly/rw1'],
    });
    const account = await get<AnomalyAccount>(`anomalies/${id(anomaly?.id ?? '')}`);
    expect(account).toMatchObject({ isLive: true, anomaly: { id: anomaly?.id } });
    expect(account.series[0]).toMatchObject({ parameter: 'rw1_current', equipment: 'rw1' });
    expect(account.times).toHaveLength(account.series[0]?.measured.length ?? -1);
    expect(Math.max(...(account.series[0]?.measured.map(Number) ?? []))).toBe(10);
    expect(account.requests[0]?.trace.length).toBeGreaterThan(0);
    expect(account.recoveries[0]?.timeline.map(({ to }) => to)).toEqual(['proposed', 'waiting']);

    const recovery = overview.recoveries[0]?.id ?? '';
    expect(await order(`actions/${id(recovery)}/approve`, { comment: 'go' })).toEqual([
      200,
      expect.stringContaining('approved by ann'),
    ]);
    await until('the request on the wire', () => world.on('action').length === 1);
    expect(JSON.parse(world.on('action')[0] ?? '')).toMatchObject({ id: recovery, approvedBy: 'ann' });
    const told = await get<RecoveryAccount>(`actions/${id(recovery)}`);
    expect(told.recovery.approvedBy).toBe('ann');
    expect(told.trace.map(({ condition }) => condition).join()).toContain('anomaly.confidence');
    await until('the order on the stream', () => stream.on('order').some(({ by, ok }) => by === 'ann' && ok));
    expect(stream.on('recovery').map(({ state }) => state)).toEqual(expect.arrayContaining(['waiting', 'sent']));
    expect((await order(`actions/${id(recovery)}/approve`))[0]).toBe(409);

    const anomalyPath = `anomalies/${id(anomaly?.id ?? '')}`;
    expect((await order(`${anomalyPath}/verdict`, { verdict: 'rare-nominal', comment: 'a slew' }))[0]).toBe(200);
    expect((await order('anomalies/none/verdict', { verdict: 'true' }))[0]).toBe(404);
    // Over MQTT the daemon finds out later that there is no such anomaly: nothing is kept, and nobody hears of it.
    const nothing = await world.fdir('log', 'verdict', 'none', 'false');
    expect([nothing.status, nothing.stdout + nothing.stderr]).toEqual([1, expect.stringContaining('no anomaly has')]);
    expect((await order(`${anomalyPath}/verdict`, { verdict: 'rare-nominal', comment: 'a slew' }))[0]).toBe(200);
    await until('the verdicts', () => stream.on('verdict').length >= 2);
    expect(stream.on('verdict').map(({ id: about, entry }) => [about, entry.by])).toEqual([
      [anomaly?.id, 'ann'],
      [anomaly?.id, 'ann'],
    ]);
    const { verdicts } = await get<AnomalyAccount>(anomalyPath);
    expect(verdicts[0]).toMatchObject({ by: 'ann', verdict: 'rare-nominal', comment: 'a slew' });
    expect(verdicts).toHaveLength(2);
    expect((await get<Overview>('overview')).openAnomalies).toMatchObject([
      { verdict: 'rare-nominal', severity: 'medium' },
    ]);
    expect((await get<AnomalyList>('anomalies?verdict=rare-nominal&rule=switch-wheel')).items).toHaveLength(1);
    expect(await statusOf('anomalies?since=1h&until=2h')).toBe(400);
    stream.close();

    const rules = await get<RuleList>('rules');
    expect(rules.items).toMatchObject([{ id: 'switch-wheel', state: 'active', firings: 1, counts: { sent: 1 } }]);
    expect(rules.items[0]?.lastFiring).not.toBeNull();
  });

  test('alarms are acknowledged, shelved, and come back; rules and the function are switched', async () => {
    await startWithConsole();
    const stream = await openStream(url);
    await pass(10);
    await pass(4, { rw0_speed: 90 });
    const name = 'check/rw0_speed';
    const alarm = async () => (await get<AlarmList>('alarms')).items.find((item) => item.name === name);
    await until('the alarm', alarm);
    expect(await order(`alarms/${id(name)}/ack`, { comment: 'seen' })).toEqual([200, `${name} is acknowledged by ann`]);
    expect(await alarm()).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'ann', comment: 'seen' } });
    expect(await order(`alarms/${id(name)}/shelve`, { for: '1s' })).toEqual([
      409,
      `${name} is not shelved without a reason`,
    ]);
    expect((await order(`alarms/${id(name)}/shelve`, { for: '1s', comment: 'test' }))[0]).toBe(200);
    await until('it to be shelved', () => stream.on('alarm').some((item) => item.shelved?.by === 'ann'));
    await until('it to come back', async () => (await alarm())?.shelved === null);

    expect((await order('rules/switch-wheel/state', { state: 'disabled' }))[0]).toBe(200);
    expect((await get<RuleList>('rules')).items).toMatchObject([
      { state: 'disabled', configuredState: 'active', overriddenBy: 'ann' },
    ]);
    expect((await order('rules/switch-wheel/rearm'))[0]).toBe(200);
    expect((await order('rules/nonsense/rearm'))[0]).toBe(409);
    expect((await order('equipment/rw0/health', { health: 'faulty', comment: 'noise' }))[0]).toBe(200);
    await until('the health', async () =>
      (await get<Overview>('overview')).equipment.some(({ health, by }) => health === 'faulty' && by === 'ann'),
    );
    expect(await order('mode', { state: 'passive' })).toEqual([200, 'the daemon is passive by ann']);
    await world.isUp('passive');
    stream.close();
    const done = world.log(({ ledger }) => ledger.listOperatorActions());
    expect(done.map(({ by, request, ok }) => `${by} ${request} ${String(ok)}`)).toEqual([
      'ann action-state true',
      'ann equipment-health true',
      'ann rule-rearm false',
      'ann rule-rearm true',
      'ann action-state true',
      'ann alarm-shelve true',
      'ann alarm-shelve false',
      'ann alarm-ack true',
    ]);
  });

  test('two hundred clients that never read stop neither the pipeline nor the page of others', async () => {
    await startWithConsole();
    const { port, hostname } = new URL(url);
    const sockets: Socket[] = [];
    const clients = async () => (await get<HealthView>('health')).console.clients;
    try {
      for (let index = 0; index < 200; index += 1) {
        const socket = connect({ port: Number(port), host: hostname });
        socket.on('error', () => undefined);
        // It asks, and never reads: nothing listens to its data.
        socket.pause();
        socket.write('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
        sockets.push(socket);
      }
      await until('all of them to be listeners', async () => (await clients()) === 200);
      // A limit that is crossed every other second makes news for every one of them.
      const lines = tinyPass(1500, (index) => (index % 8 < 4 ? { rw0_speed: 90 } : {}));
      await runCli([
        'replay',
        work.write('pass.csv', lines),
        '--config',
        work.path('fdir.yaml'),
        '--mqtt',
        world.broker.url,
      ]);
      await until('every frame to be dealt with', async () => (await get<Overview>('overview')).pulse.frames === 1500);
      expect(world.on('check').length).toBeGreaterThan(300);
      const stream = await openStream(url);
      await until('the page of another', () => stream.on('pulse').length > 0);
      stream.close();
      sockets.splice(0, 100).forEach((socket) => socket.destroy());
      await until('half of them to be gone', async () => (await clients()) === 100);
      // One that never ends its request either.
      sockets.push(connect({ port: Number(port), host: hostname }).on('error', () => undefined));
      sockets.at(-1)?.write('GET /api/v1/overview HTTP/1.1\r\nHost: loc');
      expect((await world.stop())?.status).toBe(0);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });

  test('a log that is away is 503, and read again when it is back; the daemon goes on', async () => {
    await startWithConsole();
    await pass(10);
    expect(await statusOf('anomalies')).toBe(200);
    renameSync(work.path('daemon.db'), work.path('elsewhere.db'));
    expect([await statusOf('anomalies'), await statusOf('overview'), await statusOf('rules')]).toEqual([503, 200, 200]);
    renameSync(work.path('elsewhere.db'), work.path('daemon.db'));
    expect(await statusOf('anomalies')).toBe(200);
    await pass(12, { rw1_current: 10 });
    await until('the anomaly in the log', async () => (await get<AnomalyList>('anomalies')).items.length === 1);
  });

  test('who comes back after a restart gets everything anew, and who only blinked what it missed', async () => {
    await startWithConsole();
    const first = await openStream(url);
    await pass(10);
    await pass(12, { rw1_current: 10 });
    await until('the anomaly', () => first.on('anomaly').length > 0);
    const firstId = first.heard.find(({ name }) => name === 'snapshot')?.id ?? '';
    const again = await openStream(url, { 'last-event-id': firstId });
    await until('what was missed', () => again.on('anomaly').length > 0);
    expect(again.on('snapshot')).toEqual([]);
    expect(new Set(again.heard.flatMap(({ id: own }) => own ?? [])).size).toBe(
      again.heard.filter(({ id: own }) => own !== undefined).length,
    );
    const lastId = again.heard.findLast(({ id: own }) => own !== undefined)?.id ?? '';
    await world.stop();
    await until('both streams to end', () => first.isOver() && again.isOver());
    await startWithConsole();
    const anew = await openStream(url, { 'last-event-id': lastId });
    await until('a snapshot', () => anew.on('snapshot').length === 1);
    expect(anew.on('snapshot')[0]).toMatchObject({
      alarms: [{ name: 'anomaly/rw1' }],
      openAnomalies: [{ equipment: 'rw1' }],
    });
    anew.close();
  });

  test('a recorded pass is replayed beside the live one, and is not live', async () => {
    work.write('recorded.csv', tinyPass(300, offsetOnWheel1));
    await startWithConsole();
    expect(await get<ReplayList>('replays')).toMatchObject({
      isAvailable: true,
      passes: [{ name: 'recorded.csv' }],
      runs: [],
    });
    expect(await order('replays', { pass: '../recorded.csv' })).toEqual([
      404,
      expect.stringContaining('no recorded pass'),
    ]);
    expect((await order('replays', { pass: 'recorded.csv' }))[0]).toBe(201);
    const run = await until('the replay to end', async () => {
      const [newest] = (await get<ReplayList>('replays')).runs;
      return newest !== undefined && newest.state !== 'running' && newest;
    });
    expect(run).toMatchObject({
      isLive: false,
      state: 'done',
      startedBy: 'ann',
      frames: 300,
      progress: 1,
      anomalies: [{ equipment: 'rw1', state: 'closed' }],
    });
    const account = await get<AnomalyAccount>(`replays/${run.id}/anomalies/${id(run.anomalies[0]?.id ?? '')}`);
    expect(account).toMatchObject({ isLive: false, anomaly: { verdict: { equipment: 'rw1' } } });
    expect(await get<AnomalyList>('anomalies')).toMatchObject({ items: [] });
    expect(world.on('anomaly')).toEqual([]);
    expect(world.on('action')).toEqual([]);

    expect((await order('replays', { pass: 'recorded.csv', speed: 'realtime' }))[0]).toBe(201);
    const [slow] = (await get<ReplayList>('replays')).runs;
    expect((await order(`replays/${slow?.id ?? ''}/stop`))[0]).toBe(200);
    expect(await get<ReplayView>(`replays/${slow?.id ?? ''}`)).toMatchObject({ state: 'stopped' });
    expect((await order(`replays/${slow?.id ?? ''}/stop`))[0]).toBe(409);
  });

  test('a port that is taken is told, and the daemon watches all the same', async () => {
    configure(`{ port: ${String(world.broker.port)} }`);
    const running = await world.start();
    await until('the complaint', () => running.stderr().includes('the port is taken'));
    expect(running.stderr()).toContain(
      `console at 127.0.0.1:${String(world.broker.port)}: the port is taken; set console.port`,
    );
    await pass(10);
    await pass(12, { rw1_current: 10 });
    await until('the anomaly', () => world.on('anomaly').length > 0);
  });

  test('status and health say that the port is taken, and that the console serves once it is free', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as AddressInfo;
    configure(`{ port: ${String(port)} }`);
    await world.start();
    const said = () => world.documents<Health>('health').at(-1)?.console;
    const status = async () => (await world.fdir('status')).stdout;
    await until('the health to say so', () => said()?.state === 'retrying');
    expect(said()).toEqual({ state: 'retrying', url: null, reason: expect.stringContaining('the port is taken') });
    expect(await status()).toMatch(/^ {2}console {5}cannot serve, and is tried again: console at .*the port is taken/m);
    await new Promise((resolve) => squatter.close(resolve));
    await until('the console', () => said()?.state === 'serving', 30_000);
    const address = `http://127.0.0.1:${String(port)}`;
    expect(said()).toEqual({ state: 'serving', url: address, reason: null });
    expect(await status()).toContain(`  console     serves at ${address}\n`);
    expect((await fetch(`${address}/api/v1/overview`)).status).toBe(200);
  });

  test('after a reload the console shows the new model and the new rules, and metrics name the model', async () => {
    const console = '{ port: 0, passes: ., tokens: [{ name: ann, file: ann.token }] }\nmetrics: { port: 0 }';
    configure(console);
    await startWithConsole();
    const stream = await openStream(url);
    expect(await get<ModelView>('model')).toMatchObject({ id: 'tiny' });
    const next = await writeTinyPackage(work.path('next'), tinyMission(), { std: 3 });
    writeFileSync(work.path('next/model.json'), JSON.stringify({ ...next, id: 'next' }));
    work.write('rules.yaml', wheelRules().replace('Switch off the wheel', 'Switch it off'));
    // As a shadow it changes nothing that people see of the model that judges.
    configure(console, 'model: model\nshadow: next');
    expect((await world.fdir('reload')).stdout).toContain('shadow next');
    await until('the rules', () => stream.on('rule').length > 0);
    expect((await get<RuleList>('rules')).items).toMatchObject([{ title: 'Switch it off' }]);
    expect(await get<ModelView>('model')).toMatchObject({ id: 'tiny' });
    expect(stream.on('model')).toEqual([]);
    configure(console, 'model: next');
    expect((await world.fdir('reload')).stdout).toContain('the model is next');
    await until('the model', () => stream.on('model').length > 0);
    const { id: name, sha256 } = await get<ModelView>('model');
    expect(stream.on('model')).toEqual([{ id: name, sha256 }]);
    expect(name).toBe('next');
    const metrics = /"url":"(http:[^"]+)","msg":"metrics"/.exec(world.daemon?.stderr() ?? '')?.[1] ?? '';
    const text = await (await fetch(metrics)).text();
    expect(text).toMatch(/fdir_build_info\{.*model="next".*\} 1/);
    expect(text).not.toMatch(/fdir_build_info\{.*model="tiny"/);
    stream.close();
    // Who comes later finds the same.
    const late = await openStream(url);
    expect((await get<ModelView>('model')).id).toBe('next');
    late.close();
  });

  test('without a console none is served', async () => {
    configure('false');
    const running = await world.start();
    await pass(3);
    expect(running.stderr()).not.toContain('"msg":"console"');
  });

  test.each([
    ['a token that others can read', '{ port: 0, tokens: [{ name: ann, file: open.token }] }', 'chmod 600'],
    ['a token that is not there', '{ port: 0, tokens: [{ name: ann, file: none.token }] }', 'none.token'],
    ['a token that can be guessed', '{ port: 0, tokens: [{ name: ann, file: short.token }] }', 'openssl rand -hex 16'],
    ['a credential without systemd', '{ port: 0, tokens: [{ name: ann, credential: x }] }', 'CREDENTIALS_DIRECTORY'],
    ['everybody without a token', '{ host: 0.0.0.0 }', 'must name a token'],
    ['a name twice', '{ tokens: [{ name: a, file: ann.token }, { name: a, file: ann.token }] }', 'named twice'],
  ])('%s is refused before anything starts, by check too', async (_what, console, told) => {
    work.write('open.token', TOKEN);
    work.write('short.token', 'secret\n');
    chmodSync(work.path('short.token'), 0o600);
    configure(console);
    for (const verb of ['run', 'check']) {
      const { status, stderr } = await world.fdir(verb);
      expect({ verb, status, told: stderr.includes(told) ? told : stderr }).toEqual({ verb, status: 2, told });
    }
  });
});
