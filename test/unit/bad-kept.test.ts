/** What the program itself wrote, read back damaged: a checkpoint, a cursor, a question to the log. */
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { basisOf, packPart, unpack, type PartName, type StoredPart } from '../../src/adapters/log/checkpoint';
import { from, lastValueFrom, toArray } from 'rxjs';
import { PACKET_START } from '../../src/bench/campaign/tiny-telemetry';
import { toyMission, toyModel, toyProgram, toyScorer } from '../../src/bench/campaign/toy-mission';
import { calm, planOf } from '../../src/bench/campaign/plan';
import { simulateRun } from '../../src/bench/campaign/simulate-run';
import { logFilterSchema } from '../../src/domain/log-query';
import { healthSchema } from '../../src/domain/health';
import { noPackets, rememberPackets, type PacketMark } from '../../src/core/telemetry/packet-memory';
import { judge } from '../../src/pipeline/judge';
import type { ResumedMemory } from '../../src/pipeline/memory';
import { damagedTree, refusesAtMost } from '../support/mutations';
import { arrival, fakeWorld } from '../support/fake-world';

const program = toyProgram('patient');
const { manifest } = toyScorer();
const subject = { mission: toyMission, manifest, program };

const packetMarks = (count: number): PacketMark[] =>
  Array.from({ length: count }, (_, sequence) => ({ apid: 7, sequence, stamp: PACKET_START + sequence }));

/** A checkpoint in the middle of an anomaly, as it is stored. */
const stored = async (): Promise<readonly StoredPart[]> => {
  for (let seed = 1; ; seed += 1) {
    const plan = planOf(seed);
    if (plan.temper !== 'patient') continue;
    const { memory } = (await simulateRun({ ...calm(plan), messages: plan.pristine.slice(0, 25) })).log;
    if (memory?.anomalies === undefined || memory.anomalies.tracker.open.length === 0) continue;
    const basis = basisOf(toyMission, manifest, memory.response?.program?.sha256 ?? '');
    const { newest, older } = rememberPackets(rememberPackets(noPackets, packetMarks(300)), packetMarks(9));
    const kept = { ...memory, packets: newest, olderPackets: older };
    return (Object.keys(kept) as PartName[]).map((part) => packPart(part, kept, basis));
  }
};

/** Ten more frames on top of what was restored. */
const goesOn = async (resumed: ResumedMemory): Promise<void> => {
  const values = { rw0_speed: 0.2, rw0_current: 5, rw1_speed: 0.2, rw1_current: 0.3 };
  const frames = Array.from({ length: 10 }, (_, index) => ({ time: PACKET_START + (100 + index) * 1000, values }));
  const parts = {
    mission: toyMission,
    model: toyModel(toyScorer(), program.sha256),
    program,
    diagnostics: fakeWorld().diagnostics,
    resumed,
  };
  await lastValueFrom(from([arrival(frames)]).pipe(judge(parts), toArray()));
};

test('a damaged part of a checkpoint is refused; one that is whole is gone on with', async () => {
  const parts = await stored();
  expect(unpack(parts, subject).refused).toEqual([]);
  await goesOn(unpack(parts, subject).resumed);
  const others = (damaged: StoredPart): readonly StoredPart[] =>
    parts.map((part) => (part.part === damaged.part ? damaged : part));
  const index = fc.nat({ max: parts.length - 1 });
  const at = (place: number): StoredPart => parts[place] ?? { part: '', basis: '', value: new Uint8Array(1) };
  // A byte that the disk changed.
  fc.assert(
    fc.property(index, fc.nat(), fc.integer({ min: 1, max: 255 }), (place, byte, change) => {
      const part = at(place);
      const value = Uint8Array.from(part.value);
      value[byte % value.length] = (value[byte % value.length] ?? 0) ^ change;
      const refused = [{ part: part.part, reason: 'it is damaged' }];
      expect(unpack(others({ ...part, value }), subject).refused).toEqual(refused);
    }),
  );
  // What another version of the program might have written: whatever it is, reading it is no reason to stop.
  const trees = fc.oneof(
    ...parts.map((part) =>
      damagedTree(deserialize(part.value)).map((tree) => {
        const value = serialize(tree);
        const [about = ''] = part.basis.split('; ');
        return { ...part, value, basis: `${about}; ${crc32(value).toString(16)}` };
      }),
    ),
  );
  let refused = 0;
  fc.assert(
    fc.property(trees, (damaged) => {
      refusesAtMost(() => (refused += unpack(others(damaged), subject).refused.length), []);
    }),
    { numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(0);
});

test('a question to the log is understood or refused', () => {
  const filter = {
    since: '2026-03-01T00:00:00Z',
    equipment: ['rw0'],
    minConfidence: 0.5,
    state: 'open',
    text: 'current',
  };
  fc.assert(
    fc.property(damagedTree(filter), (damaged) => {
      refusesAtMost(() => logFilterSchema.safeParse(damaged), []);
      refusesAtMost(() => healthSchema.safeParse(damaged), []);
    }),
    { numRuns: 500 },
  );
});
