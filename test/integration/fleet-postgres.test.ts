/** A fleet of several workers on PostgreSQL, against a real broker and a database of its own. */
import { databaseOf } from '../../src/adapters/postgres/pg-connect';
import { StoreReader } from '../../src/adapters/postgres/store-reader';
import { StoreThread } from '../../src/adapters/postgres/store-thread';
import { programFile } from '../../src/adapters/host/package-root';
import { buildShiftReport } from '../../src/core/report/shift-report';
import { drain, move, workersOf } from '../../src/adapters/postgres/leases';
import { fleetDatabaseForTests, NAMES, PARTITIONS } from '../support/fleet-database';
import { fly } from '../support/fleet-world';
import { describeWithDatabase } from '../support/postgres';
import { until } from '../support/until';

describeWithDatabase('a fleet on PostgreSQL', () => {
  const fleet = fleetDatabaseForTests();

  test('two workers share the partitions, and each spacecraft is judged once', async () => {
    await fleet.world.start('w1');
    await until('all partitions to be held', async () => (await fleet.world.countOf('w1')) === PARTITIONS);
    await fleet.world.start('w2');
    await until(
      'half of them to be handed over',
      async () => (await fleet.world.countOf('w1')) === 2 && (await fleet.world.countOf('w2')) === 2,
    );
    await until('every spacecraft to be online', () => NAMES.every(fleet.world.isOnline));
    await fly(fleet.world.listener, NAMES, { to: 60, faulty: ['SAT-1', 'SAT-4'] });
    await until('both anomalies to be over', () => fleet.world.isClosed('SAT-1') && fleet.world.isClosed('SAT-4'));
    for (const name of ['SAT-1', 'SAT-4']) expect(fleet.world.requestsOf(name).map(({ seq }) => seq)).toEqual([1]);
    const { rows } = await fleet.world.database.query<{ spacecraft: string; equipment: string }>(
      'SELECT spacecraft, equipment FROM anomaly_latest ORDER BY spacecraft',
    );
    expect(rows).toEqual([
      { spacecraft: 'SAT-1', equipment: 'rw1' },
      { spacecraft: 'SAT-4', equipment: 'rw1' },
    ]);
  });

  test('a shift is reported from the database; notes are refused in words, and nothing of them is written', async () => {
    await fleet.world.start('w1');
    await until('every spacecraft to be online', () => NAMES.every(fleet.world.isOnline));
    await fly(fleet.world.listener, NAMES, { to: 60, faulty: ['SAT-1'] });
    await until('the anomaly to be over', () => fleet.world.isClosed('SAT-1'));
    const note = { by: 'ada', about: 'shift', text: 'quiet', correlation: '1' };
    await fleet.world.listener.publish('fdir/SAT-1/request/note-add', JSON.stringify(note));
    await until('the answer', () => fleet.world.listener.on('fdir/SAT-1/response/note-add').length > 0);
    expect(JSON.parse(fleet.world.listener.on('fdir/SAT-1/response/note-add')[0]?.text ?? '')).toMatchObject({
      ok: false,
      message: 'notes and hand-overs are not kept in PostgreSQL: nothing was written',
    });
    const reader = new StoreReader(
      new StoreThread(
        { ...databaseOf(fleet.postgres.url), password: fleet.postgres.password },
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
    const first = await fleet.world.start('w1');
    await until('every spacecraft to be online', () => NAMES.every(fleet.world.isOnline));
    await fly(fleet.world.listener, NAMES, { to: 30, faulty: ['SAT-2'] });
    await until('the request', () => fleet.world.requestsOf('SAT-2').length > 0);
    await fleet.world.start('w2');
    await first.stop();
    await until('the other to have all', async () => (await fleet.world.countOf('w2')) === PARTITIONS);
    await fly(fleet.world.listener, NAMES, { from: 30, to: 60, faulty: ['SAT-2'] });
    await until('the anomaly to be over', () => fleet.world.isClosed('SAT-2'));
    const ids = fleet.world.listener
      .on('fdir/SAT-2/anomaly')
      .map(({ text }) => (JSON.parse(text) as { id: string }).id);
    expect(new Set(ids).size).toBe(1);
    expect(fleet.world.requestsOf('SAT-2')).toHaveLength(1);
    expect(await workersOf(fleet.world.database)).toMatchObject([{ name: 'w2' }]);
  });

  test('a lease that another took over ends the acting of the first one at its next commit', async () => {
    await fleet.world.start('w1');
    await until('every spacecraft to be online', () => NAMES.every(fleet.world.isOnline));
    // As if another worker had found the lease run out.
    await fleet.world.database.query(
      "UPDATE lease SET owner = 'ghost', epoch = epoch + 1, expires = clock_timestamp() + interval '3 s'",
    );
    await fly(fleet.world.listener, NAMES, { to: 60, faulty: ['SAT-3'] });
    await until('the first to have them back', async () => (await fleet.world.countOf('w1')) === PARTITIONS);
    await until('the anomaly to be over', () => fleet.world.isClosed('SAT-3'));
    const [request] = fleet.world.requestsOf('SAT-3');
    expect(fleet.world.requestsOf('SAT-3')).toHaveLength(1);
    expect(request).toMatchObject({ seq: 1 });
    // The epoch of the ghost, and the one after it.
    expect(request?.epoch).toBe(3);
  });

  test('drained, a worker gives all away; moved, a partition goes to the worker that was named', async () => {
    await fleet.world.start('w1');
    await fleet.world.start('w2');
    await until(
      'both to have two',
      async () => (await fleet.world.countOf('w1')) === 2 && (await fleet.world.countOf('w2')) === 2,
    );
    expect(await drain(fleet.world.database, 'w1', true)).toBe(true);
    await until('the other to have all', async () => (await fleet.world.countOf('w2')) === PARTITIONS);
    await drain(fleet.world.database, 'w1', false);
    await until('both to have two again', async () => (await fleet.world.countOf('w1')) === 2);
    const [partition] = (await fleet.world.ownersOf()).find(([, owner]) => owner === 'w2') ?? [-1];
    expect(await move(fleet.world.database, partition, 'w1')).toBe(true);
    await until('it to be moved', async () =>
      (await fleet.world.ownersOf()).some(([number, owner]) => number === partition && owner === 'w1'),
    );
    expect(await drain(fleet.world.database, 'nobody', true)).toBe(false);
  });
});
