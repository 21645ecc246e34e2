/**
 * The link of a fleet, or of one partition of it: sessions that telemetry and orders of many spacecraft come on.
 *
 * One process has two sessions with wildcards, telemetry and the rest, as a daemon of one spacecraft has. A partition has one session
 * that names the topics of its spacecraft. The broker is the router: it keeps the order of a topic and the messages nobody acknowledged.
 * Whoever takes the client id over gets both. A shared subscription would keep neither.
 */
import type { Topics } from '../../core/topics';
import { topicsOf } from '../../core/topics';
import type { BrokerAccess } from './broker-access';
import { Backlog } from './backlog';
import { MqttConnection } from './mqtt-connection';
import type { MqttMessage, MqttPublishOptions } from './mqtt-options';
import { subscriptionsOf, telemetryClientId } from './mqtt-link';

export interface FleetSession {
  readonly clientId: string;
  readonly subscriptions: readonly string[];
}

export interface FleetLinkOptions {
  readonly url: string;
  readonly access: BrokerAccess;
  readonly renewAccess: () => BrokerAccess;
  readonly keepaliveMs: number | undefined;
  /** The first of them is published on. */
  readonly sessions: readonly FleetSession[];
  readonly will?: { readonly topic: string; readonly payload: string };
  readonly now: () => number;
  /** @param isLive it did not wait at the broker. */
  readonly onMessage: (message: MqttMessage, done: () => void, isLive: boolean) => void;
  /** The session that is published on is there, or gone. */
  readonly onLink: (isUp: boolean) => void;
  /** Every session has its subscriptions. */
  readonly onSubscribed: () => void;
  /** Another client uses one of the identifiers. */
  readonly onTakenOver: (clientId: string) => void;
  readonly onTrouble: (message: string) => void;
}

const ANY = '+';

/** Sessions of a process that has the whole fleet. */
export const wildcardSessions = (baseTopic: string, clientId: string): readonly FleetSession[] => {
  const { telemetry, control } = subscriptionsOf(topicsOf(baseTopic, ANY));
  return [
    { clientId, subscriptions: control },
    { clientId: telemetryClientId(clientId), subscriptions: telemetry },
  ];
};

/** The session of a partition; whoever owns the partition uses this identifier. */
export const partitionSession = (
  baseTopic: string,
  clientId: string,
  partition: number,
  spacecraft: readonly string[],
): FleetSession => ({
  clientId: `${clientId}-p${String(partition)}`,
  subscriptions: spacecraft.flatMap((name) => {
    const { telemetry, control } = subscriptionsOf(topicsOf(baseTopic, name));
    return [...telemetry, ...control];
  }),
});

/** The spacecraft that a topic under the base topic is about; undefined when it is about none. */
export const spacecraftOfTopic = (baseTopic: string, topic: string): string | undefined => {
  if (!topic.startsWith(`${baseTopic}/`)) return undefined;
  const end = topic.indexOf('/', baseTopic.length + 1);
  return end < 0 ? undefined : topic.slice(baseTopic.length + 1, end);
};

/** Whether a message is telemetry and not an acknowledgement or an order. */
export const isTelemetryTopic = ({ acknowledgements, requests }: Topics, topic: string): boolean =>
  !topic.startsWith(acknowledgements.slice(0, acknowledgements.indexOf(ANY))) &&
  !topic.startsWith(requests.slice(0, requests.indexOf(ANY)));

export class FleetLink {
  private readonly connections: readonly MqttConnection[];
  private readonly subscribed = new Set<string>();
  private readonly backlogs: Backlog[] = [];
  /** Wall clock of the last message, milliseconds. */
  lastMessageAt: number | undefined;

  constructor(private readonly options: FleetLinkOptions) {
    this.connections = options.sessions.map((session, index) => this.connectionOf(session, index === 0));
  }

  private connectionOf({ clientId, subscriptions }: FleetSession, isFirst: boolean): MqttConnection {
    const { url, access, renewAccess, keepaliveMs, will, now, onMessage, onLink, onTakenOver, onTrouble } =
      this.options;
    const backlog = new Backlog();
    this.backlogs.push(backlog);
    return new MqttConnection({
      ...{ url, access, renewAccess, clientId, subscriptions, session: 'persistent' },
      ...(keepaliveMs !== undefined && { keepaliveMs }),
      ...(isFirst && will !== undefined && { will }),
      onTrouble: (message) => {
        // What keeps one session from the broker keeps the others, and one complaint is enough.
        if (isFirst || this.isConnected) onTrouble(message);
      },
      onTakenOver: (endings) => {
        // A partition is given up only when the broker says so; the leases decide otherwise.
        if (endings === undefined) onTakenOver(clientId);
      },
      onConnect: (isResumed) => {
        backlog.begin(isResumed ? now() : undefined);
        if (isFirst) onLink(true);
      },
      onDisconnect: () => {
        this.subscribed.delete(clientId);
        if (isFirst) onLink(false);
      },
      onSubscribed: () => {
        this.subscribed.add(clientId);
        if (this.isSubscribed) this.options.onSubscribed();
      },
      onMessage: (message, done) => {
        this.lastMessageAt = now();
        onMessage(message, done, backlog.isOver(now()));
      },
    });
  }

  get isConnected(): boolean {
    return this.connections[0]?.isConnected ?? false;
  }

  /** Every session is there with its subscriptions. */
  get isSubscribed(): boolean {
    return this.subscribed.size === this.connections.length;
  }

  get protocol(): string {
    return this.connections[0]?.protocol ?? '5';
  }

  start(): void {
    for (const connection of this.connections) connection.start();
  }

  /** Nothing was acknowledged for a time: what comes next waited at the broker. */
  expectBacklog(): void {
    for (const backlog of this.backlogs) backlog.begin(this.options.now());
  }

  /** Rejects when the broker refuses it; waits while the broker is away. */
  async publish(topic: string, payload: string, options: MqttPublishOptions = {}): Promise<void> {
    await this.connections[0]?.publish(topic, payload, options);
  }

  /** The broker keeps the sessions, and what was not acknowledged. */
  async stop(farewell?: { readonly topic: string; readonly payload: string }): Promise<void> {
    const [first, ...others] = this.connections;
    for (const connection of others) await connection.stop();
    await first?.stop(farewell);
  }
}
