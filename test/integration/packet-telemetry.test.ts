import * as fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTelemetryMessage } from '../../src/adapters/mqtt/telemetry-message';
import { openPackets, refusedNote } from '../../src/adapters/packets/definition-file';
import { PacketTelemetry } from '../../src/adapters/packets/packet-telemetry';
import { inTimeOrder } from '../../src/adapters/passes/pass-order';
import { loadPass, readPass } from '../../src/adapters/passes/pass-reader';
import { loadMission } from '../../src/config/load-mission';
import { countDrops } from '../../src/core/telemetry/drop';
import { topicsOf } from '../../src/core/topics';
import { BUS_MISSION, BUS_XTCE, busPacket, idlePacket } from '../support/bus-packets';
import { housekeeping, PUS_TIME, PUS_XTCE, pusMission } from '../support/pus-bus';
import { describeWithSharedData, sharedData } from '../support/shared-data';

const NOW = Date.UTC(2026, 2, 1);
const LIVE = { receivedAt: NOW, latest: NOW + 60_000 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdir-packets-'));
  writeFileSync(join(folder, 'bus.xml'), BUS_XTCE);
  writeFileSync(join(folder, 'mission.yaml'), BUS_MISSION);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const mission = () => loadMission(join(folder, 'mission.yaml'));
const open = (): PacketTelemetry => {
  const telemetry = PacketTelemetry.of(mission());
  if (telemetry === undefined) throw new Error('the mission has packets');
  return telemetry;
};

describe('packets of a message', () => {
  it('become frames by name, in engineering values, at the time of reception when they hold none', () => {
    expect(open().read(Buffer.concat([busPacket(1, 2800)]), LIVE)).toEqual({
      frames: [{ time: NOW, values: { bus_voltage: 28 } }],
      drops: [],
      packets: [{ apid: 7, sequence: 1, stamp: expect.any(Number) as number }],
    });
  });

  it('that come again by another station are recognised', () => {
    const telemetry = open();
    telemetry.read(busPacket(1, 2800), LIVE);
    const again = telemetry.read(busPacket(1, 2800), LIVE);
    expect([again.frames, again.drops.map(({ reason }) => reason)]).toEqual([[], ['duplicate']]);
  });

  it('that come again later are recognised by their bytes where they hold no time, unless their counter stands still', () => {
    const later = { receivedAt: NOW + 700, latest: NOW + 60_700 };
    const telemetry = open();
    for (const sequence of [1, 2]) telemetry.read(busPacket(sequence, 2800), LIVE);
    expect(telemetry.read(busPacket(2, 2800), later).drops.map(({ reason }) => reason)).toEqual(['duplicate']);
    const still = open();
    still.read(busPacket(0, 2800), LIVE);
    expect(still.read(busPacket(0, 2800), later)).toEqual({
      frames: [{ time: NOW + 700, values: { bus_voltage: 28 } }],
      drops: [],
      packets: [{ apid: 7, sequence: 0, stamp: expect.any(Number) as number }],
    });
  });

  it('that are missing are counted by their sequence, over the turn of the counter too', () => {
    const telemetry = open();
    telemetry.read(busPacket(16_382, 1), LIVE);
    const { drops } = telemetry.read(busPacket(2, 1), LIVE);
    expect(drops).toEqual([expect.objectContaining({ reason: 'missing', count: 3 })]);
    expect(telemetry.read(busPacket(1, 1), LIVE).drops).toEqual([]);
  });

  it('that only fill the link are counted, and neither judged nor missed', () => {
    const { frames, drops } = open().read(
      Buffer.concat([idlePacket(0), busPacket(1, 2800), idlePacket(5), idlePacket(9), busPacket(2, 2810)]),
      LIVE,
    );
    expect(frames).toHaveLength(2);
    expect(countDrops({}, drops)).toEqual({ idle: 3 });
  });

  it('that are malformed are told with APID, sequence count and offset, and stop nothing', () => {
    const { frames, drops } = open().read(Buffer.concat([busPacket(4, 0, 3), busPacket(5, 2800)]), LIVE);
    expect(frames).toHaveLength(1);
    expect(drops.map(({ reason }) => reason)).toEqual(['malformed']);
    expect(drops[0]?.message).toMatch(/APID 7, sequence count 4, at byte 0/);
  });

  it('of any bytes give frames or reasons, and nothing breaks', () => {
    const telemetry = open();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const { frames, drops } = telemetry.read(bytes, LIVE);
        for (const { values } of frames) expect(Object.values(values).every(Number.isFinite)).toBe(true);
        if (bytes.length > 0) expect(frames.length + drops.length).toBeGreaterThan(0);
      }),
    );
  });

  it('come on the topic packet, and without a definition are refused', () => {
    const topics = topicsOf('fdir', 'BUS-1');
    const message = { topic: topics.packet, payload: busPacket(1, 2800), qos: 1, isAgain: false, isRetained: false };
    const options = { topics, parameters: new Set(['bus_voltage']), maxLeadMs: 60_000 };
    const telemetry = open();
    const packets = (payload: Uint8Array, receivedAt: number) =>
      telemetry.read(payload, { receivedAt, latest: receivedAt + 60_000 });
    expect(readTelemetryMessage(message, { ...options, packets }, NOW)?.frames).toHaveLength(1);
    expect(readTelemetryMessage(message, options, NOW)?.drops.map(({ reason }) => reason)).toEqual(['malformed']);
  });
});

