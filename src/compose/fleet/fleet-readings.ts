/** What Prometheus is told of a worker. */
import type { Readings, SpacecraftReadings } from '../../adapters/host/prometheus';
import type { LoadedFleet } from '../../config/load-fleet';
import type { FairQueue } from '../../pipeline/fair-queue';
import type { DaemonOptions } from '../daemon/daemon-options';
import { logBytesOf } from '../metrics';
import { stateOfFleet } from './fleet-health';
import type { FleetPart } from './fleet-part';
import type { RunningMember } from './members';
import type { SpacecraftUnit } from './spacecraft-unit';

/** What is measured: a worker with its parts. */
export interface MeasuredFleet {
  readonly options: Pick<DaemonOptions, 'clock'>;
  readonly config: LoadedFleet;
  readonly queue: FairQueue;
  readonly units: readonly SpacecraftUnit[];
  readonly parts: ReadonlyMap<number, FleetPart>;
  readonly members: readonly RunningMember[];
  readonly trouble: string | undefined;
  readonly lastProgressAt: number;
}

const hasEach = ({ config: { metrics } }: LoadedFleet): boolean =>
  metrics !== undefined && metrics !== false && metrics.perSpacecraft;

const readingsOfOne = ({ spacecraft, status, open }: SpacecraftUnit, now: number): SpacecraftReadings => ({
  spacecraft,
  state: status.state,
  frames: status.tally.frames,
  openAnomalies: open.anomalies,
  openAlarms: open.alarms,
  packetAgeSeconds: status.packetTime === undefined ? undefined : (now - status.packetTime) / 1000,
});

/** Of all spacecraft of a worker together, and of each where that is wanted. */
export const readingsOf = (host: MeasuredFleet): Readings => {
  const { units, queue, members } = host;
  const now = host.options.clock.now();
  const parts = [...host.parts.values()];
  const newest = units.reduce((latest, { status }) => Math.max(latest, status.packetTime ?? -Infinity), -Infinity);
  return {
    model: members[0]?.models?.live.manifest.id,
    state: stateOfFleet(units, host.trouble),
    impaired: [...new Set(units.flatMap(({ vitals }) => vitals.impaired))],
    isConnected: parts.every(({ link }) => link.isConnected),
    inbox: queue.depth,
    lagSeconds: queue.oldestAt === undefined ? 0 : Math.max(0, (now - queue.oldestAt) / 1000),
    notifications: { waiting: 0, dropped: 0 },
    lostPublications: parts.reduce((sum, { sender }) => sum + sender.lost, 0),
    outbox: parts.reduce((sum, { sender }) => sum + sender.size, 0),
    packetAgeSeconds: newest === -Infinity ? undefined : (now - newest) / 1000,
    logBytes: host.config.config.store === undefined ? logBytesOf(host.config.logPath) : 0,
    lastProgressAt: host.lastProgressAt,
    ...(hasEach(host.config) && { spacecraft: units.map((unit) => readingsOfOne(unit, now)) }),
  };
};
