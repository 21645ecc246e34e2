/** What is recorded goes out: every event is published, and requests that are meant to leave go through the gateway. */
import { tap, type MonoTypeOperatorFunction } from 'rxjs';
import type { PipelineEvent } from '../domain/events';
import type { Publisher, RecoveryGateway } from './ports';
import type { Recorded } from './with-record';

const deliver = (event: PipelineEvent, publisher: Publisher, gateway: RecoveryGateway): void => {
  switch (event.type) {
    case 'anomaly':
    case 'check':
    case 'monitor':
    case 'muted':
      publisher.publish(event);
      return;
    case 'action': {
      const { type: _type, ...request } = event;
      if (request.disposition === 'request') gateway.send(request);
      return;
    }
  }
};

/** Only `Recorded` outcomes are taken, so that nothing can be delivered that is not in the log. */
export const withDelivery = (publisher: Publisher, gateway: RecoveryGateway): MonoTypeOperatorFunction<Recorded> =>
  tap(({ events }) => {
    for (const event of events) deliver(event, publisher, gateway);
  });
