/** Streams of space packets: headers, gaps, segments, checksums, lost synchronisation, bad lengths. */
import { CHECKSUMS, checksumOf } from '../../src/packets/stream/checksum';
import {
  createPacketReader,
  readPackets,
  type PacketReaderOptions,
  type StreamItem,
} from '../../src/packets/stream/packet-reader';
import { joinBytes, spacePacket } from '../support/xtce-text';

const sequences = (items: readonly StreamItem[]): readonly number[] =>
  items.flatMap((item) => (item.type === 'packet' ? [item.packet.sequence] : []));
const problems = (items: readonly StreamItem[]): readonly (readonly [string, number, number | undefined])[] =>
  items.flatMap((item) => (item.type === 'problem' ? [[item.code, item.offset, item.lost] as const] : []));

test('a header is read field by field', () => {
  const { items } = readPackets(spacePacket(0x5a5, 0x1234, [1, 2, 3], { secondary: true }));
  const [item] = items;
  if (item?.type !== 'packet') throw new Error('no packet');
  const { bytes: _, ...header } = item.packet;
  expect(header).toEqual({
    version: 0,
    type: 'telemetry',
    hasSecondaryHeader: true,
    apid: 0x5a5,
    flags: 'unsegmented',
    sequence: 0x1234,
    length: 9,
    offset: 0,
    segments: 1,
  });
});

test('idle packets are counted, and told by their place only', () => {
  const { items, counts } = readPackets(
    joinBytes([spacePacket(2047, 0, [0]), spacePacket(5, 0, [1]), spacePacket(2047, 1, [0])]),
  );
  expect([sequences(items), counts.packets, counts.idle, counts.lostBytes]).toEqual([[0], 1, 2, 0]);
  expect(items.filter(({ type }) => type === 'idle')).toEqual([
    { type: 'idle', offset: 0 },
    { type: 'idle', offset: 14 },
  ]);
});

describe('sequence counts', () => {
  const send = (counts: readonly number[], apid = 5) =>
    readPackets(joinBytes(counts.map((count) => spacePacket(apid, count, [1]))));

  test('a gap names what is missing, and where', () => {
    const { items, counts } = send([1, 2, 6]);
    expect(problems(items)).toEqual([['gap', 14, 3]]);
    expect(counts.byApid.get(5)).toEqual({ packets: 3, gaps: 1, missing: 3, repeated: 0, backwards: 0 });
  });

  test('the count begins again after 16383 without a gap', () => {
    expect(problems(send([16382, 16383, 0, 1]).items)).toEqual([]);
  });

  test('packets that come twice or late are counted and are no gap', () => {
    const { items, counts } = send([4, 4, 3]);
    expect(problems(items)).toEqual([]);
    expect(counts.byApid.get(5)).toEqual({ packets: 3, gaps: 0, missing: 0, repeated: 1, backwards: 1 });
  });

  test('each APID has a count of its own', () => {
    const bytes = joinBytes([
      spacePacket(5, 9, [1]),
      spacePacket(6, 100, [1]),
      spacePacket(5, 10, [1]),
      spacePacket(6, 101, [1]),
    ]);
    expect(problems(readPackets(bytes).items)).toEqual([]);
  });
});

