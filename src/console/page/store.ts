/** A value that changes, and who wants to know. */
import { useEffect, useState } from 'preact/hooks';

export interface Store<T> {
  get(): T;
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

export const createStore = <T>(first: T): Store<T> => {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
};

/** A part of the value: who uses it is rendered again only when that part becomes another. @param part always the same function. */
export const useStorePart = <T, P>(store: Store<T>, part: (value: T) => P): P => {
  const [value, setValue] = useState(() => part(store.get()));
  useEffect(() => {
    const listener = (): void => {
      setValue(() => part(store.get()));
    };
    // It may have changed between rendering and now.
    listener();
    return store.subscribe(listener);
  }, [store, part]);
  return value;
};

const whole = <T>(value: T): T => value;
export const useStore = <T>(store: Store<T>): T => useStorePart(store, whole<T>);
