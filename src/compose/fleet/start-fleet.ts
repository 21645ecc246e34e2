/** Starts a fleet: members with their models, then the log or the leases, then the parts with their links. */
import { dirname, resolve } from 'node:path';
import { readChainKey } from '../../adapters/log/chain-key';
import type { FleetLog } from '../../adapters/log/fleet-log';
import { openFleetLog, type SqliteFleetLog } from '../../adapters/log/sqlite-fleet-log';
import { wildcardSessions } from '../../adapters/mqtt/fleet-link';
import { openPool, poolConfigOf, prepareDatabase } from '../../adapters/postgres/pg-connect';
import { unmanaged } from '../../adapters/host/service-manager';
import type { StoreConfig } from '../../config/fleet-config';
import { describeError } from '../../domain/errors';
import type { LoadedFleet } from '../../config/load-fleet';
import type { NamedToken } from '../../console/port/messages';
import { queryLog } from '../answer-requests';
import { readConsoleTokens } from '../console';
import type { Daemon, DaemonOptions } from '../daemon/daemon-options';
import { RunningParts } from '../daemon/running-parts';
import { fleetRows, startFleetConsole } from './fleet-console';
import { FleetHost } from './fleet-host';
import { FleetPart } from './fleet-part';
import { FleetWorker } from './fleet-worker';

/** The only part of a process that has the whole fleet. */
const WHOLE = 0;

const asFleetLog = (log: SqliteFleetLog): FleetLog => ({
  epoch: log.epoch,
  restore: (spacecraft, subject) => log.restoreSpacecraft(spacecraft, subject),
  waiting: () => log.waiting(),
  commit: (batch, settled) => {
    log.commitFleet(batch, settled);
  },
  note: (time, event) => {
    log.note(time, event);
  },
  query: (spacecraft, request) => queryLog(log.ledgerOf(spacecraft), request),
  close: () => {
    log.close();
  },
});

/** The whole fleet in this process. */
const runWhole = async (host: FleetHost, { now, chainKey, onReady }: Beginning): Promise<() => Promise<void>> => {
  const { config, logPath } = host.config;
  const file = openFleetLog(logPath, { now, chainKey });
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
  return async () => {
    pruning.stop();
    await part.stop();
  };
};

/** The log grows by megabytes a day at most. */
const PRUNING_PERIOD_MS = 3_600_000;
/** Between two parts of one pruning: telemetry is judged in between. */
const PRUNING_PAUSE_MS = 1000;

/** Forgets the oldest records, a little at a time. */
const startPruning = ({ config, options }: FleetHost, file: SqliteFleetLog): { stop(): void } => {
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
  const pool = openPool(poolConfigOf(store, dirname(resolve(file))), (message) => {
    host.options.logger.warn(message);
  });
  try {
    await prepareDatabase(pool);
    const { partitions, lease: leaseMs } = fleet;
    const worker = new FleetWorker({ host, pool, chainKey, partitions, leaseMs, onReady });
    await worker.start();
    return async () => {
      await worker.stop();
      await pool.end();
    };
  } catch (error) {
    await pool.end();
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
  const page = startFleetConsole({ host: address, port, allowedHosts, tokens, worker: host.worker }, logger, onConsole);
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
