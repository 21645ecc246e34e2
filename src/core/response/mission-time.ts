/**
 * Mission time: packet time, carried on by the clock while no telemetry comes. Deadlines must pass when the link is dead. Nobody
 * may act upon late telemetry as if it were fresh. On a replay there is no clock, and packet time is all.
 */
export interface ClockAnchor {
  /** Packet time of the newest frame, milliseconds. */
  readonly packet: number;
  /** Wall clock when it was dealt with, milliseconds. */
  readonly wall: number;
}

/** Packet time at wall time `wall`; undefined before the first frame. */
export const missionTime = (anchor: ClockAnchor | undefined, wall: number): number | undefined =>
  anchor === undefined ? undefined : anchor.packet + Math.max(0, wall - anchor.wall);

/** Telemetry that comes late, as it was when it was looked at last. */
export interface Lateness {
  /** Wall clock, milliseconds. */
  readonly wall: number;
  readonly ms: number;
}

/** A backlog grows shorter; what is as late after so long is a link, or a clock, that stays as it is. */
const LASTS_MS = 60_000;

/**
 * Whether telemetry that comes late by `ms` (0: it does not) is a backlog that is being caught up with, or will stay late.
 * @param wall wall clock, milliseconds.
 */
export const watchLateness = (
  before: Lateness | undefined,
  ms: number,
  wall: number,
): { readonly late: Lateness | undefined; readonly isLasting: boolean } => {
  if (ms === 0) return { late: undefined, isLasting: false };
  if (before === undefined) return { late: { wall, ms }, isLasting: false };
  const passed = wall - before.wall;
  if (passed < LASTS_MS) return { late: before, isLasting: false };
  // Caught up with at less than half of the pace at which it came.
  return before.ms - ms < passed / 2 ? { late: undefined, isLasting: true } : { late: { wall, ms }, isLasting: false };
};

/** The anchor a log kept; undefined when it kept none. */
export const anchorOf = (value: unknown): ClockAnchor | undefined => {
  if (typeof value !== 'object' || value === null || !('packet' in value) || !('wall' in value)) return undefined;
  const { packet, wall } = value;
  return typeof packet === 'number' && typeof wall === 'number' ? { packet, wall } : undefined;
};
