/** Packets by UDP and TCP, over real sockets of this machine. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PacketIntake } from '../../src/adapters/packets/packet-intake';
import { PacketTelemetry } from '../../src/adapters/packets/packet-telemetry';
import { TcpListener, type TcpListenerOptions } from '../../src/adapters/packets/tcp-listener';
import { UdpListener } from '../../src/adapters/packets/udp-listener';
import { loadMission } from '../../src/config/load-mission';
import { countDrops } from '../../src/core/telemetry/drop';
import type { Arrival } from '../../src/pipeline/ports';
import { BUS_MISSION, BUS_XTCE, busPacket, idlePacket } from '../support/bus-packets';
import { until } from '../support/until';

const NOW = Date.UTC(2026, 2, 1);
const HOST = '127.0.0.1';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-listeners-'));
  writeFileSync(join(folder, 'bus.xml'), BUS_XTCE);
  writeFileSync(join(folder, 'mission.yaml'), BUS_MISSION);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const open: { stop(): Promise<void> }[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const listener of open.splice(0)) await listener.stop();
});

/** A flow that keeps what arrives, and acknowledges it unless it is told not to. */
const world = (isAcknowledging = true) => {
  const telemetry = PacketTelemetry.of(loadMission(join(folder, 'mission.yaml')));
  if (telemetry === undefined) throw new Error('the mission has packets');
  const notes: string[] = [];
  const intake = new PacketIntake({
    now: () => NOW,
    take: (items, at) => telemetry.take(items, at),
    maxLeadMs: 60_000,
    onNote: (message) => notes.push(message),
  });
  const arrivals: Arrival[] = [];
  intake.arrivals$.subscribe((arrival) => {
    arrivals.push(arrival);
    if (isAcknowledging) arrival.acknowledge();
  });
  const volts = () => arrivals.flatMap(({ frames }) => frames.map(({ values }) => values['bus_voltage']));
  const drops = () => arrivals.flatMap((arrival) => arrival.drops);
  return { intake, arrivals, notes, volts, drops };
};

const udp = async (intake: PacketIntake): Promise<{ send(...datagrams: Buffer[]): Promise<void> }> => {
  const listener = new UdpListener(intake, {});
  open.push(listener);
  const port = await listener.start({ host: HOST, port: 0 });
  return {
    send: async (...datagrams) => {
      const client = createSocket('udp4');
      for (const bytes of datagrams)
        await new Promise<void>((resolve, reject) => {
          client.send(bytes, port, HOST, (error) => {
            if (error === null) resolve();
            else reject(error);
          });
        });
      client.close();
    },
  };
};

const tcp = async (intake: PacketIntake, options: Partial<TcpListenerOptions> = {}): Promise<() => Socket> => {
  const listener = new TcpListener(intake, {}, { framing: 'header', maxClients: 4, stallMs: 60_000, ...options });
  open.push(listener);
  const port = await listener.start({ host: HOST, port: 0 });
  return () => {
    const client = connect(port, HOST).on('error', () => undefined);
    sockets.push(client);
    return client;
  };
};

const framed = (...packets: Buffer[]): Buffer => {
  const message = Buffer.concat(packets);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
};

describe('UDP', () => {
  test('one or more packets a datagram, and a malformed one is told with APID, sequence count and offset', async () => {
    const { intake, arrivals, volts, drops } = world();
    const { send } = await udp(intake);
    await send(Buffer.concat([busPacket(1, 2800), busPacket(2, 2810)]), busPacket(3, 0, 3), busPacket(4, 2820));
    await until('three datagrams', () => arrivals.length === 3);
    expect(volts()).toEqual([28, 28.1, 28.2]);
    expect(arrivals.every(({ isLossy }) => isLossy === true)).toBe(true);
    expect(drops()).toEqual([
      { reason: 'malformed', message: expect.stringMatching(/APID 7, sequence count 3, at byte 0/) as string },
    ]);
  });

  test('a flood that is not judged is not decoded: what found no room is counted', async () => {
    const { intake, arrivals, drops } = world(false);
    const { send } = await udp(intake);
    // In portions: the system must not lose what is to be counted here.
    for (let portion = 0; portion < 23; portion += 1)
      await send(...Array.from({ length: 50 }, (_, index) => busPacket(portion * 50 + index, 2800)));
    await until('as many as have room', () => arrivals.length === 1024);
    await until('the rest of them', () => intake.lost === 1150 - 1024);
    arrivals[0]?.acknowledge();
    await send(busPacket(2000, 2800));
    await until('the next one', () => arrivals.length === 1025);
    const lost = drops().filter(({ reason }) => reason === 'overflow');
    expect(lost).toEqual([expect.objectContaining({ count: 1150 - 1024 })]);
  });

  test('an address that cannot be used is an error that names it', async () => {
    const { intake } = world();
    const listener = new UdpListener(intake, {});
    open.push(listener);
    await expect(listener.start({ host: '192.0.2.1', port: 5000 })).rejects.toThrow(/udp 192\.0\.2\.1:5000/);
  });
});

