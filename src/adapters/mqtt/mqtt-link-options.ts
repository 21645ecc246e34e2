/** What the daemon's link is made with, and what it tells. */
import type { Outbox, PublicationQueue } from '../log/outbox';
import type { RecoveryRequest } from '../../domain/events';
import type { Topics } from '../../core/topics';
import type { BrokerAccess } from './broker-access';
import type { BrokerOffer } from './broker-offer';
import type { LastWord } from './mqtt-options';
import type { TelemetryMessageOptions } from './telemetry-message';

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
  readonly telecommands?: TelemetryMessageOptions['telecommands'];
  /** Makes the packet of a request; left out: requests leave as JSON. */
  readonly encodeRequest?:
    ((request: RecoveryRequest) => { readonly payload: Uint8Array } | { readonly problem: string }) | undefined;
  /** Who this daemon is, told with its `state`; left out: nothing is told. */
  readonly identity?: () => Pick<LastWord, 'userProperties'>;
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
  /** Another client uses our client identifier; see `MqttConnectionOptions`. */
  readonly onTakenOver?: (endings?: number) => void;
  /** The broker refused a message; `isNew`: the last one on this topic was not refused. */
  readonly onRefused?: (topic: string, reason: string, isNew: boolean) => void;
  /** On every topic the last message was taken, after one was not. */
  readonly onTaken?: () => void;
  /** A record was too large for the broker, and lacks this. */
  readonly onShortened?: (topic: string, bytes: number, leftOut: readonly string[]) => void;
}