describe('segments', () => {
  const first = spacePacket(5, 1, [1, 2], { flags: 1 });
  const middle = spacePacket(5, 2, [3, 4], { flags: 0 });
  const last = spacePacket(5, 3, [5], { flags: 2 });

  test('are joined under the header of the first one', () => {
    const { items, counts } = readPackets(joinBytes([first, middle, last]));
    const [item] = items;
    if (item?.type !== 'packet') throw new Error('no packet');
    expect([...item.packet.bytes]).toEqual([0, 5, 0xc0, 1, 0, 4, 1, 2, 3, 4, 5]);
    expect([item.packet.segments, item.packet.flags, counts.packets]).toEqual([3, 'unsegmented', 1]);
  });

  test('stay as they are when asked for', () => {
    expect(sequences(readPackets(joinBytes([first, middle, last]), { reassemble: false }).items)).toEqual([1, 2, 3]);
  });

  test('without the repeated secondary header of later ones', () => {
    const { items } = readPackets(joinBytes([first, middle, last]), { segmentHeaderBytes: 1 });
    const [item] = items;
    expect(item?.type === 'packet' ? [...item.packet.bytes.slice(6)] : item).toEqual([1, 2, 4]);
  });

  test('of another APID in between do no harm', () => {
    const { items, counts } = readPackets(joinBytes([first, spacePacket(6, 0, [9]), middle, last]));
    expect([sequences(items), counts.problems]).toEqual([[0, 1], {}]);
  });

  test.each([
    ['a missing middle one drops the group', [first, last], ['gap', 'incomplete-segments', 'orphan-segment']],
    ['a missing first one', [middle, last], ['orphan-segment', 'orphan-segment']],
    ['a first one while another group is open', [first, first, middle, last], ['incomplete-segments']],
    ['a group that never ends', [first, middle], ['incomplete-segments']],
  ])('%s', (_, sent, codes) => {
    expect(problems(readPackets(joinBytes(sent)).items).map(([code]) => code)).toEqual(codes);
  });

  test('of too many groups at once: the oldest is dropped', () => {
    const begin = [1, 2, 3, 4, 5, 6].map((apid) => spacePacket(apid, 0, new Uint8Array(20), { flags: 1 }));
    const { items } = readPackets(joinBytes(begin), { limits: { maxPacketBytes: 65_542, maxSegmentedBytes: 30 } });
    const dropped = items.flatMap((item) => (item.type === 'problem' ? [item.apid] : []));
    // 26 bytes each: four times the limit has room for four. The others are incomplete when the stream ends.
    expect(dropped).toEqual([1, 2, 3, 4, 5, 6]);
    const reader = createPacketReader({ limits: { maxPacketBytes: 65_542, maxSegmentedBytes: 30 } });
    expect(reader.push(joinBytes(begin)).flatMap((item) => (item.type === 'problem' ? [item.apid] : []))).toEqual([
      1, 2,
    ]);
  });

  test('that are more than the limit are dropped', () => {
    const { counts } = readPackets(joinBytes([first, middle, last]), {
      limits: { maxPacketBytes: 65_542, maxSegmentedBytes: 9 },
    });
    expect([counts.packets, counts.problems]).toEqual([0, { oversized: 1, 'orphan-segment': 1 }]);
  });
});

describe('checksums', () => {
  // The check values of both standards: CRC-16-CCITT of "123456789" is 0x29B1; ISO of the four examples of ECSS-E-ST-70-41C, annex B.2.
  test.each([
    ['crc16-ccitt', [...Buffer.from('123456789')], 0x29b1],
    ['crc16-ccitt', [0x00, 0x00], 0x1d0f],
    ['crc16-ccitt', [0x00, 0x00, 0x00], 0xcc9c],
    ['crc16-ccitt', [0xab, 0xcd, 0xef, 0x01], 0x04a2],
    ['iso', [0x00, 0x00], 0xffff],
    ['iso', [0x00, 0x00, 0x00], 0xffff],
    ['iso', [0xab, 0xcd, 0xef, 0x01], 0x9cf8],
    ['iso', [0x14, 0x56, 0xf8, 0x9a, 0x00, 0x01], 0x24dc],
    ['sum16', [0xff, 0xff, 2], 0x200],
  ] as const)('%s of %j', (kind, bytes, expected) => {
    expect(checksumOf(kind, Uint8Array.from(bytes))).toBe(expected);
  });

  const sealed = (kind: (typeof CHECKSUMS)[number], bytes: Uint8Array): Uint8Array => {
    const sum = checksumOf(kind, bytes);
    return joinBytes([bytes, [sum >>> 8, sum & 0xff]]);
  };

  test.each(CHECKSUMS)('%s inside the packet or after it is found by itself', (kind) => {
    const inside = [0, 1, 2].map((count) => sealed(kind, spacePacket(5, count, [7, 8, 9, 0, 0]).slice(0, -2)));
    const after = [0, 1, 2].map((count) => sealed(kind, spacePacket(5, count, [7, 8, 9])));
    expect(sequences(readPackets(joinBytes(inside), { checksum: kind }).items)).toEqual([0, 1, 2]);
    const { items, counts } = readPackets(joinBytes(after), { checksum: kind });
    expect([sequences(items), counts.lostBytes]).toEqual([[0, 1, 2], 0]);
  });

  test('a packet whose checksum differs is told with APID, sequence count and offset, and dropped', () => {
    const sent = [0, 1, 2].map((count) => sealed('sum16', spacePacket(5, count, [7, 8, 9, 0, 0]).slice(0, -2)));
    const damaged = joinBytes(sent);
    damaged[18] = (damaged[18] ?? 0) ^ 1;
    const { items } = readPackets(damaged, { checksum: 'sum16' });
    expect(
      items
        .filter((item) => item.type === 'problem')
        .map(({ code, offset, apid, sequence }) => ({ code, offset, apid, sequence })),
    ).toEqual([
      { code: 'checksum', offset: 11, apid: 5, sequence: 1 },
      { code: 'gap', offset: 22, apid: 5, sequence: 2 },
    ]);
    expect(sequences(items)).toEqual([0, 2]);
  });
});

