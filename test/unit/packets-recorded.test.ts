/**
 * Recorded packets by their definitions, against values that others decoded, and against a decode that knows no XTCE. The recordings
 * are not part of the project; without them these tests are skipped.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { compileDecoder, type Decoder, type DecoderOptions } from '../../src/packets/decode/compile-decoder';
import { pairJson } from '../../src/packets/decode/value-text';
import type { DecodedPacket, DecodedValue } from '../../src/packets/decode/values';
import { readPackets, type PacketReaderOptions } from '../../src/packets/stream/packet-reader';
import type { SpacePacket } from '../../src/packets/stream/space-packet';
import { createPacketClock } from '../../src/packets/time/packet-clock';
import type { Definition } from '../../src/packets/xtce/definition';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { describeWithSharedData, sharedData } from '../support/shared-data';

const text = (name: string): string => readFileSync(sharedData(name), 'utf8');
const bytes = (name: string): Uint8Array => readFileSync(sharedData(name));

const definitionOf = (name: string): Definition => {
  const { definition } = readDefinition(text(name));
  if (definition === undefined) throw new Error(`${name} is no definition`);
  return definition;
};
const decoderOf = (definition: Definition, options: DecoderOptions = {}): Decoder => {
  const { decoder, problems } = compileDecoder(definition, options);
  if (decoder === undefined) throw new Error(JSON.stringify(problems));
  return decoder;
};
const packetsOf = (name: string, options: PacketReaderOptions = {}): readonly SpacePacket[] =>
  readPackets(bytes(name), options).items.flatMap((item) => (item.type === 'packet' ? [item.packet] : []));

/** As the JSON of the command says it: the last value of each field. */
const pairs = ({ values }: DecodedPacket): Record<string, unknown> =>
  Object.fromEntries(values.map((value) => [value.field.id, JSON.parse(pairJson(value)) as unknown]));

describeWithSharedData('JPSS-1 attitude and ephemeris', () => {
  const definitionFile = 'jpss1/jpss1_geolocation_xtce_v1.xml';
  const recording = 'jpss1/J01_G011_LZ_2021-04-09T00-00-00Z_V01.DAT1';

  /** The layout of the packet as a table: name, kind, byte. The header is read apart. */
  const LAYOUT = [
    ...(['DOY u2', 'MSEC u4', 'USEC u2', 'ADAESCID u1', 'ADAET1DAY u2', 'ADAET1MS u4', 'ADAET1US u2'] as const),
    ...(['ADGPSPOSX f4', 'ADGPSPOSY f4', 'ADGPSPOSZ f4', 'ADGPSVELX f4', 'ADGPSVELY f4', 'ADGPSVELZ f4'] as const),
    ...([
      'ADAET2DAY u2',
      'ADAET2MS u4',
      'ADAET2US u2',
      'ADCFAQ1 f4',
      'ADCFAQ2 f4',
      'ADCFAQ3 f4',
      'ADCFAQ4 f4',
    ] as const),
  ];

  const decodeByHand = (packet: Buffer): Record<string, number> => {
    const values: Record<string, number> = {
      VERSION: packet.readUInt8(0) >> 5,
      TYPE: (packet.readUInt8(0) >> 4) & 1,
      SEC_HDR_FLG: (packet.readUInt8(0) >> 3) & 1,
      PKT_APID: packet.readUInt16BE(0) % 2048,
      SEQ_FLGS: packet.readUInt8(2) >> 6,
      SRC_SEQ_CTR: packet.readUInt16BE(2) % 16384,
      PKT_LEN: packet.readUInt16BE(4),
    };
    let at = 6;
    for (const entry of LAYOUT) {
      const [name = '', kind = ''] = entry.split(' ');
      const size = Number(kind.slice(1));
      values[name] = kind.startsWith('f') ? packet.readFloatBE(at) : packet.readUIntBE(at, size);
      at += size;
    }
    return values;
  };

  test('7,200 packets are equal to a decode by a table of bytes', () => {
    const file = readFileSync(sharedData(recording));
    const decoder = decoderOf(definitionOf(definitionFile));
    const packets = packetsOf(recording);
    expect(packets.length).toBe(7200);
    let differing = 0;
    packets.forEach((packet, index) => {
      const decoded = decoder.decode(packet.bytes);
      const expected = decodeByHand(file.subarray(index * 71, (index + 1) * 71));
      const actual = Object.fromEntries(decoded.values.map(({ field, value }) => [field.id, value]));
      const isEqual = Object.entries(expected).every(([name, value]) => Object.is(actual[name], value));
      if (!isEqual || decoded.problems.length > 0 || decoded.values.length !== Object.keys(expected).length)
        differing += 1;
    });
    expect(differing).toBe(0);
  });

  test('the first packet has the published values, and packets come each second for two hours', () => {
    const decoder = decoderOf(definitionOf(definitionFile));
    const clock = createPacketClock({ secondaryHeader: 'cds', epoch: '1958-01-01T00:00:00Z' });
    const packets = packetsOf(recording);
    const [first] = packets;
    const last = packets.at(-1);
    if (first === undefined || last === undefined) throw new Error('no packet');
    const values = pairs(decoder.decode(first.bytes));
    expect([values['ADGPSPOSX'], values['ADGPSVELZ'], values['ADCFAQ1'], values['SRC_SEQ_CTR']]).toEqual([
      [6389695.5, 6389695.5],
      [-7105.89892578125, -7105.89892578125],
      [-0.2163526564836502, -0.2163526564836502],
      [2606, 2606],
    ]);
    const times = [first, last].map((packet) => clock.timeOf(packet, undefined));
    expect(times.map((time) => (time.ok ? new Date(time.timeMs).toISOString().slice(0, 19) : time.message))).toEqual([
      '2021-04-09T00:00:00',
      '2021-04-09T01:59:59',
    ]);
  });

  test.each([
    'xtce/spp/test_xtce.xml',
    'xtce/spp/test_xtce_default_namespace.xml',
    'xtce/spp/test_xtce_no_namespace.xml',
  ])('%s gives the same values, whatever its name space', (other) => {
    const reference = decoderOf(definitionOf(definitionFile));
    const decoder = decoderOf(definitionOf(other));
    for (const packet of packetsOf(recording).slice(0, 100)) {
      expect(pairs(decoder.decode(packet.bytes))).toEqual(pairs(reference.decode(packet.bytes)));
    }
  });
});

