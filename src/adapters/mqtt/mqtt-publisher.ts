/** Publishes a recording to a broker: a client of its own that says what it has to and leaves. */
import { FdirError } from '../../domain/errors';
import type { BrokerAccess } from './broker-access';
import { MqttConnection } from './mqtt-connection';
import { redactUrl } from './mqtt-options';

export interface RecordingPublisher {
  /** Hands a message over; waits only when too many are unacknowledged. */
  publish(topic: string, payload: string, options?: { readonly retain?: boolean }): Promise<void>;
  /** Waits until the broker has everything, and leaves. */
  close(): Promise<void>;
}

/** A person waits for this command: a broker that does not answer so long is not there. */
const CONNECT_TIMEOUT_MS = 5000;
/** Unacknowledged messages under way; enough to hide the latency of a link, and little to hold. */
const IN_FLIGHT = 64;

/** @throws FdirError `runtime` when the broker cannot be reached. */
export const connectPublisher = async (
  url: string,
  clientId: string,
  onNote: (line: string) => void,
  access?: BrokerAccess,
): Promise<RecordingPublisher> => {
  let lastTrouble = 'no answer';
  let connected: () => void = () => undefined;
  const connection = new MqttConnection({
    url,
    access,
    clientId,
    session: 'clean',
    onConnect: () => {
      connected();
    },
    onTrouble: (message) => {
      lastTrouble = message;
      onNote(message);
    },
  });
  const isUp = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(resolve, CONNECT_TIMEOUT_MS, false);
    connected = () => {
      clearTimeout(timer);
      resolve(true);
    };
    connection.start();
  });
  if (!isUp) {
    await connection.stop();
    throw new FdirError('runtime', `the broker ${redactUrl(url)} does not answer: ${lastTrouble}`);
  }
  const underWay = new Set<Promise<void>>();
  return {
    publish: async (topic, payload, options = {}) => {
      const message = connection.publish(topic, payload, options).finally(() => underWay.delete(message));
      underWay.add(message);
      if (underWay.size >= IN_FLIGHT) await Promise.race(underWay);
    },
    close: async () => {
      await Promise.all(underWay);
      await connection.stop();
    },
  };
};
