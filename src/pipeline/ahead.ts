/**
 * Work that others do, begun ahead: like `concatMap`, and up to `most` promises are under way at once. Results come in the order
 * of what they are about, and what needs no work waits only for those before it.
 */
import { Observable, type OperatorFunction } from 'rxjs';

interface Entry<T, R> {
  readonly item: T;
  readonly begun: boolean;
  readonly result?: { readonly value: R };
}

const isPromise = <R>(given: R | PromiseLike<R>): given is PromiseLike<R> =>
  typeof given === 'object' && given !== null && 'then' in given;

export const ahead =
  <T, R>(most: number, work: (item: T) => R | PromiseLike<R>): OperatorFunction<T, R> =>
  (items$) =>
    new Observable((subscriber) => {
      const queue: Entry<T, R>[] = [];
      let underWay = 0;
      let isOver = false;
      let isTelling = false;

      const advance = (): void => {
        // What is told may bring the next item: that call leaves the telling to this one.
        if (isTelling) return;
        isTelling = true;
        for (;;) {
          begin();
          const done = queue[0]?.result;
          if (done === undefined || subscriber.closed) break;
          queue.shift();
          subscriber.next(done.value);
        }
        isTelling = false;
        if (isOver && queue.length === 0) subscriber.complete();
      };

      const begin = (): void => {
        for (let index = 0; index < queue.length && underWay < most; index += 1) {
          const entry = queue[index];
          if (entry === undefined || entry.begun) continue;
          const given = work(entry.item);
          if (!isPromise(given)) {
            queue[index] = { ...entry, begun: true, result: { value: given } };
            continue;
          }
          const waiting: Entry<T, R> = { ...entry, begun: true };
          queue[index] = waiting;
          underWay += 1;
          given.then(
            (value) => {
              underWay -= 1;
              queue[queue.indexOf(waiting)] = { ...waiting, result: { value } };
              advance();
            },
            (error: unknown) => {
              subscriber.error(error);
            },
          );
        }
      };

      const subscription = items$.subscribe({
        next: (item) => {
          queue.push({ item, begun: false });
          advance();
        },
        error: (error) => {
          subscriber.error(error);
        },
        complete: () => {
          isOver = true;
          advance();
        },
      });
      return subscription;
    });
