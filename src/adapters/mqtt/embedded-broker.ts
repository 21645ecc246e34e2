/** A broker inside this process, for the demonstration: MQTT 3.1.1 on a free port of 127.0.0.1. The only file that knows aedes. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

export interface EmbeddedBroker {
  readonly url: string;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

/** A client has acknowledged a message of this topic: it is dealt with there. */
export type OnDelivered = (clientId: string, topic: string) => void;

/** @param onDelivered told of every QoS 1 message that a subscriber has acknowledged. */
export const startEmbeddedBroker = async (onDelivered: OnDelivered = () => undefined): Promise<EmbeddedBroker> => {
  const { Aedes } = await import('aedes');
  const broker = await Aedes.createBroker();
  broker.on('ack', (packet, { id }) => {
    if (packet !== undefined && 'topic' in packet) onDelivered(id, packet.topic);
  });
  const server = createServer((socket) => void broker.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `mqtt://127.0.0.1:${String(port)}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await new Promise<void>((resolve) => {
        broker.close(resolve);
      });
      await closed;
    },
  };
};
