/**
 * The daemon's link: telemetry in; anomalies, limit transitions, recovery requests, state and health out (CONTRACTS section
 * 8).
 *
 * Telemetry has a connection of its own, because a broker sends in order. Behind a backlog of telemetry, an approval would wait
 * for all of it. The client acknowledges late and reads on, up to the receive maximum of 64.
 */
import { Subject } from 'rxjs';
import type { Control } from '../../core/response/response';
import { TokenBucket } from '../../core/token-bucket';
import type { Topics } from '../../core/topics';
import { publicationsOf } from '../../core/publications';
import type { AlarmStep } from '../../domain/alarm';
import type { RecoveryRequest } from '../../domain/events';
import type { LogHead } from '../../domain/log-query';
import type { AskedRequest, Reply } from '../../domain/requests';
import { arrivalOf } from '../../pipeline/arrival';
import type {
  Arrival,
  Publication,
  Publisher,
  RecoveryGateway,
  PublishableOutcome,
  TelemetrySource,
} from '../../pipeline/ports';
import type { DaemonState } from '../../pipeline/vitals';
import { Backlog } from './backlog';
import { foreign, readControlMessage } from './control-message';
import type { PublicationQueue } from '../log/outbox';
import { LinkPublisher } from './link-publisher';
import { marked } from './message-mark';
import { MqttConnection } from './mqtt-connection';
import type { MqttLinkOptions } from './mqtt-link-options';
import type { LastWord, MqttMessage } from './mqtt-options';
import { PublicationSender } from './publication-sender';
import { readTelemetryMessage } from './telemetry-message';

/** What people and displays ask: each may read the log, which must not keep telemetry waiting. */
const REQUESTS = { burst: 200, perSecond: 20 };
/** A request is made once in minutes. */
const MAX_UNSENT = 100;

/** The connection that telemetry comes on: a backlog of it must not stand before acknowledgements and orders of people. */
export const telemetryClientId = (clientId: string): string => `${clientId}-tm`;

/** What the link is subscribed to, for the next configuration to know what it no longer is. */
export const subscriptionsOf = (topics: Topics): { readonly telemetry: string[]; readonly control: string[] } => ({
  telemetry: [topics.telemetry, topics.telemetryOfParameters, topics.mode, topics.command, topics.senml, topics.packet],
  control: [topics.acknowledgements, topics.requests],
});

export class MqttLink implements TelemetrySource, Publisher, RecoveryGateway {
  private readonly arrivals = new Subject<Arrival>();
  readonly arrivals$ = this.arrivals.asObservable();
  /** Everything but telemetry, and all that is said. */
  private readonly connection: MqttConnection;
  private readonly telemetry: MqttConnection;
  private readonly publisher: LinkPublisher;
  private readonly sender: PublicationSender | undefined;
  private state: DaemonState = 'offline';
  private readonly requests = new TokenBucket(REQUESTS);
  /** Requests that were to leave while the connection was just being lost. */
  private unsent: { readonly request: RecoveryRequest; readonly until: number }[] = [];
  /** Both connections were subscribed once, or telemetry is known to be missing; from then on `state` is told on what is left. */
  private isStateTold = false;
  private readonly backlog = new Backlog();
  private readonly subscribed = new Set<'control' | 'telemetry'>();
  /** What was said last about the connection of telemetry; undefined while it works. */
  telemetryTrouble: string | undefined;
  /** Wall clock of the last message, milliseconds; undefined before the first. */
  lastMessageAt: number | undefined;

