import { createRandom } from '../../src/core/random';
import { ldaPeer } from '../../src/fit/evaluate/peers/mean-deviation-lda';
import { peerLayout, type PeerCase } from '../../src/fit/evaluate/peers/peer';
import { windowT2Peer } from '../../src/fit/evaluate/peers/window-t2';
import { zScorePeer } from '../../src/fit/evaluate/peers/z-score';
import { missionSchema } from '../../src/domain/mission';

const FRAMES = 4;
const mission = missionSchema.parse({
  spacecraft: 'SC-1',
  sampling: { period: '1s', window: FRAMES, stride: 2 },
  parameters: [
    { id: 'a', equipment: 'rw0' },
    { id: 'b', equipment: 'rw1' },
    { id: 'c', equipment: 'rw1' },
  ],
});
const layout = peerLayout(mission);
const SEED = 11;
const random = createRandom(SEED);

/** b follows a closely; c is noise. @param more is added to the rows of the three parameters. */
const windowWith = (more: readonly [number, number, number] = [0, 0, 0]): Float32Array => {
  const a = Array.from({ length: FRAMES }, () => random.normal());
  const b = a.map((value) => value + 0.01 * random.normal());
  const c = a.map(() => random.normal());
  return Float32Array.from([a, b, c].flatMap((row, index) => row.map((value) => value + (more[index] ?? 0))));
};
const nominal = Array.from({ length: 400 }, () => windowWith());
const cases: readonly PeerCase[] = Array.from({ length: 60 }, (_, index) =>
  index % 2 === 0
    ? { values: windowWith([6, 0, 0]), group: 0, fault: 0 }
    : { values: windowWith([0, 0, 6]), group: 1, fault: 1 },
);
const input = { layout, nominal, cases };

test(`the units of the peers are the mission's (seed ${String(SEED)})`, () => {
  expect(layout).toEqual({ parameters: 3, frames: FRAMES, groups: [[0], [1, 2]] });
});

test('the z-score names the unit of the largest value', () => {
  const { judge } = zScorePeer(input);
  expect(judge(windowWith([0, 0, 9]))).toMatchObject({ group: 1, fault: -1, confidence: 0 });
  expect(judge(windowWith([0, 0, 9])).score).toBeGreaterThan(judge(windowWith()).score);
});

test('T2 sees a broken relation that no single value shows', () => {
  const [t2, z] = [windowT2Peer(input), zScorePeer(input)];
  const broken = windowWith([0, 0.5, 0]);
  const worst = Math.max(...nominal.slice(0, 100).map((values) => t2.judge(values).score));
  expect(t2.judge(broken).score).toBeGreaterThan(3 * worst);
  expect(z.judge(broken).score).toBeLessThan(Math.max(...nominal.map((values) => z.judge(values).score)));
});

test('LDA names unit and fault of what it was taught, and nothing without cases', () => {
  const lda = ldaPeer(input);
  expect(lda?.judge(windowWith([6, 0, 0]))).toMatchObject({ group: 0, fault: 0 });
  expect(lda?.judge(windowWith([0, 0, 6]))).toMatchObject({ group: 1, fault: 1 });
  expect(lda?.judge(windowWith()).score).toBeLessThan(0);
  expect(ldaPeer({ ...input, cases: [] })).toBeUndefined();
});
