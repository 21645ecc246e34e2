/** Tells what a broker does not take: its limits, the messages it refused, records that were shortened for it. */
import type { Logger } from '../adapters/host/logger';
import type { BrokerOffer } from '../adapters/mqtt/broker-offer';
import type { DaemonEvent } from '../domain/daemon-event';
import type { Diagnostics } from '../pipeline/ports';

export interface BrokerTeller {
  /** At every connection; told when it differs from the one before. */
  offer(offer: BrokerOffer): void;
  /** @param endings of connections that point to it; undefined when the broker says so. */
  takenOver(clientId: string, endings?: number): void;
  /** @param isNew the last message on this topic was taken. */
  refused(topic: string, reason: string, isNew: boolean): void;
  shortened(topic: string, bytes: number, leftOut: readonly string[]): void;
}

export interface BrokerTellerOptions {
  readonly options: { readonly logger: Pick<Logger, 'warn' | 'error'>; readonly clock: { now(): number } };
  readonly diagnostics: Diagnostics;
  readonly note: (event: DaemonEvent) => void;
}

/** Below this an explanation record does not fit as it is: thousands of numbers are in it. */
const USUAL_RECORD_BYTES = 256 * 1024;
/** Another client of the same identifier puts us out again and again: it is noted so often at most. */
const TAKEN_OVER_PAUSE_MS = 60_000;

const limitsOf = ({ maxPayloadBytes, maxQos, canRetain }: BrokerOffer): readonly string[] => [
  ...(maxPayloadBytes < USUAL_RECORD_BYTES
    ? [`it takes messages of ${String(maxPayloadBytes)} bytes: larger records are published without their series`]
    : []),
  ...(maxQos < 2
    ? [`it has quality of service ${String(maxQos)} at most: a request may arrive twice, and is recognised by its id`]
    : []),
  ...(canRetain ? [] : ['it keeps no retained messages: who subscribes later does not see state and health at once']),
];

export const brokerTeller = ({ options, diagnostics, note }: BrokerTellerOptions): BrokerTeller => {
  const { logger, clock } = options;
  let told = '';
  let takenOverAt = -Infinity;
  const noted = new Set<string>();
  return {
    offer: (offer) => {
      const limits = [...limitsOf(offer)];
      if (limits.join() === told) return;
      told = limits.join();
      if (limits.length === 0) return;
      for (const limit of limits) logger.warn(`the broker sets a limit: ${limit}`);
      note({ kind: 'broker-limits', detail: { limits } });
    },
    takenOver: (clientId, endings) => {
      if (clock.now() - takenOverAt < TAKEN_OVER_PAUSE_MS) return;
      takenOverAt = clock.now();
      note({ kind: 'client-taken-over', detail: endings === undefined ? { clientId } : { clientId, endings } });
    },
    refused: (topic, reason, isNew) => {
      logger.error({ topic }, `cannot publish: ${reason}`);
      diagnostics.vital('delivery', false, `${topic}: ${reason}`);
      if (isNew) note({ kind: 'refused', detail: { topic, reason } });
    },
    shortened: (topic, bytes, leftOut) => {
      logger.warn(
        { topic, bytes, leftOut },
        'a record was shortened to what the broker takes; the log keeps all of it',
      );
      if (noted.has(topic)) return;
      noted.add(topic);
      note({ kind: 'shortened', detail: { topic, bytes, leftOut: [...leftOut] } });
    },
  };
};
