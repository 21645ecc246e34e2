/** One MQTT connection that lasts: version 5 first and 3.1.1 when the broker refuses it, and back-off while it is away. The only file that knows mqtt. */
import { describeError } from '../../domain/errors';
import {
  connect,
  UniqueMessageIdProvider,
  type IClientOptions,
  type IPublishPacket,
  type IStore,
  type MqttClient,
} from 'mqtt';
import { FULL_OFFER, asRefusal, checkSize, offerOf, type BrokerOffer, type OfferedProperties } from './broker-offer';
import { explainSilence, explainSubscription, HANGS_UP, reasonOf } from './broker-trouble';
import { isTakenInTime } from './farewell';
import { Intake, RECEIVE_MAXIMUM } from './mqtt-intake';
import {
  messageOf,
  propertiesOf,
  redactUrl,
  willOf,
  type LastWord,
  type MqttConnectionOptions,
  type MqttPublishOptions,
} from './mqtt-options';
import { OnceStore } from './once-store';
import { FIRST_PAUSE_MS, longerPause, Reconnection } from './reconnection';
import { readEveryRefusal } from './refusal-codes';
import { sendAtOnce } from './send-at-once';

readEveryRefusal();

const DEFAULT_KEEPALIVE_MS = 30_000;
/** The broker keeps what was missed for a day; older telemetry belongs to a replay. */
const SESSION_EXPIRY_S = 86_400;
/** A message of this size would be an attempt on our memory: the broker is asked not to send it. */
const MAX_PACKET_BYTES = 64 * 1024 * 1024;
/** CONNACK codes for "unsupported protocol version", 3.1.1 and 5. */
const VERSION_REFUSED = [1, 132];
/** Reason codes of DISCONNECT and CONNACK (MQTT 5, section 2.4). */
const TAKEN_OVER = 0x8e;
const NO_RETAIN = 0x9a;
const NO_SUCH_QOS = 0x9b;

/** The client has no public way to acknowledge a message later than it is read. */
interface PacketSender {
  _sendPacket(packet: { readonly cmd: 'puback'; readonly messageId: number; readonly reasonCode: number }): void;
}

/** One for all: a message must not cost the trace of an error. */
const ACKNOWLEDGED_LATER = new Error('acknowledged later');

export class MqttConnection {
  private client: MqttClient | undefined;
  private protocolVersion: 4 | 5 = 5;
  private offer: BrokerOffer = FULL_OFFER;
  /** How the will is published: less when the broker refused the connection for it. */
  private will: { readonly qos: 0 | 1; readonly retain: boolean } = { qos: 1, retain: true };
  private readonly reconnection = new Reconnection();
  private isStopped = false;
  private isResumed = false;
  private readonly intake = new Intake();
  /** A TLS socket tells its error twice. */
  private isTroubleTold = false;
  /** Whether the broker has said anything in this attempt. */
  private isAnswered = false;

  constructor(private readonly options: MqttConnectionOptions) {}

  get isConnected(): boolean {
    return this.client?.connected ?? false;
  }

  /** `5` or `3.1.1`. */
  get protocol(): string {
    return this.protocolVersion === 5 ? '5' : '3.1.1';
  }

  /** Begins to connect, and keeps trying until `stop`. */
  start(): void {
    const client = connect(this.options.url, this.clientOptions());
    this.client = client;
    client.handleMessage = (packet, callback) => {
      this.takeMessage(client, packet, callback);
    };
    client.on('packetreceive', (packet) => {
      this.isAnswered = true;
      if (packet.cmd !== 'connack') return;
      this.takeOffer(packet.properties);
      this.isResumed = packet.sessionPresent;
      // Without its session the broker cannot recognise a message as sent before.
      // Of a broker without quality of service 2, a message that waits for it would break the connection again and again.
      if (!packet.sessionPresent || this.offer.maxQos < 2) this.options.outbox?.giveUp();
    });
    client.on('disconnect', (packet) => {
      if (packet.reasonCode !== TAKEN_OVER) return;
      this.tellTakenOver();
    });
    client.on('connect', () => {
      sendAtOnce(client.stream);
      client.options.reconnectPeriod = this.reconnection.connected(performance.now());
      this.subscribe(client);
      this.options.onConnect?.(this.isResumed);
    });
    client.on('close', () => {
      this.intake.forget();
      this.reconnection.closed(performance.now());
      if (!this.isAnswered && client === this.client && !this.isStopped) this.takeError(client, new Error(HANGS_UP));
      this.isAnswered = false;
      this.isTroubleTold = false;
      if (!this.isStopped) this.options.onDisconnect?.();
      if (!this.isStopped && this.reconnection.suspicious !== undefined)
        this.tellTakenOver(this.reconnection.suspicious);
      client.options.reconnectPeriod = longerPause(client.options.reconnectPeriod ?? FIRST_PAUSE_MS);
    });
    client.on('reconnect', () => {
      this.renewAccess(client);
    });
    client.on('error', (error) => {
      this.takeError(client, error);
    });
  }

