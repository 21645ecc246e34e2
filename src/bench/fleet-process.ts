/** A worker of a fleet as operators run it: a process of its own, with the bundled mission, model and rules for every spacecraft. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWithUs } from './end-with-us';
import { childEnded } from './child-ended';
import { CLI, memoryOf } from './daemon-process';

export interface FleetProcessOptions {
  readonly brokerUrl: string;
  /** Names its files. */
  readonly name: string;
  readonly folder: (name: string) => string;
  readonly worker: string;
  readonly pattern: string;
  readonly store?: { readonly url: string; readonly passwordFile: string };
  readonly partitions?: number;
  readonly lease?: string;
  readonly rules?: readonly string[];
  readonly overload?: 'in-order';
  /** The program; as it was built unless told otherwise. */
  readonly program?: string;
}

export interface FleetProcess {
  readonly child: ChildProcess;
  readonly worker: string;
  residentMemory(): ReturnType<typeof memoryOf>;
  /** User and system time since its start, seconds; undefined where /proc is not there. */
  cpuSeconds(): number | undefined;
  stop(): Promise<void>;
}

const HOME = join(__dirname, '../../rules');
/** Of the kernel: ticks of /proc a second. */
const TICKS_PER_SECOND = 100;

const cpuOf = ({ pid }: ChildProcess): number | undefined => {
  try {
    const fields =
      readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
};

export const writeFleetConfig = (options: FleetProcessOptions): string => {
  const { brokerUrl, name, folder, worker, pattern, store, partitions, lease, overload } = options;
  const rules = options.rules ?? ['monitoring.yaml', 'event-actions.yaml'].map((file) => join(HOME, file));
  const model = join(HOME, '../models/rw-cae');
  const config = {
    mode: 'active',
    mqtt: { url: brokerUrl, clientId: 'bench-fleet', ...(overload !== undefined && { overload }) },
    log: { path: folder(`${name}.db`) },
    console: false,
    fleet: {
      members: [{ mission: join(HOME, 'mission.yaml'), model, rules, spacecraft: { pattern } }],
      worker,
      ...(partitions !== undefined && { partitions }),
      ...(lease !== undefined && { lease }),
    },
    ...(store !== undefined && { store: { postgres: store } }),
  };
  const file = folder(`${name}-${worker}.yaml`);
  writeFileSync(file, JSON.stringify(config));
  return file;
};

export const startFleetProcess = (options: FleetProcessOptions): FleetProcess => {
  const file = writeFleetConfig(options);
  const child = spawn(process.execPath, [options.program ?? CLI, 'run', '--config', file, '--log-level', 'warn'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  endWithUs(child);
  return {
    child,
    worker: options.worker,
    residentMemory: () => memoryOf(child),
    cpuSeconds: () => cpuOf(child),
    stop: async () => {
      child.kill('SIGTERM');
      await childEnded(child);
    },
  };
};
