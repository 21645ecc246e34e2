import fc from 'fast-check';
import { attribute } from '../../src/core/anomaly/attribution';
import { attributionSchema } from '../../src/domain/explanation';
import type { Manifest, ObservedRange } from '../../src/domain/manifest';
import { isoTime } from '../../src/domain/units';
import { FRAMES, PERIOD_MS, scoredWindow, trackerManifest } from '../support/scored-windows';
import { T0 } from '../support/tiny-mission';

const MANIFEST = trackerManifest({ equipment: ['rw0', 'rw1'], parametersPerEquipment: 2 });

test('parameters come by falling share of the score, each with where and how far it left what the others imply', () => {
  const window = scoredWindow(MANIFEST, {
    parameterScore: [1, 6, 0.05, 3],
    deviation: Float32Array.of(0, 0.5, 0, 0, 1, -2, -5.12345, 2, 0, 0, 0, 0, 4, 1, 0, 0),
    values: Float32Array.from({ length: 16 }, (_, i) => 100 + i),
    expected: Float32Array.from({ length: 16 }, (_, i) => 200 + i),
  });
  expect(attribute(MANIFEST, window)).toEqual([
    {
      parameter: 'rw0_b',
      share: 0.597,
      peakAt: isoTime(T0 + 2 * PERIOD_MS),
      deviation: -5.123,
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
      // Half a sigma is no reason, and nothing is known of the parameter's nominal behaviour.
      reason: { kind: 'joint' },
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

describe('what a person can check', () => {
  const observed = (more: Partial<ObservedRange> = {}): ObservedRange => ({
    low: 0,
    high: 10,
    spread: { low: 0.1, high: 5 },
    longestRun: 2,
    ...more,
  });
  const reasonWith = (values: readonly number[], own: ObservedRange, more: Partial<Manifest> = {}) => {
    const manifest: Manifest = { ...MANIFEST, observed: [own, observed(), observed(), observed()], ...more };
    const window = scoredWindow(manifest, {
      parameterScore: [1, 0, 0, 0],
      deviation: new Float32Array(16),
      values: Float32Array.from([...values, ...new Array<number>(12).fill(1)]),
    });
    return attribute(manifest, window)[0]?.reason;
  };

  test('a value outside all that was nominal is told with the nearer limit and its time', () => {
    expect(reasonWith([5, 4, -1, 5], observed())).toEqual({
      kind: 'range',
      side: 'low',
      value: -1,
      nominal: 0,
      at: isoTime(T0 + 2 * PERIOD_MS),
    });
    expect(reasonWith([5, 40, 12, 5], observed())).toMatchObject({ side: 'high', value: 40, nominal: 10 });
  });

  test('a level that was never seen is told with those that were', () => {
    expect(reasonWith([0, 0, 1, 3], observed({ levels: [0, 1, 2] }))).toEqual({
      kind: 'level',
      value: 3,
      seen: [0, 1, 2],
      at: isoTime(T0 + 3 * PERIOD_MS),
    });
  });

  test('a frozen value is told by its run, a quiet and a noisy one by the change from frame to frame', () => {
    expect(reasonWith([4, 4, 4, 5], observed())).toEqual({ kind: 'repeats', value: 4, frames: 3, nominal: 2 });
    expect(reasonWith([4, 4.01, 4, 4.01], observed())).toEqual({
      kind: 'spread',
      side: 'low',
      value: 0.01,
      nominal: 0.1,
    });
    expect(reasonWith([1, 9, 1, 9], observed())).toEqual({ kind: 'spread', side: 'high', value: 8, nominal: 5 });
  });

  test('a window like nominal ones gives no reason of its own', () => {
    expect(reasonWith([4, 5, 4, 5], observed())).toEqual({ kind: 'joint' });
  });

  test('a mean over several windows comes before behaviour, and only when it is large enough', () => {
    const head = (deviation: number) => ({
      name: 'slow64',
      frames: 64,
      deviation: Float32Array.of(deviation, 0, 0, 0),
    });
    const reason = (deviation: number) => {
      const scored = scoredWindow(MANIFEST, { parameterScore: [1, 0, 0, 0], deviation: new Float32Array(16) });
      return attribute(MANIFEST, { ...scored, inference: { ...scored.inference, heads: [head(deviation)] } })[0]
        ?.reason;
    };
    expect(reason(-4.5)).toEqual({ kind: 'slow', frames: 64, deviation: -4.5 });
    expect(reason(2.9)).toEqual({ kind: 'joint' });
  });

  test('a value that should have moved after a command, and did not, is told with the command', () => {
    const manifest: Manifest = { ...MANIFEST, conditions: [3] };
    const scored = scoredWindow(manifest, {
      parameterScore: [1, 0, 0, 0],
      deviation: Float32Array.of(0, 0, -8, -8, ...new Array<number>(12).fill(0)),
      values: Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 2, 2),
      expected: Float32Array.of(1, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 2, 2),
    });
    expect(attribute(manifest, scored)[0]).toMatchObject({
      parameter: 'rw0_a',
      reason: {
        kind: 'unfollowed',
        command: 'rw1_b',
        to: 2,
        at: isoTime(T0 + 2 * PERIOD_MS),
        expectedChange: 2,
        measuredChange: 0,
      },
    });
  });

  test('a deviation that the largest of so many samples has by chance is no reason', () => {
    const reason = (deviation: number) =>
      attribute(
        MANIFEST,
        scoredWindow(MANIFEST, {
          parameterScore: [1, 0, 0, 0],
          deviation: Float32Array.of(deviation, ...new Array<number>(15).fill(0)),
        }),
      )[0]?.reason;
    // Of sixteen samples the largest exceeds 3.44 in one of a hundred nominal windows.
    expect(reason(3.4)).toEqual({ kind: 'joint' });
    expect(reason(-3.5)).toBeUndefined();
  });

  test('if what is implied and the value both lie beyond all that was seen, the range is told', () => {
    const judge = (value: number, implied: number, deviation: number) =>
      attribute(
        { ...MANIFEST, observed: [observed(), observed(), observed(), observed()] },
        scoredWindow(MANIFEST, {
          parameterScore: [1, 0, 0, 0],
          deviation: Float32Array.of(deviation, ...new Array<number>(15).fill(0)),
          values: new Float32Array(16).fill(value),
          expected: new Float32Array(16).fill(implied),
        }),
      )[0];
    const range = { kind: 'range', side: 'high', value: 30, nominal: 10, at: isoTime(T0) };
    expect(judge(30, 20, 9)).toMatchObject({ expected: 10, bound: 'high', outside: 2, reason: range });
    expect(judge(-5, 20, -9)).toMatchObject({
      bound: 'high',
      reason: { ...range, side: 'low', value: -5, nominal: 0 },
    });
    // The wheel that cannot turn that fast.
    const slow = judge(7, 52, -9);
    expect(slow).toMatchObject({ measured: 7, expected: 10, bound: 'high', deviation: -9 });
    expect(slow).not.toHaveProperty('reason');
    expect(slow).not.toHaveProperty('outside');
    // Low itself, though not as low as the others imply: an extrapolation is checked by nobody.
    const pressure = judge(-2, -9, 9);
    expect(pressure).toMatchObject({ measured: -2, expected: 0, bound: 'low', outside: 0.2 });
    expect(pressure).toMatchObject({ reason: { kind: 'range', side: 'low', value: -2, nominal: 0 } });
  });

  test('a value plainly outside of its range comes before a mean over several windows, one hardly outside after it', () => {
    const manifest: Manifest = { ...MANIFEST, observed: [observed(), observed(), observed(), observed()] };
    const heads = [{ name: 'slow64', frames: 64, deviation: Float32Array.of(9, 0, 0, 0) }];
    const kind = (value: number) => {
      const values = new Float32Array(16).fill(value);
      const scored = scoredWindow(manifest, { parameterScore: [1, 0, 0, 0], values });
      return attribute(manifest, { ...scored, inference: { ...scored.inference, heads } })[0]?.reason?.kind;
    };
    expect([kind(11), kind(10.9)]).toEqual(['range', 'slow']);
  });

  test('a deviation that ends with what the parameter can take is no reason', () => {
    const levels = { ...MANIFEST, observed: [observed({ levels: [0, 1] }), observed(), observed(), observed()] };
    const scored = scoredWindow(levels, {
      parameterScore: [1, 0, 0, 0],
      deviation: Float32Array.of(-9, 0, 0, 0, ...new Array<number>(12).fill(0)),
      values: Float32Array.of(1, 0, 1, 0, ...new Array<number>(12).fill(0)),
      expected: new Float32Array(16).fill(1.4),
    });
    expect(attribute(levels, scored)[0]).toMatchObject({ measured: 1, expected: 1, reason: { kind: 'joint' } });
  });

  test('no worst moment lies before the start of the anomaly', () => {
    const scored = scoredWindow(MANIFEST, {
      parameterScore: [1, 0, 0, 0],
      deviation: Float32Array.of(9, 8, 7, 6, ...new Array<number>(12).fill(0)),
    });
    const [top] = attribute(MANIFEST, scored, { since: T0 + 2 * PERIOD_MS });
    expect(top).toMatchObject({ peakAt: isoTime(T0 + 2 * PERIOD_MS), deviation: 7 });
  });

  test('nothing is expected that the parameter cannot take', () => {
    const scored = scoredWindow(MANIFEST, {
      parameterScore: [1, 0, 0, 0],
      deviation: Float32Array.of(9, 0, 0, 0, ...new Array<number>(12).fill(0)),
      expected: new Float32Array(16).fill(1.4),
    });
    const expected = (manifest: Manifest, valid?: readonly [number, number]) =>
      attribute(manifest, scored, { valid: new Map(valid === undefined ? [] : [['rw0_a', valid] as const]) })[0]
        ?.expected;
    expect(expected(MANIFEST)).toBe(1.4);
    expect(expected(MANIFEST, [0, 1])).toBe(1);
    const levels = { ...MANIFEST, observed: [observed({ levels: [0, 1, 2] }), observed(), observed(), observed()] };
    expect(expected(levels)).toBe(1);
  });
});