describe('lost synchronisation', () => {
  const packets = Array.from({ length: 8 }, (_, count) => spacePacket(5, count, [1, 2, 3, 4]));
  const rest = (from: number, to?: number): Uint8Array => joinBytes(packets.slice(from, to));
  const read = (bytes: Uint8Array, options: PacketReaderOptions = {}) => readPackets(bytes, options);

  test('bytes before the first packet', () => {
    const { items, counts } = read(joinBytes([[0xff, 0xee, 0xdd], rest(0)]));
    expect([problems(items), sequences(items), counts.lostBytes]).toEqual([
      [['lost-sync', 0, 3]],
      [0, 1, 2, 3, 4, 5, 6, 7],
      3,
    ]);
  });

  test('bytes between packets are passed over and counted', () => {
    const { items, counts } = read(joinBytes([rest(0, 3), [0xff, 0xfe, 0xfd, 0xfc], rest(3)]));
    expect([sequences(items), counts.lostBytes]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], 4]);
  });

  test('fill of zeros between packets', () => {
    const { items, counts } = read(joinBytes([rest(0, 3), new Uint8Array(64), rest(3)]));
    expect([sequences(items), counts.lostBytes]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], 64]);
  });

  test('a packet that lost bytes is dropped, and what follows is found', () => {
    const cut = packets[3]?.slice(0, 7) ?? new Uint8Array(0);
    const { items, counts } = read(joinBytes([rest(0, 3), cut, [0xff], rest(4)]));
    expect([sequences(items), counts.lostBytes]).toEqual([[0, 1, 2, 4, 5, 6, 7], 8]);
  });

  test('bytes before each packet are skipped', () => {
    const bytes = joinBytes(packets.flatMap((packet) => [[9, 9, 9, 9], packet]));
    const { items, counts } = read(bytes, { skip: 4 });
    expect([sequences(items), counts.lostBytes]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], 0]);
  });

  test('a live stream finds it again before it ends', () => {
    const reader = createPacketReader();
    const items = [...reader.push(rest(0, 3)), ...reader.push(Uint8Array.of(0xff, 0xfe)), ...reader.push(rest(3))];
    expect(sequences(items)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('a stream that ends inside a packet says what is missing', () => {
    const { items, counts } = read(joinBytes([rest(0, 2), rest(2, 3).slice(0, 8)]));
    expect([problems(items), counts.lostBytes]).toEqual([[['truncated', 20, 8]], 8]);
  });

  test('a length beyond the limit begins no packet', () => {
    const huge = Uint8Array.of(0, 5, 0xc0, 9, 0xff, 0xff);
    const { items, counts } = read(joinBytes([huge, rest(0)]), {
      limits: { maxPacketBytes: 1000, maxSegmentedBytes: 1000 },
    });
    expect([sequences(items).length, counts.lostBytes]).toEqual([8, 6]);
  });
});
