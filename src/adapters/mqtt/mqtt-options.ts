/** What an MQTT connection is made with, what it hears and what it publishes. */
import type { BrokerAccess } from './broker-access';
import type { BrokerOffer } from './broker-offer';
import type { Outbox } from '../log/outbox';

export interface MqttMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Quality of service; of 0 nobody keeps a copy. */
  readonly qos: number;
  /** The broker may have sent it before (MQTT 5, section 3.3.1.1). */
  readonly isAgain: boolean;
  /** The broker kept it: it was published before we subscribed (MQTT 5, section 3.3.1.3). */
  readonly isRetained: boolean;
  /** Where an answer is wanted, and what it is recognised by (MQTT 5). */
  readonly responseTopic?: string | undefined;
  readonly correlationData?: Uint8Array | undefined;
  /** What the payload is (MQTT 5). */
  readonly contentType?: string | undefined;
  /** What its sender says of itself (MQTT 5). */
  readonly userProperties?: Readonly<Record<string, unknown>> | undefined;
}

/** Published, retained, when a connection ends. */
export interface LastWord {
  readonly topic: string;
  readonly payload: string;
  readonly userProperties?: Readonly<Record<string, string>>;
}

export interface MqttConnectionOptions {
  readonly url: string;
  /** Certificates, user name and password; left out: none. */
  readonly access?: BrokerAccess | undefined;
  /** Reads them again, before every further attempt to connect: a certificate that was replaced needs no restart. May throw. */
  readonly renewAccess?: (() => BrokerAccess) | undefined;
  readonly clientId: string;
  /** `persistent`: the broker keeps subscriptions and undelivered messages while the client is away. */
  readonly session: 'persistent' | 'clean';
  readonly subscriptions?: readonly string[];
  /** Subscriptions of an earlier configuration, which a persistent session may still have. */
  readonly formerly?: readonly string[];
  /**
   * How often the broker is asked whether it is there. A connection that is dead on one side is noticed in one and a half of it.
   */
  readonly keepaliveMs?: number;
  /** Published, retained, by the broker when the connection breaks. */
  readonly will?: LastWord;
  /**
   * Takes a message; the broker gets its acknowledgement when `done` is called. At most `RECEIVE_MAXIMUM` are under way: then
   * nothing more is read.
   */
  readonly onMessage?: (message: MqttMessage, done: () => void) => void;
  /** Keeps what is published `once` until the broker has it. */
  readonly outbox?: Outbox;
  /** @param isResumed the broker knows the session: what was published meanwhile comes now. */
  readonly onConnect?: (isResumed: boolean) => void;
  /** The broker has taken every subscription. */
  readonly onSubscribed?: () => void;
  readonly onDisconnect?: () => void;
  /** What the broker offers, at every connection. */
  readonly onOffer?: (offer: BrokerOffer) => void;
  /**
   * Another client uses our client identifier.
   * @param endings undefined when the broker says so; otherwise so many connections in a row ended soon, without a reason.
   */
  readonly onTakenOver?: (endings?: number) => void;
  /** Told once an attempt that failed. */
  readonly onTrouble?: (message: string) => void;
}

export interface MqttPublishOptions {
  readonly retain?: boolean;
  /** Seconds after which the broker forgets an undelivered message (MQTT 5). */
  readonly expirySeconds?: number;
  /** Handed on by the broker exactly once (quality of service 2), over restarts too when there is an outbox. */
  readonly once?: boolean;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  readonly contentType?: string;
  /** What the sender says of itself (MQTT 5). */
  readonly userProperties?: Readonly<Record<string, string>>;
}

/** The URL without user name and password. */
export const redactUrl = (url: string): string => url.replace(/\/\/[^@/]*@/, '//');

/** The same as the client wants it. */
export const propertiesOf = ({
  expirySeconds,
  responseTopic,
  correlationData,
  contentType,
  userProperties,
}: MqttPublishOptions) => ({
  ...(expirySeconds !== undefined && { messageExpiryInterval: expirySeconds }),
  ...(responseTopic !== undefined && { responseTopic }),
  ...(contentType !== undefined && { contentType }),
  ...(userProperties !== undefined && { userProperties: { ...userProperties } }),
  ...(correlationData !== undefined && { correlationData: Buffer.from(correlationData) }),
});

/** The same as the broker keeps it for the end of the connection. */
export const willOf = (word: LastWord, how: { readonly qos: 0 | 1; readonly retain: boolean }, isV5: boolean) => ({
  ...{ topic: word.topic, payload: Buffer.from(word.payload), ...how },
  ...(isV5 && { properties: propertiesOf(word) }),
});

/** A message as the client read it from the wire. */
export interface ReadPacket {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly qos: number;
  readonly dup: boolean;
  readonly retain: boolean;
  readonly properties?: {
    readonly responseTopic?: string | undefined;
    readonly correlationData?: Uint8Array | undefined;
    readonly contentType?: string | undefined;
    readonly userProperties?: Readonly<Record<string, unknown>> | undefined;
  };
}

export const messageOf = ({ topic, payload, qos, dup, retain, properties = {} }: ReadPacket): MqttMessage => ({
  topic,
  payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
  qos,
  isAgain: dup,
  isRetained: retain,
  responseTopic: properties.responseTopic,
  correlationData: properties.correlationData,
  contentType: properties.contentType,
  userProperties: properties.userProperties,
});
