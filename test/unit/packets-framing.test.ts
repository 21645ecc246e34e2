/** TCP streams of packets, cut anywhere: by headers or by lengths the same packets come out, and what is lost is counted. */
import * as fc from 'fast-check';
import { createFraming, MAX_MESSAGE_BYTES } from '../../src/adapters/packets/stream-framing';
import { checksumOf } from '../../src/packets/stream/checksum';
import { createPacketReader, readPackets, type StreamItem } from '../../src/packets/stream/packet-reader';
import { joinBytes, spacePacket } from '../support/xtce-text';

const SEED = 20_261_129;
const runs = (numRuns: number) => ({ seed: SEED, numRuns });

/** Places where the stream is cut, as shares of its length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
const noise = fc.uint8Array({ maxLength: 40 });
const data = fc.uint8Array({ minLength: 1, maxLength: 60 });

const sealed = (sequence: number, bytes: Uint8Array): Uint8Array => {
  const body = spacePacket(5, sequence, joinBytes([bytes, [0, 0]])).slice(0, -2);
  const sum = checksumOf('crc16-ccitt', body);
  return joinBytes([body, [sum >>> 8, sum & 0xff]]);
};

const piecesOf = (bytes: Uint8Array, shares: readonly number[]): readonly Uint8Array[] => {
  const ends = [...shares.map((share) => Math.floor(share * bytes.length)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
};

/** Items whose bytes compare by value. */
const plain = (items: readonly StreamItem[]) =>
  items.map((item) => (item.type === 'packet' ? { ...item.packet, bytes: [...item.packet.bytes] } : item));

const lengthOf = (size: number): Uint8Array =>
  Uint8Array.of(size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255);
const framed = (message: Uint8Array): Uint8Array => joinBytes([lengthOf(message.length), message]);

test(`lengths: each message is read as one that came whole, at its place in the stream (seed ${String(SEED)})`, () => {
  const message = fc.oneof(
    fc.array(data, { minLength: 1, maxLength: 4 }).map((all) => joinBytes(all.map((one, index) => sealed(index, one)))),
    noise,
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), cuts, (messages, shares) => {
      const options = { checksum: 'crc16-ccitt' } as const;
      const framing = createFraming('length', options);
      const items = piecesOf(joinBytes(messages.map(framed)), shares).flatMap((piece) => framing.push(piece));
      let offset = 0;
      const expected = messages.flatMap((one) => {
        const begin = offset + 4;
        offset = begin + one.length;
        return plain(readPackets(one, options).items).map((item) => ({ ...item, offset: item.offset + begin }));
      });
      expect(plain(items)).toEqual(expected);
      expect([framing.end(), framing.waitingBytes, framing.failure]).toEqual([[], 0, undefined]);
    }),
    runs(300),
  );
});

test(`lengths: one that is absurd ends the stream, once told, and what came before it stands (seed ${String(SEED)})`, () => {
  const size = fc.integer({ min: MAX_MESSAGE_BYTES + 1, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(fc.array(data, { maxLength: 4 }), size, noise, cuts, (sent, absurd, after, shares) => {
      const good = joinBytes(sent.map((one, index) => framed(sealed(index, one))));
      const framing = createFraming('length', { checksum: 'crc16-ccitt' });
      const bytes = joinBytes([good, lengthOf(absurd), after]);
      const items = piecesOf(bytes, shares).flatMap((piece) => framing.push(piece));
      expect(items.filter(({ type }) => type === 'packet')).toHaveLength(sent.length);
      expect(items.filter(({ type }) => type === 'problem')).toMatchObject([
        { code: 'oversized', offset: good.length },
      ]);
      expect(framing.failure).toContain(String(absurd));
      expect([framing.push(good), framing.end()]).toEqual([[], []]);
    }),
    runs(300),
  );
});

test(`lengths: a stream that ends inside a message says how much is left (seed ${String(SEED)})`, () => {
  fc.assert(
    fc.property(data, fc.double({ min: 0, max: 1, noNaN: true }), cuts, (one, share, shares) => {
      const whole = framed(sealed(0, one));
      const cut = 1 + Math.floor(share * (whole.length - 2));
      const framing = createFraming('length', {});
      expect(piecesOf(whole.slice(0, cut), shares).flatMap((piece) => framing.push(piece))).toEqual([]);
      expect(framing.waitingBytes).toBe(cut);
      expect(framing.end()).toMatchObject([{ code: 'truncated', offset: 0, lost: cut }]);
    }),
    runs(200),
  );
});

test(`headers: with noise between packets every packet is found, and every other byte is counted (seed ${String(SEED)})`, () => {
  const parts = fc.array(fc.tuple(noise, data), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(parts, cuts, (sent, shares) => {
      const packets = sent.map(([, one], index) => sealed(index, one));
      const lost = sent.reduce((sum, [before]) => sum + before.length, 0);
      const bytes = joinBytes(sent.flatMap(([before], index) => [before, packets[index] ?? Uint8Array.of()]));
      const reader = createPacketReader({ checksum: 'crc16-ccitt', reassemble: false });
      const items = [...piecesOf(bytes, shares).flatMap((piece) => reader.push(piece)), ...reader.end()];
      const found = items.flatMap((item) => (item.type === 'packet' ? [item.packet] : []));
      const { counts } = reader;
      const read = found.reduce((sum, packet) => sum + packet.bytes.length, 0);
      expect(counts.bytes).toBe(bytes.length);
      expect(found.map(({ sequence }) => sequence)).toEqual(packets.map((_, index) => index));
      expect(read + counts.lostBytes).toBe(bytes.length);
      expect(counts.lostBytes).toBe(lost);
    }),
    runs(500),
  );
});

test(`headers: the pieces that a noisy stream comes in change nothing (seed ${String(SEED)})`, () => {
  const parts = fc.array(
    fc.oneof(
      noise,
      data.map((one) => sealed(one.length, one)),
    ),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(parts, cuts, (all, shares) => {
      const bytes = joinBytes(all);
      const framing = createFraming('header', { checksum: 'crc16-ccitt' });
      const items = [...piecesOf(bytes, shares).flatMap((piece) => framing.push(piece)), ...framing.end()];
      expect(plain(items)).toEqual(plain(readPackets(bytes, { checksum: 'crc16-ccitt' }).items));
    }),
    runs(500),
  );
});