  /** @param endings that point to it; undefined when the broker says so. */
  private tellTakenOver(endings?: number): void {
    const { clientId, onTakenOver, onTrouble } = this.options;
    onTakenOver?.(endings);
    const what =
      endings === undefined
        ? 'another client uses'
        : `the broker ended ${String(endings)} connections in a row soon after they were made: another client seems to use`;
    onTrouble?.(`${what} the clientId ${clientId}: give each daemon its own in mqtt.clientId`);
  }

  /** While files are being replaced one may be missing, or not belong to the other: then what was read last is tried. */
  private renewAccess(client: MqttClient): void {
    try {
      Object.assign(client.options, this.options.renewAccess?.());
    } catch (error) {
      const reason = describeError(error);
      this.options.onTrouble?.(`certificates and credentials stay as they were read last: ${reason}`);
    }
  }

  /** Hands a message over; it is sent again until the broker has it. Resolves with the acknowledgement. */
  async publish(topic: string, payload: string | Buffer, options: MqttPublishOptions = {}): Promise<void> {
    const { client } = this;
    if (client === undefined) return;
    const { retain = false, once = false, correlationData } = options;
    const { maxQos, canRetain } = this.offer;
    checkSize(Buffer.byteLength(payload) + Buffer.byteLength(topic) + (correlationData?.length ?? 0), this.offer);
    const properties = this.protocolVersion === 5 ? propertiesOf(options) : {};
    const qos = Math.min(once ? 2 : 1, maxQos) as 0 | 1 | 2;
    try {
      await client.publishAsync(topic, payload, { qos, retain: retain && canRetain, properties });
    } catch (error) {
      throw asRefusal(error);
    }
  }

  /** What the connection can carry; a broker of MQTT 3.1.1 says nothing of it. */
  get limits(): BrokerOffer {
    return this.offer;
  }

  private takeOffer(properties: OfferedProperties | undefined): void {
    this.offer = offerOf(properties);
    this.options.onOffer?.(this.offer);
  }

  /** Says a last word and leaves. */
  async stop(farewell?: LastWord): Promise<void> {
    this.isStopped = true;
    const { client } = this;
    if (client === undefined) return;
    // A message that is not acknowledged blocks what the broker sends, its answer to the farewell too. We then hang up, and the
    // broker publishes the will.
    const isHeard = client.connected && (await this.isSaid(farewell));
    // The client would wait for ever for a message that is never acknowledged, or for a broker that does not hang up.
    if (!(await isTakenInTime(client.endAsync(!isHeard)))) client.stream.destroy();
  }

  private async isSaid(farewell: LastWord | undefined): Promise<boolean> {
    if (farewell === undefined) return true;
    const { topic, payload, ...properties } = farewell;
    return isTakenInTime(this.publish(topic, payload, { retain: true, ...properties }));
  }

  private clientOptions(): IClientOptions {
    const { access, clientId, session, will, outbox, keepaliveMs = DEFAULT_KEEPALIVE_MS } = this.options;
    const isV5 = this.protocolVersion === 5;
    return {
      ...access,
      clientId,
      protocolVersion: this.protocolVersion,
      clean: session === 'clean',
      reconnectPeriod: FIRST_PAUSE_MS,
      reconnectOnConnackError: true,
      resubscribe: false,
      keepalive: Math.ceil(keepaliveMs / 1000),
      // What goes on after a restart keeps its identifier: nothing else may take it.
      messageIdProvider: new UniqueMessageIdProvider(),
      ...(outbox && { outgoingStore: new OnceStore(outbox, this.lose) as unknown as IStore }),
      ...(isV5 && {
        properties: {
          maximumPacketSize: MAX_PACKET_BYTES,
          receiveMaximum: RECEIVE_MAXIMUM,
          ...(session === 'persistent' && { sessionExpiryInterval: SESSION_EXPIRY_S }),
        },
      }),
      ...(will && { will: willOf(will, this.will, isV5) }),
    };
  }

