/** A worker that starts before its database does: it waits where waiting helps, and ends with the reason where it does not. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fleetHealthSchema } from '../../src/domain/fleet-health';
import { runCli, startCli, type Running } from '../support/cli';
import { NAMES, openFleetDatabase, type FleetDatabase } from '../support/fleet-database';
import { fly } from '../support/fleet-world';
import { canNotify, openNotifySocket } from '../support/notify-socket';
import { describeWithDatabase, startPostgres, type Postgres } from '../support/postgres';
import { until } from '../support/until';

describeWithDatabase('a worker that starts before its database', () => {
  let postgres: Postgres;
  let world: FleetDatabase;
  let worker: Running | undefined;

  beforeEach(async () => {
    postgres = await startPostgres();
    world = await openFleetDatabase(postgres);
  }, 60_000);

  afterEach(async () => {
    worker?.child.kill('SIGKILL');
    await worker?.finished;
    worker = undefined;
    await world.stop();
    await postgres.stop();
  });

  const start = (file: string, environment: NodeJS.ProcessEnv = {}): Running => {
    worker = startCli(['run', '--config', file, '--log-level', 'info'], '', environment);
    return worker;
  };
  const lastHealth = () =>
    listOf('health')
      .map((text) => fleetHealthSchema.parse(JSON.parse(text)))
      .at(-1);
  const listOf = (topic: string): readonly string[] =>
    world.listener.on(`fdir/fleet/w1/${topic}`).map(({ text }) => text);
  const degraded = () =>
    until(
      'the worker to be degraded, and to say so',
      () => listOf('state').at(-1) === 'degraded' && lastHealth()?.state === 'degraded',
    );

  test('waits for one that is not there, says so, and takes its partitions when it is', async () => {
    await world.database.end();
    await postgres.kill();
    const socket = canNotify ? await openNotifySocket(world.workspace.folder) : undefined;
    start(world.write('w1'), socket === undefined ? {} : { NOTIFY_SOCKET: socket.path });
    await degraded();
    expect(lastHealth()).toMatchObject({ state: 'degraded', spacecraft: 0, partitions: [] });
    expect(lastHealth()?.reasons.join()).toContain('the database cannot be used yet: connect ECONNREFUSED');
    if (socket !== undefined) {
      await until('the start to be prolonged', () => socket.heard().some((line) => line.startsWith('EXTEND_TIMEOUT')));
      expect(socket.heard()).not.toContain('READY=1');
    }
    await postgres.start();
    await world.connect();
    await until('every spacecraft to be online', () => NAMES.every(world.isOnline));
    if (socket !== undefined) await until('it to be ready', () => socket.heard().includes('READY=1'));
    await fly(world.listener, NAMES, { to: 60, faulty: ['SAT-2'] });
    await until('the anomaly to be over', () => world.isClosed('SAT-2'));
    expect((await worker?.stop())?.status).toBe(0);
    socket?.close();
  });

  test('waits for one that recovers, which lets nobody in meanwhile', async () => {
    const data = join(dirname(postgres.passwordFile), 'data');
    const settings = join(data, 'postgresql.auto.conf');
    const before = readFileSync(settings);
    await world.database.end();
    await postgres.kill();
    // A server that goes on recovering until it is told to be the first one again.
    writeFileSync(join(data, 'standby.signal'), '');
    writeFileSync(settings, `${before.toString()}hot_standby = off\n`);
    await postgres.start();
    start(world.write('w1'));
    await degraded();
    await until('it to say what it waits for', () =>
      (lastHealth()?.reasons.join() ?? '').includes('the database system is'),
    );
    expect(worker?.child.exitCode).toBeNull();
    await postgres.kill();
    rmSync(join(data, 'standby.signal'));
    writeFileSync(settings, before);
    await postgres.start();
    await world.connect();
    await until('every spacecraft to be online', () => NAMES.every(world.isOnline));
    expect(lastHealth()?.state).not.toBe('offline');
    expect((await worker?.stop())?.status).toBe(0);
  });

  test('that is told to end while it waits ends in order', async () => {
    await world.database.end();
    await postgres.kill();
    const waiting = start(world.write('w1'));
    await degraded();
    expect((await waiting.stop()).status).toBe(0);
    await until('its last word', () => listOf('state').at(-1) === 'offline');
    await postgres.start();
    await world.connect();
  });

  test('ends with the reason where waiting does not help: a wrong password, database, user or host', async () => {
    const right = readFileSync(world.write('right'), 'utf8');
    writeFileSync(world.workspace.path('wrong-password'), 'guessed', { mode: 0o600 });
    const port = String(postgres.port);
    const wrong = {
      password: [postgres.passwordFile, world.workspace.path('wrong-password'), 'password authentication failed'],
      database: [`${port}/fdir`, `${port}/nobody`, 'database "nobody" does not exist'],
      user: ['//fdir@', '//somebody@', 'password authentication failed'],
      host: ['@127.0.0.1', '@database.invalid', 'database.invalid'],
    } as const;
    const ends = await Promise.all(
      Object.entries(wrong).map(async ([name, [from, to, reason]]) => {
        const file = world.workspace.write(
          `${name}.yaml`,
          right.replace(from, to).replace('worker: right', `worker: ${name}`),
        );
        const { status, stderr } = await runCli(['run', '--config', file]);
        const isTold = stderr.includes(reason) && stderr.includes('check store.postgres');
        return [name, status, isTold ? 'told' : stderr];
      }),
    );
    expect(ends).toEqual(Object.keys(wrong).map((name) => [name, 3, 'told']));
  });
});
