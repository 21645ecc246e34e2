/** One lasting connection to a running daemon: what it says of itself, and requests with their answers. For people who stay. */
import { randomBytes } from 'node:crypto';
import { decodeReply } from '../../core/response/decode-control';
import type { Topics } from '../../core/topics';
import type { Reply, RequestName } from '../../domain/requests';
import type { BrokerAccess } from './broker-access';
import { MqttConnection } from './mqtt-connection';
import type { MqttMessage } from './mqtt-options';

export interface DaemonLineOptions {
  readonly url: string;
  readonly access: BrokerAccess;
  readonly topics: Topics;
  /** A topic of the daemon that is listened to: state, health, alarm, anomaly, advice, action. */
  readonly onMessage: (topic: string, text: string) => void;
  /** The connection came or went. */
  readonly onLine: (isUp: boolean) => void;
  readonly onTrouble: (message: string) => void;
}

/** A daemon that is busy answers within seconds. */
const PATIENCE_MS = 5000;

export class DaemonLine {
  private readonly waiting = new Map<string, (reply: Reply | undefined) => void>();
  private readonly connection: MqttConnection;
  private readonly heard: ReadonlySet<string>;

  constructor(private readonly options: DaemonLineOptions) {
    const { url, access, topics } = options;
    const { state, health, alarm, anomaly, advice, action } = topics;
    this.heard = new Set([state, health, alarm, anomaly, advice, action]);
    this.connection = new MqttConnection({
      url,
      access,
      clientId: `fdir-watch-${randomBytes(6).toString('hex')}`,
      session: 'clean',
      subscriptions: [...this.heard, `${topics.responses}/+`],
      onSubscribed: () => {
        options.onLine(true);
      },
      onDisconnect: () => {
        options.onLine(false);
      },
      onTrouble: options.onTrouble,
      onMessage: (message, done) => {
        done();
        this.take(message);
      },
    });
  }

  start(): void {
    this.connection.start();
  }

  async stop(): Promise<void> {
    for (const settle of this.waiting.values()) settle(undefined);
    await this.connection.stop();
  }

  /** @returns undefined when nobody answers. */
  async ask(name: RequestName, asked: Readonly<Record<string, unknown>>): Promise<Reply | undefined> {
    if (!this.connection.isConnected) return undefined;
    const { topics } = this.options;
    const correlation = randomBytes(12).toString('hex');
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Reply | undefined>((resolve, reject) => {
        this.waiting.set(correlation, resolve);
        timer = setTimeout(resolve, PATIENCE_MS, undefined);
        const responseTopic = `${topics.responses}/${name}`;
        const correlationData = Buffer.from(correlation);
        this.connection
          .publish(topics.requests.replace('+', name), JSON.stringify({ ...asked, correlation }), {
            responseTopic,
            correlationData,
          })
          .catch(reject);
      });
    } finally {
      clearTimeout(timer);
      this.waiting.delete(correlation);
    }
  }

  private take({ topic, payload, correlationData }: MqttMessage): void {
    if (this.heard.has(topic)) {
      this.options.onMessage(topic, Buffer.from(payload).toString());
      return;
    }
    const read = decodeReply(payload);
    const correlation = correlationData === undefined ? read?.correlation : Buffer.from(correlationData).toString();
    if (read !== undefined && correlation !== undefined) this.waiting.get(correlation)?.(read.reply);
  }
}