  constructor(private readonly options: MqttLinkOptions) {
    const { url, access, renewAccess, clientId, topics, onTrouble, outbox, publications, keepaliveMs } = options;
    const { formerly = [] } = options;
    const { telemetry, control } = subscriptionsOf(topics);
    const shared = {
      url,
      access,
      renewAccess,
      session: 'persistent' as const,
      ...(keepaliveMs !== undefined && { keepaliveMs }),
    };
    this.connection = new MqttConnection({
      ...shared,
      clientId,
      subscriptions: control,
      // Up to version 0.1 telemetry came on this connection.
      formerly: [...formerly, ...telemetry],
      will: this.farewell(),
      onTrouble,
      ...(outbox && { outbox }),
      onOffer: (offer) => options.onOffer?.(offer),
      onTakenOver: (endings) => options.onTakenOver?.(endings),
      onSubscribed: () => {
        this.noteSubscribed('control');
      },
      onConnect: () => {
        this.publishWaiting();
        this.arrivals.next(this.arrivalOf({ kind: 'link', isUp: true }, () => undefined));
        this.sendUnsent();
        options.onConnect();
      },
      onDisconnect: () => {
        this.subscribed.delete('control');
        this.arrivals.next(this.arrivalOf({ kind: 'link', isUp: false }, () => undefined));
        options.onDisconnect?.();
      },
      onMessage: (message, done) => {
        const mayAsk = (): boolean => this.requests.take(options.now());
        const { controls, drops } = readControlMessage(message, topics, mayAsk);
        const arrival = { ...this.arrivalOf(undefined, done, drops), controls };
        this.arrivals.next(marked(message, arrival));
      },
    });
    this.publisher = new LinkPublisher(this.connection, options);
    this.sender = publications && this.senderOf(publications);
    this.telemetry = new MqttConnection({
      ...shared,
      clientId: telemetryClientId(clientId),
      subscriptions: telemetry,
      formerly,
      // What keeps one connection from the broker keeps the other, and one complaint is enough.
      onTrouble: (message) => {
        this.telemetryTrouble = message;
        if (this.isConnected) onTrouble(message);
      },
      onSubscribed: () => {
        this.telemetryTrouble = undefined;
        this.noteSubscribed('telemetry');
      },
      onConnect: (isResumed) => {
        this.backlog.begin(isResumed ? options.now() : undefined);
        options.onTelemetry?.(isResumed);
      },
      onDisconnect: () => {
        this.subscribed.delete('telemetry');
        options.onTelemetryLost?.();
      },
      onMessage: (message, done) => {
        this.arrivals.next(marked(message, this.decode(message, done)));
      },
    });
  }

  private senderOf(publications: PublicationQueue): PublicationSender {
    return new PublicationSender(publications, {
      isConnected: () => this.isConnected,
      publish: ({ topic, payload }) => this.publisher.publish(topic, payload),
      onFailed: ({ topic }, error) => this.publisher.failed(topic, error),
    });
  }

  /** The broker is there, and telemetry does not come from it: never did, no longer does, or is not let in. */
  get isTelemetryLost(): boolean {
    return this.subscribed.has('control') && !this.subscribed.has('telemetry');
  }

  /** It is not waited for any longer: `state` is told without it, also when it never came. */
  goOnWithoutTelemetry(): void {
    if (this.isStateTold) return;
    this.isStateTold = true;
    this.publishState(this.state);
  }

  get isConnected(): boolean {
    return this.connection.isConnected;
  }

  get protocol(): string {
    return this.connection.protocol;
  }

  start(): void {
    this.connection.start();
    this.telemetry.start();
  }

  async stop(): Promise<void> {
    this.arrivals.complete();
    await this.telemetry.stop();
    await this.connection.stop(this.farewell());
  }

  private farewell(): LastWord {
    return { topic: this.options.topics.state, payload: 'offline' satisfies DaemonState, ...this.options.identity?.() };
  }

  publicationsOf(outcome: PublishableOutcome): readonly Publication[] {
    return publicationsOf(this.options.topics, outcome);
  }

  publishWaiting(): void {
    this.sender?.publishWaiting();
  }

  /** Exactly once; not while the broker is away, where it would wait past its expiry. */
  request(request: RecoveryRequest, decidedAt = this.options.now()): void {
    this.requestBefore(request, decidedAt + Date.parse(request.expiry) - Date.parse(request.time));
  }

