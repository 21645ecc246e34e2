/** The ways in for packets besides the broker: made with the link, started with the rest, and told of in health. */
import type { Observable } from 'rxjs';
import { PacketIntake } from '../../adapters/packets/packet-intake';
import type { PacketTelemetry } from '../../adapters/packets/packet-telemetry';
import { TcpListener } from '../../adapters/packets/tcp-listener';
import { UdpListener } from '../../adapters/packets/udp-listener';
import type { Arrival } from '../../pipeline/ports';
import type { ModelledDaemon } from './make-model';

export interface PacketListeners {
  readonly arrivals$: Observable<Arrival>;
  /** Wall clock of the last bytes, milliseconds; undefined before the first. */
  readonly lastAt: number | undefined;
  /** @throws FdirError `runtime` when an address cannot be used. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Undefined when the configuration names none. */
export const packetListeners = (
  { loaded, options, note }: Pick<ModelledDaemon, 'loaded' | 'options' | 'note'>,
  telemetry: PacketTelemetry | undefined,
): PacketListeners | undefined => {
  const { packets: ways, maxLead } = loaded.config;
  const { packets } = loaded.mission;
  if (ways === undefined || packets === undefined || telemetry === undefined) return undefined;
  const { udp, tcp } = ways;
  const { clock, logger } = options;
  const intake = new PacketIntake({
    now: () => clock.now(),
    take: (items, at) => telemetry.take(items, at),
    maxLeadMs: maxLead,
    onNote: (message) => {
      logger.warn(message);
      note({ kind: 'packets', detail: { message } });
    },
  });
  const framing = { skip: packets.skip, checksum: packets.checksum };
  const udpListener = new UdpListener(intake, framing);
  const tcpListener =
    tcp && new TcpListener(intake, framing, { framing: tcp.framing, maxClients: tcp.maxClients, stallMs: tcp.stall });
  return {
    arrivals$: intake.arrivals$,
    get lastAt() {
      return intake.lastAt;
    },
    start: async () => {
      if (udp !== undefined) {
        const port = await udpListener.start(udp);
        logger.info({ host: udp.host, port }, 'listening for packets by UDP');
      }
      if (tcp !== undefined && tcpListener !== undefined) {
        const port = await tcpListener.start(tcp);
        logger.info({ host: tcp.host, port, framing: tcp.framing }, 'listening for packets by TCP');
      }
    },
    stop: async () => {
      await udpListener.stop();
      await tcpListener?.stop();
      intake.close();
    },
  };
};
