/** Reads retained messages of a broker: what was said last on each of some topics. */
import { FdirError } from '../../domain/errors';
import type { BrokerAccess } from './broker-access';
import { MqttConnection } from './mqtt-connection';
import { redactUrl } from './mqtt-options';

export interface ReadRetainedOptions {
  readonly url: string;
  readonly access?: BrokerAccess | undefined;
  readonly clientId: string;
  readonly topics: readonly string[];
}

/** Retained messages follow the subscription at once; what is not there after this time is not kept. */
const PATIENCE_MS = 1000;

/** @returns the payloads by topic; topics with nothing retained are missing. @throws FdirError `runtime` when the broker is not there. */
export const readRetained = async ({
  url,
  access,
  clientId,
  topics,
}: ReadRetainedOptions): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  let connection: MqttConnection | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      connection = new MqttConnection({
        url,
        access,
        clientId,
        session: 'clean',
        subscriptions: topics,
        onTrouble: (message) => {
          // MQTT 3.1.1 is tried by itself.
          if (message.startsWith('cannot reach')) {
            reject(new FdirError('runtime', `the broker ${redactUrl(url)} does not answer (${message})`));
          } else if (message.includes('subscri')) reject(new FdirError('runtime', message));
        },
        onSubscribed: () => (timer ??= setTimeout(resolve, PATIENCE_MS)),
        onMessage: ({ topic, payload }, done) => {
          done();
          found.set(topic, Buffer.from(payload).toString());
          if (found.size === topics.length) resolve();
        },
      });
      connection.start();
    });
  } finally {
    clearTimeout(timer);
    await connection?.stop();
  }
  return found;
};
