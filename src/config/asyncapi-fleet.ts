/** The topics of the workers of a fleet, for the AsyncAPI document. */
import { z } from 'zod';
import { workerTopics } from '../core/fleet-topics';
import { daemonStates } from '../domain/health';
import { jsonSchemaOf } from './documents';

/** What a worker of a fleet says of itself and all of its spacecraft. */
const FLEET = [
  {
    channel: 'fleetState',
    topic: 'state',
    what: 'a worker of a fleet in one word; also its last will',
    payload: jsonSchemaOf(z.enum(daemonStates)),
  },
  {
    channel: 'fleetHealth',
    topic: 'health',
    what: 'counts of a worker and of all its spacecraft, every ten seconds',
    payload: { $ref: '#/components/schemas/fleet-health' },
  },
] as const;

/** As parts of the AsyncAPI document. */
export const fleetChannels = () => {
  const topics = workerTopics('fdir', '{worker}');
  const parameters = { worker: { description: 'the worker, as fleet.worker names it' } };
  const contentType = 'application/json';
  const channels = FLEET.map(({ channel, topic, what, payload }) => [
    channel,
    { address: topics[topic], parameters, messages: { [channel]: { summary: what, contentType, payload } } },
  ]);
  const bindings = { mqtt: { qos: 1, retain: true } };
  const operations = FLEET.map(({ channel }) => [
    channel,
    { action: 'send', channel: { $ref: `#/channels/${channel}` }, bindings },
  ]);
  return { channels: Object.fromEntries(channels), operations: Object.fromEntries(operations) };
};
