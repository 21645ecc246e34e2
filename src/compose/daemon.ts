/**
 * The daemon: the judgement between a broker and a log. The only place where what decides meets what acts. The start-up is a list of
 * steps; each takes what the one before made, so that no part can be named before it exists.
 */
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { readBrokerAccess } from '../adapters/mqtt/broker-access';
import { readNotifyAccess } from '../adapters/notify/notify-access';
import { readConsoleTokens } from './console';
import { connect } from './daemon/connect';
import type { Daemon, DaemonOptions } from './daemon/daemon-options';
import { makeModel } from './daemon/make-model';
import { openDaemonLog } from './daemon/open-log';
import { run } from './daemon/run';
import { RunningParts } from './daemon/running-parts';
import { wire } from './daemon/wire';
import type { LoadedConfig } from '../config/load-config';

/**
 * Makes and starts everything, in this order. When a step fails or `signal` aborts, what was started is stopped again.
 * @throws FdirError `config`, `model` or `runtime` when it cannot start; the reason of the signal when that comes first.
 */
export const startDaemon = async (loaded: LoadedConfig, options: DaemonOptions): Promise<Daemon> => {
  const { logger, signal } = options;
  const parts = new RunningParts((part, error) => {
    logger.error({ err: error, part }, 'while stopping');
  });
  // A step may keep this thread busy for seconds: signals of the process are heard in between.
  const breathe = async (): Promise<void> => {
    await turn();
    signal?.throwIfAborted();
  };
  try {
    // The credentials of every part are read before anything is opened: whoever mistyped a name is told at once.
    const tokens = readConsoleTokens(loaded);
    const { notify: wanted } = loaded.config;
    const notify = wanted && readNotifyAccess(wanted, loaded.file);
    const readAccess = () => readBrokerAccess(loaded.config.mqtt, { baseDir: dirname(loaded.file) });
    const access = readAccess();
    await breathe();
    const opened = openDaemonLog(loaded, options, parts);
    await breathe();
    const modelled = await makeModel(opened);
    await breathe();
    const connected = connect(modelled, access, readAccess);
    const wired = wire(connected, { tokens, notify });
    await breathe();
    return await run(wired);
  } catch (error) {
    await parts.stop();
    throw error;
  }
};
