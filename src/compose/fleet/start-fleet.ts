/** A fleet in one process with its log in SQLite: members, log, units, link, in this order. */
import { dirname, resolve } from 'node:path';
import { readChainKey } from '../../adapters/log/chain-key';
import type { FleetLog } from '../../adapters/log/fleet-log';
import { openFleetLog, type SqliteFleetLog } from '../../adapters/log/sqlite-fleet-log';
import { wildcardSessions } from '../../adapters/mqtt/fleet-link';
import { unmanaged } from '../../adapters/host/service-manager';
import type { LoadedFleet } from '../../config/load-fleet';
import { queryLog } from '../answer-requests';
import type { Daemon, DaemonOptions } from '../daemon/daemon-options';
import { RunningParts } from '../daemon/running-parts';
import { FleetHost } from './fleet-host';
import { FleetPart } from './fleet-part';

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

/** @throws FdirError `config`, `model` or `runtime` when it cannot start. */
export const startFleet = async (loaded: LoadedFleet, options: DaemonOptions): Promise<Daemon> => {
  const { logger, clock, signal, service = unmanaged } = options;
  const started = new RunningParts((part, error) => {
    logger.error({ err: error, part }, 'while stopping');
  });
  try {
    const host = new FleetHost(loaded, options, null);
    const { config } = loaded;
    const chainKey = readChainKey(config.log.key, dirname(resolve(loaded.file)));
    const log = asFleetLog(openFleetLog(loaded.logPath, { now: () => clock.now(), chainKey }));
    signal?.throwIfAborted();
    started.add('fleet', () => host.stop());
    await host.start();
    signal?.throwIfAborted();
    const part = new FleetPart({
      ...host.partOptions(),
      log,
      sessions: wildcardSessions(config.mqtt.baseTopic, host.clientId),
      mayLeave: () => true,
      onLost: options.onBroken,
      onSubscribed: () => {
        service.ready();
      },
    });
    host.parts.set(WHOLE, part);
    await part.start(host.assignments);
    await log.note(clock.now(), { kind: 'started', detail: { mode: config.mode, model: null } });
    logger.info(
      { spacecraft: part.units.size, mode: config.mode, log: loaded.logPath, worker: host.worker },
      'started',
    );
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
