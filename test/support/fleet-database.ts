/** A fleet of workers that share a real database and a real broker: started, listened to, and looked at in the database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { databaseOf } from '../../src/adapters/postgres/pg-connect';
import { leasesOf } from '../../src/adapters/postgres/leases';
import { lasting } from '../../src/bench/mosquitto';
import type { Daemon } from '../../src/compose/daemon/daemon-options';
import { listenToFleet, startTestFleet, writeFleet, type FleetListener } from './fleet-world';
import { startBroker, type Broker } from './mosquitto';
import { startPostgres, type Postgres } from './postgres';
import { until } from './until';
import { makeWorkspace, type Workspace } from './workspace';

export const PARTITIONS = 4;
export const NAMES = ['SAT-1', 'SAT-2', 'SAT-3', 'SAT-4', 'SAT-5', 'SAT-6'];

export interface Request {
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
}

export interface FleetDatabase {
  readonly workspace: Workspace;
  /** Keeps sessions and messages over a restart. */
  broker: Broker;
  database: Client;
  listener: FleetListener;
  /** The configuration of a worker. @param at ports, where a relay stands in between. */
  write(worker: string, at?: { readonly database?: number; readonly broker?: number }): string;
  start(worker: string, at?: { readonly database?: number; readonly broker?: number }): Promise<Daemon>;
  restartBroker(): Promise<void>;
  connect(): Promise<void>;
  /** Partitions that a worker holds. */
  countOf(worker: string): Promise<number>;
  ownersOf(): Promise<readonly (readonly [number, string])[]>;
  isOnline(name: string): boolean;
  isClosed(name: string): boolean;
  requestsOf(name: string): readonly Request[];
  stop(): Promise<void>;
}

/** A database server for the tests of a file, and a fleet on an empty database for each of them. */
export const fleetDatabaseForTests = (): { readonly postgres: Postgres; readonly world: FleetDatabase } => {
  let postgres: Postgres;
  let world: FleetDatabase;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(async () => {
    await postgres.stop();
  });
  beforeEach(async () => {
    world = await openFleetDatabase(postgres);
  });
  afterEach(async () => {
    await world.stop();
  });
  return {
    get postgres() {
      return postgres;
    },
    get world() {
      return world;
    },
  };
};

/** On an empty database. */
export const openFleetDatabase = async (postgres: Postgres): Promise<FleetDatabase> => {
  const folder = mkdtempSync(join(tmpdir(), 'fdir-broker-of-fleet-'));
  const running: Daemon[] = [];
  const connectDatabase = async (): Promise<Client> => {
    const client = new Client({ ...databaseOf(postgres.url), password: postgres.password });
    // It ends with the server.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const broker = await startBroker(undefined, lasting(folder));
  const world: FleetDatabase = {
    workspace: await makeWorkspace(),
    broker,
    database: await connectDatabase(),
    listener: await listenToFleet(broker.url),
    write: (worker, at = {}) => {
      const url = new URL(postgres.url);
      if (at.database !== undefined) url.port = String(at.database);
      return writeFleet(world.workspace, `mqtt://127.0.0.1:${String(at.broker ?? world.broker.port)}`, {
        name: worker,
        spacecraft: `[${NAMES.join(', ')}]`,
        worker,
        lines: [
          `  partitions: ${String(PARTITIONS)}`,
          '  lease: 2s',
          `store: { postgres: { url: "${url.href}", passwordFile: "${postgres.passwordFile}" } }`,
        ],
      });
    },
    start: async (worker, at) => {
      const daemon = await startTestFleet(world.write(worker, at));
      running.push(daemon);
      return daemon;
    },
    restartBroker: async () => {
      world.broker = await startBroker(world.broker.port, lasting(folder));
    },
    connect: async () => {
      // After a crash it listens before it lets anybody in.
      await until('the database to let us in', async () => {
        const client = await connectDatabase().catch(() => undefined);
        if (client !== undefined) world.database = client;
        return client !== undefined;
      });
    },
    ownersOf: async () =>
      (await leasesOf(world.database))
        .filter(({ left }) => left > 0)
        .map(({ partition, owner }) => [partition, owner] as const),
    countOf: async (worker) => (await world.ownersOf()).filter(([, owner]) => owner === worker).length,
    isOnline: (name) => world.listener.on(`fdir/${name}/state`).at(-1)?.text === 'online',
    isClosed: (name) => world.listener.on(`fdir/${name}/anomaly`).some(({ text }) => text.includes('"closed"')),
    requestsOf: (name) => world.listener.on(`fdir/${name}/action`).map(({ text }) => JSON.parse(text) as Request),
    stop: async () => {
      for (const daemon of running) await daemon.stop();
      await world.database.end();
      await world.listener.stop();
      await world.broker.stop();
      world.workspace.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await world.database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  return world;
};
