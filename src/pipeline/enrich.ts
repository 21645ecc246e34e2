/** How an event gains properties on its way: a pure, stateful handler wrapped into an operator once. */
import { defer, map, type OperatorFunction } from 'rxjs';
import { memoryOf, type Memory, type Remembering } from './memory';

/** The state after an event and what the event gains; a property it already has is replaced. */
export interface Enrichment<S, A> {
  readonly state: S;
  readonly added: A;
}

export type Enriching<E, A> = OperatorFunction<E, Omit<E, keyof A> & A>;

/** Threads `initial` through `step`; every subscription begins anew. `remembered`: the state that goes along with the event. */
export const enrich =
  <S, E extends Remembering, A extends object>(
    initial: S,
    step: (state: S, event: E) => Enrichment<S, A>,
    remembered?: (state: S) => Partial<Memory>,
  ): Enriching<E, A> =>
  (events$) =>
    defer(() => {
      let state = initial;
      return events$.pipe(
        map((event) => {
          const { state: next, added } = step(state, event);
          state = next;
          if (remembered === undefined) return { ...event, ...added };
          return { ...event, ...added, memory: { ...memoryOf(event), ...remembered(next) } };
        }),
      );
    });
