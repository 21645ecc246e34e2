/** Step 3 of the start-up: the link to the broker, made and not started. What it tells comes as events, so that nothing waits for it. */
import { Subject, type Observable } from 'rxjs';
import type { BrokerAccess } from '../../adapters/mqtt/broker-access';
import { PacketTelemetry } from '../../adapters/packets/packet-telemetry';
import { TelecommandPackets } from '../../adapters/packets/telecommand-packets';
import { MqttLink, subscriptionsOf } from '../../adapters/mqtt/mqtt-link';
import { topicsOf } from '../../core/topics';
import { watchOutages } from '../broker-outages';
import { brokerTeller } from '../broker-limits';
import type { ModelledDaemon } from './make-model';
import { pusTelecommands } from './pus-telecommands';
import { packetListeners, type PacketListeners } from './packet-listeners';

/** What the link tells. */
export type LinkEvent = { readonly kind: 'connected' } | { readonly kind: 'subscribed' };

/** A daemon that has a link. */
export interface ConnectedDaemon extends ModelledDaemon {
  readonly link: MqttLink;
  /** The ways in for packets besides the broker; undefined: none. */
  readonly listeners: PacketListeners | undefined;
  readonly linkEvents$: Observable<LinkEvent>;
  /** Reads certificates and credentials again. @throws FdirError `config`. */
  readAccess(): BrokerAccess;
}

/** Wall clock of the last telemetry by any way, milliseconds; undefined before the first. */
export const lastMessageAt = ({ link, listeners }: Pick<ConnectedDaemon, 'link' | 'listeners'>): number | undefined =>
  link.lastMessageAt === undefined || listeners?.lastAt === undefined
    ? (link.lastMessageAt ?? listeners?.lastAt)
    : Math.max(link.lastMessageAt, listeners.lastAt);

export const connect = (
  modelled: ModelledDaemon,
  access: BrokerAccess,
  readAccess: () => BrokerAccess,
): ConnectedDaemon => {
  const { loaded, options, log, outbox, kept, status, note, diagnostics } = modelled;
  const { config, mission } = loaded;
  const { clock, logger } = options;
  const topics = topicsOf(config.mqtt.baseTopic, mission.spacecraft);
  const subscriptions = Object.values(subscriptionsOf(topics)).flat();
  const outages = watchOutages({ log, clock, note }, kept);
  const clientId = config.mqtt.clientId ?? `fdir-${mission.spacecraft}`;
  const tell = brokerTeller(modelled);
  const linkEvents = new Subject<LinkEvent>();
  const packets = PacketTelemetry.of(mission);
  const sent = mission.packets && new TelecommandPackets(mission.packets);
  const telecommands = pusTelecommands(modelled);
  if (packets !== undefined && telecommands !== undefined) packets.requestOf = telecommands.requestOf;
  const link = new MqttLink({
    url: config.mqtt.url,
    access,
    renewAccess: readAccess,
    clientId,
    topics,
    parameters: new Set(mission.parameters.map(({ id }) => id)),
    now: () => clock.now(),
    packets:
      packets && ((payload, receivedAt) => packets.read(payload, { receivedAt, latest: receivedAt + config.maxLead })),
    telecommands: sent && ((payload, receivedAt) => sent.read(payload, receivedAt)),
    maxLeadMs: config.maxLead,
    encodeRequest: telecommands && ((request) => telecommands.encode(request)),
    outbox,
    publications: log.publications,
    formerly: outages.formerly(kept),
    ...(config.mqtt.keepalive !== undefined && { keepaliveMs: config.mqtt.keepalive }),
    onTelemetry: (isResumed) => {
      outages.connected(isResumed, status.packetTime);
    },
    onTelemetryLost: () => {
      outages.lost();
    },
    onDisconnect: () => {
      outages.control(false);
    },
    onConnect: () => {
      outages.control(true);
      linkEvents.next({ kind: 'connected' });
    },
    onSubscribed: () => {
      outages.subscribed(subscriptions);
      linkEvents.next({ kind: 'subscribed' });
    },
    onOffer: (offer) => {
      tell.offer(offer);
    },
    onTakenOver: () => {
      tell.takenOver(clientId);
    },
    onRefused: (topic, reason, isNew) => {
      tell.refused(topic, reason, isNew);
    },
    onTaken: () => {
      diagnostics.vital('delivery', true);
    },
    onShortened: (topic, bytes, leftOut) => {
      tell.shortened(topic, bytes, leftOut);
    },
    onTrouble: (message) => {
      logger.warn(message);
    },
  });
  const listeners = packetListeners(modelled, packets);
  return { ...modelled, link, listeners, linkEvents$: linkEvents.asObservable(), readAccess };
};
