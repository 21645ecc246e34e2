import fc from 'fast-check';
import { attribute } from '../../src/core/anomaly/attribution';
import { attributionSchema } from '../../src/domain/explanation';
import { isoTime } from '../../src/domain/units';
import { FRAMES, PERIOD_MS, scoredWindow, trackerManifest } from '../support/scored-windows';
import { T0 } from '../support/tiny-mission';

const MANIFEST = trackerManifest({ equipment: ['rw0', 'rw1'], parametersPerEquipment: 2 });

test('parameters come by falling share of the score, each with where and how far it left what the others imply', () => {
  const window = scoredWindow(MANIFEST, {
    parameterScore: [1, 6, 0.05, 3],
    deviation: Float32Array.of(0, 0.5, 0, 0, 1, -2, -3.12345, 2, 0, 0, 0, 0, 4, 1, 0, 0),
    values: Float32Array.from({ length: 16 }, (_, i) => 100 + i),
    expected: Float32Array.from({ length: 16 }, (_, i) => 200 + i),
  });
  expect(attribute(MANIFEST, window)).toEqual([
    {
      parameter: 'rw0_b',
      share: 0.597,
      peakAt: isoTime(T0 + 2 * PERIOD_MS),
      deviation: -3.123,
      direction: 'low',
      measured: 106,
      expected: 206,
    },
    {
      parameter: 'rw1_b',
      share: 0.2985,
      peakAt: isoTime(T0),
      deviation: 4,
      direction: 'high',
      measured: 112,
      expected: 212,
    },
    {
      parameter: 'rw0_a',
      share: 0.0995,
      peakAt: isoTime(T0 + PERIOD_MS),
      deviation: 0.5,
      direction: 'high',
      measured: 101,
      expected: 201,
    },
  ]);
});

test('the first of equal peaks is told', () => {
  const [top] = attribute(
    MANIFEST,
    scoredWindow(MANIFEST, {
      parameterScore: [9, 1, 1, 1],
      deviation: Float32Array.of(0, 2, -2, 2, ...new Array<number>(12).fill(0)),
    }),
  );
  expect(top).toMatchObject({ peakAt: isoTime(T0 + PERIOD_MS), deviation: 2, direction: 'high' });
});

test('eight parameters at most, all of at least two per cent', () => {
  const wide = trackerManifest({ equipment: ['a', 'b', 'c'], parametersPerEquipment: 4 });
  const even = attribute(wide, scoredWindow(wide));
  expect(even.map(({ share }) => share)).toEqual(new Array<number>(8).fill(0.0833));
  const one = attribute(wide, scoredWindow(wide, { parameterScore: [1000, 20.3, 20.2, 1, 1, 1, 1, 1, 1, 1, 1, 1] }));
  expect(one.map(({ parameter }) => parameter)).toEqual(['a_a']);
});

test('the strongest parameter is named though it carries little, or nothing at all', () => {
  const many = trackerManifest({ equipment: ['a', 'b', 'c'], parametersPerEquipment: 20 });
  expect(
    attribute(many, scoredWindow(many, { parameterScore: many.parameters.map((_, i) => (i === 7 ? 1.01 : 1)) })),
  ).toEqual([expect.objectContaining({ parameter: 'a_h', share: 0.0168 })]);
  expect(attribute(MANIFEST, scoredWindow(MANIFEST, { parameterScore: [0, 0, 0, 0] }))).toEqual([
    expect.objectContaining({ parameter: 'rw0_a', share: 0, deviation: 0, direction: 'high' }),
  ]);
});

test('a score below nothing, as rounding makes it, counts as nothing', () => {
  const found = attribute(MANIFEST, scoredWindow(MANIFEST, { parameterScore: [-1e-6, 3, -5, 1] }));
  expect(found.map(({ parameter, share }) => [parameter, share])).toEqual([
    ['rw0_b', 0.75],
    ['rw1_b', 0.25],
  ]);
});

test('shares never exceed one together, and each item is a valid record', () => {
  const numbers = (length: number, min: number, max: number) =>
    fc.array(fc.float({ min, max, noNaN: true }), { minLength: length, maxLength: length });
  fc.assert(
    fc.property(numbers(4, 0, 1024), numbers(4 * FRAMES, -64, 64), (parameterScore, deviation) => {
      const found = attribute(
        MANIFEST,
        scoredWindow(MANIFEST, { parameterScore, deviation: Float32Array.from(deviation) }),
      );
      expect(found.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1 + 4e-4);
      expect(found.map((item) => attributionSchema.parse(item))).toEqual(found);
      for (const { parameter, deviation: told, direction } of found) {
        const row = MANIFEST.parameters.indexOf(parameter);
        const own = deviation.slice(row * FRAMES, (row + 1) * FRAMES);
        const peak = Math.max(...own.map(Math.abs));
        expect(Math.abs(Math.abs(told) - peak)).toBeLessThanOrEqual(5e-4 * peak);
        expect(direction).toBe(told >= 0 ? 'high' : 'low');
      }
    }),
    { seed: 6, numRuns: 200 },
  );
});
