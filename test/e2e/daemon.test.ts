import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PipelineEvent } from '../../src/domain/events';
import { isoTime } from '../../src/domain/units';
import { runCli } from '../support/cli';
import { DaemonWorld, frameText } from '../support/daemon-world';
import { freePort } from '../support/free-port';
import { listen, type Listener } from '../support/listener';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { offsetOnWheel1, T0, tinyPass } from '../support/tiny-mission';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

/** The summary a daemon writes when it stops. */
const summaryOf = (stderr: string): Record<string, unknown> => {
  const line = stderr.split('\n').find((text) => text.includes('"msg":"stopped"')) ?? '{}';
  return (JSON.parse(line) as { summary?: Record<string, unknown> }).summary ?? {};
};

describeWithBroker('the daemon', () => {
  let world: DaemonWorld;
  let work: Workspace;
  let broker: Broker;
  let listener: Listener;
  beforeEach(async () => {
    world = await DaemonWorld.open();
    ({ work, broker, listener } = world);
  });
  afterEach(() => world.close());

  /** Only what every mission has: its limits. */
  const limitsOnly = { model: undefined, rules: undefined, mode: undefined };

  test('a pass sent through the broker brings the modes of its time, each before the first frame it applies to', async () => {
    const pass = work.write('pass.csv', tinyPass(250));
    const modeAt = (second: number, mode: string): string => `${isoTime(T0 + second * 1000)},${mode}`;
    const modes = work.write('modes.csv', ['time,mode', modeAt(120, 'SLEW'), modeAt(0, 'POINT'), modeAt(900, 'SAFE')]);
    const args = ['replay', pass, '--config', work.path('fdir.yaml'), '--mqtt', broker.url, '--modes', modes];
    const { stderr } = await runCli(args);
    await until('the last frames', () => listener.on('fdir/TINY-1/tm').length === 4);
    const heard = listener.heard.flatMap(({ topic, payload }): (string | number)[] => {
      const said = JSON.parse(payload) as { readonly mode: string } & readonly unknown[];
      return topic.endsWith('/mode') ? [said.mode] : topic.endsWith('/tm') ? [said.length] : [];
    });
    expect(heard).toEqual(['POINT', 100, 20, 'SLEW', 100, 30]);
    expect(stderr).toContain('1 modes are of later times than the recording, and were left out');
    const late = await listen(broker.url);
    await until('the retained mode', () => late.heard.some(({ topic, retain }) => topic.endsWith('/mode') && retain));
    expect(late.on('fdir/TINY-1/mode')).toEqual([JSON.stringify({ time: isoTime(T0 + 120_000), mode: 'SLEW' })]);
    await late.close();
  });

  test('decides on a pass sent through the broker exactly as its replay does', async () => {
    // More frames than a broker queues messages for one subscriber.
    const pass = work.write('pass.csv', tinyPass(1500, offsetOnWheel1));
    const replayed = (await runCli(['replay', pass, '--config', work.path('fdir.yaml'), '--json'])).stdout
      .trim()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as PipelineEvent);
    await world.start();
    const sent = await runCli(['replay', pass, '--config', work.path('fdir.yaml'), '--mqtt', broker.url, '--json']);
    expect(JSON.parse(sent.stdout)).toEqual({ type: 'published', frames: 1500 });
    await until(
      'every decision',
      () => listener.heard.filter(({ topic }) => /anomaly|action$/.test(topic)).length >= replayed.length,
    );
    const decided = listener.heard
      .filter(({ topic }) => /(anomaly|action)$/.test(topic))
      .map(({ topic, payload }) => ({ type: topic.split('/').at(-1), ...(JSON.parse(payload) as object) }));
    // A request takes the longer way of quality of service 2: the broker keeps the order within a topic only.
    const ofType = (type: string, events: readonly object[]) =>
      events.filter((event) => 'type' in event && event.type === type);
    for (const type of ['anomaly', 'action']) expect(ofType(type, decided)).toEqual(ofType(type, replayed));
    // A last frame out of limits shows that everything before it has been dealt with.
    await listener.publish('fdir/TINY-1/tm', frameText(1500, { rw0_speed: 60 }));
    await until('the last frame', () => listener.on('fdir/TINY-1/check').length > 0);
    const { stderr } = (await world.stop()) ?? { stderr: '' };
    expect(summaryOf(stderr)).toEqual({
      type: 'summary',
      frames: 1501,
      windows: 749,
      unscored: 0,
      anomalies: 1,
      actions: 1,
      dropped: {},
    });
    const { revisions, actions } = world.log((log) => log.showAnomaly('TINY-1/2026-03-01T00:00:19Z/rw1')) ?? {};
    expect([...(revisions ?? []), ...(actions ?? [])].length).toBe(replayed.length);
  });

  test('keeps running whatever is thrown at it, and counts everything it did not use', async () => {
    world.configure(limitsOnly);
    await world.start('passive');
    const tm = 'fdir/TINY-1/tm';
    const garbage: [string, string | Buffer][] = [
      [tm, '{"time": "2026-03-01T00:00:00Z", "values": '],
      [tm, Buffer.from([0xff, 0xfe, 0x00])],
      [tm, '[1, 2, {"time": "soon", "values": {}}]'],
      [tm, JSON.stringify({ time: T0 / 1000, values: { rw0_speed: 'fast', nobody: 1 } })],
      [tm, '{"time": 1772323200, "values": {"rw0_speed": NaN, "rw1_speed": 1e999}}'],
      [tm, JSON.stringify({ time: '1975-01-01T00:00:00Z', values: { rw0_speed: 1 } })],
      [tm, JSON.stringify({ time: '2999-01-01T00:00:00Z', values: { rw0_speed: 1 } })],
      [tm, Buffer.alloc(10 * 1024 * 1024, 0x20)],
      [`${tm}/nobody`, '1'],
      [`${tm}/rw0_speed`, '"fast"'],
      [tm, '{"time": 1772323200, "values": {"__proto__": {"polluted": 1}, "constructor": 1}}'],
    ];
    for (const [topic, payload] of garbage) await listener.publish(topic, payload);
    await listener.publish(tm, frameText(1));
    await listener.publish(tm, frameText(2, { rw0_speed: 90 }));
    await until('the limit transition', () => listener.on('fdir/TINY-1/check').length >= 2);
    expect(listener.on('fdir/TINY-1/check').map((text) => JSON.parse(text) as object)).toMatchObject([
      { parameter: 'rw0_speed', limit: 'warning', to: 'aboveHighLimit', value: 90 },
      { parameter: 'rw0_speed', limit: 'critical', to: 'aboveHighLimit', value: 90 },
    ]);
    const { status, stderr } = (await world.stop()) ?? {};
    expect(status).toBe(0);
    expect(summaryOf(stderr ?? '')['dropped']).toEqual({
      malformed: 7,
      'unknown-parameter': 4,
      // A bare NaN is a missing sample (CONTRACTS section 2); 1e999 is no number.
      'not-finite': 1,
      past: 1,
      future: 1,
      oversized: 1,
    });
    expect(listener.on('fdir/TINY-1/state').at(-1)).toBe('offline');
  });

  test('tells health on connecting, retained, with counters and ages', async () => {
    world.run();
    expect(await world.health('of any kind', () => true)).toMatchObject({
      schemaVersion: 1,
      mode: 'active',
      model: 'tiny',
      mqttVersion: '5',
      impaired: [],
      frames: 0,
      dropped: {},
      lastMessageAgeSeconds: null,
    });
  });

  test('says offline through its last will when it is killed', async () => {
    await world.start();
    await world.kill();
    await world.isUp('offline');
  });

  test('takes up what was sent while it was away', async () => {
    world.configure(limitsOnly);
    await world.start('passive');
    await world.stop();
    await listener.publish('fdir/TINY-1/tm', frameText(1, { rw0_speed: 60 }));
    await world.start('passive');
    await until('the limit transition', () => listener.on('fdir/TINY-1/check').length > 0);
  });

  test('starts without a broker, says so, and connects when there is one', async () => {
    const port = await freePort();
    world.configure({ ...limitsOnly, mqtt: { url: `mqtt://127.0.0.1:${String(port)}` } });
    const { stderr } = world.run();
    await until('the complaint', () => stderr().includes(`cannot reach mqtt://127.0.0.1:${String(port)}`));
    const late = await startBroker(port);
    try {
      await until('the connection', () => stderr().includes('connected to the broker'));
      expect((await world.stop())?.status).toBe(0);
    } finally {
      await late.stop();
    }
  });
});

