/** `fdir run`: the daemon. */
import { InvalidArgumentError, type Command } from 'commander';
import { createLogger } from '../adapters/host/logger';
import { serviceManager, watchdogMsOf } from '../adapters/host/service-manager';
import { sdNotify } from '../adapters/host/sd-notify';
import { steadyClock } from '../adapters/host/system-clock';
import { startDaemon } from '../compose/daemon';
import { loadConfig } from '../config/load-config';
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

const run = async ({ config, logLevel: level, fresh }: RunOptions): Promise<void> => {
  const loaded = loadConfig(config);
  const logger = createLogger(level);
  const notify = sdNotify(process.env, (message) => {
    logger.warn(message);
  });
  const service = serviceManager({
    notify,
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
    watchdogMs: watchdogMsOf(process.env, process.pid),
  });
  let onBroken: (error: unknown) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    onBroken = reject;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        logger.info({ signal }, 'stopping');
        resolve();
      });
    }
  });
  const daemon = await startDaemon(loaded, { clock: steadyClock(), logger, service, onBroken, isFresh: fresh });
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
    .description('the daemon: telemetry in by MQTT; anomalies, explanations and recovery requests out')
    .requiredOption('--config <file>', 'the daemon configuration (fdir.yaml)')
    .option('--log-level <level>', 'how much is told on stderr', logLevel, 'info')
    .option('--fresh', 'begin with new windows, counts and anomalies, not where the last run left off', false)
    .action(run);
};
