/** Marks an arrival with what it is recognised by when the broker sends it again. */
import { createHash } from 'node:crypto';
import type { Arrival } from '../../pipeline/ports';
import type { MqttMessage } from './mqtt-options';

const NUL = Uint8Array.of(0);
const NOTHING = new Uint8Array();

/** Of quality of service 0 nobody keeps a copy, and nothing is sent again. */
export const marked = (
  { topic, payload, correlationData = NOTHING, isAgain, qos }: MqttMessage,
  arrival: Arrival,
): Arrival => {
  if (qos === 0) return { ...arrival, isLossy: true };
  const hash = createHash('sha1').update(topic).update(NUL).update(payload).update(NUL).update(correlationData);
  return { ...arrival, mark: { fingerprint: hash.digest('base64'), isAgain } };
};
