/** The same pass through SQLite and PostgreSQL: the same records, read by the same commands. And a backup that is restored. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import { databaseOf, openPool, prepareDatabase } from '../../src/adapters/postgres/pg-connect';
import { forgetMonths } from '../../src/adapters/postgres/pg-retention';
import type { Broker } from '../../src/bench/mosquitto';
import { fly, listenToFleet, startTestFleet, writeFleet, type FleetListener } from '../support/fleet-world';
import { startBroker } from '../support/mosquitto';
import { describeWithDatabase, startPostgres, type Postgres } from '../support/postgres';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

const NAMES = ['SAT-1', 'SAT-2', 'SAT-3'];
const FAULTY = ['SAT-1', 'SAT-3'];
const CLI = join(__dirname, '../../dist/cli.js');

describeWithDatabase('the log of a fleet', () => {
  let postgres: Postgres;
  let broker: Broker;
  let workspace: Workspace;
  let listener: FleetListener;

  beforeAll(async () => {
    postgres = await startPostgres();
    workspace = await makeWorkspace();
    for (const kind of ['sqlite', 'postgres']) await record(kind);
  }, 120_000);

  afterAll(async () => {
    workspace.remove();
    await postgres.stop();
  });

  /** One pass of three spacecraft, two of them with a fault. */
  const record = async (kind: string): Promise<void> => {
    broker = await startBroker();
    listener = await listenToFleet(broker.url);
    const store = `store: { postgres: { url: "${postgres.url}", passwordFile: "${postgres.passwordFile}" } }`;
    const lines = kind === 'postgres' ? ['  partitions: 2', store] : [];
    const daemon = await startTestFleet(
      writeFleet(workspace, broker.url, { spacecraft: `[${NAMES.join(', ')}]`, lines }),
    );
    const isOnline = (name: string): boolean => listener.on(`fdir/${name}/state`).at(-1)?.text === 'online';
    await until('every spacecraft to be online', () => NAMES.every(isOnline));
    await fly(listener, NAMES, { to: 60, faulty: FAULTY });
    const isClosed = (name: string): boolean =>
      listener.on(`fdir/${name}/anomaly`).some(({ text }) => text.includes('"closed"'));
    await until('both anomalies to be over', () => FAULTY.every(isClosed));
    await daemon.stop();
    await listener.stop();
    await broker.stop();
  };

  const fdir = (...args: readonly string[]) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
    return { stdout, stderr, status };
  };
  const inSqlite = (): readonly string[] => ['--log', workspace.path('explanations.db')];
  const inPostgres = (url = postgres.url): readonly string[] => [
    '--store',
    url,
    '--password-file',
    postgres.passwordFile,
  ];
  const read = <T>(verb: string, where: readonly string[], ...args: readonly string[]): T => {
    const { stdout, stderr } = fdir('log', verb, ...where, ...args, '--json');
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as T;
  };
  /** Without what tells when and by whom it was written. */
  const idsOf = (where: readonly string[]): readonly string[] =>
    read<{ id: string }[]>('list', where).map(({ id }) => id);

  test('has the same anomalies, whatever keeps it', () => {
    const [sqlite, database] = [read('list', inSqlite()), read('list', inPostgres())];
    expect(database).toEqual(sqlite);
    expect(idsOf(inSqlite())).toHaveLength(2);
  });

  test('has the same accounts: revisions, freeze frames, recoveries, alarms', () => {
    for (const id of idsOf(inSqlite())) {
      const shown = (where: readonly string[]) => fdir('log', 'show', id, ...where, '--json').stdout;
      const [sqlite, database] = [shown(inSqlite()), shown(inPostgres())];
      expect(JSON.parse(database)).toEqual(JSON.parse(sqlite));
    }
  });

  test('has the same counts, filters and words', () => {
    expect(read('stats', inPostgres())).toEqual(read('stats', inSqlite()));
    for (const filter of [
      ['--spacecraft', 'SAT-3'],
      ['--equipment', 'rw0'],
      ['--text', 'rw1'],
    ])
      expect(read('list', inPostgres(), ...filter)).toEqual(read('list', inSqlite(), ...filter));
  });

  test('has the same time line, whatever is asked for', () => {
    const line = (where: readonly string[], ...filter: readonly string[]): readonly string[] =>
      read<object[]>('history', where, '--kind', 'anomaly,transition', ...filter)
        .map((entry) => JSON.stringify(entry))
        .sort();
    for (const filter of [
      [],
      ['--equipment', 'rw1'],
      ['--fault', 'offset'],
      ['--text', 'critical'],
      ['--text', 'OFFSET'],
    ])
      expect(line(inPostgres(), ...filter)).toEqual(line(inSqlite(), ...filter));
    expect(line(inSqlite()).length).toBeGreaterThan(2);
  });

  test('verifies link by link, and shows what was changed', async () => {
    const good = fdir('log', 'verify', ...inPostgres(), '--json');
    expect(JSON.parse(good.stdout)).toMatchObject({ findings: [] });
    const client = new Client({ ...databaseOf(postgres.url), password: postgres.password });
    await client.connect();
    await client.query(
      "UPDATE anomaly SET record = replace(record, 'SAT-1', 'SAT-9') WHERE spacecraft = 'SAT-1' AND revision = 1",
    );
    const bad = fdir('log', 'verify', ...inPostgres(), '--json');
    await client.query(
      "UPDATE anomaly SET record = replace(record, 'SAT-9', 'SAT-1') WHERE spacecraft = 'SAT-1' AND revision = 1",
    );
    await client.end();
    expect(bad.status).toBe(1);
    expect(bad.stdout).toContain('was changed or moved');
  });

  test('is backed up by pg_dump, and verifies after it was restored', () => {
    const dump = join(workspace.folder, 'fleet.dump');
    workspace.write('fleet.dump', '');
    const bytes = postgres.tool('pg_dump', ['--format=plain', 'fdir']);
    workspace.write('fleet.dump', bytes.toString());
    postgres.tool('createdb', ['restored']);
    spawnSync('chmod', ['a+rx', workspace.folder]);
    postgres.tool('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-d', 'restored', '-f', dump]);
    const url = postgres.url.replace(/fdir$/, 'restored');
    expect(read('list', inPostgres(url))).toEqual(read('list', inSqlite()));
    expect(JSON.parse(fdir('log', 'verify', ...inPostgres(url), '--json').stdout)).toMatchObject({ findings: [] });
  });

  test('is exported line by line', () => {
    const [sqlite, database] = [inSqlite(), inPostgres()].map((where) => fdir('log', 'export', ...where).stdout);
    expect(database).toBe(sqlite);
    expect(database?.split('\n').length).toBeGreaterThan(2);
  });

  test('forgets whole months, and what is left still verifies', async () => {
    const pool = openPool({ ...databaseOf(postgres.url), password: postgres.password }, () => undefined);
    const inTenYears = Date.now() + 10 * 366 * 86_400_000;
    const forgotten = await forgetMonths(pool, inTenYears, undefined);
    await prepareDatabase(pool);
    await pool.end();
    expect(forgotten).toBeGreaterThan(10);
    expect(idsOf(inPostgres())).toEqual([]);
    const { stdout } = fdir('log', 'verify', ...inPostgres(), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ links: 0, findings: [] });
  });
});
