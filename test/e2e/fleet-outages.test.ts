/** Outages of a fleet of several workers, with the real broker, database and network in between. */
import { partitionOf } from '../../src/core/fleet-partition';
import { startCli } from '../support/cli';
import { fleetDatabaseForTests, NAMES, PARTITIONS } from '../support/fleet-database';
import { fly } from '../support/fleet-world';
import { describeWithDatabase } from '../support/postgres';
import { startRelay } from '../support/relay';
import { until } from '../support/until';
import { PACKET } from '../support/wire';

const LEASE_MS = 2000;

describeWithDatabase('a fleet of which something is away', () => {
  const fleet = fleetDatabaseForTests();

  const allOnline = () => until('every spacecraft to be online', () => NAMES.every(fleet.world.isOnline));
  /** A spacecraft whose partition a worker holds. */
  const oneOf = async (worker: string): Promise<string> => {
    const owners = new Map(await fleet.world.ownersOf());
    return NAMES.find((name) => owners.get(partitionOf(name, PARTITIONS)) === worker) ?? 'none';
  };
  const anomaliesOf = (name: string): ReadonlySet<string> =>
    new Set(fleet.world.listener.on(`fdir/${name}/anomaly`).map(({ text }) => (JSON.parse(text) as { id: string }).id));
  /** One anomaly from begin to end, and one request for it. */
  const expectOnce = async (name: string): Promise<void> => {
    await until(`the anomaly of ${name} to be over`, () => fleet.world.isClosed(name));
    expect({ anomalies: anomaliesOf(name).size, seq: fleet.world.requestsOf(name).map(({ seq }) => seq) }).toEqual({
      anomalies: 1,
      seq: [1],
    });
    const { rows } = await fleet.world.database.query('SELECT spacecraft FROM anomaly_latest');
    expect(rows).toEqual([{ spacecraft: name }]);
  };

  test('the network between one worker and the database dies: the other takes over, and decides once', async () => {
    const relay = await startRelay(fleet.postgres.port, undefined, () => 'database');
    await fleet.world.start('w1', { database: relay.port });
    await fleet.world.start('w2');
    await until(
      'both to have two',
      async () => (await fleet.world.countOf('w1')) === 2 && (await fleet.world.countOf('w2')) === 2,
    );
    await allOnline();
    const name = await oneOf('w1');
    relay.silence('database');
    await fly(fleet.world.listener, NAMES, { to: 60, faulty: [name] });
    await until('the other to have all', async () => (await fleet.world.countOf('w2')) === PARTITIONS);
    await expectOnce(name);
    // That of the other: the first one was asked under epoch 1 at most.
    expect(fleet.world.requestsOf(name)[0]?.epoch).toBeGreaterThan(1);
    relay.admit('database');
    await until('the first to be back', async () => (await fleet.world.countOf('w1')) === 2, 30_000);
    await relay.close();
  });

  test('the database is away for longer than the lease: nothing is acknowledged or requested, nothing is lost', async () => {
    let acknowledged = 0;
    const relay = await startRelay(fleet.world.broker.port, (clientId, _connection, isFromBroker, { type }) => {
      if (clientId.startsWith('fdir-fleet-p') && !isFromBroker && type === PACKET.puback) acknowledged += 1;
    });
    await fleet.world.start('w1', { broker: relay.port });
    await allOnline();
    await fly(fleet.world.listener, NAMES, { to: 10 });
    await until('telemetry to be acknowledged', () => acknowledged >= 10 * NAMES.length);
    await fleet.world.database.end();
    await fleet.postgres.kill();
    const before = acknowledged;
    await fly(fleet.world.listener, NAMES, { from: 10, to: 60, faulty: ['SAT-5'] });
    await until('the spacecraft to act upon nothing', () => NAMES.every((name) => !fleet.world.isOnline(name)));
    await until(
      'the worker to be degraded',
      () => fleet.world.listener.on('fdir/fleet/w1/state').at(-1)?.text === 'degraded',
    );
    const goneAt = performance.now();
    await until('the lease to have run out', () => performance.now() - goneAt > 1.5 * LEASE_MS);
    expect({ acknowledged, requests: fleet.world.requestsOf('SAT-5') }).toEqual({ acknowledged: before, requests: [] });
    await fleet.postgres.start();
    await fleet.world.connect();
    await expectOnce('SAT-5');
    await relay.close();
  });

  test('database and broker are away together: an open anomaly goes on when both are back', async () => {
    await fleet.world.start('w1');
    await allOnline();
    await fly(fleet.world.listener, NAMES, { to: 30, faulty: ['SAT-2'] });
    await until('the request', () => fleet.world.requestsOf('SAT-2').length > 0);
    await fleet.world.database.end();
    await Promise.all([fleet.postgres.kill(), fleet.world.broker.stop()]);
    await fleet.world.restartBroker();
    await fleet.postgres.start();
    await fleet.world.connect();
    await fly(fleet.world.listener, NAMES, { from: 30, to: 60, faulty: ['SAT-2'] });
    await expectOnce('SAT-2');
  });

  test('a frozen worker wakes up after its leases were taken: nothing it holds is decided again', async () => {
    const frozen = startCli(['run', '--config', fleet.world.write('w1'), '--log-level', 'warn']);
    // Before its first start there are no tables to look at.
    await allOnline();
    await fly(fleet.world.listener, NAMES, { to: 20 });
    // It is stopped somewhere in the middle of what it does for these.
    const flying = fly(fleet.world.listener, NAMES, { from: 20, to: 60, faulty: ['SAT-3'] });
    frozen.child.kill('SIGSTOP');
    await fleet.world.start('w2');
    await until('the other to have all', async () => (await fleet.world.countOf('w2')) === PARTITIONS);
    await flying;
    await until('the anomaly to be over', () => fleet.world.isClosed('SAT-3'));
    frozen.child.kill('SIGCONT');
    await until('the first to work again', async () => (await fleet.world.countOf('w1')) === 2);
    await expectOnce('SAT-3');
    expect((await frozen.stop()).status).toBe(0);
  });
});
