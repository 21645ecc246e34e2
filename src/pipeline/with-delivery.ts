/** What is recorded goes out: events and alarms are published, requests that are meant to leave go through the gateway, people are answered. */
import { tap, type MonoTypeOperatorFunction } from 'rxjs';
import type { PipelineEvent } from '../domain/events';
import type { AnswerDesk, Publisher, RecoveryGateway } from './ports';
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
      else publisher.advise(request);
      return;
    }
  }
};

/** Only `Recorded` outcomes are taken, so that nothing can be delivered that is not in the log. */
export const withDelivery = (
  publisher: Publisher,
  gateway: RecoveryGateway,
  desk: AnswerDesk,
): MonoTypeOperatorFunction<Recorded> =>
  tap(({ events, alarms, answers }) => {
    for (const event of events) deliver(event, publisher, gateway);
    for (const alarm of alarms) publisher.publishAlarm(alarm);
    for (const answer of answers) desk.answer(answer);
  });
