/** What a worker tells of itself: one message for the fleet, and one for each spacecraft, spread over the period. */
import { healthOf } from '../../core/health';
import { emptyTally } from '../../core/tally';
import type { FleetHealth } from '../../domain/fleet-health';
import { isoTime } from '../../domain/units';
import type { DaemonState } from '../../pipeline/vitals';
import type { FleetPart } from './fleet-part';
import type { SpacecraftUnit } from './spacecraft-unit';

const MAX_NAMED = 100;

export interface FleetFigures {
  readonly now: number;
  readonly startedAt: number;
  readonly worker: string;
  /** Null: the whole fleet. */
  readonly partitions: readonly number[] | null;
  readonly protocol: string;
  readonly waiting: number;
  readonly letGo: number;
  readonly foreign: number;
  /** What keeps the whole worker from its work. */
  readonly trouble: string | undefined;
}

/** Degraded as soon as one spacecraft is, or the worker itself; passive when nothing may be requested anywhere. */
export const stateOfFleet = (units: readonly SpacecraftUnit[], trouble: string | undefined): DaemonState => {
  if (trouble !== undefined) return 'degraded';
  const states = new Set(units.map(({ status }) => status.state));
  if (states.has('degraded') || units.some(({ vitals }) => vitals.impaired.includes('log'))) return 'degraded';
  return states.has('online') ? 'online' : 'passive';
};

export const fleetHealthOf = (units: readonly SpacecraftUnit[], figures: FleetFigures): FleetHealth => {
  const { now, startedAt, worker, partitions, protocol, waiting, letGo, foreign, trouble } = figures;
  const states: Partial<Record<DaemonState, number>> = {};
  const sums = { openAnomalies: 0, openAlarms: 0, frames: 0, windows: 0, unscored: 0, anomalies: 0, actions: 0 };
  for (const { status, open } of units) {
    const { frames, windows, unscored, anomalies, actions } = status.tally;
    states[status.state] = (states[status.state] ?? 0) + 1;
    sums.openAnomalies += open.anomalies;
    sums.openAlarms += open.alarms;
    for (const [key, value] of Object.entries({ frames, windows, unscored, anomalies, actions }))
      sums[key as keyof typeof sums] += value;
  }
  return {
    ...{ schemaVersion: 1, time: isoTime(now), worker, state: stateOfFleet(units, trouble) },
    reasons: trouble === undefined ? [] : [trouble],
    ...{ uptimeSeconds: Math.round((now - startedAt) / 100) / 10, spacecraft: units.length, states },
    degraded: units
      .filter(({ status }) => status.state === 'degraded')
      .slice(0, MAX_NAMED)
      .map(({ spacecraft }) => spacecraft),
    partitions: partitions === null ? null : [...partitions],
    ...{ mqttVersion: protocol, waiting, letGo, foreign, ...sums },
  };
};

/** The `health` message of one spacecraft. */
export const publishHealth = (part: FleetPart, unit: SpacecraftUnit, now: number): void => {
  const { status, vitals, running, lastMessageAt } = unit;
  const health = healthOf({
    now,
    startedAt: status.startedAt,
    state: status.state,
    mode: vitals.mode,
    model: running.models?.live.manifest,
    impaired: vitals.impaired,
    reasons: vitals.reasons,
    tally: status.tally,
    lastMessageAt,
    lastPacketTime: status.packetTime,
    protocol: part.link.protocol,
  });
  part.publish(unit.topics.health, JSON.stringify(health), { retain: true });
};

/** Of all spacecraft together. */
export const sumOfTallies = (
  units: readonly SpacecraftUnit[],
): { frames: number; anomalies: number; actions: number } =>
  units.reduce(
    (sum, { status: { tally } }) => ({
      frames: sum.frames + tally.frames,
      anomalies: sum.anomalies + tally.anomalies,
      actions: sum.actions + tally.actions,
    }),
    { frames: emptyTally.frames, anomalies: 0, actions: 0 },
  );
