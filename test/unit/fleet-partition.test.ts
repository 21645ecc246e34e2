/** Which partition a spacecraft belongs to, and who gives and takes what. */
import fc from 'fast-check';
import { partitionOf, shareOf, type SharedPartition } from '../../src/core/fleet-partition';

const lease = (partition: number, owner: string, given: Partial<SharedPartition> = {}): SharedPartition => ({
  partition,
  owner,
  isHeld: true,
  wanted: null,
  ...given,
});

test('a name is always in the same partition, and names spread over all of them', () => {
  expect([partitionOf('SAT-001', 64), partitionOf('SAT-002', 64)]).toEqual([
    partitionOf('SAT-001', 64),
    partitionOf('SAT-002', 64),
  ]);
  const used = new Set(
    Array.from({ length: 600 }, (_, index) => partitionOf(`SAT-${String(index).padStart(3, '0')}`, 64)),
  );
  expect(used.size).toBe(64);
});

test('a worker that is alone takes everything', () => {
  const share = shareOf({ worker: 'a', workers: ['a'], partitions: 3, leases: [] });
  expect(share).toEqual({ give: [], take: [0, 1, 2] });
});

test('when another comes, what is more than an equal share is given away', () => {
  const leases = [0, 1, 2, 3].map((partition) => lease(partition, 'a'));
  expect(shareOf({ worker: 'a', workers: ['a', 'b'], partitions: 4, leases })).toEqual({ give: [2, 3], take: [] });
});

test('what a dead worker held is taken, and no more than the share', () => {
  const leases = [0, 1, 2, 3].map((partition) =>
    lease(partition, partition < 2 ? 'dead' : 'a', { isHeld: partition >= 2 }),
  );
  expect(shareOf({ worker: 'b', workers: ['a', 'b'], partitions: 4, leases })).toEqual({ give: [], take: [0, 1] });
});

test('a worker that is drained gives everything', () => {
  const leases = [lease(0, 'a'), lease(1, 'a')];
  expect(shareOf({ worker: 'a', workers: ['b'], partitions: 2, leases })).toEqual({ give: [0, 1], take: [] });
});

test('what a person moved goes there and stays there', () => {
  const moved = lease(0, 'a', { wanted: 'b' });
  expect(shareOf({ worker: 'a', workers: ['a', 'b'], partitions: 2, leases: [moved, lease(1, 'b')] }).give).toEqual([
    0,
  ]);
  const free = lease(0, 'a', { wanted: 'b', isHeld: false });
  const leases = [free, lease(1, 'b')];
  expect(shareOf({ worker: 'a', workers: ['a', 'b'], partitions: 2, leases }).take).toEqual([]);
  expect(shareOf({ worker: 'b', workers: ['a', 'b'], partitions: 2, leases }).take).toEqual([0]);
  const stays = [lease(0, 'b', { wanted: 'b' }), lease(1, 'b')];
  expect(shareOf({ worker: 'b', workers: ['a', 'b'], partitions: 2, leases: stays }).give).toEqual([1]);
});

test('whatever comes and goes, turns of giving and taking end with every partition at one worker that is there', () => {
  const names = ['a', 'b', 'c', 'd'];
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 32 }),
      fc.subarray(names, { minLength: 1 }),
      fc.array(
        fc.record({ owner: fc.constantFrom(...names), isHeld: fc.boolean(), wanted: fc.constantFrom(null, ...names) }),
        {
          maxLength: 32,
        },
      ),
      (partitions, workers, given) => {
        const leases = new Map(
          given.slice(0, partitions).map((item, partition) => [partition, { partition, ...item }]),
        );
        // What the dead held runs out.
        for (const [partition, item] of leases)
          if (!workers.includes(item.owner)) leases.set(partition, { ...item, isHeld: false });
        for (let turn = 0; turn < 4; turn += 1)
          for (const worker of workers) {
            const { give, take } = shareOf({ worker, workers, partitions, leases: [...leases.values()] });
            for (const partition of give) {
              const item = leases.get(partition);
              if (item !== undefined) leases.set(partition, { ...item, isHeld: false });
            }
            for (const partition of take)
              leases.set(partition, {
                partition,
                wanted: leases.get(partition)?.wanted ?? null,
                owner: worker,
                isHeld: true,
              });
          }
        const held = [...leases.values()].filter(({ isHeld, owner }) => isHeld && workers.includes(owner));
        expect(held).toHaveLength(partitions);
      },
    ),
    { seed: 17 },
  );
});
