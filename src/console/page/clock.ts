/** The clocks of the daemon and of the mission now, carried on since the daemon was heard. This machine's own clock may be wrong. */
import type { Pulse } from '../api/overview';

/** The daemon's clock. @param heard when the newest event came, and @param now: both by the page's clock, milliseconds. */
export const daemonTimeAt = ({ now: said }: Pulse, heard: number, now: number): number =>
  Date.parse(said) + (now - heard);

/** Packet time; null before the first packet. */
export const missionTimeAt = (pulse: Pulse, heard: number, now: number): number | null => {
  const { packetTime, lastMessageAt } = pulse;
  if (packetTime === null) return null;
  const since = daemonTimeAt(pulse, heard, now) - Date.parse(lastMessageAt ?? pulse.now);
  return Date.parse(packetTime) + Math.max(0, since);
};
