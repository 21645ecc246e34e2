import fc from 'fast-check';
import { planAssembly } from '../../src/core/telemetry/assembly-plan';
import { initialAssembler, type AssemblyItem } from '../../src/core/telemetry/assembler-state';
import { assembleFrames, flushFrames } from '../../src/core/telemetry/frame-assembler';
import { countDrops, type Drop } from '../../src/core/telemetry/drop';
import { missionSchema } from '../../src/domain/mission';
import type { PartialFrame } from '../../src/domain/telemetry';
import { isoTime } from '../../src/domain/units';
import { T0 } from '../support/tiny-mission';

const mission = missionSchema.parse({
  spacecraft: 'X',
  sampling: { period: '1s', window: 4, stride: 2 },
  parameters: [
    { id: 'a', valid: [-10, 10], staleAfter: '3s' },
    { id: 'b', staleAfter: '3s' },
    { id: 'mode', kind: 'event' },
  ],
});
const plan = planAssembly(mission);
const at = (seconds: number, values: Record<string, number>): PartialFrame => ({ time: T0 + seconds * 1000, values });

/** Frames as [second, a, b, mode] and gaps as [first, last], and drops by reason; closes everything at the end. */
const assemble = (partials: readonly PartialFrame[], flush = true) => {
  let state = initialAssembler;
  const items: AssemblyItem[] = [];
  const drops: Drop[] = [];
  const take = (step: ReturnType<typeof flushFrames>): void => {
    state = step.state;
    items.push(...step.items);
    drops.push(...step.drops);
  };
  for (const partial of partials) take(assembleFrames(plan, state, partial));
  if (flush) take(flushFrames(plan, state));
  const first = T0 / 1000;
  return {
    items: items.map((item) =>
      item.kind === 'gap'
        ? { gap: [item.first - first, item.last - first], lostAt: (item.lostAt - T0) / 1000 }
        : [item.slot - first, ...item.frame.values],
    ),
    drops: drops.map(({ reason }) => reason),
  };
};

test('a slot closes at once when every periodic parameter has arrived', () => {
  expect(assemble([at(0, { a: 1 }), at(0, { b: 2 })], false).items).toEqual([[0, 1, 2, NaN]]);
});

test('a sample belongs to the nearest slot, and the frame bears the time of the slot', () => {
  expect(assemble([at(0.3, { a: 1, b: 1 }), at(1.4, { a: 2, b: 2 }), at(1.6, { a: 3, b: 3 })]).items).toEqual([
    [0, 1, 1, NaN],
    [1, 2, 2, NaN],
    [2, 3, 3, NaN],
  ]);
});

test('an incomplete slot waits for one more slot and no longer; what is missing is held', () => {
  const partials = [at(0, { a: 1, b: 1 }), at(1, { a: 2 }), at(2, { a: 3, b: 3 })];
  expect(assemble(partials, false).items).toEqual([[0, 1, 1, NaN]]);
  expect(assemble([...partials, at(3, { a: 4, b: 4 })], false).items).toEqual([
    [0, 1, 1, NaN],
    [1, 2, 1, NaN],
    [2, 3, 3, NaN],
    [3, 4, 4, NaN],
  ]);
});

test('a frame out of order is put in its place', () => {
  const inOrder = [at(0, { a: 0, b: 0 }), at(1, { a: 1, b: 1 }), at(2, { a: 2, b: 2 })];
  const [first, second, third] = inOrder;
  expect(assemble([first, third, second].flatMap((item) => item ?? []))).toEqual(assemble(inOrder));
});

test('a sample for a closed slot is late; the same again is a duplicate, another of the same instant is told; first come, first kept', () => {
  const partials = [
    at(0, { a: 0, b: 0 }),
    at(1, { a: 1 }),
    at(1, { a: 9 }),
    at(1, { b: 1 }),
    at(1, { a: 1, b: 1 }),
    at(0, { a: 5 }),
  ];
  expect(assemble(partials)).toEqual({
    items: [
      [0, 0, 0, NaN],
      [1, 1, 1, NaN],
    ],
    drops: ['same-instant', 'duplicate', 'late'],
  });
});

const dropsOf = (partials: readonly PartialFrame[]): readonly Drop[] => {
  let state = initialAssembler;
  return partials.flatMap((partial) => {
    const step = assembleFrames(plan, state, partial);
    state = step.state;
    return step.drops;
  });
};

test.each([
  ['in a slot that is open', [at(0, { a: 1 }), at(0, { a: 9 })]],
  ['in a slot that is closed', [at(0, { a: 1, b: 1 }), at(0, { a: 9, b: 1 })]],
  ['beside a slot', [at(0.3, { a: 1, b: 1 }), at(0.3, { a: 9 })]],
  ['the second one invalid', [at(0, { a: 1, b: 1 }), at(0, { a: 99 })]],
  ['the first one invalid', [at(0, { a: 99, b: 1 }), at(0, { a: 1 })]],
])(
  'two values at one instant, %s: it came twice at the same instant, and that is counted by itself',
  (_what, partials) => {
    const drops = dropsOf(partials).filter(({ reason }) => reason !== 'invalid');
    const time = isoTime(partials[0]?.time ?? NaN);
    const message = `"a" came twice at the same instant, ${time}, with different values: the first is used`;
    expect(drops).toEqual([{ reason: 'same-instant', message, count: 1 }]);
  },
);

