/** Counts what is under way between two points of the flow, so that something can be exchanged while nothing is. */
import { tap, type MonoTypeOperatorFunction } from 'rxjs';

export class InFlightGate {
  private underWay = 0;
  private waiting: (() => void)[] = [];

  /** Put before the stretch. */
  entering<T>(): MonoTypeOperatorFunction<T> {
    return tap(() => {
      this.underWay += 1;
    });
  }

  /** Put behind it: every event comes out, one that is taken apart with its last part. */
  leaving<T>(isLast: (event: T) => boolean = () => true): MonoTypeOperatorFunction<T> {
    return tap((event) => {
      if (!isLast(event)) return;
      this.underWay -= 1;
      if (this.underWay > 0) return;
      const waiting = this.waiting;
      this.waiting = [];
      for (const go of waiting) go();
    });
  }

  /** Resolves when nothing is under way; whoever waits must let nothing in meanwhile. */
  whenEmpty(): Promise<void> {
    return this.underWay === 0 ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }
}
