/** What the routes are made with. */
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { describeError, FdirError } from '../../domain/errors';
import type { Mission } from '../../domain/mission';
import type { ConsoleEvent } from '../api/events';
import type { Pulse } from '../api/overview';
import type { ConsoleHistory } from './history-view';
import type { EventHub } from './event-hub';
import type { LiveState } from '../port/live-state';
import { HttpProblem } from './problems';
import type { ConsoleLog, OrderPort, Replays } from './world';

export interface ConsoleContext {
  readonly mission: Mission;
  readonly live: LiveState;
  readonly pulse: () => Pulse;
  readonly log: ConsoleLog;
  readonly history: ConsoleHistory;
  readonly orders: OrderPort;
  readonly replays: Replays;
  readonly hub: EventHub;
  /** Of telemetry: readers of the live page only. */
  readonly telemetryHub: EventHub;
  readonly counters: ConsoleCounters;
  readonly hasTokens: boolean;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly send: (event: ConsoleEvent) => void;
  /** Hears every event that is sent. @returns ends it. */
  readonly listen: (listener: (event: ConsoleEvent) => void) => () => void;
}

/** What the console counts of itself. */
export interface ConsoleCounters {
  readonly startedAt: number;
  requests: number;
  refused: number;
  coalesced: number;
}

/** Fastify with zod schemas. */
export type ZodServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Reads the log; one that cannot be read now is a 503, and may be there again the next time. */
export const readingLog = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    // Filters that nothing can pass, a cursor that no list gave.
    if (error instanceof FdirError && error.code === 'usage') throw new HttpProblem('invalid-input', error.message);
    const detail = describeError(error);
    throw new HttpProblem('log-unavailable', detail, undefined, { 'retry-after': '5' });
  }
};
