/**
 * The clock as arrivals, one under way at a time: a log that holds everything up must not let them pile up. While it is held up, a broker
 * keeps telemetry back. So the first tick after it closes no slot: what was kept back comes first.
 */
import { arrivalOf } from './arrival';
import type { Arrival } from './ports';

export class Ticker {
  private isUnderWay = false;
  private wasHeld = false;

  /**
   * @param now wall clock, milliseconds.
   * @param mayClose slots that are over; not while older telemetry waits.
   * @returns nothing while the last one is not acknowledged.
   */
  tick(now: number, mayClose = true): Arrival | undefined {
    if (this.isUnderWay) {
      this.wasHeld = true;
      return undefined;
    }
    const closing = mayClose && !this.wasHeld ? 'by-clock' : undefined;
    this.wasHeld = false;
    this.isUnderWay = true;
    const acknowledge = (): void => {
      this.isUnderWay = false;
    };
    return arrivalOf({ controls: [{ kind: 'tick' }], closing, receivedAt: now, acknowledge });
  }
}
