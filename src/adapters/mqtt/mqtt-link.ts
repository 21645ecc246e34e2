/**
 * The daemon's link: telemetry in; anomalies, limit transitions, recovery requests, state and health out (CONTRACTS section
 * 8).
 *
 * Telemetry has a connection of its own, because a broker sends in order: behind a backlog of telemetry, an approval would
 * wait for all of it. The client acknowledges late and reads on, up to the receive maximum of 64.
 */
import { describeError } from '../../domain/errors';
import { createHash } from 'node:crypto';
import { Subject } from 'rxjs';
import { excerpt, type Drop } from '../../core/telemetry/drop';
import {
  askedTooOften,
  decodeAcknowledgement,
  decodeRequest,
  refusedAsRetained,
} from '../../core/response/decode-control';
import type { Control } from '../../core/response/response';
import { TokenBucket } from '../../core/token-bucket';
import { openLevel, type Topics } from '../../core/topics';
import { publicationsOf } from '../../core/publications';
import type { AlarmStep } from '../../domain/alarm';
import type { RecoveryRequest } from '../../domain/events';
import type { LogHead } from '../../domain/log-query';
import type { AskedRequest, Reply } from '../../domain/requests';
import type {
  Arrival,
  Publication,
  Publisher,
  RecoveryGateway,
  PublishableOutcome,
  TelemetrySource,
} from '../../pipeline/ports';
import type { DaemonState } from '../../pipeline/vitals';
import type { BrokerAccess } from './broker-access';
import {
  MqttConnection,
  RefusedPublication,
  type BrokerOffer,
  type MqttMessage,
  type MqttPublishOptions,
} from './mqtt-connection';
import { shortenRecord } from '../../core/shorten-record';
import type { Outbox } from '../log/outbox';
import type { PublicationQueue } from '../log/outbox';
import { PublicationSender } from './publication-sender';
import { readTelemetryMessage, type TelemetryMessageOptions } from './telemetry-message';

export interface MqttLinkOptions {
  readonly url: string;
  readonly access?: BrokerAccess | undefined;
  /** See `MqttConnectionOptions`. */
  readonly renewAccess?: (() => BrokerAccess) | undefined;
  readonly clientId: string;
  readonly topics: Topics;
  readonly parameters: ReadonlySet<string>;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Packet times further ahead of the clock are dropped, milliseconds. */
  readonly maxLeadMs: number;
  /** Reads packets; left out: the mission has no definition of them. */
  readonly packets?: TelemetryMessageOptions['packets'];
  readonly onConnect: () => void;
  readonly onSubscribed?: () => void;
  readonly onTrouble: (message: string) => void;
  /** Keeps requests until the broker has them. */
  readonly outbox?: Outbox;
  /** Keeps what is published until the broker has it. */
  readonly publications?: PublicationQueue;
  /** Subscriptions of earlier configurations, which the broker may still remember. */
  readonly formerly?: readonly string[];
  readonly keepaliveMs?: number;
  /** Telemetry comes; `isResumed`: what was published meanwhile was kept. */
  readonly onTelemetry?: (isResumed: boolean) => void;
  readonly onTelemetryLost?: () => void;
  /** The connection of everything else; the one of telemetry may stand meanwhile. */
  readonly onDisconnect?: () => void;
  /** What the broker takes, at every connection. */
  readonly onOffer?: (offer: BrokerOffer) => void;
  /** Another client uses our client identifier. */
  readonly onTakenOver?: () => void;
  /** The broker refused a message; `isNew`: the last one on this topic was not refused. */
  readonly onRefused?: (topic: string, reason: string, isNew: boolean) => void;
  /** On every topic the last message was taken, after one was not. */
  readonly onTaken?: () => void;
  /** A record was too large for the broker, and lacks this. */
  readonly onShortened?: (topic: string, bytes: number, leftOut: readonly string[]) => void;
}

/** What people and displays ask: each may read the log, which must not keep telemetry waiting. */
const REQUESTS = { burst: 200, perSecond: 20 };
const NUL = Uint8Array.of(0);
const NOTHING = new Uint8Array();
/** A request is made once in minutes. */
const MAX_UNSENT = 100;
/** Topics of answers are many. */
const MAX_REFUSED = 100;
/** What waited at the broker comes at once after a connection: it is over after a pause, or after so long at the latest. */
const BACKLOG_PAUSE_MS = 500;
const LONGEST_BACKLOG_MS = 10_000;

/** Whoever published it did so some time ago, and it would be obeyed again at every start. */
const RETAINED: Drop = { reason: 'retained', message: 'a retained order or acknowledgement is not obeyed' };

