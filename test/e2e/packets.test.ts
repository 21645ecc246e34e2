/** Packets, telecommands and SenML over a real broker, and requests that leave as telecommand packets (PUS). */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { encode } from 'cbor';
import type { CheckEvent } from '../../src/domain/events';
import type { Recovery } from '../../src/domain/recovery';
import { compileDecoder } from '../../src/packets/decode/compile-decoder';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { DaemonWorld, ROOT } from '../support/daemon-world';
import { freePort } from '../support/free-port';
import { describeWithBroker } from '../support/mosquitto';
import {
  acceptance,
  housekeeping,
  PUS_RULES,
  PUS_TIME,
  PUS_XTCE,
  pusMission,
  stallEvent,
  verification,
} from '../support/pus-bus';
import { until } from '../support/until';

const at = (second: number): string => new Date(PUS_TIME + second * 1000).toISOString();

describeWithBroker('a spacecraft that sends packets', () => {
  let world: DaemonWorld;
  let sequence: number;
  beforeEach(async () => {
    world = await DaemonWorld.open();
    sequence = 0;
    world.work.write('bus.xml', PUS_XTCE);
    world.work.write('mission.yaml', pusMission('TINY-1'));
    world.work.write('rules.yaml', PUS_RULES);
  });
  afterEach(() => world.close());

  const configure = (changes: Readonly<Record<string, unknown>> = {}): unknown =>
    world.configure({ model: undefined, action: { format: 'pus', parameters: { SOURCE: 66 } }, ...changes });
  const send = (bytes: Buffer): Promise<void> => world.listener.publish(`${ROOT}/packet`, bytes);
  const next = (): number => (sequence += 1);
  /** Seconds of housekeeping: an instant is judged when the next one begins. */
  const pass = async (from: number, to: number, voltage: number): Promise<void> => {
    for (let second = from; second < to; second += 1) await send(housekeeping(next(), second, voltage));
  };
  const checks = (): readonly CheckEvent[] => world.documents<CheckEvent>('check');
  const isAbove = (what: string, value: number): Promise<unknown> =>
    until(what, () => checks().some((check) => check.to === 'aboveHighLimit' && check.value === value));
  const actions = (): readonly Buffer[] =>
    world.listener.heard.filter(({ topic }) => topic === `${ROOT}/action`).map(({ bytes }) => bytes);
  const recoveries = (): readonly Recovery[] => world.log(({ ledger }) => ledger.listRecoveries({ all: true }));
  const isIn = (state: Recovery['state']): Promise<Recovery> =>
    until(`the recovery to be ${state}`, () => recoveries().find((recovery) => recovery.state === state));

  test('an event on board leads to a telecommand packet, and its verifications are read back over a restart', async () => {
    configure();
    await world.start();
    await pass(0, 3, 2800);
    await send(stallEvent(next(), 3));
    const packet = await until('the telecommand', () => actions()[0]);
    const { definition } = readDefinition(PUS_XTCE);
    const decoder = definition && compileDecoder(definition, { kind: 'command', container: 'Packet' }).decoder;
    expect(decoder?.decode(packet).command?.name).toBe('Wheel_Off');
    expect(packet.toString('hex')).toBe('1864c0000005290801004202');
    await isIn('sent');
    await world.kill();
    await world.start();
    await send(acceptance(next(), 4, packet));
    await isIn('accepted');
    await send(verification(next(), 5, packet));
    await isIn('completed');
    expect(actions()).toHaveLength(1);
    const reports = await world.fdir('log', 'reports');
    expect(reports.stdout).toMatch(/high\s+EVENT_STALL friction=300/);
    const failed = await world.fdir('action', 'show', recoveries()[0]?.id ?? '');
    expect(failed.stdout).toContain('the spacecraft says completed');
  });

  test('packets that come again by another station after a kill are repeats: no value, event or request comes twice', async () => {
    configure();
    await world.start();
    const sent = [0, 1, 2].map((second) => housekeeping(next(), second, second === 1 ? 3100 : 2800));
    sent.push(stallEvent(next(), 3), housekeeping(next(), 4, 2800));
    for (const packet of sent) await send(packet);
    await isIn('sent');
    await until('the last packet to be judged', () => checks().length === 2);
    const before = checks();
    await world.kill();
    await world.start();
    await send(Buffer.concat(sent.slice(0, 2)));
    for (const packet of sent.slice(2)) await send(packet);
    // The broker may send the last one again besides: its acknowledgement went down with the daemon.
    await world.health('all five to be repeats', ({ dropped }) => (dropped['duplicate'] ?? 0) >= sent.length);
    await pass(5, 8, 3200);
    await isAbove('what comes after them', 32);
    expect(checks().filter(({ value }) => value !== 32)).toEqual(before);
    expect([actions().length, recoveries().length]).toEqual([1, 1]);
    expect((await world.fdir('log', 'reports')).stdout.match(/EVENT_STALL/g)).toHaveLength(1);
  });

  test('a failed verification is the failure of the recovery, with the code that came', async () => {
    configure();
    await world.start();
    await pass(0, 3, 2800);
    await send(stallEvent(next(), 3));
    const packet = await until('the telecommand', () => actions()[0]);
    await send(verification(next(), 4, packet, 0xbeef));
    const { id } = await isIn('failed');
    const shown = await world.fdir('action', 'show', id);
    expect(shown.stdout).toContain('completion of execution failed (0xbeef)');
  });

  test('packets, telecommands and SenML come on their topics; a malformed packet is told and stops nothing', async () => {
    configure();
    const daemon = await world.start();
    await pass(0, 3, 2800);
    await send(Buffer.from(housekeeping(77, 3, 2800).subarray(0, 22)));
    await world.health('a malformed packet', ({ dropped }) => (dropped['malformed'] ?? 0) > 0);
    expect(daemon.stdout() + daemon.stderr()).toMatch(/APID 7, sequence count 77.*byte 0|byte 0.*APID 7/);
    await pass(4, 7, 3100);
    await isAbove('packets', 31);
    await pass(7, 10, 2800);
    const { publish } = world.listener;
    await publish(`${ROOT}/command`, JSON.stringify({ time: at(9), name: 'HEATER_ON', arguments: { zone: 2 } }));
    for (let second = 10; second < 13; second += 1)
      await publish(`${ROOT}/senml`, JSON.stringify([{ n: 'bus_voltage', t: PUS_TIME / 1000 + second, v: 32 }]));
    await isAbove('SenML in JSON', 32);
    await pass(13, 16, 2800);
    for (let second = 16; second < 19; second += 1)
      await publish(`${ROOT}/senml`, encode([{ n: 'bus_voltage', t: PUS_TIME / 1000 + second, v: 33 }]));
    await isAbove('SenML in CBOR', 33);
    const commands = await world.fdir('log', 'commands');
    expect(commands.stdout).toMatch(/2026-03-01T00:00:09Z\s+HEATER_ON zone=2/);
  });

  test('packets come by UDP and TCP beside the broker, and one that comes by two ways is taken once', async () => {
    const [udp, tcp] = [await freePort(), await freePort()];
    configure({ packets: { udp: { port: udp }, tcp: { port: tcp } } });
    await world.start();
    const station = connect(tcp, '127.0.0.1');
    const datagrams = createSocket('udp4');
    const sendDatagram = (bytes: Buffer): Promise<void> =>
      new Promise((resolve, reject) => {
        datagrams.send(bytes, udp, '127.0.0.1', (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    try {
      for (let second = 0; second < 3; second += 1) station.write(housekeeping(next(), second, 3200));
      await isAbove('packets by TCP', 32);
      const again = housekeeping(next(), 3, 2800);
      await sendDatagram(again);
      station.write(again);
      await world.health('a duplicate', ({ dropped }) => dropped['duplicate'] === 1);
      station.write(housekeeping(next(), 4, 2800));
      await until('the packet that came twice', () =>
        checks().some(({ to, value }) => to === 'withinLimits' && value === 28),
      );
    } finally {
      station.destroy();
      datagrams.close();
    }
  });

  test('rules that no telecommand can be made for keep the daemon from starting, and are named', async () => {
    configure();
    world.work.write('rules.yaml', PUS_RULES.replace('WHEEL_OFF', 'WHEEL_SAFE'));
    world.work.write('mission.yaml', pusMission('TINY-1').replace('WHEEL_OFF', 'WHEEL_SAFE'));
    const checked = await world.fdir('check');
    expect([checked.status, checked.stderr]).toEqual([
      2,
      expect.stringContaining('requests WHEEL_SAFE, and the definition'),
    ]);
    const { status, stderr } = await world.run().finished;
    expect({ status, told: /rule stop-stalled-wheel requests WHEEL_SAFE/.test(stderr) }).toEqual({
      status: 2,
      told: true,
    });
  });
});
