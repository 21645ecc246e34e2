/** The daemon's link: telemetry in; anomalies, limit transitions, recovery requests, state and health out (CONTRACTS section 8). */
import { Subject } from 'rxjs';
import { decodeTelemetry } from '../core/decode-telemetry';
import { parameterOfTopic, type Topics } from '../core/topics';
import type { PipelineEvent, RecoveryRequest } from '../domain/events';
import type { Arrival, Publisher, RecoveryGateway, TelemetrySource } from '../pipeline/ports';
import type { DaemonState } from '../pipeline/vitals';
import { MqttConnection } from './mqtt-connection';

export interface MqttLinkOptions {
  readonly url: string;
  readonly clientId: string;
  readonly topics: Topics;
  readonly parameters: ReadonlySet<string>;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Packet times further ahead of the clock are dropped, milliseconds. */
  readonly maxLeadMs: number;
  readonly onConnect: () => void;
  readonly onTrouble: (message: string) => void;
}

/** A frame of a thousand parameters has some thirty kilobytes, an hour of AURORA-1 half a megabyte. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;

export class MqttLink implements TelemetrySource, Publisher, RecoveryGateway {
  private readonly arrivals = new Subject<Arrival>();
  readonly arrivals$ = this.arrivals.asObservable();
  private readonly connection: MqttConnection;
  private state: DaemonState = 'offline';
  /** Wall clock of the last message, milliseconds; undefined before the first. */
  lastMessageAt: number | undefined;

  constructor(private readonly options: MqttLinkOptions) {
    const { url, clientId, topics, onTrouble } = options;
    this.connection = new MqttConnection({
      url,
      clientId,
      session: 'persistent',
      subscriptions: [topics.telemetry, topics.telemetryOfParameters],
      will: { topic: topics.state, payload: 'offline' satisfies DaemonState },
      onTrouble,
      onConnect: () => {
        this.publishState(this.state);
        options.onConnect();
      },
      onMessage: ({ topic, payload }, done) => {
        this.arrivals.next(this.decode(topic, payload, done));
      },
    });
  }

  get isConnected(): boolean {
    return this.connection.isConnected;
  }

  get protocol(): string {
    return this.connection.protocol;
  }

  start(): void {
    this.connection.start();
  }

  async stop(): Promise<void> {
    this.arrivals.complete();
    await this.connection.stop({ topic: this.options.topics.state, payload: 'offline' satisfies DaemonState });
  }

  publish(event: PipelineEvent): void {
    const { anomaly, check, monitor, muted, action } = this.options.topics;
    const { type, ...record } = event;
    const hasType = type === 'check' || type === 'monitor' || type === 'muted';
    this.hand({ anomaly, check, monitor, muted, action }[type], hasType ? event : record);
  }

  send(request: RecoveryRequest): void {
    const expirySeconds = Math.max(1, Math.ceil((Date.parse(request.expiry) - Date.parse(request.time)) / 1000));
    this.hand(this.options.topics.action, request, { expirySeconds });
  }

  /** Retained; said again after every connection. */
  publishState(state: DaemonState): void {
    this.state = state;
    if (this.isConnected) this.handText(this.options.topics.state, state, { retain: true });
  }

  /** Retained; not kept while the broker is away: an old one helps nobody. */
  publishHealth(health: unknown): void {
    if (this.isConnected) this.hand(this.options.topics.health, health, { retain: true });
  }

  private decode(topic: string, payload: Uint8Array, done: () => void): Arrival {
    const { topics, parameters, now, maxLeadMs } = this.options;
    const receivedAt = now();
    const parameter = parameterOfTopic(topics, topic);
    this.lastMessageAt = receivedAt;
    const decoded = decodeTelemetry(payload, {
      parameters,
      ...(parameter !== undefined && { parameter }),
      maxBytes: MAX_PAYLOAD_BYTES,
      now: receivedAt,
      latest: receivedAt + maxLeadMs,
    });
    return { ...decoded, isLast: false, acknowledge: done };
  }

  private hand(topic: string, payload: unknown, options: Parameters<MqttConnection['publish']>[2] = {}): void {
    this.handText(topic, JSON.stringify(payload), options);
  }

  private handText(topic: string, payload: string, options: Parameters<MqttConnection['publish']>[2] = {}): void {
    this.connection.publish(topic, payload, options).catch((error: unknown) => {
      this.options.onTrouble(`cannot publish on ${topic}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}
