/**
 * What is recorded goes out. Publications go to the link, requests that are meant to leave go through the gateway, and people get
 * their answers.
 */
import { tap, type MonoTypeOperatorFunction } from 'rxjs';
import type { RequestAnswerer, Publisher, RecoveryGateway } from './ports';
import type { RecordedOutcome } from './with-record';

/** Only `Recorded` outcomes are taken, so that nothing can be delivered that is not in the log. */
export const withDelivery = <E extends RecordedOutcome>(
  publisher: Publisher,
  gateway: RecoveryGateway,
  answerer: RequestAnswerer,
): MonoTypeOperatorFunction<E> =>
  tap(({ events, alarms, answers, receivedAt }) => {
    // First what cannot wait; the world may hear of it a moment later.
    for (const event of events) {
      if (event.type !== 'action' || event.disposition !== 'request') continue;
      const { type: _type, ...request } = event;
      gateway.request(request, receivedAt);
    }
    if (events.length > 0 || alarms.length > 0) publisher.publishWaiting();
    for (const answer of answers) answerer.answer(answer);
  });
