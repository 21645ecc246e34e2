import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { toError } from '../../domain/errors';
import { get, session } from './client';
import { useStore } from './store';

/** The page's clock, every second. */
export const useNow = (): number => {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
};

export interface Resource<T> {
  readonly data: T | null;
  readonly error: Error | null;
  readonly isLoading: boolean;
  /** Asks again; what is there stays until the answer comes. */
  reload(): void;
}

/** What `path` answers; null asks nothing. */
export const useResource = <T>(path: string | null): Resource<T> => {
  const [state, setState] = useState<{ path: string | null; data: T | null; error: Error | null; isLoading: boolean }>({
    path,
    data: null,
    error: null,
    isLoading: path !== null,
  });
  const [round, setRound] = useState(0);
  // What was refused may be answered to somebody else.
  const who = useStore(session)?.name ?? null;
  const reload = useCallback(() => {
    setRound((before) => before + 1);
  }, []);
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    setState((before) => ({ ...before, path, isLoading: true, data: before.path === path ? before.data : null }));
    get<T>(path, abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setState({ path, data, error: null, isLoading: false });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState((before) => ({
          ...before,
          error: toError(error),
          isLoading: false,
        }));
      },
    );
    return () => {
      abort.abort();
    };
  }, [path, round, who]);
  return { data: state.path === path ? state.data : null, error: state.error, isLoading: state.isLoading, reload };
};

export interface StableList<T> {
  /** In the order in which they were first shown; `isGone` are no longer in the list. */
  readonly rows: readonly { readonly item: T; readonly isGone: boolean }[];
  /** How many wait to be shown. */
  readonly waiting: number;
  show(): void;
}

/** A list that never moves under the reader: rows change in place, new ones wait until they are asked for. */
export const useStableList = <T>(items: readonly T[], keyOf: (item: T) => string): StableList<T> => {
  const order = useRef<readonly string[]>([]);
  const known = useRef(new Map<string, T>());
  const [, setRound] = useState(0);
  const present = new Map(items.map((item) => [keyOf(item), item]));
  for (const [key, item] of present) known.current.set(key, item);
  const show = (): void => {
    order.current = [...present.keys()];
    known.current = new Map(present);
    setRound((before) => before + 1);
  };
  // Nobody reads a list that is empty, or over; what is over stays until something comes.
  if (present.size > 0 && !order.current.some((key) => present.has(key))) order.current = [...present.keys()];
  return {
    rows: order.current.flatMap((key) => {
      const item = known.current.get(key);
      return item === undefined ? [] : [{ item, isGone: !present.has(key) }];
    }),
    waiting: [...present.keys()].filter((key) => !order.current.includes(key)).length,
    show,
  };
};