describe('a start that is refused', () => {
  let work: Workspace;
  beforeEach(async () => {
    work = await makeWorkspace();
  });
  afterEach(() => {
    work.remove();
  });

  test('names every problem of every file with its line and leaves with 2', async () => {
    work.write(
      'mission.yaml',
      'spacecraft: TINY-1\nsampling: { period: soon }\nparameters:\n  - { id: a }\n  - { id: a, colour: red }\n',
    );
    work.write('rules.yaml', 'eventActions:\n  - id: X\n');
    const config = work.write('wrong.yaml', 'mission: mission.yaml\nrules: [rules.yaml]\n');
    const { status, stdout, stderr } = await runCli(['run', '--config', config]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('mission.yaml:2: sampling.period: "soon" is not a duration');
    expect(stderr).toContain('mission.yaml:5: parameters[1].colour: unknown key');
    expect(stderr).toContain('rules.yaml:2: eventActions[0].id');
  });

  test.each([
    ['an unknown key', 'mission: mission.yaml\nmision: typo\n', 'wrong.yaml:2: mision: unknown key'],
    ['no mission', 'mode: active\n', 'wrong.yaml:1: mission'],
    ['a mission that is not there', 'mission: nowhere.yaml\n', 'nowhere.yaml'],
    ['an unknown mode', 'mission: mission.yaml\nmode: eager\n', 'wrong.yaml:2: mode'],
    ['a broker that is no URL', 'mission: mission.yaml\nmqtt: { url: localhost }\n', 'wrong.yaml:2: mqtt.url'],
    ['no YAML', 'mission: [\n', 'wrong.yaml:'],
    ['a model that is not there', 'mission: mission.yaml\nmodel: nowhere\n', 'nowhere/model.json'],
  ])('%s', async (_what, text, complaint) => {
    const { status, stderr } = await runCli(['run', '--config', work.write('wrong.yaml', text)]);
    expect(status).toBe(2);
    expect(stderr).toContain(complaint);
  });

  test.each([
    ['run', []],
    ['check', []],
    ['replay', ['pass.csv']],
  ])('a missing file for %s', async (verb, args) => {
    const { status, stderr } = await runCli([verb, ...args, '--config', work.path('nowhere.yaml')]);
    expect({ status, named: stderr.includes('nowhere.yaml') }).toEqual({ status: 2, named: true });
  });

  test('a truncated model', async () => {
    work.write(
      'model/model.onnx',
      readFileSync(join(work.folder, 'model/model.onnx')).subarray(0, 100).toString('latin1'),
    );
    const { status, stderr } = await runCli(['run', '--config', work.path('fdir.yaml')]);
    expect(status).toBe(2);
    expect(stderr).toContain('its sha256 is');
  });

  test('fdir check tells the same as one JSON document', async () => {
    const good = await runCli(['check', '--config', work.path('fdir.yaml'), '--json']);
    expect({ status: good.status, ...(JSON.parse(good.stdout) as object) }).toMatchObject({
      status: 0,
      ok: true,
      parameters: 4,
      rules: 1,
    });
    work.write('wrong.yaml', 'mission: mission.yaml\nmode: eager\n');
    const bad = await runCli(['check', '--config', work.path('wrong.yaml'), '--json']);
    expect({ status: bad.status, ...(JSON.parse(bad.stdout) as object) }).toMatchObject({
      status: 2,
      ok: false,
      problems: [{ line: 2, path: 'mode' }],
    });
  });

  test.each([
    ['a file that is not there', 'nowhere.csv', undefined, 'cannot read'],
    ['an empty file', 'empty.csv', '', 'it is empty'],
    ['a header only', 'header.csv', 'time,rw0_speed\n', 'holds no good line'],
    ['another kind of file', 'other.csv', 'a,b\n1,2\n', 'the first column is "a"'],
    ['nothing but bad lines', 'bad.csv', 'time,rw0_speed\nx,1\ny,2\n', 'holds no good line'],
  ])('a replay of %s', async (_what, name, content, complaint) => {
    if (content !== undefined) work.write(name, content);
    const { status, stderr } = await runCli(['replay', work.path(name), '--config', work.path('limits.yaml')]);
    expect(status).toBe(2);
    expect(stderr).toContain(complaint);
  });

  test('a replay to a broker that is not there fails at run time', async () => {
    const url = `mqtt://127.0.0.1:${String(await freePort())}`;
    const pass = work.write('pass.csv', tinyPass(5));
    const { status, stderr } = await runCli(['replay', pass, '--config', work.path('limits.yaml'), '--mqtt', url]);
    expect(status).toBe(3);
    expect(stderr).toContain('does not answer');
  });

  test.each([
    [['replay']],
    [['replay', 'x.csv', '--config', 'y', '--nonsense']],
    [['nonsense']],
    [['run', '--config', 'x', '--log-level', 'loud']],
    [['log', 'show', 'x']],
  ])('usage errors leave with 2: %j', async (args) => {
    expect((await runCli(args)).status).toBe(2);
  });
});
