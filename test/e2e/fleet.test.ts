/** A fleet from the command line: checked, run, shown, steered, stopped. */
import { fleetSchema } from '../../src/console/api/fleet';
import { freePort } from '../../src/bench/free-port';
import { runCli, startCli, type Running } from '../support/cli';
import { startBroker, type Broker } from '../support/mosquitto';
import { describeWithDatabase, startPostgres, type Postgres } from '../support/postgres';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

interface Status {
  readonly orphans: number;
  readonly workers: readonly { readonly name: string; readonly partitions: number; readonly isDraining: boolean }[];
}

describeWithDatabase('fdir with a fleet', () => {
  let broker: Broker;
  let postgres: Postgres;
  let workspace: Workspace;
  const running: Running[] = [];

  beforeAll(async () => {
    [broker, postgres, workspace] = [await startBroker(), await startPostgres(), await makeWorkspace()];
  }, 60_000);

  afterAll(async () => {
    for (const each of running) await each.stop();
    await broker.stop();
    await postgres.stop();
    workspace.remove();
  });

  const write = (worker: string, consolePort: number | undefined): string =>
    workspace.write(`${worker}.yaml`, [
      'mode: active',
      consolePort === undefined ? 'console: false' : `console: { port: ${String(consolePort)} }`,
      `mqtt: { url: "${broker.url}" }`,
      'fleet:',
      '  members: [{ mission: mission.yaml, model: model, rules: [rules.yaml], spacecraft: { pattern: "SAT-{01..12}" } }]',
      '  partitions: 4',
      `  worker: ${worker}`,
      '  lease: 2s',
      `store: { postgres: { url: "${postgres.url}", passwordFile: "${postgres.passwordFile}" } }`,
    ]);
  const run = (file: string): Running => {
    const started = startCli(['run', '--config', file, '--log-level', 'warn']);
    running.push(started);
    return started;
  };
  const statusOf = async (file: string): Promise<Status> => {
    const { stdout, stderr } = await runCli(['fleet', 'status', '--config', file, '--json']);
    // Before the first worker there are no tables.
    return stdout === '' && stderr.includes('no tables yet')
      ? { orphans: 4, workers: [] }
      : (JSON.parse(stdout) as Status);
  };

  test('check says what the fleet is, and a mistake has its line', async () => {
    const good = await runCli(['check', '--config', write('w1', undefined), '--json']);
    expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, spacecraft: 12, partitions: 4 });
    const bad = workspace.write('bad.yaml', [
      'fleet:',
      '  members:',
      '    - mission: mission.yaml',
      '      spacecraft: { pattern: "SAT-{12..01}" }',
    ]);
    const told = await runCli(['check', '--config', bad]);
    expect(told.status).toBe(2);
    expect(told.stderr).toMatch(/bad\.yaml:4: .*is no pattern/);
  });

  test('a command about one spacecraft says so', async () => {
    const told = await runCli(['rules', 'check', '--config', write('w1', undefined)]);
    expect(told.status).toBe(2);
    expect(told.stderr).toContain('is about a fleet');
  });

  test('workers run, are shown, drained and stopped; the console has the grid', async () => {
    const port = await freePort();
    const [first, second] = [write('w1', port), write('w2', undefined)];
    const one = run(first);
    run(second);
    await until(
      'both to have two partitions',
      async () => {
        const { workers, orphans } = await statusOf(first);
        return orphans === 0 && workers.length === 2 && workers.every(({ partitions }) => partitions === 2);
      },
      60_000,
    );
    const grid = await until('the grid', async () => {
      const answer = await fetch(`http://127.0.0.1:${String(port)}/api/v1/fleet?sort=name`).catch(() => undefined);
      const view = answer?.ok === true ? fleetSchema.parse(await answer.json()) : undefined;
      return view !== undefined && view.total > 0 && view;
    });
    expect(grid).toMatchObject({ worker: 'w1' });
    const shown = grid.rows[0]?.spacecraft ?? '';
    const ofOne = await fetch(`http://127.0.0.1:${String(port)}/api/v1/fleet/${shown}/anomalies`);
    expect({ status: ofOne.status, found: await ofOne.json() }).toEqual({
      status: 200,
      found: { items: [], next: null },
    });
    expect((await runCli(['fleet', 'drain', 'w1', '--config', second])).stdout).toContain('gives its partitions away');
    await until('the other to have all', async () =>
      (await statusOf(second)).workers.some(({ name, partitions }) => name === 'w2' && partitions === 4),
    );
    expect((await runCli(['fleet', 'move', '0', 'nobody', '--config', second])).status).toBe(1);
    expect((await one.stop()).status).toBe(0);
    expect((await statusOf(second)).workers.map(({ name }) => name)).toEqual(['w2']);
  }, 120_000);
});
