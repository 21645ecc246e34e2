/** `fdir run`: the daemon. */
import { InvalidArgumentError, type Command } from 'commander';
import { createLogger, type Logger } from '../adapters/host/logger';
import { serviceManager, watchdogMsOf } from '../adapters/host/service-manager';
import { sdNotify } from '../adapters/host/sd-notify';
import { steadyClock } from '../adapters/host/system-clock';
import { startDaemon } from '../compose/daemon';
import type { Daemon, DaemonOptions } from '../compose/daemon/daemon-options';
import { startFleet } from '../compose/fleet/start-fleet';
import { loadConfig } from '../config/load-config';
import { isFleetConfig, loadFleet } from '../config/load-fleet';
import { FdirError } from '../domain/errors';

interface RunOptions {
  readonly config: string;
  readonly logLevel: string;
  readonly fresh: boolean;
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

const logLevel = (text: string): string => {
  if (!LEVELS.includes(text)) throw new InvalidArgumentError(`it is one of ${LEVELS.join(', ')}`);
  return text;
};

/** Resolves at the first signal to stop, which `onSignal` is told of; rejects when the flow breaks. A second signal ends the process. */
const untilTheEnd = (onSignal: (signal: string) => void) => {
  let onBroken: (error: unknown) => void = () => undefined;
  const signals = ['SIGINT', 'SIGTERM'] as const;
  let obey: (signal: string) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    onBroken = reject;
    obey = (signal) => {
      forget();
      onSignal(signal);
      resolve();
    };
    for (const signal of signals) process.on(signal, obey);
  });
  const forget = (): void => {
    for (const signal of signals) process.off(signal, obey);
  };
  // Nobody waits for it while the daemon starts.
  ended.catch(() => undefined);
  return {
    ended,
    forget,
    onBroken: (error: unknown) => {
      onBroken(error);
    },
  };
};

/** A configuration is about one spacecraft or about a fleet; either is read whole before anything starts. */
const starterOf = (file: string): ((options: DaemonOptions) => Promise<Daemon>) => {
  if (isFleetConfig(file)) {
    const fleet = loadFleet(file);
    return (options) => startFleet(fleet, options);
  }
  const loaded = loadConfig(file);
  return (options) => startDaemon(loaded, options);
};

const run = async ({ config, logLevel: level, fresh }: RunOptions): Promise<void> => {
  const start = starterOf(config);
  const logger = createLogger(level);
  const notify = sdNotify(process.env, (message) => {
    logger.warn(message);
  });
  const service = serviceManager({
    notify,
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
    watchdogMs: watchdogMsOf(process.env, process.pid),
  });
  const stop = new AbortController();
  const { ended, onBroken, forget } = untilTheEnd((signal) => {
    logger.info({ signal }, 'stopping');
    stop.abort();
  });
  try {
    const clock = steadyClock();
    const daemon = await start({
      clock,
      logger,
      service,
      onBroken,
      isFresh: fresh,
      signal: stop.signal,
    }).catch((error: unknown) => {
      // Whoever asks a daemon to stop while it starts has what they asked for.
      if (stop.signal.aborted) return undefined;
      throw error;
    });
    if (daemon !== undefined) await attend(daemon, ended, logger);
  } finally {
    forget();
  }
};

/** Waits for the end, obeys SIGHUP meanwhile, and stops the daemon. @throws FdirError `runtime` when the flow broke. */
const attend = async (daemon: Daemon, ended: Promise<void>, logger: Logger): Promise<void> => {
  const reload = (): void => {
    daemon.reload('SIGHUP');
  };
  process.on('SIGHUP', reload);
  try {
    await ended;
  } catch (error) {
    logger.fatal({ err: error }, 'the flow broke');
    throw new FdirError('runtime', 'the flow broke; see the log above');
  } finally {
    process.off('SIGHUP', reload);
    await daemon.stop();
  }
};

/** Adds the verb `run` to the program. */
export const register = (program: Command): void => {
  program
    .command('run')
    .description('run the daemon: telemetry in by MQTT; anomalies, explanations and recovery requests out')
    .requiredOption('--config <file>', 'the daemon configuration (fdir.yaml)')
    .option('--log-level <level>', 'least severe messages to write to stderr', logLevel, 'info')
    .option('--fresh', 'start with new windows, counts and anomalies, not where the last run stopped', false)
    .action(run);
};