describeWithSharedData('dust analysers IDEX and SUDA', () => {
  test.each([
    ['suda', 'suda_combined_science_definition.xml', 'sciData_2022_130_17_41_53.spl', 4, 13],
    ['idex', 'idex_combined_science_definition.xml', 'sciData_2023_052_14_45_05', 0, 78],
  ])('%s: every value is equal to the truth', (name, definition, recording, skip, count) => {
    const decoder = decoderOf(definitionOf(`xtce/${name}/${definition}`));
    const packets = packetsOf(`xtce/${name}/${recording}`, { skip });
    expect(packets.length).toBe(count);
    const truth = text(`xtce/${name}.truth.ndjson`)
      .trim()
      .split('\n')
      .map(
        (line) => JSON.parse(line) as { packet: number; apid: number; bytes: number; values: Record<string, unknown> },
      );
    expect(truth.length).toBeGreaterThan(0);
    for (const { packet: number, apid, bytes: length, values } of truth) {
      const packet = packets[number - 1];
      if (packet === undefined) throw new Error(`packet ${String(number)} is missing`);
      expect([packet.apid, packet.bytes.length]).toEqual([apid, length]);
      expect(pairs(decoder.decode(packet.bytes))).toEqual(values);
    }
    expect(packets.flatMap((packet) => decoder.decode(packet.bytes).problems)).toEqual([]);
  });
});

