/** Stands between daemon and broker or database, tells connections apart by whose they are, and cuts or silences those of one. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { PacketReader, type WirePacket } from './wire';

/** `refused`: hung up on. `silent`: nothing passes either way, and nobody is told: what a router that dies leaves behind. */
type Passage = 'open' | 'refused' | 'silent';

interface Pair {
  readonly client: Socket;
  readonly broker: Socket;
  id: string | undefined;
  passage: Passage;
}

/** What passes, as it passes: each connection has a number of its own. */
export type Tap = (clientId: string, connection: number, isFromBroker: boolean, packet: WirePacket) => void;

/** Whose connection it is, by what it sends first; undefined while that does not tell. */
type IdOf = (first: Buffer) => string | undefined;

export interface Relay {
  readonly url: string;
  readonly port: number;
  /** Closes what this client has, and whatever it opens. */
  refuse(clientId: string): void;
  /** What it has is dead from now on, for good; what it opens meanwhile has to wait. */
  silence(clientId: string): void;
  /** Lets it through again. */
  admit(clientId: string): void;
  close(): Promise<void>;
}

/** Client identifier of a CONNECT packet (MQTT 5, section 3.1; 3.1.1 alike); undefined while it is incomplete. */
const clientIdOf = (packet: Buffer): string | undefined => {
  let at = 1;
  while ((packet[at] ?? 0) >= 0x80) at += 1;
  at += 1;
  const version = packet[at + 6];
  // Protocol name, level, flags, keep-alive; then the properties of version 5, here shorter than 128 bytes.
  const properties = at + 10;
  const id = version === 5 ? properties + 1 + (packet[properties] ?? 0) : properties;
  if (packet.length < id + 2) return undefined;
  const end = id + 2 + packet.readUInt16BE(id);
  return packet.length < end ? undefined : packet.toString('utf8', id + 2, end);
};

/** @param idOf by the client identifier of MQTT, unless told otherwise. */
export const startRelay = async (brokerPort: number, tap?: Tap, idOf: IdOf = clientIdOf): Promise<Relay> => {
  let connections = 0;
  const pairs = new Set<Pair>();
  const passages = new Map<string, Passage>();
  const part = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.destroy();
    pair.broker.destroy();
  };
  const server = createServer((client) => {
    const pair: Pair = { client, broker: connect(brokerPort, '127.0.0.1'), id: undefined, passage: 'open' };
    pairs.add(pair);
    let first = Buffer.alloc(0);
    const join = (id: string): void => {
      pair.id = id;
      client.off('data', read);
      // What is not read yet waits in the sockets.
      client.pause();
      const passage = passages.get(id) ?? 'open';
      if (passage === 'refused') part(pair);
      else if (passage === 'open') pass(pair, first);
      else waiting.push({ pair, first });
    };
    const read = (chunk: Buffer): void => {
      first = Buffer.concat([first, chunk]);
      const id = idOf(first);
      if (id !== undefined) join(id);
    };
    client.on('data', read);
    for (const socket of [client, pair.broker]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        // A dead line does not even tell that the other end has gone.
        if (pair.passage !== 'silent') part(pair);
      });
    }
  });
  const waiting: { readonly pair: Pair; readonly first: Buffer }[] = [];
  const pass = ({ client, broker, id = '' }: Pair, first: Buffer): void => {
    broker.write(first);
    if (tap !== undefined) {
      const number = (connections += 1);
      for (const [socket, isFromBroker] of [
        [client, false],
        [broker, true],
      ] as const) {
        const reader = new PacketReader();
        socket.on('data', (chunk: Buffer) => {
          for (const packet of reader.read(chunk)) tap(id, number, isFromBroker, packet);
        });
      }
    }
    client.pipe(broker);
    broker.pipe(client);
  };
  const ofClient = (id: string): Pair[] => [...pairs].filter((pair) => pair.id === id);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `mqtt://127.0.0.1:${String(port)}`,
    port,
    refuse: (id) => {
      passages.set(id, 'refused');
      ofClient(id).forEach(part);
    },
    silence: (id) => {
      passages.set(id, 'silent');
      for (const pair of ofClient(id)) {
        pair.passage = 'silent';
        for (const [from, to] of [
          [pair.client, pair.broker],
          [pair.broker, pair.client],
        ] as const) {
          from.unpipe(to);
          from.pause();
        }
      }
    },
    admit: (id) => {
      passages.delete(id);
      for (const { pair, first } of waiting.splice(0).filter(({ pair: { client } }) => !client.destroyed))
        pass(pair, first);
    },
    close: async () => {
      pairs.forEach(part);
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
