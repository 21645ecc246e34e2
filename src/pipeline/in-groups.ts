/**
 * Outcomes gathered into groups that are committed together: at a thousand frames a second a transaction each would leave time for
 * nothing else. Acknowledgements wait for their group, which is what makes this safe. Something urgent closes its group at once.
 *
 * Bounds: sixteen outcomes, three milliseconds without another. A crash in between loses nothing, because nothing of the group
 * was acknowledged.
 */
import { asyncScheduler, Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';

export interface GroupLimits<T> {
  /** Below what a broker has under way at once (Mosquitto: 20 unless it is told otherwise), lest it wait for us and we for it. */
  readonly most: number;
  /** A group is closed when nothing came for so long, milliseconds. */
  readonly idleMs: number;
  isUrgent(item: T): boolean;
  /** It is part of what the next one is part of: no group ends with it. */
  continues?(item: T): boolean;
  readonly scheduler?: SchedulerLike | undefined;
}

export const inGroups =
  <L, T extends L>({
    most,
    idleMs,
    isUrgent,
    continues = () => false,
    scheduler = asyncScheduler,
  }: GroupLimits<L>): OperatorFunction<T, readonly T[]> =>
  (items$) =>
    new Observable((subscriber) => {
      let group: T[] = [];
      const close = (): void => {
        idle?.unsubscribe();
        if (group.length === 0) return;
        const closed = group;
        group = [];
        subscriber.next(closed);
      };
      let idle: Subscription | undefined;
      const subscription = items$.subscribe({
        next: (item) => {
          group.push(item);
          idle?.unsubscribe();
          if (continues(item)) return;
          if (group.length >= most || isUrgent(item)) close();
          else idle = scheduler.schedule(close, idleMs);
        },
        error: (error) => {
          close();
          subscriber.error(error);
        },
        complete: () => {
          close();
          subscriber.complete();
        },
      });
      return () => {
        idle?.unsubscribe();
        subscription.unsubscribe();
      };
    });
