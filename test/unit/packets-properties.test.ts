/** Whatever bytes come, and whatever text a definition is: an answer, never an exception, and never without bound. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { readDefinitionFile } from '../../src/adapters/packets/definition-file';
import { compileDecoder, type Decoder } from '../../src/packets/decode/compile-decoder';
import { pairJson } from '../../src/packets/decode/value-text';
import { CHECKSUMS, checksumOf } from '../../src/packets/stream/checksum';
import {
  createPacketReader,
  readPackets,
  type PacketReaderOptions,
  type StreamItem,
} from '../../src/packets/stream/packet-reader';
import { readLeapSeconds } from '../../src/packets/time/leap-seconds';
import { createPacketClock, type TimeSpec } from '../../src/packets/time/packet-clock';
import { readDefinition } from '../../src/packets/xtce/read-definition';
import { RICH_DEFINITION, joinBytes, spacePacket } from '../support/xtce-text';

const SEED = 20_261_128;
const runs = (numRuns: number) => ({ seed: SEED, numRuns });

const richDecoder = (maxValues = 1000): Decoder => {
  const { definition, problems } = readDefinition(RICH_DEFINITION, { leadingSize: 'bits' });
  expect(problems).toEqual([]);
  const { decoder } = compileDecoder(definition ?? fail(), { limits: { maxValues } });
  return decoder ?? fail();
};
const fail = (): never => {
  throw new Error('there is no decoder');
};

test(`no byte string makes the decoder throw or go beyond its limit (seed ${String(SEED)})`, () => {
  const decoder = richDecoder();
  const packets = fc.tuple(
    fc.uint8Array({ maxLength: 6, minLength: 6 }),
    fc.integer({ min: 0, max: 5 }),
    fc.uint8Array({ maxLength: 400 }),
  );
  fc.assert(
    fc.property(packets, ([header, kind, data]) => {
      const bytes = joinBytes([header, [kind], data]);
      const { values, bitsUsed, problems } = decoder.decode(bytes);
      expect(values.length).toBeLessThanOrEqual(1000);
      expect(bitsUsed).toBeLessThanOrEqual(bytes.length * 8);
      for (const value of values) expect(JSON.parse(pairJson(value))).toHaveLength(2);
      // A packet that was not read to its last bit says so.
      if (problems.length === 0) expect(bitsUsed).toBe(bytes.length * 8);
    }),
    runs(3000),
  );
});

test('a packet that asks for more values than the limit is stopped there', () => {
  const decoder = richDecoder(50);
  const bytes = joinBytes([[0, 0, 0, 0, 0, 0, 1, 200], new Uint8Array(500)]);
  const { values, problems } = decoder.decode(bytes);
  expect(values.length).toBeLessThanOrEqual(50);
  expect(problems.map(({ code }) => code)).toEqual(['limit']);
});

test(`no text makes the definition reader throw (seed ${String(SEED)})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'fdir-xtce-'));
  const file = join(folder, 'definition.xml');
  const mutated = fc
    .array(fc.tuple(fc.nat(RICH_DEFINITION.length - 1), fc.nat(40), fc.string({ maxLength: 12 })), {
      maxLength: 4,
      minLength: 1,
    })
    .map((edits) =>
      edits.reduce((text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length), RICH_DEFINITION),
    );
  try {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string({ maxLength: 200 })), (text) => {
        writeFileSync(file, text);
        const { definition, problems } = readDefinitionFile(file);
        if (definition === undefined) expect(problems.length).toBeGreaterThan(0);
        for (const { line } of problems) expect(line).toBeGreaterThanOrEqual(1);
        if (definition === undefined) return;
        const { decoder } = compileDecoder(definition);
        decoder?.decode(Uint8Array.of(8, 0, 0, 0, 0, 4, 1, 2, 3, 4, 5));
      }),
      runs(400),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const streamOptions = fc.record({
  skip: fc.constantFrom(0, 4),
  checksum: fc.constantFrom(undefined, ...CHECKSUMS),
  reassemble: fc.boolean(),
});
const packetBytes = (items: readonly StreamItem[]): number =>
  items.reduce((sum, item) => sum + (item.type === 'packet' ? item.packet.bytes.length : 0), 0);

test(`a stream of any bytes in any pieces ends, and every byte is accounted for (seed ${String(SEED)})`, () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), streamOptions, (pieces, options) => {
      const reader = createPacketReader(options as PacketReaderOptions);
      const items = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
      const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
      expect(reader.counts.bytes).toBe(total);
      expect(packetBytes(items) + reader.counts.lostBytes).toBeLessThanOrEqual(total);
    }),
    runs(1500),
  );
});

const sentPackets = fc.array(fc.tuple(fc.constantFrom(5, 6, 700), fc.uint8Array({ minLength: 4, maxLength: 60 })), {
  minLength: 6,
  maxLength: 12,
});
const build = (sent: readonly (readonly [number, Uint8Array])[]): readonly Uint8Array[] =>
  sent.map(([apid, data], index) => spacePacket(apid, index, data));

test(`the pieces that a stream comes in change nothing (seed ${String(SEED)})`, () => {
  fc.assert(
    fc.property(sentPackets, fc.array(fc.nat(400), { maxLength: 6 }), (sent, cuts) => {
      const bytes = joinBytes(build(sent));
      const reader = createPacketReader();
      const ends = [...new Set([...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
      const items = ends.flatMap((end, index) => reader.push(bytes.slice(index === 0 ? 0 : ends[index - 1], end)));
      const plain = (list: readonly StreamItem[]) =>
        list.map((item) => (item.type === 'packet' ? { ...item.packet, bytes: [...item.packet.bytes] } : item));
      expect(plain([...items, ...reader.end()])).toEqual(plain(readPackets(bytes).items));
    }),
    runs(500),
  );
});

test(`with checksums, packets behind bytes that are no packet are found again (seed ${String(SEED)})`, () => {
  const sealed = (bytes: Uint8Array): Uint8Array => {
    const body = bytes.slice(0, -2);
    const sum = checksumOf('crc16-ccitt', body);
    return joinBytes([body, [sum >>> 8, sum & 0xff]]);
  };
  fc.assert(
    fc.property(sentPackets, fc.uint8Array({ minLength: 1, maxLength: 80 }), (sent, noise) => {
      const packets = build(sent).map(sealed);
      const cut = 3;
      const bytes = joinBytes([...packets.slice(0, cut), noise, ...packets.slice(cut)]);
      const { items, counts } = readPackets(bytes, { checksum: 'crc16-ccitt', reassemble: false });
      const found = items.flatMap((item) => (item.type === 'packet' ? [item.packet.sequence] : []));
      // Noise can look like a header that swallows what follows; it can never make a packet that fits its checksum.
      expect(packets.map((_, index) => index).filter((index) => found.includes(index))).toEqual(found);
      expect(found.slice(0, cut)).toEqual([0, 1, 2]);
      expect(found).toHaveLength(packets.length);
      expect(counts.lostBytes + (counts.problems.checksum ?? 0)).toBeGreaterThan(0);
    }),
    runs(500),
  );
});

test(`no secondary header makes the clock throw, and no time is beyond its bounds (seed ${String(SEED)})`, () => {
  const specs = fc.constantFrom<TimeSpec>(
    { secondaryHeader: 'cuc' },
    { secondaryHeader: 'cds' },
    { secondaryHeader: 'gps' },
    { secondaryHeader: 'unix', pField: true },
    { secondaryHeader: 'cuc', pField: true, epoch: '2000-01-01T00:00:00Z' },
  );
  fc.assert(
    fc.property(specs, fc.uint8Array({ minLength: 1, maxLength: 16 }), (spec, data) => {
      const [item] = readPackets(spacePacket(1, 1, data, { secondary: true })).items;
      if (item?.type !== 'packet') throw new Error('no packet');
      const time = createPacketClock(spec).timeOf(item.packet, undefined);
      if (time.ok) expect(Math.abs(time.timeMs)).toBeLessThan(Date.UTC(2200, 0, 2));
      else expect(time.message.length).toBeGreaterThan(0);
    }),
    runs(1500),
  );
});

test(`no text makes the reader of leap seconds throw (seed ${String(SEED)})`, () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(fc.tuple(fc.nat(), fc.integer())).map((rows) => rows.map((row) => row.join(' ')).join('\n')),
      ),
      (text) => {
        const result = readLeapSeconds(text);
        if (result.ok) expect(result.table.steps.length).toBeGreaterThan(0);
        else expect(result.line).toBeGreaterThanOrEqual(1);
      },
    ),
    runs(500),
  );
});
