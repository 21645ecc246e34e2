/**
 * Mission time: packet time, carried on by the clock while no telemetry comes. Deadlines must pass when the link is dead, and
 * telemetry that arrives late must not be acted upon as if it were fresh; on a replay there is no clock, and packet time is all.
 */
export interface Anchor {
  /** Packet time of the newest frame, milliseconds. */
  readonly packet: number;
  /** Wall clock when it was dealt with, milliseconds. */
  readonly wall: number;
}

/** Packet time at wall time `wall`; undefined before the first frame. */
export const missionTime = (anchor: Anchor | undefined, wall: number): number | undefined =>
  anchor === undefined ? undefined : anchor.packet + Math.max(0, wall - anchor.wall);

/** The anchor a log kept; undefined when it kept none. */
export const anchorOf = (value: unknown): Anchor | undefined => {
  if (typeof value !== 'object' || value === null || !('packet' in value) || !('wall' in value)) return undefined;
  const { packet, wall } = value;
  return typeof packet === 'number' && typeof wall === 'number' ? { packet, wall } : undefined;
};
