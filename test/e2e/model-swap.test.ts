import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Health } from '../../src/domain/health';
import { runCli, startCli, type Running } from '../support/cli';
import { listen, type Listener } from '../support/listener';
import { describeWithBroker, startBroker, type Broker } from '../support/mosquitto';
import { offsetOnWheel1, T0, tinyMission, tinyValues } from '../support/tiny-mission';
import { writeTinyPackage } from '../support/tiny-model';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

describeWithBroker('models of a running daemon', () => {
  let work: Workspace;
  let broker: Broker;
  let listener: Listener;
  let daemon: Running | undefined;
  let sent = 0;

  beforeEach(async () => {
    work = await makeWorkspace();
    broker = await startBroker();
    listener = await listen(broker.url);
    sent = 0;
    // Less sensitive: a window that the fault only half fills is above the threshold of the live model alone.
    const next = await writeTinyPackage(work.path('next'), tinyMission(), { std: 3 });
    writeFileSync(work.path('next/model.json'), JSON.stringify({ ...next, id: 'next' }));
  });
  afterEach(async () => {
    await daemon?.stop();
    daemon = undefined;
    await listener.close();
    await broker.stop();
    work.remove();
  });

  const configure = (models: string): void => {
    work.write(
      'daemon.yaml',
      `mission: mission.yaml\n${models}rules: [rules.yaml]\nmode: active\nconsole: false\nmqtt: { url: ${broker.url} }\nlog: { path: daemon.db }\n`,
    );
  };
  const start = async (models: string): Promise<Running> => {
    configure(models);
    daemon = startCli(['run', '--config', work.path('daemon.yaml')]);
    await until('the daemon', () => listener.on('fdir/TINY-1/state').at(-1) === 'online');
    return daemon;
  };
  const reload = () => runCli(['reload', '--config', work.path('daemon.yaml'), '--by', 'ann']);
  const send = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1, sent += 1) {
      const time = new Date(T0 + sent * 1000).toISOString();
      await listener.publish(
        'fdir/TINY-1/tm',
        JSON.stringify({ time, values: tinyValues(sent, offsetOnWheel1(sent % 60)) }),
      );
    }
  };
  const anomalies = () =>
    listener.on('fdir/TINY-1/anomaly').map((text) => JSON.parse(text) as { state: string; model: { id: string } });
  const closed = (count: number) =>
    until('closed anomalies', () => anomalies().filter(({ state }) => state === 'closed').length >= count);

  test('a model takes over on reload, and records name the one that scored', async () => {
    await start('model: model\n');
    await send(60);
    await closed(1);
    configure('model: next\n');
    expect(await reload()).toMatchObject({ status: 0, stdout: expect.stringContaining('the model is next') as string });
    await send(60);
    await closed(2);
    const names = anomalies().map(({ model }) => model.id);
    expect([names[0], names.at(-1)]).toEqual(['tiny', 'next']);
    const health = await until('health', () =>
      listener
        .on('fdir/TINY-1/health')
        .map((text) => JSON.parse(text) as Health)
        .find(({ model }) => model === 'next'),
    );
    expect(health.impaired).toEqual([]);
    // What was remembered since is about the new model, and gone on with after a restart.
    await daemon?.stop();
    const again = await start('model: next\n');
    await until('the connection', () => again.stderr().includes('connected to the broker'));
    expect(again.stderr()).not.toContain('not gone on with');
  });

  test.each([
    [
      'computes something else than it was fitted with',
      () => {
        const manifest = JSON.parse(readFileSync(work.path('next/model.json'), 'utf8')) as {
          golden: { outputs: Record<string, number[]> };
        };
        manifest.golden.outputs['score'] = [123];
        writeFileSync(work.path('next/model.json'), JSON.stringify(manifest));
      },
      'differs from the golden vector',
    ],
    [
      'was cut short',
      () => {
        writeFileSync(work.path('next/model.onnx'), readFileSync(work.path('next/model.onnx')).subarray(0, 200));
      },
      'its sha256 is',
    ],
    [
      'has other classes',
      () => {
        const manifest = JSON.parse(readFileSync(work.path('next/model.json'), 'utf8')) as {
          tasks: { classes: string[] }[];
        };
        for (const task of manifest.tasks) task.classes = ['nominal', 'drift'];
        writeFileSync(work.path('next/model.json'), JSON.stringify(manifest));
      },
      'other classes',
    ],
    [
      'is not there',
      () => {
        rmSync(work.path('next'), { recursive: true });
      },
      'next',
    ],
  ])('a model that %s is refused on reload, and the old one goes on', async (_what, spoil, words) => {
    spoil();
    await start('model: model\n');
    for (const models of ['model: next\n', 'model: model\nshadow: next\n']) {
      if (words === 'other classes' && models.includes('shadow')) continue;
      configure(models);
      expect(await reload()).toMatchObject({ status: 1, stdout: expect.stringContaining(words) as string });
    }
    await send(60);
    await closed(1);
    expect(new Set(anomalies().map(({ model }) => model.id))).toEqual(new Set(['tiny']));
    expect(daemon?.stderr()).toContain(words);
  });

  test('a shadow is compared with the live model, decides nothing, and is reported', async () => {
    await start('model: model\n');
    configure('model: model\nshadow: next\n');
    expect((await reload()).stdout).toContain('shadow next');
    // One window at a time is with the shadow: what is sent one by one it can follow.
    await send(60);
    await closed(1);
    expect(new Set(anomalies().map(({ model }) => model.id))).toEqual(new Set(['tiny']));
    const config = work.path('daemon.yaml');
    const report = await until(
      'the report',
      async () => {
        const { status, stdout } = await runCli(['shadow', 'report', '--config', config, '--json']);
        const found = status === 0 ? (JSON.parse(stdout) as NonNullable<Health['shadow']>) : undefined;
        return found !== undefined && found.compared > 0 ? found : undefined;
      },
      40_000,
    );
    expect(report).toMatchObject({ live: { id: 'tiny' }, shadow: { id: 'next' }, failed: 0, trouble: null });
    expect(report.onlyLive).toBeGreaterThan(0);
    expect(report.onlyShadow).toBe(0);
    expect(report.compared).toBe(report.both + report.neither + report.onlyLive + report.onlyShadow);
    const { stdout } = await runCli(['shadow', 'report', '--config', config]);
    expect(stdout).toContain('only the live one');
    // Taken away again.
    configure('model: model\n');
    expect((await reload()).status).toBe(0);
  });

  test('a daemon without a shadow says so', async () => {
    await start('model: model\n');
    await until('health', () => listener.on('fdir/TINY-1/health').length > 0);
    appendFileSync(work.path('daemon.yaml'), '\n');
    const { status, stderr } = await runCli(['shadow', 'report', '--config', work.path('daemon.yaml')]);
    expect({ status, told: stderr.includes('no shadow model') }).toEqual({ status: 2, told: true });
  });
});
