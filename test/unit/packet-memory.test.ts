/** Which packets came: what the checkpoint keeps of them, and what a run that begins with it recognises. */
import * as fc from 'fast-check';
import { PacketRepeats } from '../../src/adapters/packets/packet-repeats';
import { noPackets, packetMarks, rememberPackets, type PacketMark } from '../../src/core/telemetry/packet-memory';
import { packetAt } from '../../src/packets/stream/space-packet';
import { busPacket } from '../support/bus-packets';

const MOST = 64;
const mark = (count: number): PacketMark => ({ apid: 2046 - (count % 3), sequence: count % 16_384, stamp: count / 2 });
const marks = (from: number, to: number): PacketMark[] =>
  Array.from({ length: to - from }, (_, index) => mark(from + index));

test('the newest packets are kept in order, within a bound, however many come at a time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 150 }), { maxLength: 30 }), (arrivals) => {
      let [memory, came] = [noPackets, 0];
      for (const size of arrivals) {
        memory = rememberPackets(memory, marks(came, came + size), MOST);
        came += size;
        expect(memory.newest.heads.length).toBeLessThanOrEqual(MOST / 16);
        expect(memory.older.heads.length).toBeLessThanOrEqual(MOST);
      }
      const kept = packetMarks(memory);
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(came, MOST));
      expect(kept).toEqual(marks(came - kept.length, came));
    }),
  );
});

test('the older packets stay the same object until the newest are many: the log writes them seldom', () => {
  const before = rememberPackets(noPackets, marks(0, 5), MOST);
  const after = rememberPackets(before, marks(5, 8), MOST);
  expect(before.older.heads).toHaveLength(5);
  expect([after.older, after.newest.heads.length]).toEqual([before.older, 3]);
  expect(after.older).toBe(before.older);
});

describe('a run that begins with what the last one knew', () => {
  const packet = (sequence: number, voltage = 2800) => packetAt(busPacket(sequence, voltage), 0, 0);
  const over = (taken: readonly (PacketMark | undefined)[]): PacketRepeats => {
    const came = taken.filter((item) => item !== undefined);
    return new PacketRepeats({ marks: packetMarks(rememberPackets(noPackets, came)) });
  };

  it('recognises packets by their own time, and takes those of another time', () => {
    const first = new PacketRepeats();
    const own = (time: number) => ({ time, isOwn: true });
    const next = over([first.take(packet(5), own(1000)), first.take(packet(5), own(2000))]);
    expect(next.take(packet(5), own(1000))).toBeUndefined();
    expect(next.take(packet(5), own(2000))).toBeUndefined();
    expect(next.take(packet(5), own(3000))).toEqual({ apid: 7, sequence: 5, stamp: 3000 });
  });

  it('recognises packets without a time by their bytes, unless their counter stood still', () => {
    const received = (time: number) => ({ time, isOwn: false });
    const first = new PacketRepeats();
    const next = over([1, 2].map((sequence) => first.take(packet(sequence), received(sequence))));
    expect(next.take(packet(2), received(900))).toBeUndefined();
    expect(next.take(packet(2, 2900), received(900))).toBeDefined();
    const still = new PacketRepeats();
    expect(over([still.take(packet(0), received(1))]).take(packet(0), received(900))).toBeDefined();
  });

  it('counts no packets as missing that came while nobody listened', () => {
    const first = new PacketRepeats();
    const next = over([first.take(packet(5), { time: 1, isOwn: true })]);
    expect([next.missingBefore(packet(90)), next.missingBefore(packet(92))]).toEqual([0, 1]);
  });
});
