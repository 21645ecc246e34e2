/** Tells what may have waited at the broker from what was published just now. MQTT marks neither. */

/** What waited comes at once after a connection: it is over after a pause, or after so long at the latest, milliseconds. */
const PAUSE_MS = 500;
const LONGEST_MS = 10_000;

export class Backlog {
  private since: number | undefined;
  private last = 0;

  /** @param at when a session was resumed, milliseconds; undefined: the session is new, and nothing waited. */
  begin(at: number | undefined): void {
    this.since = at;
    this.last = at ?? 0;
  }

  /** Asked at every message. @param now milliseconds. @returns whether the message is live. */
  isOver(now: number): boolean {
    if (this.since === undefined) return true;
    const isOver = now - this.last > PAUSE_MS || now - this.since > LONGEST_MS;
    this.last = now;
    if (isOver) this.since = undefined;
    return isOver;
  }
}
