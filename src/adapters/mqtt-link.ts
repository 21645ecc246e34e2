/** The daemon's link: telemetry in; anomalies, limit transitions, recovery requests, state and health out (CONTRACTS section 8). */
import { Subject } from 'rxjs';
import { decodeAcknowledgement, decodeRequest } from '../core/decode-control';
import { decodeMode } from '../core/operating-mode';
import { decodeTelemetry } from '../core/decode-telemetry';
import type { Control } from '../core/respond';
import { openLevel, parameterOfTopic, type Topics } from '../core/topics';
import type { AlarmStep } from '../domain/alarm';
import type { PipelineEvent, RecoveryRequest } from '../domain/events';
import type { LogHead } from '../domain/log-query';
import type { AskedRequest, Reply } from '../domain/requests';
import type { Arrival, Publisher, RecoveryGateway, TelemetrySource } from '../pipeline/ports';
import type { DaemonState } from '../pipeline/vitals';
import type { BrokerAccess } from './broker-access';
import { MqttConnection, type MqttMessage } from './mqtt-connection';
import type { Outbox } from './once-store';

export interface MqttLinkOptions {
  readonly url: string;
  readonly access?: BrokerAccess | undefined;
  readonly clientId: string;
  readonly topics: Topics;
  readonly parameters: ReadonlySet<string>;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Packet times further ahead of the clock are dropped, milliseconds. */
  readonly maxLeadMs: number;
  readonly onConnect: () => void;
  readonly onSubscribed?: () => void;
  readonly onTrouble: (message: string) => void;
  /** Keeps requests until the broker has them. */
  readonly outbox?: Outbox;
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
    const { url, access, clientId, topics, onTrouble, onSubscribed, outbox } = options;
    this.connection = new MqttConnection({
      url,
      access,
      clientId,
      session: 'persistent',
      subscriptions: [
        topics.telemetry,
        topics.telemetryOfParameters,
        topics.mode,
        topics.acknowledgements,
        topics.requests,
      ],
      will: { topic: topics.state, payload: 'offline' satisfies DaemonState },
      onTrouble,
      ...(onSubscribed && { onSubscribed }),
      ...(outbox && { outbox }),
      onConnect: () => {
        this.publishState(this.state);
        this.arrivals.next(this.arrivalOf({ kind: 'link', isUp: true }, () => undefined));
        options.onConnect();
      },
      onDisconnect: () => {
        this.arrivals.next(this.arrivalOf({ kind: 'link', isUp: false }, () => undefined));
      },
      onMessage: (message, done) => {
        this.arrivals.next(this.decodeControl(message, done) ?? this.decode(message, done));
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

  /** Exactly once; not while the broker is away, where it would wait past its expiry. */
  send(request: RecoveryRequest): void {
    if (!this.isConnected) {
      this.options.onTrouble(`request ${request.id} was not sent: the connection has just been lost`);
      return;
    }
    const expirySeconds = Math.max(1, Math.ceil((Date.parse(request.expiry) - Date.parse(request.time)) / 1000));
    this.hand(this.options.topics.action, request, { expirySeconds, once: true });
  }

  advise(request: RecoveryRequest): void {
    this.hand(this.options.topics.advice, request);
  }

  publishAlarm(step: AlarmStep): void {
    this.hand(this.options.topics.alarm, step);
  }

  /** Answers where it was asked to, with what it is recognised by. */
  respond({ topic, correlation }: AskedRequest, reply: Reply): void {
    const { data, text } = correlation;
    const body = { schemaVersion: 1, ...reply, ...(text !== undefined && { correlation: text }) };
    this.hand(topic, body, data === undefined ? {} : { correlationData: data });
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

  /** Retained: whoever keeps it can tell when the log was cut off. */
  publishLogHead(head: LogHead): void {
    if (this.isConnected) this.hand(this.options.topics.logHead, head, { retain: true });
  }

  private arrivalOf(control: Control | undefined, done: () => void, drops: Arrival['drops'] = []): Arrival {
    const controls = control === undefined ? [] : [control];
    return { frames: [], drops, controls, receivedAt: this.options.now(), isLast: false, acknowledge: done };
  }

  /** Undefined when the message is telemetry. */
  private decodeControl(message: MqttMessage, done: () => void): Arrival | undefined {
    const { topic, payload, responseTopic, correlationData } = message;
    const { acknowledgements, requests, responses } = this.options.topics;
    const id = openLevel(acknowledgements, topic);
    if (id !== undefined) {
      const decoded = decodeAcknowledgement(id, payload);
      return 'kind' in decoded ? this.arrivalOf(decoded, done) : this.arrivalOf(undefined, done, [decoded]);
    }
    const name = openLevel(requests, topic);
    if (name === undefined) return undefined;
    // Who may ask could else have the daemon speak on the topic that the spacecraft listens to.
    const isForAnswers = responseTopic?.startsWith(`${responses}/`) === true;
    const address = { topic: isForAnswers ? responseTopic : `${responses}/${name}`, data: correlationData };
    return this.arrivalOf(decodeRequest(name, payload, address), done);
  }

  private decode({ topic, payload }: MqttMessage, done: () => void): Arrival {
    const { topics, parameters, now, maxLeadMs } = this.options;
    const receivedAt = now();
    const parameter = parameterOfTopic(topics, topic);
    if (topic === topics.mode) {
      const decoded = decodeMode(payload, receivedAt + maxLeadMs);
      const parts = 'mode' in decoded ? { modes: [decoded], drops: [] } : { drops: [decoded] };
      return { frames: [], ...parts, receivedAt, isLast: false, acknowledge: done };
    }
    this.lastMessageAt = receivedAt;
    const decoded = decodeTelemetry(payload, {
      parameters,
      ...(parameter !== undefined && { parameter }),
      maxBytes: MAX_PAYLOAD_BYTES,
      now: receivedAt,
      latest: receivedAt + maxLeadMs,
    });
    return { ...decoded, receivedAt, isLast: false, acknowledge: done };
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