  /** The client tells nobody of a message that its store refused. */
  private readonly lose = (messageId: number, error: Error): void => {
    this.options.onTrouble?.(`a message that must be kept cannot be, and is not sent: ${error.message}`);
    this.client?.removeOutgoingMessage(messageId);
  };

  private subscribe(client: MqttClient): void {
    const topics = [...(this.options.subscriptions ?? [])];
    const former = (this.options.formerly ?? []).filter((topic) => !topics.includes(topic));
    if (former.length > 0) client.unsubscribe(former);
    if (topics.length === 0) return;
    client.subscribe(topics, { qos: 1 }, (error) => {
      if (error === null) {
        this.options.onSubscribed?.();
        return;
      }
      this.options.onTrouble?.(explainSubscription(error, topics, reasonOf(error)));
    });
  }

  /**
   * The client sends the acknowledgement and reads on when `callback` is called; called with an error it reads on without it. We
   * let it read on, and acknowledge when the message is dealt with: many of them can then be committed together.
   */
  private takeMessage(client: MqttClient, packet: IPublishPacket, callback: (error?: Error) => void): void {
    if (this.options.onMessage === undefined || this.isStopped) {
      // A clean session gets nothing again. Without reading on it would not hear its own end.
      if (this.options.session === 'clean') callback();
      return;
    }
    const message = messageOf(packet);
    const { qos, messageId } = packet;
    if (qos === 0 || messageId === undefined) {
      this.options.onMessage(message, () => undefined);
      callback();
      return;
    }
    const done = this.intake.take(() => {
      (client as unknown as PacketSender)._sendPacket({ cmd: 'puback', messageId, reasonCode: 0 });
      // Both directions are alive. The client looks for an answer to its ping only, which waits behind a backlog, and would hang up.
      client.reschedulePing(true);
    });
    this.options.onMessage(message, done);
    this.intake.whenRoom(() => {
      callback(ACKNOWLEDGED_LATER);
    });
  }

  private takeError(client: MqttClient, error: Error): void {
    const { code } = error as { code?: unknown };
    if (this.protocolVersion === 5 && VERSION_REFUSED.includes(Number(code)) && !this.isStopped) {
      this.protocolVersion = 4;
      client.end(true);
      this.options.onTrouble?.('the broker does not speak MQTT 5; trying 3.1.1');
      this.start();
      return;
    }
    if (this.lessenWill(client, Number(code))) return;
    // What comes after bytes that cannot be read is not known: the connection is begun anew (MQTT 5, section 4.13.1).
    if (code === undefined) client.stream.destroy();
    if (this.isTroubleTold) return;
    this.isTroubleTold = true;
    const pause = (client.options.reconnectPeriod ?? FIRST_PAUSE_MS) / 1000;
    const silence = this.isAnswered ? undefined : explainSilence(this.options.url, error);
    this.options.onTrouble?.(
      `cannot reach ${redactUrl(this.options.url)}: ${silence ?? reasonOf(error)}; trying again in ${String(pause)} s`,
    );
  }

  /** A broker that cannot retain, or has no quality of service 1, refuses the whole connection for its will (section 3.2.2.3). */
  private lessenWill(client: MqttClient, code: number): boolean {
    const { will } = client.options;
    const isRefused = (code === NO_RETAIN && this.will.retain) || (code === NO_SUCH_QOS && this.will.qos > 0);
    if (!isRefused || will === undefined || this.isStopped) return false;
    this.will = code === NO_RETAIN ? { ...this.will, retain: false } : { ...this.will, qos: 0 };
    Object.assign(will, this.will);
    this.options.onTrouble?.(
      code === NO_RETAIN
        ? 'the broker keeps no retained messages: whoever subscribes later does not see the state until it changes'
        : 'the broker takes messages of quality of service 0 only: some may be lost',
    );
    return true;
  }
}