test('what of a definition is refused is told in one sentence; the rest is read', () => {
  const parts = (text: string) => {
    writeFileSync(join(folder, 'part.xml'), text);
    const { packets } = loadMission(join(folder, 'mission.yaml'));
    if (packets === undefined) throw new Error('the mission has packets');
    return openPackets({ ...packets, xtce: join(folder, 'part.xml') });
  };
  expect(refusedNote(parts(BUS_XTCE))).toBeUndefined();
  const container = '<SequenceContainer name="B"><EntryList/><BaseContainer containerRef="A"/></SequenceContainer>';
  const spoilt = parts(BUS_XTCE.replace('</ContainerSet>', `${container}</ContainerSet>`));
  expect(refusedNote(spoilt)).toMatch(/part\.xml:20: .*container A is not defined; 1 element is refused and left out/);
  expect(spoilt.decoder.decode(busPacket(1, 2800)).values).toHaveLength(3);
});

describe('the time of packets', () => {
  const EPOCH = 'epoch: "2026-01-01T00:00:00Z"';
  const CUC = `time: { secondaryHeader: cuc, position: 7, coarse: 4, fine: 3, ${EPOCH} }`;
  const BINARY =
    '<BinaryParameterType name="CODE"><BinaryDataEncoding><SizeInBits><FixedValue>56</FixedValue></SizeInBits></BinaryDataEncoding></BinaryParameterType>';
  /** Seconds after PUS_TIME that a packet is of which counts 3. */
  const secondsOf = (time: string, xtce = PUS_XTCE): number => {
    writeFileSync(join(folder, 'time.xml'), xtce);
    const text = pusMission('BUS-1').replace('bus.xml', 'time.xml').replace(CUC, time);
    expect(text).toContain(time);
    writeFileSync(join(folder, 'time.yaml'), text);
    const telemetry = PacketTelemetry.of(loadMission(join(folder, 'time.yaml')));
    const [frame] = telemetry?.read(housekeeping(1, 3, 2800), LIVE).frames ?? [];
    return ((frame?.time ?? NaN) - PUS_TIME) / 1000;
  };
  const named = (time: string): string => `${time}\n  leapSeconds: leap.list`;
  /** The table of 2017, and one leap second more on 1 February 2026. */
  const writeTable = (): void => {
    writeFileSync(join(folder, 'leap.list'), '3692217600 37\n3978892800 38 # 1 Feb 2026\n');
  };

  it('counts leap seconds by the table that the mission names, on a scale that has them', () => {
    writeTable();
    expect([secondsOf(CUC), secondsOf(named(CUC))]).toEqual([3, 2]);
    expect(secondsOf(named(CUC.replace(' }', ', scale: utc }')))).toBe(3);
  });

  it('is a count of seconds in a secondary header: of Unix without leap seconds, of GPS with them', () => {
    writeTable();
    const header = (code: string): string => named(CUC.replace('cuc', code).replace(' fine: 3,', ''));
    expect([secondsOf(header('unix')), secondsOf(header('gps'))]).toEqual([3, 2]);
  });

  it('is the time code of a binary parameter', () => {
    const xtce = PUS_XTCE.replace('</ParameterTypeSet>', `${BINARY}</ParameterTypeSet>`).replace(
      '"TIME" parameterTypeRef="U56"',
      '"TIME" parameterTypeRef="CODE"',
    );
    expect(secondsOf(`time: { parameter: TIME, code: cuc, fine: 3, ${EPOCH} }`, xtce)).toBe(3);
  });

  it('is refused with its line if the table is none', () => {
    writeFileSync(join(folder, 'leap.list'), '# comment\n3692217600 37\nsoon 38\n');
    const read = (): number => secondsOf(named(CUC));
    expect(read).toThrow(/the table of leap seconds .*leap\.list cannot be used/);
    expect(read).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ file: join(folder, 'leap.list'), line: 3 })] }),
    );
  });
});