describe('TCP', () => {
  test('packets by their headers, in pieces of one byte; bytes between them are passed over', async () => {
    const { intake, volts, drops } = world();
    const client = (await tcp(intake))();
    client.setNoDelay(true);
    const stream = [busPacket(1, 2800), busPacket(2, 2810), Buffer.from('xx'), busPacket(3, 2820), busPacket(4, 2830)];
    for (const byte of Buffer.concat([...stream, busPacket(5, 2850)])) client.write(Buffer.of(byte));
    client.end();
    await until('five packets', () => volts().length === 5);
    expect(volts()).toEqual([28, 28.1, 28.2, 28.3, 28.5]);
    expect(drops().map(({ reason }) => reason)).toEqual(['malformed']);
    expect(drops()[0]?.message).toMatch(/2 bytes begin no packet.*at byte 20/);
  });

  test('idle packets keep the link alive and are counted, also where nothing else comes', async () => {
    const { intake, arrivals, drops } = world();
    const client = (await tcp(intake))();
    client.end(Buffer.concat([idlePacket(0), idlePacket(1), idlePacket(2)]));
    await until('the idle packets', () => (countDrops({}, drops()).idle ?? 0) === 3);
    expect([arrivals.flatMap(({ frames }) => frames), intake.lastAt]).toEqual([[], NOW]);
  });

  test('a length before each message, and what is left at the end is told', async () => {
    const { intake, arrivals, volts, drops } = world();
    const client = (await tcp(intake, { framing: 'length' }))();
    const stream = Buffer.concat([framed(busPacket(1, 2800), busPacket(2, 2810)), framed(busPacket(3, 0, 3))]);
    client.write(stream.subarray(0, 17));
    client.write(stream.subarray(17));
    client.end(framed(busPacket(4, 2830)).subarray(0, 9));
    await until('the end', () => drops().length === 2);
    expect(volts()).toEqual([28, 28.1]);
    expect(drops().map(({ message }) => message)).toEqual([
      expect.stringMatching(/APID 7, sequence count 3, at byte 28/),
      expect.stringMatching(/ends after 9 bytes of a message; 14 bytes would be needed/),
    ]);
    expect(arrivals.every(({ isLossy }) => isLossy === false)).toBe(true);
  });

  test('a length that is absurd ends the connection, and is told', async () => {
    const { intake, drops, notes } = world();
    const client = (await tcp(intake, { framing: 'length' }))();
    client.write(Buffer.from('GET / HTTP/1.1\r\n'));
    await once(client, 'close');
    expect(drops().map(({ reason }) => reason)).toEqual(['oversized']);
    expect(notes).toEqual([expect.stringMatching(/is disconnected: a message of 1195725856 bytes/)]);
  });

  test.each(['header', 'length'] as const)(
    'a client that stalls inside a packet is disconnected (%s)',
    async (framing) => {
      const { intake, drops, notes } = world();
      const client = (await tcp(intake, { framing, stallMs: 50 }))();
      const whole = framing === 'header' ? busPacket(1, 2800) : framed(busPacket(1, 2800));
      client.write(whole.subarray(0, 8));
      await once(client, 'close');
      await until('what is left', () => drops().length === 1);
      expect(drops()[0]).toMatchObject({
        reason: 'malformed',
        message: expect.stringMatching(/ends after 8 bytes/) as string,
      });
      expect(notes).toEqual([expect.stringMatching(/8 bytes of a packet waited 0.05 s/)]);
    },
  );

  test('a client is read on when what it sent is dealt with, and nothing is lost', async () => {
    const { intake, arrivals, volts } = world(false);
    const connectClient = await tcp(intake);
    const COUNT = 300_000;
    const packets = Array.from({ length: COUNT }, (_, index) => busPacket(index % 16_384, index % 5000));
    connectClient().end(Buffer.concat(packets));
    await until('sixteen pieces', () => arrivals.length === 16);
    // Another client is served meanwhile: what the first one still has is not taken.
    connectClient().end(busPacket(20, 2800));
    await until('the other client', () => arrivals.length > 16);
    expect(arrivals.length).toBe(17);
    let acknowledged = 0;
    await until('the whole stream', () => {
      for (; acknowledged < arrivals.length; acknowledged += 1) arrivals[acknowledged]?.acknowledge();
      return volts().length >= COUNT + 1;
    });
    expect(volts()).toHaveLength(COUNT + 1);
  });

  test('more clients than are served are refused and noted, and those that are served go on', async () => {
    const { intake, volts, notes } = world();
    const connectClient = await tcp(intake, { maxClients: 1 });
    const first = connectClient();
    first.write(busPacket(1, 2800));
    await until('the first packet', () => volts().length === 1);
    await once(connectClient(), 'close');
    first.write(busPacket(2, 2810));
    await until('the second packet', () => volts().length === 2);
    expect(notes).toEqual([expect.stringMatching(/is refused: 1 clients are connected/)]);
  });
});

test('a packet that two stations bring is taken once', async () => {
  const { intake, arrivals, volts, drops } = world();
  const client = (await tcp(intake))();
  const { send } = await udp(intake);
  client.write(Buffer.concat([busPacket(1, 2800), busPacket(2, 2810)]));
  await until('both', () => volts().length === 2);
  await send(busPacket(2, 2810));
  await until('the copy', () => arrivals.length >= 2);
  expect([volts(), drops().map(({ reason }) => reason)]).toEqual([[28, 28.1], ['duplicate']]);
});
