/** Step 3 of the start-up: the link to the broker, made and not started. What it tells comes as events, so that nothing waits for it. */
import { Subject, type Observable } from 'rxjs';
import type { BrokerAccess } from '../../adapters/mqtt/broker-access';
import { openPackets } from '../../adapters/packets/definition-file';
import { PacketTelemetry } from '../../adapters/packets/packet-telemetry';
import { definitionNotes, TelecommandPackets } from '../../adapters/packets/telecommand-packets';
import { MqttLink, subscriptionsOf } from '../../adapters/mqtt/mqtt-link';
import { instanceOf, PeerWatch, type PeerWatchOptions } from '../../adapters/mqtt/peer-watch';
import { propertiesOfIdentity, type Identity } from '../../core/peers';
import { packetMarks } from '../../core/telemetry/packet-memory';
import { topicsOf } from '../../core/topics';
import { packetMemoryOf } from '../../pipeline/with-packet-memory';
import { watchOutages } from '../broker-outages';
import { brokerTeller } from '../broker-limits';
import type { ModelledDaemon } from './make-model';
import { pusTelecommands } from './pus-telecommands';
import { packetListeners, type PacketListeners } from './packet-listeners';
import { Peers } from './peers';

/** What the link tells. */
export type LinkEvent = { readonly kind: 'connected' } | { readonly kind: 'subscribed' };

/** A daemon that has a link. */
export interface ConnectedDaemon extends ModelledDaemon {
  readonly link: MqttLink;
  /** Who this daemon is. */
  self(): Identity;
  /** The ways in for packets besides the broker; undefined: none. */
  readonly listeners: PacketListeners | undefined;
  readonly linkEvents$: Observable<LinkEvent>;
  /** Other daemons of the spacecraft. */
  readonly peers: Peers;
  readonly watch: PeerWatch;
  /** Reads certificates and credentials again. @throws FdirError `config`. */
  readAccess(): BrokerAccess;
}

/** Wall clock of the last telemetry by any way, milliseconds; undefined before the first. */
export const lastMessageAt = ({ link, listeners }: Pick<ConnectedDaemon, 'link' | 'listeners'>): number | undefined =>
  link.lastMessageAt === undefined || listeners?.lastAt === undefined
    ? (link.lastMessageAt ?? listeners?.lastAt)
    : Math.max(link.lastMessageAt, listeners.lastAt);

/** Hears other daemons of the spacecraft, and agrees with them on who acts. Not started. */
const watchPeers = (
  { options, note, vitals }: ModelledDaemon,
  self: () => Identity,
  link: MqttLink,
  heard: Omit<PeerWatchOptions, 'onClaim'>,
): Pick<ConnectedDaemon, 'peers' | 'watch'> => {
  const peers = new Peers({
    ...{ clock: options.clock, self, note },
    repeat: () => {
      link.repeatState();
    },
    onActing: (other) => {
      vitals.acting = other;
    },
  });
  const watch = new PeerWatch({
    ...heard,
    onClaim: (claim, isLive) => {
      peers.hear(claim, isLive);
    },
  });
  return { peers, watch };
};

export const connect = (
  modelled: ModelledDaemon,
  access: BrokerAccess,
  readAccess: () => BrokerAccess,
): ConnectedDaemon => {
  const { loaded, options, log, outbox, kept, status, vitals, note, diagnostics } = modelled;
  const { config, mission, readPacketFile } = loaded;
  const { clock, logger } = options;
  const instance = instanceOf(loaded.logPath);
  const topics = topicsOf(config.mqtt.baseTopic, mission.spacecraft);
  const subscriptions = Object.values(subscriptionsOf(topics)).flat();
  const outages = watchOutages({ log, clock, note }, kept);
  const clientId = config.mqtt.clientId ?? `fdir-${mission.spacecraft}`;
  const tell = brokerTeller(modelled);
  const linkEvents = new Subject<LinkEvent>();
  const parts = mission.packets && openPackets(mission.packets, readPacketFile);
  const remembered = { marks: packetMarks(packetMemoryOf(modelled.resumed)) };
  const packets = PacketTelemetry.of(mission, { ...(parts && { parts }), remembered });
  const sent = mission.packets && new TelecommandPackets(mission.packets, readPacketFile);
  if (parts !== undefined && sent !== undefined) for (const note of definitionNotes(parts, sent)) logger.warn(note);
  const telecommands = pusTelecommands(modelled);
  if (packets !== undefined && telecommands !== undefined) packets.requestOf = telecommands.requestOf;
  const self = (): Identity => ({ instance, mode: vitals.mode, since: status.startedAt });
  const shared = { url: config.mqtt.url, access, renewAccess: readAccess, clientId };
  const link = new MqttLink({
    identity: () => ({ userProperties: propertiesOfIdentity(self()) }),
    ...shared,
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
    onTakenOver: (endings) => {
      tell.takenOver(clientId, endings);
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
  const others = watchPeers(modelled, self, link, { ...shared, topics });
  return { ...modelled, self, link, listeners, linkEvents$: linkEvents.asObservable(), readAccess, ...others };
};