describe('a file of packets', () => {
  it('is a pass whose idle packets are counted and are no problem', async () => {
    const file = join(folder, 'filled.bin');
    writeFileSync(file, Buffer.concat([busPacket(1, 2800), idlePacket(0), idlePacket(1), busPacket(2, 2810)]));
    const { frames, drops, problems } = await loadPass(file, mission());
    expect([frames.length, countDrops({}, drops), problems]).toEqual([2, { idle: 2 }, []]);
  });

  it('is a pass, with the times that the mission gives where the packets hold none', async () => {
    const file = join(folder, 'pass.bin');
    writeFileSync(file, Buffer.concat([busPacket(0, 2800), busPacket(1, 2810), busPacket(2, 2820)]));
    const { frames } = await loadPass(file, mission());
    expect(frames.map(({ time, values }) => [time, values[0]])).toEqual([
      [NOW, 28],
      [NOW + 1000, 28.1],
      [NOW + 2000, 28.2],
    ]);
  });

  it('is read in the order of its times, and several files too, whatever order they come in', async () => {
    writeFileSync(join(folder, 'bus-pus.xml'), PUS_XTCE);
    writeFileSync(join(folder, 'pus.yaml'), pusMission('BUS-1').replace('bus.xml', 'bus-pus.xml'));
    const pus = loadMission(join(folder, 'pus.yaml'));
    const seconds = (...all: number[]): Buffer =>
      Buffer.concat(all.map((second) => housekeeping(second, second, 2800)));
    const [late, early] = [join(folder, 'late.tlm'), join(folder, 'early.tlm')];
    // What was stored on board comes after what was sent at once.
    writeFileSync(late, seconds(20, 21, 22, 23, 14, 15, 16, 17));
    writeFileSync(early, seconds(0, 1, 2));
    const { frames } = await loadPass(late, pus);
    expect(frames.map(({ time }) => (time - PUS_TIME) / 1000).filter((second) => second < 18)).toEqual([
      14, 15, 16, 17,
    ]);
    expect(frames.at(-1)?.time).toBe(PUS_TIME + 23_000);
    expect(await inTimeOrder([late, early], pus)).toEqual({ files: [early, late], isChanged: true });
  });

  it('needs a mission with packets, and a good packet', async () => {
    const file = join(folder, 'bad.bin');
    writeFileSync(file, 'no packets here');
    await expect(loadPass(file, mission())).rejects.toThrow('holds no good packet');
    const { packets: _packets, ...without } = mission();
    await expect(loadPass(file, without)).rejects.toThrow('has no "packets" to read them with');
  });
});

describeWithSharedData('JPSS-1', () => {
  const DATA = 'jpss1/J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1';

  it('is read whole: 7,200 packets, none dropped, the first as its README says', async () => {
    writeFileSync(
      join(folder, 'jpss1.yaml'),
      `spacecraft: JPSS1
sampling: { period: 1s }
packets: { xtce: ${sharedData('jpss1/jpss1_geolocation_xtce_v1.xml')}, time: { secondaryHeader: cds } }
parameters: [{ id: ADGPSPOSX }, { id: ADGPSVELZ }, { id: ADCFAQ1 }, { id: SRC_SEQ_CTR }]
`,
    );
    const jpss = loadMission(join(folder, 'jpss1.yaml'));
    const all = [];
    for await (const { frames, drops } of readPass(sharedData(DATA), jpss)) {
      all.push(...frames);
      expect(drops).toEqual([]);
    }
    expect(all).toHaveLength(7200);
    expect(all[0]?.values).toEqual({
      ADGPSPOSX: 6389695.5,
      ADGPSVELZ: -7105.89892578125,
      ADCFAQ1: -0.2163526564836502,
      SRC_SEQ_CTR: 2606,
    });
    expect(new Date(all[0]?.time ?? 0).toISOString()).toMatch(/^2021-04-09T00:00:0/);
  });
});
