/** Puts one request to a running daemon and waits for its answer (MQTT 5 request/response; 3.1.1 by the payload). */
import { randomBytes } from 'node:crypto';
import { decodeReply } from '../../core/response/decode-control';
import type { Topics } from '../../core/topics';
import { FdirError } from '../../domain/errors';
import type { Reply, RequestName } from '../../domain/requests';
import type { BrokerAccess } from './broker-access';
import { MqttConnection } from './mqtt-connection';
import { redactUrl, type MqttMessage } from './mqtt-options';

export interface AskOptions {
  readonly url: string;
  readonly access?: BrokerAccess | undefined;
  readonly topics: Topics;
  readonly name: RequestName;
  readonly asked: Readonly<Record<string, unknown>>;
}

/** A daemon that is busy with a backlog answers within seconds; longer means that there is none. */
const PATIENCE_MS = 5000;

const replyOf = ({ payload, correlationData }: MqttMessage, correlation: string): Reply | undefined => {
  const read = decodeReply(payload);
  const named = correlationData === undefined ? read?.correlation : Buffer.from(correlationData).toString();
  return named === correlation ? read?.reply : undefined;
};

/** @returns undefined when nobody answers. @throws FdirError `runtime` when the broker is not there. */
export const askDaemon = async ({ url, access, topics, name, asked }: AskOptions): Promise<Reply | undefined> => {
  const correlation = randomBytes(12).toString('hex');
  const responseTopic = `${topics.responses}/${name}`;
  const requestTopic = topics.requests.replace('+', name);
  let connection: MqttConnection | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Reply | undefined>((resolve, reject) => {
      timer = setTimeout(resolve, PATIENCE_MS, undefined);
      connection = new MqttConnection({
        url,
        access,
        clientId: `fdir-ask-${correlation}`,
        session: 'clean',
        subscriptions: [responseTopic],
        onTrouble: (message) => {
          // MQTT 3.1.1 is tried by itself.
          if (message.startsWith('cannot reach')) {
            reject(new FdirError('runtime', `the broker ${redactUrl(url)} does not answer (${message})`));
          }
        },
        // The broker takes the subscription before what is published after it on the same connection.
        onConnect: () => {
          const body = JSON.stringify({ ...asked, correlation });
          const correlationData = Buffer.from(correlation);
          connection?.publish(requestTopic, body, { responseTopic, correlationData }).catch(reject);
        },
        onMessage: (message, done) => {
          done();
          const reply = replyOf(message, correlation);
          if (reply !== undefined) resolve(reply);
        },
      });
      connection.start();
    });
  } finally {
    clearTimeout(timer);
    await connection?.stop();
  }
};
