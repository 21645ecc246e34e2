/** What the world is told of an outcome, topic by topic (CONTRACTS section 8). Requests that leave go through the gateway instead. */
import type { AlarmStep } from '../domain/alarm';
import type { PipelineEvent } from '../domain/events';
import type { Topics } from './topics';

interface TopicMessage {
  readonly topic: string;
  readonly payload: string;
}

const messageOn = (topic: string, content: unknown): TopicMessage => ({ topic, payload: JSON.stringify(content) });

const ofEvent = (topics: Topics, event: PipelineEvent): readonly TopicMessage[] => {
  switch (event.type) {
    case 'anomaly': {
      const { type: _type, ...record } = event;
      return [messageOn(topics.anomaly, record)];
    }
    case 'check':
    case 'monitor':
    case 'muted':
      return [messageOn(topics[event.type], event)];
    case 'report':
      // It came from the spacecraft; the log has it.
      return [];
    case 'action': {
      const { type: _type, ...request } = event;
      // A recovery that is recorded or waits, for people: never on the topic the spacecraft listens to.
      return request.disposition === 'request' ? [] : [messageOn(topics.advice, request)];
    }
  }
};

export const publicationsOf = (
  topics: Topics,
  { events, alarms }: { readonly events: readonly PipelineEvent[]; readonly alarms: readonly AlarmStep[] },
): readonly TopicMessage[] => [
  ...events.flatMap((event) => ofEvent(topics, event)),
  ...alarms.map((step) => messageOn(topics.alarm, step)),
];
