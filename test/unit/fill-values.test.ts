/** Numbers that some writers put where there was no sample: told, with their count, and never dropped. */
import { createRandom } from '../../src/core/random';
import { fillValueText, FillValueWatch, ValueEnds } from '../../src/core/telemetry/fill-values';

const SEED = 9999;
const random = createRandom(SEED);
/** Telemetry of a quantity between `low` and `high`, with numbers among it, each so many times, in any order. */
const mixed = (low: number, high: number, among: readonly (readonly [value: number, count: number])[], rows = 500) =>
  [
    ...Array.from({ length: rows }, () => Number((low + (high - low) * random.uniform()).toFixed(2))),
    ...among.flatMap(([value, count]) => Array.from({ length: count }, () => value)),
  ]
    .map((value) => ({ value, key: random.uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
const found = (values: readonly number[]): (readonly [number, number])[] => {
  const ends = new ValueEnds();
  for (const value of values) ends.add(value);
  return ends.fillValues().map(({ value, count }) => [value, count]);
};

test.each([
  ['-9999', [[-9999, 312]]],
  ['1e30', [[1e30, 40]]],
  ['both', [[-9999, 312], [1e30, 3]]], // prettier-ignore
  ['two of one side', [[-9999, 7], [-9998, 4]]], // prettier-ignore
  ['more often than there are samples', [[-32_768, 2000]]],
  ['the largest number there is', [[Number.MAX_VALUE, 5]]],
] as const)(
  `a number far outside that comes again and again is found with its count: %s (seed ${String(SEED)})`,
  (_what, among) => {
    expect(found(mixed(-20, 60, among))).toEqual(among);
  },
);

test('one that came once beside it is a glitch, and hides nothing', () => {
  expect(found(mixed(-20, 60, [[-9999, 12], [-20_000, 1], [8000, 2]]))).toEqual([[-9999, 12]]); // prettier-ignore
});

test.each([
  ['values that are spread evenly', mixed(-20, 60, [])],
  ['a glitch or two', mixed(-20, 60, [[-9999, 2]])],
  ['a reading that stays at the end of its scale', mixed(0, 5, [[50, 300]])],
  ['a mode with a rare number', [...Array.from({ length: 400 }, (_, index) => index % 4), 255, 255, 255, 255]],
  ['a constant', Array.from({ length: 100 }, () => 7)],
  ['nothing', []],
  ['no numbers', [NaN, Infinity, -Infinity, NaN]],
])('nothing is said of %s', (_what, values) => {
  expect(found(values)).toEqual([]);
});

test('against a plain count of the whole: whatever lies among the values, the same numbers are found', () => {
  for (let round = 0; round < 200; round += 1) {
    const among = [-1e4, -9999, 1e9, 1e30].flatMap((value): [number, number][] =>
      random.uniform() < 0.4 ? [[value, 1 + Math.floor(8 * random.uniform())]] : [],
    );
    const values = mixed(0, 100, among, 60);
    const often = among.filter(([value]) => values.filter((other) => other === value).length >= 3);
    expect({ seed: SEED, round, among, found: found(values).sort(([a], [b]) => a - b) }).toEqual({
      ...{ seed: SEED, round, among },
      found: often,
    });
  }
});

test('a watch tells of measured parameters, by name and count', () => {
  const watch = new FillValueWatch(['temp_c']);
  watch.take(mixed(10, 30, [[-9999, 312]]).map((value, time) => ({ time, values: { temp_c: value, other: -9999 } })));
  expect(watch.told()).toEqual([
    '-9999 stands 312 times in temp_c, far outside the rest: if it means missing, add it to missing: in the mission',
  ]);
  expect(fillValueText('a', { value: 1e30, count: 3 })).toMatch(/^1e\+30 stands 3 times in a, /);
});
