/** Virtual time: what is to happen, in order of its time and, at the same time, of being planned. Also a scheduler for rxjs. */
import { Subscription, type SchedulerLike } from 'rxjs';

interface QueuedWork {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
  isCancelled: boolean;
}

export class EventQueue {
  private readonly heap: QueuedWork[] = [];
  private order = 0;
  /** Milliseconds since the run began. */
  now = 0;

  /** @returns cancels it. */
  after(delayMs: number, work: () => void): () => void {
    const planned = { at: this.now + Math.max(0, delayMs), order: (this.order += 1), work, isCancelled: false };
    this.push(planned);
    return () => {
      planned.isCancelled = true;
    };
  }

  at(time: number, work: () => void): void {
    this.after(time - this.now, work);
  }

  /** Does the next thing. @returns whether there was one. */
  step(): boolean {
    for (;;) {
      const next = this.pop();
      if (next === undefined) return false;
      if (next.isCancelled) continue;
      this.now = Math.max(this.now, next.at);
      next.work();
      return true;
    }
  }

  /** What rxjs is given instead of the clock; `isAlive` false: its timers have gone with their process. */
  scheduler(isAlive: () => boolean): SchedulerLike {
    return {
      now: () => this.now,
      schedule: (work, delayMs = 0, state) => {
        const action = new Subscription();
        const cancel = this.after(delayMs, () => {
          // Timers are one-shot here; rxjs reads `this` only to repeat one.
          if (isAlive()) (work as (this: unknown, state: unknown) => void).call(action, state);
        });
        action.add(cancel);
        return action;
      },
    };
  }

  private isBefore(a: QueuedWork, b: QueuedWork): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  private push(planned: QueuedWork): void {
    const { heap } = this;
    let index = heap.push(planned) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !this.isBefore(planned, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = planned;
  }

  private pop(): QueuedWork | undefined {
    const { heap } = this;
    const [top] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const isRight = left !== undefined && right !== undefined && this.isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || !this.isBefore(child, last)) break;
      heap[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    heap[index] = last;
    return top;
  }
}
