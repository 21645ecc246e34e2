/**
 * Work that others do, begun ahead: like `concatMap`, and up to `most` promises are under way at once. Results come in the order
 * of what they are about, and what needs no work waits only for those before it.
 */
import { Observable, type OperatorFunction } from 'rxjs';

/** Where the result of something that was begun will be. */
interface Slot<R> {
  result?: { readonly value: R };
}

const isPromise = <R>(given: R | PromiseLike<R>): given is PromiseLike<R> =>
  typeof given === 'object' && given !== null && 'then' in given;

export const concatMapAhead =
  <T, R>(most: number, work: (item: T) => R | PromiseLike<R>): OperatorFunction<T, R> =>
  (items$) =>
    new Observable((subscriber) => {
      const waiting: { readonly item: T }[] = [];
      const begun: Slot<R>[] = [];
      let underWay = 0;
      let isOver = false;
      let isTelling = false;

      const begin = (): void => {
        while (underWay < most) {
          const next = waiting.shift();
          if (next === undefined) return;
          const slot: Slot<R> = {};
          begun.push(slot);
          const given = work(next.item);
          if (!isPromise(given)) {
            slot.result = { value: given };
            continue;
          }
          underWay += 1;
          given.then(
            (value) => {
              underWay -= 1;
              slot.result = { value };
              advance();
            },
            (error: unknown) => {
              subscriber.error(error);
            },
          );
        }
      };

      const advance = (): void => {
        // What is told may bring the next item: that call leaves the telling to this one.
        if (isTelling) return;
        isTelling = true;
        for (;;) {
          begin();
          const done = begun[0]?.result;
          if (done === undefined || subscriber.closed) break;
          begun.shift();
          subscriber.next(done.value);
        }
        isTelling = false;
        if (isOver && begun.length === 0) subscriber.complete();
      };

      return items$.subscribe({
        next: (item) => {
          waiting.push({ item });
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
    });
