/**
 * Packets by TCP. A client is read on when what it sent is in the log: TCP itself holds it back until then, and nothing is lost. What a
 * client sent and has not been read when the daemon ends is the client's to send again.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describeError, FdirError } from '../../domain/errors';
import type { PacketReaderOptions } from '../../packets/stream/packet-reader';
import type { PacketIntake } from './packet-intake';
import { createFraming } from './stream-framing';
import type { Address } from './udp-listener';

export interface TcpListenerOptions {
  readonly framing: 'header' | 'length';
  /** Clients at once; more are refused. */
  readonly maxClients: number;
  /** A client that sent part of a packet and no more for so long is disconnected, milliseconds. */
  readonly stallMs: number;
}

/** Pieces of a client that are not in the log yet; each has 64 KiB at most. */
const MAX_UNDER_WAY = 16;
/** After so long without a word the system asks whether the client still lives. */
const KEEP_ALIVE_MS = 60_000;

export class TcpListener {
  private server: Server | undefined;
  private readonly clients = new Set<Socket>();

  constructor(
    private readonly intake: PacketIntake,
    private readonly packets: PacketReaderOptions,
    private readonly options: TcpListenerOptions,
  ) {}

  /** @returns the port it listens on. @throws FdirError `runtime` when the address cannot be used. */
  async start({ host, port }: Address): Promise<number> {
    const server = createServer({ keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, (client) => {
      this.serve(client);
    });
    this.server = server;
    server.maxConnections = this.options.maxClients;
    server.on('drop', (data) => {
      const limit = String(this.options.maxClients);
      this.intake.note(`tcp: ${data?.remoteAddress ?? 'a client'} is refused: ${limit} clients are connected`);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        reject(new FdirError('runtime', `cannot listen for packets on tcp ${host}:${String(port)}: ${error.message}`));
      });
      server.listen(port, host, () => {
        resolve();
      });
    });
    server.removeAllListeners('error');
    server.on('error', (error) => {
      this.intake.note(`tcp: ${describeError(error)}`);
    });
    return (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    for (const client of this.clients) client.destroy();
    await closed;
  }

  private serve(client: Socket): void {
    const { intake } = this;
    const { framing, stallMs } = this.options;
    const stream = createFraming(framing, this.packets);
    const name = `${client.remoteAddress ?? 'a client'}:${String(client.remotePort ?? 0)}`;
    let underWay = 0;
    this.clients.add(client);
    client.on('data', (bytes: Buffer) => {
      const items = stream.push(bytes);
      if (items.length > 0) {
        underWay += 1;
        if (underWay >= MAX_UNDER_WAY) client.pause();
        intake.put(items, () => {
          underWay -= 1;
          if (underWay < MAX_UNDER_WAY) client.resume();
        });
      }
      if (stream.failure === undefined) return;
      intake.note(`tcp: ${name} is disconnected: ${stream.failure}`);
      client.destroy();
    });
    client.setTimeout(stallMs, () => {
      if (client.isPaused() || stream.waitingBytes === 0) return;
      const rest = String(stream.waitingBytes);
      intake.note(
        `tcp: ${name} is disconnected: ${rest} bytes of a packet waited ${String(stallMs / 1000)} s for the rest`,
      );
      client.destroy();
    });
    // What is wrong with a connection is told by its end; it must not end the daemon.
    client.on('error', () => undefined);
    client.on('close', () => {
      this.clients.delete(client);
      const items = stream.end();
      if (items.length > 0 && this.server !== undefined) intake.put(items, () => undefined);
    });
  }
}
