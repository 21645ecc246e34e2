/** Starts a fleet: members with their models, then the log or the leases, then the parts with their links. */
import { dirname, resolve } from 'node:path';
import { readChainKey } from '../../adapters/log/chain-key';
import { LastingFleetLog } from '../../adapters/log/lasting-fleet-log';
import { wildcardSessions } from '../../adapters/mqtt/fleet-link';
import { leasePoolOf, openPool, poolConfigOf, prepareDatabase } from '../../adapters/postgres/pg-connect';
import { unmanaged } from '../../adapters/host/service-manager';
import type { StoreConfig } from '../../config/fleet-config';
import { describeError } from '../../domain/errors';
import type { LoadedFleet } from '../../config/load-fleet';
import type { NamedToken } from '../../console/port/messages';
import { readConsoleTokens } from '../console';
import type { Daemon, DaemonOptions } from '../daemon/daemon-options';
import { RunningParts } from '../daemon/running-parts';
import { asFleetLog } from './file-log';
import { fleetRows, startFleetConsole } from './fleet-console';
import { FleetHost } from './fleet-host';
import { FleetPart } from './fleet-part';
import { FleetWorker } from './fleet-worker';

/** The only part of a process that has the whole fleet. */
const WHOLE = 0;

/** The whole fleet in this process. */
const runWhole = async (host: FleetHost, { now, chainKey, onReady }: Beginning): Promise<() => Promise<void>> => {
  const { config, logPath } = host.config;
  let tell: (what: string) => void = () => undefined;
  const file = new LastingFleetLog(logPath, {
    now,
    chainKey,
    onBegun: (what) => {
      host.options.logger.error({ log: logPath }, what);
      tell(what);
    },
  });
  const log = asFleetLog(file);
  const part = new FleetPart({
    ...host.partOptions(),
    log,
    sessions: wildcardSessions(config.mqtt.baseTopic, host.clientId),
    mayLeave: () => true,
    onLost: (reason) => {
      host.options.onBroken(new Error(reason));
    },
    onSubscribed: onReady,
  });
  host.parts.set(WHOLE, part);
  await part.start(host.assignments);
  await log.note(now(), { kind: 'started', detail: { mode: config.mode, model: null } });
  const pruning = startPruning(host, file);
  tell = (detail) => {
    // All of them share the file: whoever looks at one of them learns of it.
    part.forEach((unit) => {
      for (const works of [false, true]) part.control(unit, { kind: 'vital', part: 'log file', works, detail });
    });
  };
  const looking = host.options.clock.every(LOG_LOOK_MS).subscribe(() => {
    try {
      file.checkFile();
      host.report(undefined);
    } catch (error) {
      host.report(`the log cannot be begun anew: ${describeError(error)}`);
    }
  });
  return async () => {
    looking.unsubscribe();
    pruning.stop();
    await part.stop();
  };
};

/** A log that was moved or deleted is noticed so soon. */
const LOG_LOOK_MS = 2000;
/** The log grows by megabytes a day at most. */
const PRUNING_PERIOD_MS = 3_600_000;
/** Between two parts of one pruning: telemetry is judged in between. */
const PRUNING_PAUSE_MS = 1000;

/** Forgets the oldest records, a little at a time. */
const startPruning = ({ config, options }: FleetHost, file: LastingFleetLog): { stop(): void } => {
  const { clock, logger } = options;
  let timer: NodeJS.Timeout | undefined;
  const prune = (): void => {
    const { retention } = config.config.log;
    let isDone = true;
    try {
      const pruned = file.prune({ ageMs: retention?.age, sizeBytes: retention?.size }, clock.now());
      if (pruned.removed > 0) logger.info({ removed: pruned.removed }, 'the log forgot its oldest entries');
      ({ isDone } = pruned);
    } catch (error) {
      logger.error(`the log cannot be pruned: ${describeError(error)}`);
    }
    timer = setTimeout(prune, isDone ? PRUNING_PERIOD_MS : PRUNING_PAUSE_MS).unref();
  };
  prune();
  return {
    stop: () => {
      clearTimeout(timer);
    },
  };
};