const foreign = (topic: string): Drop => ({ reason: 'foreign', message: `"${excerpt(topic)}" is no topic of ours` });

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
  private readonly sender: PublicationSender | undefined;
  private state: DaemonState = 'offline';
  private readonly requests = new TokenBucket(REQUESTS);
  /** Requests that were to leave while the connection was just being lost. */
  private unsent: { readonly request: RecoveryRequest; readonly until: number }[] = [];
  /** Both connections were subscribed once, or telemetry is known to be missing; from then on `state` is told on what is left. */
  private isStateTold = false;
  /** Topics whose last message the broker refused, with its reason. */
  private readonly refused = new Map<string, string>();
  /** Since when messages come that may have waited at the broker, wall clock; undefined: all are live. */
  private backlogSince: number | undefined;
  private readonly subscribed = new Set<'control' | 'telemetry'>();
  /** What was said last about the connection of telemetry; undefined while it works. */
  telemetryTrouble: string | undefined;
  /** Wall clock of the last message, milliseconds; undefined before the first. */
  lastMessageAt: number | undefined;

  constructor(private readonly options: MqttLinkOptions) {
    const {
      url,
      access,
      renewAccess,
      clientId,
      topics,
      onTrouble,
      outbox,
      publications,
      formerly = [],
      keepaliveMs,
    } = options;
    this.sender =
      publications &&
      new PublicationSender(publications, {
        isConnected: () => this.isConnected,
        publish: ({ topic, payload }) => this.publish(topic, payload, {}),
        onRefused: ({ topic }, reason) => {
          this.noteRefusal(topic, reason);
        },
        onTrouble,
      });
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
      will: { topic: topics.state, payload: 'offline' satisfies DaemonState },
      onTrouble,
      ...(outbox && { outbox }),
      onOffer: (offer) => {
        this.refused.clear();
        options.onOffer?.(offer);
      },
      onTakenOver: () => options.onTakenOver?.(),
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
        this.arrivals.next(this.marked(message, this.decodeControl(message, done)));
      },
    });
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
        this.backlogSince = isResumed ? options.now() : undefined;
        options.onTelemetry?.(isResumed);
      },
      onDisconnect: () => {
        this.subscribed.delete('telemetry');
        options.onTelemetryLost?.();
      },
      onMessage: (message, done) => {
        this.arrivals.next(this.marked(message, this.decode(message, done)));
      },
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
    await this.connection.stop({ topic: this.options.topics.state, payload: 'offline' satisfies DaemonState });
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
    this.publish(action, JSON.stringify(request), { expirySeconds, once: true }).catch((error: unknown) => {
      if (!(error instanceof RefusedPublication)) {
        this.options.onTrouble(`cannot publish on ${action}: ${describeError(error)}`);
        return;
      }
      this.noteRefusal(action, error.message);
      // It did not leave, and nobody will answer: the recovery goes on with what it does after a failure.
      const failed = { kind: 'acknowledge', id: request.id, stage: 'failed', reason: error.message } as const;
      this.arrivals.next(this.arrivalOf(failed, () => undefined));
    });
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

  /** With what it is recognised by when the broker sends it again. */
  private marked({ topic, payload, correlationData = NOTHING, isAgain, qos }: MqttMessage, arrival: Arrival): Arrival {
    if (qos === 0) return { ...arrival, isLossy: true };
    const hash = createHash('sha1').update(topic).update(NUL).update(payload).update(NUL).update(correlationData);
    return { ...arrival, mark: { fingerprint: hash.digest('base64'), isAgain } };
  }

  /** An alarm that cannot be recorded, now or never. */
  publishAlarm(step: AlarmStep): void {
    if (this.isConnected) this.publishJson(this.options.topics.alarm, step);
  }

  /** Answers where it was asked to, with what it is recognised by. */
  reply({ topic, correlation }: AskedRequest, reply: Reply): void {
    const { data, text } = correlation;
    const body = { schemaVersion: 1, ...reply, ...(text !== undefined && { correlation: text }) };
    this.publishJson(topic, body, data === undefined ? {} : { correlationData: data });
  }

  /** Retained; said again after every connection, when whatever is published from then on comes. */
  publishState(state: DaemonState): void {
    this.state = state;
    if (this.isStateTold && this.subscribed.has('control'))
      this.publishText(this.options.topics.state, state, { retain: true });
  }

  /** Retained; not kept while the broker is away: an old one helps nobody. */
  publishHealth(health: unknown): void {
    if (this.isConnected) this.publishJson(this.options.topics.health, health, { retain: true });
  }

  /** Retained: whoever keeps it can tell when the log was cut off. */
  publishLogHead(head: LogHead): void {
    if (this.isConnected) this.publishJson(this.options.topics.logHead, head, { retain: true });
  }

  private arrivalOf(control: Control | undefined, done: () => void, drops: Arrival['drops'] = []): Arrival {
    const controls = control === undefined ? [] : [control];
    return { frames: [], drops, controls, receivedAt: this.options.now(), isLast: false, acknowledge: done };
  }

  private decodeControl(message: MqttMessage, done: () => void): Arrival {
    const { topic, payload, isRetained, responseTopic, correlationData } = message;
    const { acknowledgements, requests, responses } = this.options.topics;
    const id = openLevel(acknowledgements, topic);
    if (id !== undefined) {
      if (isRetained) return this.arrivalOf(undefined, done, [RETAINED]);
      const decoded = decodeAcknowledgement(id, payload);
      return 'kind' in decoded ? this.arrivalOf(decoded, done) : this.arrivalOf(undefined, done, [decoded]);
    }
    const name = openLevel(requests, topic);
    if (name === undefined) return this.arrivalOf(undefined, done, [foreign(topic)]);
    // Who may ask could else have the daemon speak on the topic that the spacecraft listens to.
    const isForAnswers = responseTopic?.startsWith(`${responses}/`) === true;
    const address = { topic: isForAnswers ? responseTopic : `${responses}/${name}`, data: correlationData };
    const request = decodeRequest(name, payload, address);
    if (isRetained) {
      this.options.onTrouble(
        `the retained order on ${topic} is not obeyed: publish orders without retain, and clear it`,
      );
      return this.arrivalOf(refusedAsRetained(request), done, [RETAINED]);
    }
    return this.arrivalOf(this.requests.take(this.options.now()) ? request : askedTooOften(request), done);
  }

  /** Whether a message was published just now, as far as can be told: not retained, and no part of what waited for a session. */
  private isLive({ isRetained }: MqttMessage, now: number): boolean {
    if (isRetained) return false;
    if (this.backlogSince === undefined) return true;
    const last = Math.max(this.backlogSince, this.lastMessageAt ?? 0);
    const isOver = now - last > BACKLOG_PAUSE_MS || now - this.backlogSince > LONGEST_BACKLOG_MS;
    if (isOver) this.backlogSince = undefined;
    return isOver;
  }

  private decode(message: MqttMessage, done: () => void): Arrival {
    const receivedAt = this.options.now();
    const isLive = this.isLive(message, receivedAt);
    const content = readTelemetryMessage(message, { ...this.options, isLive }, receivedAt);
    if (content === undefined) return this.arrivalOf(undefined, done, [foreign(message.topic)]);
    if (message.topic !== this.options.topics.mode) this.lastMessageAt = receivedAt;
    return { ...content, receivedAt, isLast: false, acknowledge: done };
  }

  private publishJson(topic: string, payload: unknown, options: MqttPublishOptions = {}): void {
    this.publishText(topic, JSON.stringify(payload), options);
  }

  private publishText(topic: string, payload: string, options: MqttPublishOptions = {}): void {
    this.publish(topic, payload, options).catch((error: unknown) => {
      if (error instanceof RefusedPublication) this.noteRefusal(topic, error.message);
      else this.options.onTrouble(`cannot publish on ${topic}: ${describeError(error)}`);
    });
  }

  /** A record that is larger than the broker takes is shortened. @throws RefusedPublication when the broker does not take it. */
  private async publish(topic: string, payload: string, options: MqttPublishOptions): Promise<void> {
    const room =
      this.connection.limits.maxPayloadBytes - Buffer.byteLength(topic) - (options.correlationData?.length ?? 0);
    const fitting = shortenRecord(payload, room);
    await this.connection.publish(topic, fitting?.payload ?? payload, options);
    this.noteTaken(topic);
    if (fitting !== undefined && fitting.leftOut.length > 0)
      this.options.onShortened?.(topic, Buffer.byteLength(payload), fitting.leftOut);
  }

  private noteRefusal(topic: string, reason: string): void {
    const isNew = !this.refused.has(topic) && this.refused.size < MAX_REFUSED;
    if (isNew) this.refused.set(topic, reason);
    this.options.onRefused?.(topic, reason, isNew);
  }

  private noteTaken(topic: string): void {
    if (!this.refused.delete(topic) || this.refused.size > 0) return;
    this.options.onTaken?.();
  }
}
