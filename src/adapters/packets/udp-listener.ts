/** Packets by UDP: one or more whole packets a datagram. Nobody keeps a datagram for us, so what finds no room is lost and counted. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { describeError, FdirError } from '../../domain/errors';
import { readPackets, type PacketReaderOptions } from '../../packets/stream/packet-reader';
import type { PacketIntake } from './packet-intake';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Datagrams that are not in the log yet; 64 MiB at the largest datagram. */
const MAX_UNDER_WAY = 1024;
/** The system keeps bursts while this thread is busy; it may give less. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export class UdpListener {
  private socket: Socket | undefined;
  private underWay = 0;

  constructor(
    private readonly intake: PacketIntake,
    private readonly framing: PacketReaderOptions,
  ) {}

  /** @returns the port it listens on. @throws FdirError `runtime` when the address cannot be used. */
  async start({ host, port }: Address): Promise<number> {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    this.socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => {
        reject(new FdirError('runtime', `cannot listen for packets on udp ${host}:${String(port)}: ${error.message}`));
      });
      socket.bind(port, host, () => {
        resolve();
      });
    });
    socket.removeAllListeners('error');
    socket.on('error', (error) => {
      this.intake.note(`udp: ${describeError(error)}`);
    });
    socket.on('message', (bytes) => {
      this.take(bytes);
    });
    return socket.address().port;
  }

  async stop(): Promise<void> {
    const { socket } = this;
    this.socket = undefined;
    if (socket === undefined) return;
    await new Promise<void>((resolve) => {
      socket.close(() => {
        resolve();
      });
    });
  }

  private take(bytes: Uint8Array): void {
    // Nothing is decoded that would be let go: a flood costs its reception and no more.
    if (this.underWay >= MAX_UNDER_WAY) {
      this.intake.lose();
      return;
    }
    this.underWay += 1;
    this.intake.put(readPackets(bytes, this.framing).items, () => (this.underWay -= 1), true);
  }
}