test('several values of one instant are counted each; what is late beside them is late; repetitions are none', () => {
  const counted = (...partials: readonly PartialFrame[]): object => countDrops({}, dropsOf(partials));
  expect(counted(at(0, { a: 1, b: 1 }), at(0, { a: 2, b: 2 }))).toEqual({ 'same-instant': 2 });
  expect(counted(at(0, { a: 1, b: 1 }), at(0, { a: 2, mode: 2 }))).toEqual({ 'same-instant': 1, late: 1 });
  expect(counted(at(0, { a: 1, b: 1 }), at(0.2, { a: 2 }))).toEqual({ late: 1 });
  expect(counted(at(0, { a: 99, b: 1 }), at(0, { a: 99, b: 1 }))).toEqual({ invalid: 1, duplicate: 1 });
});

test('a value outside its valid range is counted and held over as if it were missing, then stale', () => {
  const partials = [at(0, { a: 5, b: 0 }), ...[1, 2, 3, 4].map((second) => at(second, { a: 99, b: second }))];
  expect(assemble(partials)).toEqual({
    items: [
      [0, 5, 0, NaN],
      [1, 5, 1, NaN],
      [2, 5, 2, NaN],
      [3, NaN, 3, NaN],
      [4, NaN, 4, NaN],
    ],
    drops: ['invalid', 'invalid', 'invalid', 'invalid'],
  });
});

test('an event parameter is never waited for and holds for good', () => {
  const partials = [
    at(0, { a: 0, b: 0, mode: 3 }),
    ...Array.from({ length: 20 }, (_, index) => at(index + 1, { a: 1, b: 1 })),
  ];
  expect(assemble(partials).items.at(-1)).toEqual([20, 1, 1, 3]);
});

test('frames that are missing for less than staleness are held frames', () => {
  expect(assemble([at(0, { a: 0, b: 0 }), at(3, { a: 3, b: 3 })]).items).toEqual([
    [0, 0, 0, NaN],
    [1, 0, 0, NaN],
    [2, 0, 0, NaN],
    [3, 3, 3, NaN],
  ]);
});

test('a silence longer than staleness is one gap, however long it is', () => {
  const year = 366 * 86_400;
  expect(assemble([at(0, { a: 0, b: 0 }), at(year, { a: 1, b: 1 }), at(year + 1, { a: 2, b: 2 })]).items).toEqual([
    [0, 0, 0, NaN],
    { gap: [1, year - 1], lostAt: 3 },
    [year, 1, 1, NaN],
    [year + 1, 2, 2, NaN],
  ]);
});

test('one frame with a clock gone astray is dropped and does not make what follows late', () => {
  expect(
    assemble([at(0, { a: 0, b: 0 }), at(1e6, { a: 9, b: 9 }), at(1, { a: 1, b: 1 }), at(2, { a: 2, b: 2 })]),
  ).toEqual({
    items: [
      [0, 0, 0, NaN],
      [1, 1, 1, NaN],
      [2, 2, 2, NaN],
    ],
    drops: ['future'],
  });
});

test('two frames in the wrong order after a gap are put in order, and one sent twice is a duplicate', () => {
  expect(
    assemble([
      at(0, { a: 0, b: 0 }),
      at(11, { a: 2, b: 2 }),
      at(10, { a: 1, b: 1 }),
      at(30, { a: 3, b: 3 }),
      at(30, { a: 3, b: 3 }),
    ]),
  ).toEqual({
    items: [
      [0, 0, 0, NaN],
      { gap: [1, 9], lostAt: 3 },
      [10, 1, 1, NaN],
      [11, 2, 2, NaN],
      { gap: [12, 29], lostAt: 14 },
      [30, 3, 3, NaN],
    ],
    drops: ['duplicate'],
  });
});

test('the last frame of a pass is used although nothing confirms it', () => {
  expect(assemble([at(0, { a: 0, b: 0 }), at(100, { a: 1, b: 1 })]).items.at(-1)).toEqual([100, 1, 1, NaN]);
});

test('unknown parameters and values without end are dropped here too', () => {
  expect(assemble([at(0, { a: 1, b: NaN, z: 1 }), at(0, { b: 2 })])).toEqual({
    items: [[0, 1, 2, NaN]],
    drops: ['not-finite', 'unknown-parameter'],
  });
});

test('nothing at all can be closed', () => {
  expect(assemble([])).toEqual({ items: [], drops: [] });
});

test('whatever the order, slots are handed out once each, ascending, and what is held is bounded', () => {
  const partial = fc.record({
    second: fc.integer({ min: 0, max: 40 }),
    a: fc.double({ min: -20, max: 20, noNaN: true }),
    whole: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(partial, { maxLength: 60 }), (list) => {
      let state = initialAssembler;
      const slots: number[] = [];
      const take = (step: ReturnType<typeof flushFrames>): void => {
        state = step.state;
        slots.push(...step.items.flatMap((item) => (item.kind === 'frame' ? [item.slot] : [])));
      };
      for (const { second, a, whole } of list) {
        take(assembleFrames(plan, state, at(second, whole ? { a, b: 1 } : { a })));
        expect(state.open.size).toBeLessThanOrEqual(plan.lateness + 1);
      }
      take(flushFrames(plan, state));
      expect(slots).toEqual([...new Set(slots)].sort((x, y) => x - y));
      expect(state.open.size).toBe(0);
    }),
  );
});
