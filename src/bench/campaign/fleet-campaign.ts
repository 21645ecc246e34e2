/**
 * The campaign of a fleet: three workers, a real broker and a real database. All of them are killed, frozen and restarted at
 * random, while telemetry with faults goes on. What comes of it must be what an undisturbed run makes of the same telemetry.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { leasesOf } from '../../adapters/postgres/leases';
import { databaseOf } from '../../adapters/postgres/pg-connect';
import { connectPublisher } from '../../adapters/mqtt/mqtt-publisher';
import { createRandom, type Random } from '../../core/random';
import { childEnded } from '../child-ended';
import { endWithUs } from '../end-with-us';
import { startFleetProcess, type FleetProcess, type FleetProcessOptions } from '../fleet-process';
import { startBroker, type Broker } from '../mosquitto';
import { startPostgres, type Postgres } from '../postgres';
import { quantile } from '../statistics';
import { until } from '../until';
import { openWorkshop, type Workshop } from '../workshop';
import { differences, outcomeOf } from './fleet-outcome';
import { fleetTelemetry, type FleetMessage } from './fleet-telemetry';

export interface FleetPlan {
  readonly seed: number;
  readonly spacecraft: number;
  /** Spacecraft with a fault each. */
  readonly faults: number;
  readonly kills: number;
  readonly freezes: number;
  readonly restarts: number;
  /** The program; as it was built unless told otherwise. */
  readonly program?: string;
}

const PARTITIONS = 16;
const LEASE_MS = 2000;
const WORKERS = ['w1', 'w2', 'w3'] as const;
/** A worker that died is there again after so long. */
const DEAD_MS = 1500;
const QUIET_MS = 6000;
const PATIENCE_MS = 600_000;

interface Site {
  readonly workshop: Workshop;
  readonly folder: string;
  readonly broker: { current: Broker };
  readonly postgres: Postgres;
  readonly plan: FleetPlan;
  readonly report: (line: string) => void;
}

const workerOptions = ({ broker, postgres, plan, folder, workshop }: Site, worker: string): FleetProcessOptions => ({
  brokerUrl: broker.current.url,
  name: 'campaign',
  folder: (name) => join(folder, name),
  worker,
  pattern: `SAT-{001..${String(plan.spacecraft).padStart(3, '0')}}`,
  store: { url: postgres.url, passwordFile: postgres.passwordFile },
  partitions: PARTITIONS,
  lease: `${String(LEASE_MS)}ms`,
  rules: [workshop.path('campaign-rules.yaml')],
  overload: 'in-order',
  ...(plan.program !== undefined && { program: plan.program }),
});

/** Keeps sessions and messages over a restart. */
const lasting =
  (folder: string) =>
  (port: number): string =>
    [
      `listener ${String(port)} 127.0.0.1`,
      'allow_anonymous true',
      'set_tcp_nodelay true',
      'max_queued_messages 0',
      'persistence true',
      `persistence_location ${folder}/`,
      'user root',
      '',
    ].join('\n');

