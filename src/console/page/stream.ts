/** Server-sent events over `fetch`, which unlike EventSource can carry a token. */
import { API, authorization, heedRefusal, ProblemError, token } from './client';
import type { ProblemDetails } from '../api/common';

export interface StreamEvent {
  readonly name: string;
  readonly data: unknown;
  readonly id: string | null;
}

/** What is left of `text` after the last whole event, and the events before it. */
export const parseEvents = (text: string): { readonly events: readonly StreamEvent[]; readonly rest: string } => {
  const parts = text.split(/\r?\n\r?\n/);
  const rest = parts.pop() ?? '';
  const events = parts.flatMap((part): StreamEvent[] => {
    let name = 'message';
    let id: string | null = null;
    const data: string[] = [];
    for (const line of part.split(/\r?\n/)) {
      const [, field = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (field === 'event') name = value;
      else if (field === 'id') id = value;
      else if (field === 'data') data.push(value);
    }
    return data.length === 0 ? [] : [{ name, id, data: JSON.parse(data.join('\n')) as unknown }];
  });
  return { events, rest };
};

/** A connection over which nothing comes for so long is taken for dead: the pulse comes every second. */
const SILENCE_MS = 5000;
const RETRY_MS = [500, 1000, 2000, 4000];

export interface StreamListener {
  onEvent(event: StreamEvent): void;
  /** Until it is connected again; the words say why. */
  onLost(why: string): void;
}

/** Listens until it is stopped, and begins again after every loss. */
export const listenToEvents = ({ onEvent, onLost }: StreamListener, path = 'events'): (() => void) => {
  const stop = new AbortController();
  let lastId: string | null = null;
  let failures = 0;

  const once = async (): Promise<void> => {
    const connection = new AbortController();
    const signal = AbortSignal.any([stop.signal, connection.signal]);
    let timer = setTimeout(() => {
      connection.abort();
    }, SILENCE_MS);
    try {
      const query = lastId === null ? '' : `?lastEventId=${encodeURIComponent(lastId)}`;
      const response = await fetch(`${API}/${path}${query}`, { headers: authorization(), signal });
      if (!response.ok) heedRefusal(response.status);
      if (!response.ok || response.body === null) throw new ProblemError((await response.json()) as ProblemDetails);
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      let waiting = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          connection.abort();
        }, SILENCE_MS);
        const { events, rest } = parseEvents(waiting + decoder.decode(value, { stream: true }));
        waiting = rest;
        for (const event of events) {
          failures = 0;
          lastId = event.id ?? lastId;
          onEvent(event);
        }
      }
    } finally {
      clearTimeout(timer);
      connection.abort();
    }
  };

  const forever = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      let why = 'the console ended the connection';
      try {
        await once();
      } catch (error) {
        why = error instanceof ProblemError ? error.message : 'the console does not answer';
      }
      if (stop.signal.aborted) return;
      onLost(why);
      const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 4000;
      failures += 1;
      await new Promise<void>((resolve) => {
        const go = (): void => {
          leave();
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(go, wait);
        // Another token is a reason not to wait.
        const leave = token.subscribe(go);
      });
    }
  };
  void forever();
  return () => {
    stop.abort();
  };
};