  /** @param until wall clock at which it expires, milliseconds. */
  private requestBefore(request: RecoveryRequest, until: number): void {
    if (until <= this.options.now()) {
      this.options.onTrouble(`request ${request.id} expired before it could be sent, and is not`);
      return;
    }
    if (!this.isConnected) {
      this.unsent = [...this.unsent, { request, until }].slice(-MAX_UNSENT);
      this.options.onTrouble(`request ${request.id} waits: the connection has just been lost`);
      return;
    }
    const expirySeconds = Math.max(1, Math.ceil((until - this.options.now()) / 1000));
    const { action } = this.options.topics;
    const encoded = this.options.encodeRequest?.(request);
    if (encoded !== undefined && 'problem' in encoded) {
      this.options.onTrouble(`request ${request.id} cannot be made a telecommand: ${encoded.problem}`);
      // Not while what it was decided on is still on its way.
      queueMicrotask(() => {
        this.fail(request, encoded.problem);
      });
      return;
    }
    const leaving =
      encoded === undefined
        ? this.publisher.publish(action, JSON.stringify(request), { expirySeconds, once: true })
        : this.publisher.packet(action, encoded.payload, request.id, expirySeconds);
    leaving.catch((error: unknown) => {
      if (this.publisher.failed(action, error)) this.fail(request, error.message);
    });
  }

  /** It did not leave, and nobody will answer: the recovery goes on with what it does after a failure. */
  private fail({ id }: RecoveryRequest, reason: string): void {
    this.arrivals.next(this.arrivalOf({ kind: 'acknowledge', id, stage: 'failed', reason }, () => undefined));
  }

  private sendUnsent(): void {
    const waiting = this.unsent;
    this.unsent = [];
    for (const { request, until } of waiting) this.requestBefore(request, until);
  }

  private noteSubscribed(part: 'control' | 'telemetry'): void {
    this.subscribed.add(part);
    if (this.subscribed.size < 2) return;
    this.isStateTold = true;
    this.publishState(this.state);
    this.options.onSubscribed?.();
  }

  /** An alarm that cannot be recorded, now or never. */
  publishAlarm(step: AlarmStep): void {
    if (this.isConnected) this.publisher.json(this.options.topics.alarm, step);
  }

  /** Answers where it was asked to, with what it is recognised by. */
  reply({ topic, correlation }: AskedRequest, reply: Reply): void {
    const { data, text } = correlation;
    const body = { schemaVersion: 1, ...reply, ...(text !== undefined && { correlation: text }) };
    this.publisher.json(topic, body, data === undefined ? {} : { correlationData: data });
  }

  /** Somebody else's word stands in its place. */
  repeatState(): void {
    this.publishState(this.state);
  }

  /** Retained; said again after every connection, when whatever is published from then on comes. */
  publishState(state: DaemonState): void {
    this.state = state;
    if (this.isStateTold && this.subscribed.has('control'))
      this.publisher.text(this.options.topics.state, state, { retain: true, ...this.options.identity?.() });
  }

  /** Retained; not kept while the broker is away: an old one helps nobody. */
  publishHealth(health: unknown): void {
    if (this.isConnected) this.publisher.json(this.options.topics.health, health, { retain: true });
  }

  /** Retained: whoever keeps it can tell when the log was cut off. */
  publishLogHead(head: LogHead): void {
    if (this.isConnected) this.publisher.json(this.options.topics.logHead, head, { retain: true });
  }

  private arrivalOf(control: Control | undefined, done: () => void, drops: Arrival['drops'] = []): Arrival {
    const controls = control === undefined ? [] : [control];
    return arrivalOf({ drops, controls, receivedAt: this.options.now(), acknowledge: done });
  }

  private decode(message: MqttMessage, done: () => void): Arrival {
    const receivedAt = this.options.now();
    const isLive = !message.isRetained && this.backlog.isOver(receivedAt);
    const content = readTelemetryMessage(message, { ...this.options, isLive }, receivedAt);
    if (content === undefined) return this.arrivalOf(undefined, done, [foreign(message.topic)]);
    if (message.topic !== this.options.topics.mode) this.lastMessageAt = receivedAt;
    return { ...content, receivedAt, isLast: false, acknowledge: done };
  }
}