const connectDatabase = async ({ postgres }: Site): Promise<Client> => {
  const client = new Client({ ...databaseOf(postgres.url), password: postgres.password });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

/** Whatever the database is doing at the moment; undefined while it does not answer. */
const asked = async <T>(site: Site, work: (client: Client) => Promise<T>): Promise<T | undefined> => {
  let client: Client | undefined;
  try {
    client = await connectDatabase(site);
    return await work(client);
  } catch {
    return undefined;
  } finally {
    await client?.end().catch(() => undefined);
  }
};

/** The gateway of systemd/gateway.mjs, and what it let through and refused. */
const startGateway = (site: Site) => {
  const passed: string[] = [];
  const refused: string[] = [];
  const file = join(__dirname, '../../../systemd/gateway.mjs');
  const args = ['--url', site.broker.current.url, '--state', join(site.folder, 'gateway.ndjson')];
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  endWithUs(child);
  const lines = (into: string[]) => {
    let rest = '';
    return (text: string): void => {
      const all = `${rest}${text}`.split('\n');
      rest = all.pop() ?? '';
      into.push(...all);
    };
  };
  child.stdout.setEncoding('utf8').on('data', lines(passed));
  child.stderr.setEncoding('utf8').on('data', lines(refused));
  return { child, passed, refused };
};

interface Chaos {
  readonly takeOverMs: number[];
  readonly done: Record<string, number>;
}

const shuffled = (dice: Random, items: readonly string[]): readonly string[] =>
  items
    .map((item) => ({ item, at: dice.uniform() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

/** One disturbance after another until none is left, at random times and of random parts. */
const disturb = async (site: Site, workers: Map<string, FleetProcess>, dice: Random): Promise<Chaos> => {
  const { plan, report, broker, postgres, folder } = site;
  const chaos: Chaos = { takeOverMs: [], done: { kill: 0, freeze: 0, broker: 0, database: 0 } };
  const steps = shuffled(dice, [
    ...Array<string>(plan.kills).fill('kill'),
    ...Array<string>(plan.freezes).fill('freeze'),
    ...Array<string>(plan.restarts).fill('broker'),
    ...Array<string>(plan.restarts).fill('database'),
  ]);
  for (const step of steps) {
    await wait(500 + dice.int(1500));
    const name = WORKERS[dice.int(WORKERS.length)] ?? WORKERS[0];
    report(`fleet: ${step}${step === 'kill' || step === 'freeze' ? ` ${name}` : ''}`);
    chaos.done[step] = (chaos.done[step] ?? 0) + 1;
    if (step === 'kill' || step === 'freeze') {
      const held = (await asked(site, leasesOf))?.filter(({ owner, left }) => owner === name && left > 0) ?? [];
      const process = workers.get(name);
      const begun = performance.now();
      process?.child.kill(step === 'kill' ? 'SIGKILL' : 'SIGSTOP');
      if (step === 'kill' && process !== undefined) await childEnded(process.child);
      const isTaken = async (): Promise<boolean> => {
        const leases = await asked(site, leasesOf);
        return held.every(({ partition, epoch }) =>
          leases?.some((lease) => lease.partition === partition && lease.epoch > epoch && lease.left > 0),
        );
      };
      await until('the partitions to be taken over', isTaken, 60_000);
      if (held.length > 0) chaos.takeOverMs.push(performance.now() - begun);
      if (step === 'kill') {
        await wait(dice.int(DEAD_MS));
        workers.set(name, startFleetProcess(workerOptions(site, name)));
      } else process?.child.kill('SIGCONT');
    } else if (step === 'broker') {
      const { port } = broker.current;
      await broker.current.stop();
      await wait(dice.int(2000));
      broker.current = await startBroker(port, lasting(folder));
    } else {
      await postgres.kill();
      await wait(dice.int(3000));
      await postgres.start();
    }
  }
  return chaos;
};

/** Sends everything in order, evenly over the time that the disturbances take. */
const send = async (site: Site, messages: readonly FleetMessage[], overMs: number): Promise<void> => {
  const publisher = await connectPublisher(site.broker.current.url, 'campaign-publisher', () => undefined);
  const begun = performance.now();
  for (const [index, { topic, payload }] of messages.entries()) {
    const due = begun + (index * overMs) / messages.length - performance.now();
    if (due > 5) await wait(due);
    await publisher.publish(topic, payload);
  }
  await publisher.close();
};

/** One run. @param isDisturbed false: nothing happens to anybody, and one worker does it all. */
const runOnce = async (plan: FleetPlan, isDisturbed: boolean, report: Site['report']) => {
  const workshop = openWorkshop(report);
  const folder = mkdtempSync(join(tmpdir(), 'fdir-fleet-campaign-'));
  const postgres = await startPostgres();
  const broker = { current: await startBroker(undefined, lasting(folder)) };
  const site: Site = { workshop, folder, broker, postgres, plan, report };
  const { messages, rules } = fleetTelemetry(workshop, plan);
  writeFileSync(workshop.path('campaign-rules.yaml'), rules);
  const gateway = startGateway(site);
  const names = isDisturbed ? WORKERS : WORKERS.slice(0, 1);
  const workers = new Map(names.map((name) => [name as string, startFleetProcess(workerOptions(site, name))]));
  try {
    const allHeld = async (): Promise<boolean> =>
      ((await asked(site, leasesOf)) ?? []).filter(({ left }) => left > 0).length === PARTITIONS;
    await until('every partition to have an owner', allHeld, 60_000);
    await wait(LEASE_MS);
    const count = plan.kills + plan.freezes + 2 * plan.restarts;
    const sending = send(site, messages, isDisturbed ? count * 3000 : messages.length);
    const chaos = isDisturbed ? await disturb(site, workers, createRandom(plan.seed)) : undefined;
    await sending;
    report('fleet: waiting for the rest to be judged');
    let [before, since] = ['', performance.now()];
    const isQuiet = async (): Promise<boolean> => {
      await wait(500);
      const found = await asked(site, async (client) => {
        const { rows } = await client.query<{ total: string }>('SELECT sum(sequence)::text AS total FROM chain_head');
        return `${rows[0]?.total ?? ''} ${String(gateway.passed.length)}`;
      });
      if (found === undefined || found !== before) [before, since] = [found ?? '', performance.now()];
      return found !== undefined && performance.now() - since > QUIET_MS;
    };
    await until('nothing more to come', isQuiet, PATIENCE_MS);
    const client = await connectDatabase(site);
    const outcome = await outcomeOf(client, gateway.passed);
    await client.end();
    return { outcome, chaos, refused: gateway.refused.filter((line) => line.startsWith('refused')) };
  } finally {
    gateway.child.kill('SIGTERM');
    for (const worker of workers.values()) await worker.stop();
    await broker.current.stop();
    await postgres.stop();
    workshop.remove();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Both runs, and every difference between them. */
export const fleetCampaign = async (plan: FleetPlan, report: Site['report']) => {
  report('fleet: the undisturbed run');
  const calm = await runOnce(plan, false, report);
  report('fleet: the disturbed run');
  const rough = await runOnce(plan, true, report);
  const compared = differences(calm.outcome, rough.outcome);
  const { takeOverMs = [], done = {} } = rough.chaos ?? {};
  return {
    plan,
    done,
    compared,
    refusedByGateway: {
      pastEpoch: rough.refused.filter((line) => line.includes('epoch')).length,
      seenBefore: rough.refused.filter((line) => line.includes('seq')).length,
    },
    takeOverSeconds: {
      p50: Number((quantile(takeOverMs, 0.5) / 1000).toFixed(2)),
      p99: Number((quantile(takeOverMs, 0.99) / 1000).toFixed(2)),
    },
    isEqual: compared.every(({ lost, added, twice }) => lost.length + added.length + twice === 0),
  };
};