describeWithSharedData('what xtcetools tests with', () => {
  interface TruthEntry {
    readonly name: string;
    readonly bits: string;
    readonly start: string;
    readonly value: string;
  }
  interface Truth {
    readonly test: string;
    readonly container: string;
    readonly file: string;
    readonly bits: number;
    readonly expectsFailure: boolean;
    readonly entries: readonly TruthEntry[];
  }
  const folder = 'xtce/xtcetools';
  /** Settings of the ground system that its tests give beside the packets. */
  const constants = { APPL_TIME_CODE: 'NotUsed', TM_CHECKSUM_TYPE: 'NotUsed' };
  const truth = (): readonly Truth[] => JSON.parse(text(`${folder}/truth.json`)) as Truth[];

  /** The outermost container of the one that the truth names. */
  const rootOf = (definition: Definition, path: string): string => {
    let container = [...definition.containers.values()].find((one) => one.path === path);
    if (container === undefined) throw new Error(`${path} is not defined`);
    while (container.base !== undefined) container = container.base.container;
    return container.path;
  };

  const isSame = (decoded: DecodedValue, expected: string): boolean => {
    const wanted = expected.replace(/^==/, '').replace(/\{cal\}$/, '');
    if (decoded.value instanceof Uint8Array)
      return BigInt(`0x${Buffer.from(decoded.value).toString('hex')}`) === BigInt(wanted);
    if (typeof decoded.value === 'string') return decoded.value === wanted;
    // xtcetools shows a float of 32 bits by its shortest digits.
    return Math.fround(Number(decoded.value)) === Math.fround(Number(wanted));
  };

  test('every entry has the bits, the first bit and the value of the truth', () => {
    const definition = definitionOf(`${folder}/BogusSAT-2.xml`);
    let checked = 0;
    for (const { test: name, container, file, bits, expectsFailure, entries } of truth()) {
      const decoder = decoderOf(definition, { container: rootOf(definition, container), constants });
      const decoded = decoder.decode(bytes(`${folder}/${file}`));
      if (expectsFailure) {
        expect([name, decoded.container.path]).not.toEqual([name, container]);
        checked += entries.length;
        continue;
      }
      expect([name, decoded.container.path, decoded.bitsUsed]).toEqual([name, container, bits]);
      for (const entry of entries) {
        checked += 1;
        const found = decoded.values.find(
          ({ field }) => field.id === entry.name || field.id.endsWith(`.${entry.name}`),
        );
        // An aggregate has no value of its own, and what a condition leaves out has none either.
        if (entry.start === '') {
          expect([name, entry.name, found]).toEqual([name, entry.name, undefined]);
          continue;
        }
        expect([name, entry.name, found?.start, found?.bits]).toEqual([
          name,
          entry.name,
          Number(entry.start),
          Number(entry.bits),
        ]);
        expect([name, entry.name, found !== undefined && isSame(found, entry.value), found?.value]).toEqual([
          name,
          entry.name,
          true,
          found?.value,
        ]);
      }
    }
    expect(checked).toBe(186);
  });

  test('60,000 packets of six kinds are decoded without a warning', () => {
    const decoder = decoderOf(definitionOf(`${folder}/BogusSAT-2.xml`), { container: 'CCSDSPacket', constants });
    const { items, counts } = readPackets(bytes(`${folder}/Container-10000Packets.bin`));
    const kinds = new Map<string, number>();
    let problems = 0;
    for (const item of items) {
      if (item.type !== 'packet') continue;
      const decoded = decoder.decode(item.packet.bytes);
      problems += decoded.problems.length;
      kinds.set(decoded.container.id, (kinds.get(decoded.container.id) ?? 0) + 1);
    }
    expect({ packets: counts.packets, lost: counts.lostBytes, problems }).toEqual({
      packets: 60_000,
      lost: 0,
      problems: 0,
    });
    // Two of the six are the same kind with and without its optional parameter.
    expect(Object.fromEntries(kinds)).toEqual({
      'SC001.CCSDS_SpacePacket1': 10_000,
      'SC001.CCSDS_SpacePacket3': 10_000,
      'SC001.ECSS_Service_1_Subservice_1': 10_000,
      'SC001.ECSS_Service_1_Subservice_2': 10_000,
      'SC001.ECSS_SpacePacket2': 20_000,
    });
  });

  test('GovSat is read whole: what it defines wrongly is refused by line, all else is honoured', () => {
    const { definition, problems } = readDefinition(text(`${folder}/GovSat_2_0_1.xml`));
    expect([definition?.containers.size, definition?.commands.size]).toEqual([219, 180]);
    // One of its 678 parameters has a spline of two values for one raw value.
    expect(definition?.parameters.size).toBe(677);
    expect(problems.filter(({ effect }) => effect === 'refused').map(({ line }) => line)).toEqual([
      3935, 4285, 7614, 12290,
    ]);
    const command = definition?.commands.get('CAM0GetImagerInfo');
    expect(command?.arguments.map(({ name }) => name)).toEqual(['CAM0ImagerNumber']);
  });

  test('BogusSAT is read whole but for its deliberate errors', () => {
    const { definition, problems } = readDefinition(text(`${folder}/BogusSAT-2.xml`));
    expect([definition?.parameters.size, definition?.containers.size, definition?.commands.size]).toEqual([
      112, 30, 11,
    ]);
    const refused = problems.filter(({ effect }) => effect === 'refused');
    expect(refused.map(({ line, element }) => [line, element])).toEqual([
      [245, 'Parameter "BrokenParameter1"'],
      [247, 'Parameter "BrokenParameter2"'],
      [247, 'Parameter "BrokenParameter2"'],
    ]);
    const wheel = definition?.commands.get('SC001.BusElectronics.Reaction_Wheel_2_On');
    expect(wheel?.assigned).toEqual({ RW_UNIT_ID: '2', RW_PWR_STATE: 'ON' });
  });

  test.each([
    ['UnitTest-BadForm.xml', 88, 'document', 'not well formed'],
    ['UnitTest-BadAttr.xml', 79, 'Term', 'exponent'],
    ['BogusSAT-1-Bad.xml', 31, 'UnitSetBlah', 'is not honoured'],
  ])('%s is refused at line %d', (file, line, element, message) => {
    const [first] = readDefinition(text(`${folder}/${file}`)).problems.filter(({ effect }) => effect === 'refused');
    expect([first?.line, first?.element]).toEqual([line, element]);
    expect(first?.message).toContain(message);
  });

  test('no definition of the folder makes the reader throw', () => {
    for (const file of readdirSync(sharedData(folder)).filter((name) => name.endsWith('.xml'))) {
      expect(Array.isArray(readDefinition(text(`${folder}/${file}`)).problems)).toBe(true);
    }
  });
});
