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
import { readRetained } from '../../adapters/mqtt/read-retained';
import { leasesOf } from '../../adapters/postgres/leases';
import { databaseOf } from '../../adapters/postgres/pg-connect';
import { describeError } from '../../domain/errors';
import { createRandom, type Random } from '../../core/random';
import { childEnded } from '../child-ended';
import { endWithUs } from '../end-with-us';
import { startFleetProcess, type FleetProcess, type FleetProcessOptions } from '../fleet-process';
import { lasting, startBroker, type Broker } from '../mosquitto';
import { startPostgres, type Postgres } from '../postgres';
import { quantile } from '../statistics';
import { until } from '../until';
import { openWorkshop, type Workshop } from '../workshop';
import { differences, judgedFrames, outcomeOf } from './fleet-outcome';
import { sendTelemetry } from './fleet-sending';
import { fleetTelemetry } from './fleet-telemetry';

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
const LEASE_MS = 3000;
const WORKERS = ['w1', 'w2', 'w3'] as const;
/** A worker that died is there again after so long. */
const DEAD_MS = 1500;
/** A disturbance and its end take about so long. */
const DISTURBANCE_MS = 3000;
const QUIET_MS = 6000;
const PATIENCE_MS = 600_000;
/** A take-over that takes longer counts as so long. */
const TAKE_OVER_PATIENCE_MS = 60_000;
/** So often it says how far it is. */
const PROGRESS_MS = 10_000;

