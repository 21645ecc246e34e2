/** How long a connection waits before it tries again, and whether somebody else seems to put it out. */

/** First and longest pause between two attempts to connect, milliseconds. */
export const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** The longest one while somebody else seems to put the connection out: it may also be a broker that is started again and again. */
const LONGEST_SHARED_PAUSE_MS = 8000;
/** A connection that lasts so long is shared with nobody. */
const STABLE_MS = 60_000;
/** So many brief connections in a row are no chance. */
const SUSPECT_AFTER = 3;

/** The pause after one more attempt that failed. */
export const longerPause = (pauseMs: number): number => Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);

export class Reconnection {
  /** Connections in a row that the broker ended soon after they were made, and that it took again at once. */
  private brief = 0;
  private madeAt: number | undefined;

  /** @param now monotonic, milliseconds. @returns the pause before the next attempt, should this connection end, milliseconds. */
  connected(now: number): number {
    this.madeAt = now;
    // Two clients of one identifier would put each other out for ever: each waits longer every time.
    return Math.min(LONGEST_SHARED_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.brief);
  }

  /** A connection has ended, or an attempt has failed: then the broker was away, and nobody put us out. */
  closed(now: number): void {
    this.brief = this.madeAt !== undefined && now - this.madeAt < STABLE_MS ? this.brief + 1 : 0;
    this.madeAt = undefined;
  }

  /** How many there were, once they are too many; undefined before. Mosquitto up to 2.0 gives no reason when it ends one. */
  get suspicious(): number | undefined {
    return this.brief >= SUSPECT_AFTER ? this.brief : undefined;
  }
}
