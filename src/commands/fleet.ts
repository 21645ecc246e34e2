/** `fdir fleet`: who owns what in a fleet of several workers, and how a person steers it. */
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { Pool } from 'pg';
import { drain, leasesOf, move, workersOf, type LeaseRow, type WorkerRow } from '../adapters/postgres/leases';
import { openPool, poolConfigOf } from '../adapters/postgres/pg-connect';
import { loadFleet } from '../config/load-fleet';
import { partitionOf } from '../core/fleet-partition';
import { describeError, FdirError } from '../domain/errors';
import { note, writeJson, writeLine } from './output';
import { table } from './render/table';

interface FleetOptions {
  readonly config: string;
  readonly json?: boolean;
}

interface DrainOptions extends FleetOptions {
  readonly undo?: boolean;
}

interface OpenedFleet {
  readonly pool: Pool;
  readonly partitions: number;
  readonly spacecraft: readonly string[];
}

/** @throws FdirError `usage` for a fleet in one process, `runtime` when the database does not answer. */
const withDatabase = async <T>(
  { config: file }: FleetOptions,
  work: (opened: OpenedFleet) => Promise<T>,
): Promise<T> => {
  const { config, fleet, members } = loadFleet(file);
  if (config.store === undefined)
    throw new FdirError('usage', `${file} keeps its log in SQLite: one worker has the whole fleet, see fdir status`);
  const pool = openPool(poolConfigOf(config.store, dirname(resolve(file))), note);
  try {
    const { rows } = await pool.query<{ isMade: boolean }>(`SELECT to_regclass('lease') IS NOT NULL AS "isMade"`);
    if (rows[0]?.isMade !== true)
      throw new FdirError('runtime', 'the database has no tables yet: they are made by the first worker that starts');
    return await work({
      pool,
      partitions: fleet.partitions,
      spacecraft: members.flatMap(({ spacecraft }) => [...spacecraft]),
    });
  } catch (error) {
    if (error instanceof FdirError) throw error;
    throw new FdirError('runtime', `the database does not answer: ${describeError(error)}`);
  } finally {
    await pool.end();
  }
};

const seconds = (value: number): string => `${value.toFixed(1)} s`;

const workerLine = ({ name, age, partitions, isDraining }: WorkerRow): readonly string[] => [
  name,
  isDraining ? 'drained' : 'working',
  String(partitions),
  seconds(age),
];

const leaseLine = (lease: LeaseRow, spacecraft: number): readonly string[] => [
  String(lease.partition),
  lease.left > 0 ? lease.owner : '-',
  String(lease.epoch),
  lease.left > 0 ? seconds(lease.left) : 'run out',
  lease.wanted ?? '',
  String(spacecraft),
];

/** Leaves with 1 when a partition has no owner. */
const status = async (options: FleetOptions): Promise<void> => {
  await withDatabase(options, async ({ pool, partitions, spacecraft }) => {
    const [workers, leases] = [await workersOf(pool), await leasesOf(pool)];
    const counts = new Map<number, number>();
    for (const name of spacecraft) {
      const partition = partitionOf(name, partitions);
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
    }
    const held = leases.filter(({ left, partition }) => left > 0 && partition < partitions);
    const orphans = partitions - held.length;
    if (options.json === true) {
      const told = leases.map((lease) => ({ ...lease, spacecraft: counts.get(lease.partition) ?? 0 }));
      writeJson({ schemaVersion: 1, partitions, spacecraft: spacecraft.length, orphans, workers, leases: told });
    } else {
      for (const line of table([['WORKER', 'STATE', 'PARTITIONS', 'HEARD OF'], ...workers.map(workerLine)]))
        writeLine(line);
      writeLine('');
      const rows = leases.map((lease) => leaseLine(lease, counts.get(lease.partition) ?? 0));
      for (const line of table([['PARTITION', 'OWNER', 'EPOCH', 'LEASE', 'MOVED TO', 'SPACECRAFT'], ...rows]))
        writeLine(line);
      if (orphans > 0) writeLine(`\n${String(orphans)} of ${String(partitions)} partitions have no owner`);
    }
    if (orphans > 0) process.exitCode = 1;
  });
};

const told = (options: FleetOptions, ok: boolean, message: string): void => {
  if (options.json === true) writeJson({ ok, message });
  else writeLine(message);
  if (!ok) process.exitCode = 1;
};

const drainWorker = async (worker: string, options: DrainOptions): Promise<void> => {
  await withDatabase(options, async ({ pool }) => {
    const isUndone = options.undo === true;
    const isKnown = await drain(pool, worker, !isUndone);
    const done = isUndone ? `${worker} takes partitions again` : `${worker} gives its partitions away and takes none`;
    told(options, isKnown, isKnown ? done : `no worker is called ${worker}; fdir fleet status names them`);
  });
};

const partitionNumber = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('it is a number from 0');
  return number;
};

const movePartition = async (partition: number, worker: string, options: FleetOptions): Promise<void> => {
  await withDatabase(options, async ({ pool }) => {
    const isThere = (await workersOf(pool)).some(({ name }) => name === worker);
    if (!isThere) {
      told(options, false, `no worker is called ${worker}; fdir fleet status names them`);
      return;
    }
    const isKnown = await move(pool, partition, worker);
    told(
      options,
      isKnown,
      isKnown ? `partition ${String(partition)} goes to ${worker}` : `no partition has the number ${String(partition)}`,
    );
  });
};

const shared = (command: Command): Command =>
  command
    .requiredOption('--config <file>', 'the configuration of the fleet')
    .option('--json', 'one JSON document on stdout');

/** Adds the verb `fleet` to the program. */
export const register = (program: Command): void => {
  const fleet = program.command('fleet').description('show and steer the workers of a fleet on PostgreSQL');
  shared(fleet.command('status'))
    .description('show workers and partitions; exit status 1: a partition has no owner')
    .action(status);
  shared(fleet.command('drain'))
    .argument('<worker>', 'its name')
    .option('--undo', 'let it take partitions again')
    .description('have a worker give all its partitions away, before it is stopped')
    .action(drainWorker);
  shared(fleet.command('move'))
    .argument('<partition>', 'its number', partitionNumber)
    .argument('<worker>', 'who shall have it')
    .description('give a partition to a worker; it stays there while the worker is there')
    .action(movePartition);
};
