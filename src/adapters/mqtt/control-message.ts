/** What a message on the topics of acknowledgements and requests brings. Parsed once, at the edge. */
import {
  askedTooOften,
  decodeAcknowledgement,
  decodeRequest,
  refusedAsRetained,
} from '../../core/response/decode-control';
import type { Control } from '../../core/response/response';
import { excerpt, type Drop } from '../../core/telemetry/drop';
import { openLevel, type Topics } from '../../core/topics';
import type { MqttMessage } from './mqtt-options';

export interface ControlContent {
  readonly controls: readonly Control[];
  readonly drops: readonly Drop[];
}

/** Whoever published it did so some time ago, and it would be obeyed again at every start. */
const RETAINED: Drop = { reason: 'retained', message: 'a retained order or acknowledgement is not obeyed' };

export const foreign = (topic: string): Drop => ({
  reason: 'foreign',
  message: `"${excerpt(topic)}" is not a topic of this daemon`,
});

/** @param mayAsk whether one more request is looked at now. */
export const readControlMessage = (message: MqttMessage, topics: Topics, mayAsk: () => boolean): ControlContent => {
  const { topic, payload, isRetained, responseTopic, correlationData } = message;
  const { acknowledgements, requests, responses } = topics;
  const id = openLevel(acknowledgements, topic);
  if (id !== undefined) {
    if (isRetained) return { controls: [], drops: [RETAINED] };
    const decoded = decodeAcknowledgement(id, payload);
    return 'kind' in decoded ? { controls: [decoded], drops: [] } : { controls: [], drops: [decoded] };
  }
  const name = openLevel(requests, topic);
  if (name === undefined) return { controls: [], drops: [foreign(topic)] };
  // Who may ask could else have the daemon speak on the topic that the spacecraft listens to.
  const isForAnswers = responseTopic?.startsWith(`${responses}/`) === true;
  const address = { topic: isForAnswers ? responseTopic : `${responses}/${name}`, data: correlationData };
  const request = decodeRequest(name, payload, address);
  if (isRetained) return { controls: [refusedAsRetained(request)], drops: [RETAINED] };
  return { controls: [mayAsk() ? request : askedTooOften(request)], drops: [] };
};
