import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Health } from '../../src/domain/health';
import { runCli, type Running } from '../support/cli';
import { DaemonWorld } from '../support/daemon-world';
import { describeWithBroker } from '../support/mosquitto';
import { offsetOnWheel1, tinyMission } from '../support/tiny-mission';
import { writeTinyPackage } from '../support/tiny-model';
import { until } from '../support/until';
import type { Workspace } from '../support/workspace';

describeWithBroker('models of a running daemon', () => {
  let world: DaemonWorld;
  let work: Workspace;

  beforeEach(async () => {
    world = await DaemonWorld.open();
    ({ work } = world);
    // Less sensitive: a window that the fault only half fills is above the threshold of the live model alone.
    const next = await writeTinyPackage(work.path('next'), tinyMission(), { std: 3 });
    writeFileSync(work.path('next/model.json'), JSON.stringify({ ...next, id: 'next' }));
  });
  afterEach(() => world.close());

  const configure = (models: Readonly<Record<string, string>>): string => world.configure(models);
  const start = (models: Readonly<Record<string, string>>): Promise<Running> => {
    configure(models);
    return world.start();
  };
  const reload = () => world.fdir('reload', '--by', 'ann');
  const send = (count: number): Promise<void> => world.pass(count, (second) => offsetOnWheel1(second % 60));
  const anomalies = () => world.documents<{ state: string; model: { id: string } }>('anomaly');
  const closed = (count: number) =>
    until('closed anomalies', () => anomalies().filter(({ state }) => state === 'closed').length >= count);

  test('a model takes over on reload, and records name the one that scored', async () => {
    await start({ model: 'model' });
    await send(60);
    await closed(1);
    configure({ model: 'next' });
    expect(await reload()).toMatchObject({ status: 0, stdout: expect.stringContaining('the model is next') as string });
    await send(60);
    await closed(2);
    const names = anomalies().map(({ model }) => model.id);
    expect([names[0], names.at(-1)]).toEqual(['tiny', 'next']);
    const health = await world.health('of the next model', ({ model }) => model === 'next');
    expect(health.impaired).toEqual([]);
    // What was remembered since is about the new model, and gone on with after a restart.
    await world.stop();
    const again = await start({ model: 'next' });
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
    await start({ model: 'model' });
    for (const models of [{ model: 'next' }, { model: 'model', shadow: 'next' }]) {
      if (words === 'other classes' && 'shadow' in models) continue;
      configure(models);
      expect(await reload()).toMatchObject({ status: 1, stdout: expect.stringContaining(words) as string });
    }
    await send(60);
    await closed(1);
    expect(new Set(anomalies().map(({ model }) => model.id))).toEqual(new Set(['tiny']));
    expect(world.daemon?.stderr()).toContain(words);
  });

  test('a shadow is compared with the live model, decides nothing, and is reported', async () => {
    await start({ model: 'model' });
    configure({ model: 'model', shadow: 'next' });
    expect((await reload()).stdout).toContain('shadow next');
    // One window at a time is with the shadow: what is sent one by one it can follow.
    await send(60);
    await closed(1);
    expect(new Set(anomalies().map(({ model }) => model.id))).toEqual(new Set(['tiny']));
    const { config } = world;
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
    configure({ model: 'model' });
    expect((await reload()).status).toBe(0);
  });

  test('a daemon without a shadow says so', async () => {
    await start({ model: 'model' });
    await world.health('of any kind', () => true);
    const { status, stderr } = await world.fdir('shadow', 'report');
    expect({ status, told: stderr.includes('no shadow model') }).toEqual({ status: 2, told: true });
  });
});
