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

export const useStore = <T>(store: Store<T>): T => {
  const [value, setValue] = useState(() => store.get());
  useEffect(() => {
    const listener = (): void => {
      setValue(() => store.get());
    };
    // It may have changed between rendering and now.
    listener();
    return store.subscribe(listener);
  }, [store]);
  return value;
};