/** Those partitions that this worker gets a lease for. */
const runShare = async (
  host: FleetHost,
  store: StoreConfig,
  { chainKey, onReady }: Beginning,
): Promise<() => Promise<void>> => {
  const { fleet, file } = host.config;
  const { partitions, lease: leaseMs } = fleet;
  const config = poolConfigOf(store, dirname(resolve(file)));
  const warn = (message: string): void => {
    host.options.logger.warn(message);
  };
  const [pool, leasePool] = [openPool(config, warn), openPool(leasePoolOf(config, leaseMs), warn)];
  const end = async (): Promise<void> => {
    await Promise.all([pool.end(), leasePool.end()]);
  };
  try {
    await prepareDatabase(pool, {
      signal: host.options.signal,
      onWait: (reason) => {
        host.report(`the database cannot be used yet: ${reason}`);
      },
    });
    const worker = new FleetWorker({ host, pool, leasePool, chainKey, partitions, leaseMs, onReady });
    await worker.start();
    return async () => {
      await worker.stop();
      await end();
    };
  } catch (error) {
    await end();
    throw error;
  }
};

interface Beginning {
  readonly now: () => number;
  readonly chainKey: Uint8Array | undefined;
  /** There is something to watch with. */
  readonly onReady: () => void;
}

/** How often the console is told how everything is. */
const SHOW_PERIOD_MS = 2000;

/** The console, where one is wanted. @returns what stops it. */
const showFleet = (host: FleetHost, tokens: readonly NamedToken[]): (() => Promise<void>) => {
  const { config } = host.config;
  const { clock, logger, onConsole } = host.options;
  if (config.console === false) return () => Promise.resolve();
  const { host: address, port, allowedHosts } = config.console;
  const setup = { host: address, port, allowedHosts, tokens, worker: host.worker };
  const { file, logPath } = host.config;
  const log =
    config.store === undefined ? { path: logPath } : { store: poolConfigOf(config.store, dirname(resolve(file))) };
  const page = startFleetConsole({ setup, log }, logger, onConsole);
  const show = (): void => {
    page.show(fleetRows(host.parts, config.store === undefined, clock.now()), clock.now());
  };
  show();
  const timer = clock.every(SHOW_PERIOD_MS).subscribe(show);
  return async () => {
    timer.unsubscribe();
    await page.stop();
  };
};

/** @throws FdirError `config`, `model` or `runtime` when it cannot start. */
export const startFleet = async (loaded: LoadedFleet, options: DaemonOptions): Promise<Daemon> => {
  const { logger, clock, signal, service = unmanaged } = options;
  const started = new RunningParts((part, error) => {
    logger.error({ err: error, part }, 'while stopping');
  });
  try {
    const { config, fleet } = loaded;
    const host = new FleetHost(loaded, options, config.store === undefined ? null : fleet.partitions);
    const chainKey = readChainKey(config.log.key, dirname(resolve(loaded.file)));
    const tokens = readConsoleTokens(loaded);
    signal?.throwIfAborted();
    started.add('fleet', () => host.stop());
    await host.start();
    signal?.throwIfAborted();
    const beginning = {
      now: () => clock.now(),
      chainKey,
      onReady: () => {
        service.ready();
      },
    };
    const stopParts =
      config.store === undefined ? await runWhole(host, beginning) : await runShare(host, config.store, beginning);
    started.add('parts', stopParts);
    const stopConsole = showFleet(host, tokens);
    started.add('console', stopConsole);
    logger.info({ spacecraft: host.assignments.size, mode: config.mode, worker: host.worker }, 'started');
    let stopping: Promise<void> | undefined;
    return {
      reload: (by) => void host.reload(by),
      stop: () => {
        service.stopping();
        return (stopping ??= started.stop());
      },
    };
  } catch (error) {
    await started.stop();
    throw error;
  }
};
