/** The console of a fleet, seen from the daemon: a thread that gets the newest state as a whole, and asks for nothing. */
import { Worker } from 'node:worker_threads';
import type { PoolConfig } from 'pg';
import { programFile } from '../../adapters/host/package-root';
import type { Logger } from '../../adapters/host/logger';
import type { FleetRow } from '../../console/api/fleet';
import type { FleetConsoleSetup, FleetSnapshot, FromFleetConsole } from '../../console/port/fleet-messages';
import { DAEMON_STATUS, gravestStatus } from '../../core/alarms/severity-status';
import { isoTime } from '../../domain/units';
import type { Parts } from './fleet-host';

/** What its thread begins with. */
export interface FleetConsoleData {
  readonly setup: FleetConsoleSetup;
  /** A file, or a database. */
  readonly log: { readonly path: string } | { readonly store: PoolConfig };
}

export interface FleetConsole {
  /** Shows them from now on. */
  show(rows: readonly FleetRow[], now: number): void;
  stop(): Promise<void>;
}

/** A port that is taken is no reason to leave a fleet unwatched: it is reported, and the daemon runs. */
export const startFleetConsole = (
  data: FleetConsoleData,
  logger: Logger,
  onListening: (url: string) => void = () => undefined,
): FleetConsole => {
  const thread = new Worker(programFile('compose/fleet-console-worker.js'), { workerData: data });
  thread.on('message', (message: FromFleetConsole) => {
    if (message.kind === 'listening') {
      logger.info({ url: message.url }, 'console');
      onListening(message.url);
    } else logger.error(`the console cannot be served: ${message.reason}`);
  });
  thread.on('error', (error) => {
    logger.error({ err: error }, 'the console broke; the fleet is watched without it');
  });
  return {
    show: (rows, now) => {
      thread.postMessage({ kind: 'fleet', time: isoTime(now), rows } satisfies FleetSnapshot);
    },
    stop: async () => {
      await thread.terminate();
    },
  };
};

export const fleetRows = (parts: Parts, isWhole: boolean, now: number): readonly FleetRow[] =>
  [...parts].flatMap(([number, part]) =>
    [...part.units.values()].map(({ spacecraft, running, status, vitals, open, lastMessageAt }) => ({
      spacecraft,
      member: running.member.mission.spacecraft,
      partition: isWhole ? null : number,
      state: status.state,
      reasons: [...vitals.reasons],
      packetTime: status.packetTime === undefined ? null : isoTime(status.packetTime),
      ageSeconds: lastMessageAt === undefined ? null : Math.max(0, (now - lastMessageAt) / 1000),
      openAnomalies: open.anomalies,
      openAlarms: open.alarms,
      worst: open.worst,
      status: gravestStatus([open.gravest, DAEMON_STATUS[status.state]]),
      frames: status.tally.frames,
    })),
  );
