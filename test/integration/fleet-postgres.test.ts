/** A fleet of several workers on PostgreSQL, against a real broker and a database of its own. */
import { Client } from 'pg';
import type { Broker } from '../../src/bench/mosquitto';
import { databaseOf } from '../../src/adapters/postgres/pg-connect';
import { StoreReader } from '../../src/adapters/postgres/store-reader';
import { StoreThread } from '../../src/adapters/postgres/store-thread';
import { programFile } from '../../src/adapters/host/package-root';
import { buildShiftReport } from '../../src/core/report/shift-report';
import { drain, leasesOf, move, workersOf } from '../../src/adapters/postgres/leases';
import type { Daemon } from '../../src/compose/daemon/daemon-options';
import { fly, listenToFleet, startTestFleet, writeFleet, type FleetListener } from '../support/fleet-world';
import { startBroker } from '../support/mosquitto';
import { describeWithDatabase, startPostgres, type Postgres } from '../support/postgres';
import { until } from '../support/until';
import { makeWorkspace, type Workspace } from '../support/workspace';

const PARTITIONS = 4;
const NAMES = ['SAT-1', 'SAT-2', 'SAT-3', 'SAT-4', 'SAT-5', 'SAT-6'];

describeWithDatabase('a fleet on PostgreSQL', () => {
  let broker: Broker;
  let postgres: Postgres;
  let workspace: Workspace;
  let listener: FleetListener;
  let database: Client;
  let running: Daemon[];

  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);

  afterAll(async () => {
    await postgres.stop();
  });

  beforeEach(async () => {
    broker = await startBroker();
    workspace = await makeWorkspace();
    listener = await listenToFleet(broker.url);
    database = new Client({ ...databaseOf(postgres.url), password: postgres.password });
    await database.connect();
    await database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    running = [];
  });

  afterEach(async () => {
    for (const daemon of running) await daemon.stop();
    await database.end();
    await listener.stop();
    await broker.stop();
    workspace.remove();
  });

  const start = async (worker: string): Promise<Daemon> => {
    const file = writeFleet(workspace, broker.url, {
      spacecraft: `[${NAMES.join(', ')}]`,
      worker,
      lines: [
        `  partitions: ${String(PARTITIONS)}`,
        '  lease: 2s',
        `store: { postgres: { url: "${postgres.url}", passwordFile: "${postgres.passwordFile}" } }`,
      ],
    });
    const daemon = await startTestFleet(file);
    running.push(daemon);
    return daemon;
  };
  const ownersOf = async (): Promise<readonly (readonly [number, string])[]> =>
    (await leasesOf(database))
      .filter(({ left }) => left > 0)
      .map(({ partition, owner }) => [partition, owner] as const);
  const countOf = async (worker: string): Promise<number> =>
    (await ownersOf()).filter(([, owner]) => owner === worker).length;
  const isOnline = (name: string): boolean => listener.on(`fdir/${name}/state`).at(-1)?.text === 'online';
  const isClosed = (name: string): boolean =>
    listener.on(`fdir/${name}/anomaly`).some(({ text }) => text.includes('"closed"'));
  const requestsOf = (name: string) =>
    listener
      .on(`fdir/${name}/action`)
      .map(({ text }) => JSON.parse(text) as { id: string; epoch: number; seq: number });

  test('two workers share the partitions, and each spacecraft is judged once', async () => {
    await start('w1');
    await until('all partitions to be held', async () => (await countOf('w1')) === PARTITIONS);
    await start('w2');
    await until(
      'half of them to be handed over',
      async () => (await countOf('w1')) === 2 && (await countOf('w2')) === 2,
    );
    await until('every spacecraft to be online', () => NAMES.every(isOnline));
    await fly(listener, NAMES, { to: 60, faulty: ['SAT-1', 'SAT-4'] });
    await until('both anomalies to be over', () => isClosed('SAT-1') && isClosed('SAT-4'));
    for (const name of ['SAT-1', 'SAT-4']) expect(requestsOf(name).map(({ seq }) => seq)).toEqual([1]);
    const { rows } = await database.query<{ spacecraft: string; equipment: string }>(
      'SELECT spacecraft, equipment FROM anomaly_latest ORDER BY spacecraft',
    );
    expect(rows).toEqual([
      { spacecraft: 'SAT-1', equipment: 'rw1' },
      { spacecraft: 'SAT-4', equipment: 'rw1' },
    ]);
  });

  test('a shift is reported from the database; notes are refused in words, and nothing of them is written', async () => {
    await start('w1');
    await until('every spacecraft to be online', () => NAMES.every(isOnline));
    await fly(listener, NAMES, { to: 60, faulty: ['SAT-1'] });
    await until('the anomaly to be over', () => isClosed('SAT-1'));
    const note = { by: 'ada', about: 'shift', text: 'quiet', correlation: '1' };
    await listener.publish('fdir/SAT-1/request/note-add', JSON.stringify(note));
    await until('the answer', () => listener.on('fdir/SAT-1/response/note-add').length > 0);
    expect(JSON.parse(listener.on('fdir/SAT-1/response/note-add')[0]?.text ?? '')).toMatchObject({
      ok: false,
      message: 'notes and hand-overs are not kept in PostgreSQL: nothing was written',
    });
    const reader = new StoreReader(
      new StoreThread(
        { ...databaseOf(postgres.url), password: postgres.password },
        programFile('compose/store-worker.js'),
      ),
    );
    const range = { since: '2026-03-01T00:00:00Z', until: '2026-03-02T00:00:00Z' };
    const report = buildShiftReport(range, reader.shift(range));
    const { findings } = reader.verify({ keys: [], anchors: [] });
    reader.close();
    expect(report.anomalies.map(({ equipment, closedAt }) => [equipment, closedAt !== null])).toEqual([['rw1', true]]);
    expect(report.alarms.triggered).toBeGreaterThan(0);
    expect({ notes: report.notes, findings }).toEqual({ notes: [], findings: [] });
  });

  test('a worker that leaves hands everything over, and an anomaly that was open stays one', async () => {
    const first = await start('w1');
    await until('every spacecraft to be online', () => NAMES.every(isOnline));
    await fly(listener, NAMES, { to: 30, faulty: ['SAT-2'] });
    await until('the request', () => requestsOf('SAT-2').length > 0);
    await start('w2');
    await first.stop();
    await until('the other to have all', async () => (await countOf('w2')) === PARTITIONS);
    await fly(listener, NAMES, { from: 30, to: 60, faulty: ['SAT-2'] });
    await until('the anomaly to be over', () => isClosed('SAT-2'));
    const ids = listener.on('fdir/SAT-2/anomaly').map(({ text }) => (JSON.parse(text) as { id: string }).id);
    expect(new Set(ids).size).toBe(1);
    expect(requestsOf('SAT-2')).toHaveLength(1);
    expect(await workersOf(database)).toMatchObject([{ name: 'w2' }]);
  });

  test('a lease that another took over ends the acting of the first one at its next commit', async () => {
    await start('w1');
    await until('every spacecraft to be online', () => NAMES.every(isOnline));
    // As if another worker had found the lease run out.
    await database.query(
      "UPDATE lease SET owner = 'ghost', epoch = epoch + 1, expires = clock_timestamp() + interval '3 s'",
    );
    await fly(listener, NAMES, { to: 60, faulty: ['SAT-3'] });
    await until('the first to have them back', async () => (await countOf('w1')) === PARTITIONS);
    await until('the anomaly to be over', () => isClosed('SAT-3'));
    const [request] = requestsOf('SAT-3');
    expect(requestsOf('SAT-3')).toHaveLength(1);
    expect(request).toMatchObject({ seq: 1 });
    // The epoch of the ghost, and the one after it.
    expect(request?.epoch).toBe(3);
  });

  test('drained, a worker gives all away; moved, a partition goes to the worker that was named', async () => {
    await start('w1');
    await start('w2');
    await until('both to have two', async () => (await countOf('w1')) === 2 && (await countOf('w2')) === 2);
    expect(await drain(database, 'w1', true)).toBe(true);
    await until('the other to have all', async () => (await countOf('w2')) === PARTITIONS);
    await drain(database, 'w1', false);
    await until('both to have two again', async () => (await countOf('w1')) === 2);
    const [partition] = (await ownersOf()).find(([, owner]) => owner === 'w2') ?? [-1];
    expect(await move(database, partition, 'w1')).toBe(true);
    await until('it to be moved', async () =>
      (await ownersOf()).some(([number, owner]) => number === partition && owner === 'w1'),
    );
    expect(await drain(database, 'nobody', true)).toBe(false);
  });

  test('while the database is gone nothing is acknowledged, and nothing is lost', async () => {
    await start('w1');
    await until('every spacecraft to be online', () => NAMES.every(isOnline));
    await fly(listener, NAMES, { to: 10 });
    await database.end();
    await postgres.kill();
    await fly(listener, NAMES, { from: 10, to: 60, faulty: ['SAT-5'] });
    await until(
      'a spacecraft to say that the log does not work',
      () => listener.on('fdir/SAT-5/state').at(-1)?.text === 'passive',
    );
    expect(requestsOf('SAT-5')).toEqual([]);
    await postgres.start();
    await until('the anomaly to be over', () => isClosed('SAT-5'));
    expect(requestsOf('SAT-5')).toHaveLength(1);
    database = new Client({ ...databaseOf(postgres.url), password: postgres.password });
    await database.connect();
    const { rows } = await database.query<{ count: number }>('SELECT count(*)::int AS count FROM anomaly_latest');
    expect(rows).toEqual([{ count: 1 }]);
  });
});