interface Site {
  readonly workshop: Workshop;
  readonly folder: string;
  readonly broker: { current: Broker };
  readonly postgres: Postgres;
  /** Looks at the database from outside. */
  readonly observer: { client: Client | undefined };
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

const connectDatabase = async ({ postgres }: Site): Promise<Client> => {
  const client = new Client({ ...databaseOf(postgres.url), password: postgres.password });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

/** Whatever the database is doing at the moment; undefined while it does not answer. One connection for all: a new one costs as much as a commit. */
const asked = async <T>(site: Site, work: (client: Client) => Promise<T>): Promise<T | undefined> => {
  const { observer } = site;
  try {
    observer.client ??= await connectDatabase(site);
    return await work(observer.client);
  } catch {
    const { client } = observer;
    observer.client = undefined;
    await client?.end().catch(() => undefined);
    return undefined;
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
  /** Workers that ended, and nobody had killed them. */
  endedByThemselves: number;
}

const shuffled = (dice: Random, items: readonly string[]): readonly string[] =>
  items
    .map((item) => ({ item, at: dice.uniform() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

/** Kills or freezes a worker until others have its partitions. @returns how long that took; undefined: it had none. */
const strike = async (
  site: Site,
  workers: Map<string, FleetProcess>,
  { step, name, deadMs }: { readonly step: string; readonly name: string; readonly deadMs: number },
): Promise<number | undefined> => {
  const held = (await asked(site, leasesOf))?.filter(({ owner, left }) => owner === name && left > 0) ?? [];
  const process = workers.get(name);
  const begun = performance.now();
  process?.child.kill(step === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  if (step === 'kill' && process !== undefined) await childEnded(process.child);
  const waiting = new Map(held.map(({ partition, epoch }) => [partition, epoch]));
  const isTaken = async (): Promise<boolean> => {
    // One that is taken may be given on while others still wait.
    for (const { partition, epoch, left } of (await asked(site, leasesOf)) ?? [])
      if (left > 0 && epoch > (waiting.get(partition) ?? Infinity)) waiting.delete(partition);
    return waiting.size === 0;
  };
  await until('the partitions to be taken over', isTaken, TAKE_OVER_PATIENCE_MS).catch((error: unknown) => {
    site.report(`fleet: ${describeError(error)}`);
  });
  const tookMs = performance.now() - begun;
  if (step === 'kill') {
    await wait(deadMs);
    workers.set(name, startFleetProcess(workerOptions(site, name)));
  } else process?.child.kill('SIGCONT');
  return held.length > 0 ? tookMs : undefined;
};

/** One disturbance after another until none is left, at random times and of random parts. */
const disturb = async (site: Site, workers: Map<string, FleetProcess>, dice: Random): Promise<Chaos> => {
  const { plan, report, broker, postgres, folder } = site;
  const done: Record<string, number> = { kill: 0, freeze: 0, broker: 0, database: 0 };
  const chaos: Chaos = { takeOverMs: [], done, endedByThemselves: 0 };
  const steps = shuffled(dice, [
    ...Array<string>(plan.kills).fill('kill'),
    ...Array<string>(plan.freezes).fill('freeze'),
    ...Array<string>(plan.restarts).fill('broker'),
    ...Array<string>(plan.restarts).fill('database'),
  ]);
  for (const [index, step] of steps.entries()) {
    await wait(500 + dice.int(1500));
    const name = WORKERS[dice.int(WORKERS.length)] ?? WORKERS[0];
    done[step] = (done[step] ?? 0) + 1;
    let told: string = step;
    if (step === 'kill' || step === 'freeze') {
      if (workers.get(name)?.child.exitCode !== null) {
        chaos.endedByThemselves += 1;
        report(`fleet: ${name} had ended by itself`);
      }
      const tookMs = await strike(site, workers, { step, name, deadMs: dice.int(DEAD_MS) });
      if (tookMs !== undefined) chaos.takeOverMs.push(tookMs);
      told = `${step} ${name}, ${tookMs === undefined ? 'which had no partition' : `taken over in ${(tookMs / 1000).toFixed(1)} s`}`;
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
    report(`fleet: ${String(index + 1)} of ${String(steps.length)}: ${told}`);
  }
  return chaos;
};

/** One run. @param isDisturbed false: nothing happens to anybody, and one worker does it all. */
const runOnce = async (plan: FleetPlan, isDisturbed: boolean, report: Site['report']) => {
  const workshop = openWorkshop(report);
  const folder = mkdtempSync(join(tmpdir(), 'fdir-fleet-campaign-'));
  const postgres = await startPostgres();
  const broker = { current: await startBroker(undefined, lasting(folder)) };
  const site: Site = { workshop, folder, broker, postgres, observer: { client: undefined }, plan, report };
  const { messages, frames, rules } = fleetTelemetry(workshop, plan);
  writeFileSync(workshop.path('campaign-rules.yaml'), rules);
  const gateway = startGateway(site);
  const names = isDisturbed ? WORKERS : WORKERS.slice(0, 1);
  const workers = new Map(names.map((name) => [name as string, startFleetProcess(workerOptions(site, name))]));
  try {
    const states = messages.slice(0, plan.spacecraft).map(({ topic }) => topic.replace(/tm$/, 'state'));
    const retained = { url: broker.current.url, clientId: 'campaign-observer', topics: states };
    const areThere = async (): Promise<boolean> => (await readRetained(retained)).size === states.length;
    // A lease is taken before its session is there, and what nobody subscribes to is lost.
    await until('every spacecraft to be there', areThere, 60_000);
    await wait(LEASE_MS);
    const count = plan.kills + plan.freezes + 2 * plan.restarts;
    const judged = async (): Promise<number> => (await asked(site, judgedFrames)) ?? 0;
    const telemetry = { messages, frames, spacecraft: plan.spacecraft };
    const sending = sendTelemetry(broker.current.url, telemetry, {
      ...(isDisturbed ? { atLeastMs: count * DISTURBANCE_MS } : { judged }),
    });
    const chaos = isDisturbed ? await disturb(site, workers, createRandom(plan.seed)) : undefined;
    await sending;
    report('fleet: waiting for the rest to be judged');
    let [before, since, toldAt] = ['', performance.now(), performance.now()];
    const isQuiet = async (): Promise<boolean> => {
      await wait(500);
      const found = await asked(site, async (client) => {
        // What is not judged yet waits at the broker.
        const judged = await judgedFrames(client);
        if (performance.now() - toldAt > PROGRESS_MS) {
          toldAt = performance.now();
          report(`fleet: ${String(judged)} of ${String(frames)} frames are judged`);
        }
        if (judged < frames) return undefined;
        const { rows } = await client.query<{ total: string }>('SELECT sum(sequence)::text AS total FROM chain_head');
        return `${rows[0]?.total ?? ''} ${String(gateway.passed.length)}`;
      });
      if (found === undefined || found !== before) [before, since] = [found ?? '', performance.now()];
      return found !== undefined && performance.now() - since > QUIET_MS;
    };
    // What is not judged by then shows as a difference.
    await until('nothing more to come', isQuiet, PATIENCE_MS).catch((error: unknown) => {
      report(`fleet: ${describeError(error)}`);
    });
    const client = await connectDatabase(site);
    const outcome = await outcomeOf(client, gateway.passed);
    await client.end();
    return { outcome, chaos, refused: gateway.refused.filter((line) => line.startsWith('refused')) };
  } finally {
    gateway.child.kill('SIGTERM');
    for (const worker of workers.values()) {
      // A frozen one would never hear that it is to end.
      worker.child.kill('SIGCONT');
      await worker.stop();
    }
    await site.observer.client?.end().catch(() => undefined);
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
  const { takeOverMs = [], done = {}, endedByThemselves = 0 } = rough.chaos ?? {};
  return {
    plan,
    done,
    endedByThemselves,
    compared,
    refusedByGateway: {
      pastEpoch: rough.refused.filter((line) => line.includes('epoch')).length,
      seenBefore: rough.refused.filter((line) => line.includes('seq')).length,
    },
    takeOverSeconds: {
      p50: Number((quantile(takeOverMs, 0.5) / 1000).toFixed(2)),
      p99: Number((quantile(takeOverMs, 0.99) / 1000).toFixed(2)),
    },
    isEqual:
      endedByThemselves === 0 && compared.every(({ lost, added, twice }) => lost.length + added.length + twice === 0),
  };
};
