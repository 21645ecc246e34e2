/** The console in its thread: listens on HTTP, and speaks with the daemon over the port. */
import { randomBytes } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import type { Reply } from '../../domain/requests';
import { emptyTally } from '../../core/tally';
import type { ConsoleContext, ConsoleCounters } from './context';
import { EventHub } from './event-hub';
import { Inbound } from './inbound';
import { LiveState } from '../port/live-state';
import type { ConsoleSetup, FromConsole, ToConsole } from '../port/messages';
import { pulseOf } from '../port/pulse';
import { createServer, type ServerOptions } from './http';
import { overviewOf } from './views';
import type { ConsoleLog, OrderPort, Replays } from './world';

/** An arrival is dealt with in milliseconds; a log that cannot be written holds everything up. */
const ORDER_PATIENCE_MS = 10_000;

export interface ServeOptions {
  readonly setup: ConsoleSetup;
  readonly port: Pick<MessagePort, 'postMessage' | 'on' | 'close'>;
  readonly log: ConsoleLog;
  /** @param onChange told of every progress. */
  readonly replays: (onChange: (id: string) => void) => Replays & { close(): Promise<void> };
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** Orders under way, by number. */
const orderPortOver = (post: (message: FromConsole) => void) => {
  const waiting = new Map<number, (reply: Reply | undefined) => void>();
  let count = 0;
  const orders: OrderPort = {
    order: (request) =>
      new Promise((resolve) => {
        count += 1;
        const order = count;
        const timer = setTimeout(() => {
          waiting.delete(order);
          resolve(undefined);
        }, ORDER_PATIENCE_MS);
        waiting.set(order, (reply) => {
          clearTimeout(timer);
          waiting.delete(order);
          resolve(reply);
        });
        post({ kind: 'order', order, request });
      }),
  };
  return { orders, answer: (order: number, reply: Reply) => waiting.get(order)?.(reply) };
};

/** Sends to the page's listeners, and to whoever listens inside this process. */
export const announcer = (hub: Pick<EventHub, 'send'>): Pick<ConsoleContext, 'send' | 'listen'> => {
  const listeners = new Set<Parameters<ConsoleContext['listen']>[0]>();
  return {
    send: (event) => {
      hub.send(event);
      for (const listener of listeners) listener(event);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

const listenError = (error: unknown, { host, port }: ConsoleSetup): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = `console at ${host}:${String(port)}`;
  if (code === 'EADDRINUSE') return `${where}: the port is taken; set console.port, or console: false`;
  if (code === 'EACCES') return `${where}: this port needs more rights; set console.port above 1023`;
  if (code === 'EADDRNOTAVAIL') return `${where}: this machine has no such address; set console.host`;
  return `${where}: ${message}`;
};

const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;

/** Serves until it is told to stop. Resolves when it listens, or could not. */
export const serveConsole = async ({ setup, port, log, replays: makeReplays, now }: ServeOptions): Promise<void> => {
  const { mission, startedAt } = setup;
  const post = (message: FromConsole): void => {
    port.postMessage(message);
  };
  const unheard = { state: 'offline', mode: 'passive', impaired: [], isConnected: false } as const;
  let pulse = pulseOf({
    now: now(),
    startedAt,
    ...unheard,
    tally: emptyTally,
    lastMessageAt: undefined,
    lastPacketTime: undefined,
  });
  const live = new LiveState();
  const counters: ConsoleCounters = { startedAt: now(), requests: 0, refused: 0, coalesced: 0 };
  const hub = new EventHub(randomBytes(6).toString('hex'), () => ({
    name: 'snapshot',
    data: overviewOf(mission, live, pulse),
  }));
  const { orders, answer } = orderPortOver(post);
  const { send, listen } = announcer(hub);
  const replays = makeReplays((id) => {
    const run = replays.run(id);
    if (run !== undefined) send({ name: 'replay', data: run });
  });
  const context: ConsoleContext = {
    mission,
    live,
    pulse: () => pulse,
    log,
    orders: orders,
    replays,
    hub,
    counters,
    hasTokens: setup.tokens.length > 0,
    now,
    send,
    listen,
  };
  const options: ServerOptions = {
    page: setup.page,
    tokens: setup.tokens,
    yamcs: setup.yamcs,
    allowedHosts: [setup.host, ...setup.allowedHosts],
    onInternal: (error) => {
      post({ kind: 'trouble', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    },
  };
  const server = await createServer(context, options);
  const inbound = new Inbound({ mission, live, pulse: () => pulse, send, now });
  const stop = async (): Promise<void> => {
    hub.close();
    await Promise.allSettled([server.close(), replays.close()]);
    port.close();
  };
  port.on('message', (message: ToConsole) => {
    switch (message.kind) {
      case 'changes':
        inbound.changes(message.changes);
        post({ kind: 'acknowledge', sequence: message.sequence });
        return;
      case 'snapshot':
        counters.coalesced = message.coalesced;
        inbound.snapshot(message.changes);
        post({ kind: 'acknowledge', sequence: message.sequence });
        return;
      case 'pulse':
        ({ pulse } = message);
        send({ name: 'pulse', data: pulse });
        post({ kind: 'pulse-taken' });
        return;
      case 'reply':
        answer(message.order, message.reply);
        return;
      case 'stop':
        void stop();
        return;
    }
  });
  try {
    await server.listen({ host: setup.host, port: setup.port });
    const address = server.server.address();
    const actual = typeof address === 'object' && address !== null ? address.port : setup.port;
    post({ kind: 'listening', url: urlOf(setup.host, actual) });
  } catch (error) {
    post({ kind: 'failed', message: listenError(error, setup) });
    await stop();
  }
};
