/** The heartbeat: how fresh everything is, and what was counted. */
import type { Tally } from '../../core/tally';
import type { ActionState } from '../../domain/rules';
import { isoTime } from '../../domain/units';
import type { DaemonState } from '../../pipeline/vitals';
import type { Pulse } from '../api/overview';

/** All times are milliseconds. */
export interface PulseInput {
  readonly now: number;
  readonly startedAt: number;
  readonly state: DaemonState;
  readonly mode: ActionState;
  readonly impaired: readonly string[];
  readonly isConnected: boolean;
  readonly tally: Tally;
  readonly lastMessageAt: number | undefined;
  readonly lastPacketTime: number | undefined;
}

const maybe = (time: number | undefined): string | null => (time === undefined ? null : isoTime(time));

export const pulseOf = (input: PulseInput): Pulse => {
  const { now, startedAt, state, mode, impaired, isConnected, tally, lastMessageAt, lastPacketTime } = input;
  return {
    now: isoTime(now),
    state,
    mode,
    impaired: [...impaired],
    isConnected,
    startedAt: isoTime(startedAt),
    packetTime: maybe(lastPacketTime),
    packetAgeSeconds: lastPacketTime === undefined ? null : Math.round((now - lastPacketTime) / 100) / 10,
    lastMessageAt: maybe(lastMessageAt),
    frames: tally.frames,
    windows: tally.windows,
    unscored: tally.unscored,
    anomalies: tally.anomalies,
    actions: tally.actions,
    checks: tally.checks,
    muted: tally.muted,
    dropped: { ...tally.dropped },
  };
};
