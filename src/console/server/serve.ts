/** The console in its thread: listens on HTTP, and speaks with the daemon over the port. */
import { randomBytes } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { describeDefect } from '../../domain/errors';
import type { Reply } from '../../domain/requests';
import { emptyTally } from '../../core/tally';
import type { ConsoleContext, ConsoleCounters } from './context';
import { EventHub } from './event-hub';
import { telemetryOf, type ConsoleHistory } from './history-view';
import { Inbound } from './inbound';
import { LiveState } from '../port/live-state';
import type { ConsoleSetup, FromConsole, ToConsole } from '../port/messages';
import type { Pulse } from '../api/overview';
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
  readonly history: ConsoleHistory;
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

const serverOptions = (
  { page, tokens, yamcs, openmct, host, allowedHosts }: ConsoleSetup,
  post: (message: FromConsole) => void,
): ServerOptions => ({
  page,
  tokens,
  yamcs,
  openmct,
  allowedHosts: [host, ...allowedHosts],
  onInternal: (error) => {
    post({ kind: 'trouble', message: describeDefect(error) });
  },
});

const postOver =
  (port: ServeOptions['port']) =>
  (message: FromConsole): void => {
    port.postMessage(message);
  };

/** Before the daemon has said anything. */
const unheardPulse = (now: number, startedAt: number): Pulse =>
  pulseOf({
    now,
    startedAt,
    ...({ state: 'offline', mode: 'passive', impaired: [], isConnected: false } as const),
    tally: emptyTally,
    lastMessageAt: undefined,
    lastPacketTime: undefined,
  });

const epoch = (): string => randomBytes(6).toString('hex');

/** Serves until it is told to stop. Resolves when it listens, or could not. */
export const serveConsole = async (options: ServeOptions): Promise<void> => {
  const { setup, port, log, history, replays: makeReplays, now } = options;
  const { mission, startedAt } = setup;
  const post = postOver(port);
  let pulse = unheardPulse(now(), startedAt);
  const live = new LiveState();
  const counters: ConsoleCounters = { startedAt: now(), requests: 0, refused: 0, coalesced: 0 };
  const hub = new EventHub(epoch(), () => ({
    name: 'snapshot',
    data: overviewOf(mission, live, pulse),
  }));
  const telemetryHub = new EventHub(epoch(), () => undefined);
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
    history,
    telemetryHub,
    orders,
    replays,
    hub,
    counters,
    hasTokens: setup.tokens.length > 0,
    now,
    send,
    listen,
  };
  const server = await createServer(context, serverOptions(setup, post));
  const inbound = new Inbound({ mission, live, pulse: () => pulse, send, now });
  const stop = async (): Promise<void> => {
    hub.close();
    telemetryHub.close();
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
        telemetryHub.send({ name: 'pulse', data: pulse });
        post({ kind: 'pulse-taken' });
        return;
      case 'telemetry':
        if (telemetryHub.size > 0 && history.layout !== undefined)
          telemetryHub.send({ name: 'telemetry', data: telemetryOf(message.news, history.layout) });
        post({ kind: 'telemetry-taken' });
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
