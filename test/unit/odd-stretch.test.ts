import { createRandom } from '../../src/core/random';
import type { Window } from '../../src/domain/telemetry';
import type { Layout } from '../../src/fit/layout';
import { describeOdd, oddSpanOf, oddStretchOf } from '../../src/fit/odd-stretch';
import { PERSISTENCE, SUSTAINED_RULE, thresholdsFor } from '../../src/fit/threshold';
import { warningsOf } from '../../src/fit/warnings';

const SEED = 9;
const WINDOWS = 4000;

/** Surprises as nominal windows have them, and `height` for `length` windows. */
const scores = (height: number, from: number, length = 100): Float64Array => {
  const random = createRandom(SEED);
  return Float64Array.from({ length: WINDOWS }, (_, index) => {
    const usual = -Math.log10(Math.max(random.uniform(), 1e-6));
    return index >= from && index < from + length ? height : usual;
  });
};

const chooseOn = (stretches: readonly ArrayLike<number>[]): number =>
  thresholdsFor([0.5], { stretches, strideMs: 4_000 }, PERSISTENCE, SUSTAINED_RULE)[0]?.threshold ?? NaN;

const find = (stretches: readonly ArrayLike<number>[]) => oddSpanOf(stretches, chooseOn(stretches), chooseOn);

describe(`the stretch that sets the threshold (seed ${String(SEED)})`, () => {
  test('is one odd hour, whichever recording it is in', () => {
    const calm = scores(0, 0, 0);
    const odd = scores(13, 1500);
    const found = find([calm, odd]);
    expect(found).toEqual({
      first: WINDOWS + 1500,
      last: WINDOWS + 1599,
      peak: WINDOWS + 1500,
      without: chooseOn([calm, odd.slice(0, 1500), odd.slice(1600)]),
    });
    expect(chooseOn([calm, odd])).toBeGreaterThan(1.5 * (found?.without ?? NaN));
  });

  test('is one with lulls as well', () => {
    const odd = scores(13, 1500).map((score, index) => (index % 10 === 3 ? 1 : score));
    expect(find([odd])).toMatchObject({ first: 1500, last: 1599 });
  });

  test('is not told if others set the threshold too, if it lowers it little, or if it is a good part of all', () => {
    const twice = scores(13, 1500).map((score, index) => (index >= 2500 && index < 2600 ? 13 : score));
    expect([find([twice]), find([scores(0, 0, 0)]), find([scores(13, 1500, 1000)]), find([])]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('names the head and the unit that it is strongest against', async () => {
    const T0 = Date.parse('2026-03-01T00:00:00Z');
    const windows = Array.from({ length: 6 }, (_, index): Window => {
      return {
        start: T0 + 4000 * index,
        end: T0 + 4000 * index + 7000,
        values: Float32Array.of(index, 0),
        unusable: [],
      };
    });
    // Evidence [heads, units] of a window behind another output: slow64 against rw2 rises with the window.
    const joined = (value: number): number[] => [7, 0, 1, 0, 2 * value];
    const plain = { knots: [], slopes: [], base: 0 };
    const line = { ...plain, knots: [0], slopes: [1] };
    const session = {
      inputs: [],
      run: (_input: string, { data }: { readonly data: Float32Array }) => {
        const rows = Array.from({ length: data.length / 2 }, (_, index) => joined(data[2 * index] ?? 0));
        return Promise.resolve({ joined: { data: Float32Array.from(rows.flat()), dims: [rows.length, 5] } });
      },
      close: () => Promise.resolve(),
    };
    const found = await oddStretchOf(
      {
        model: new Uint8Array(),
        joined: {
          output: 'joined',
          parts: [
            { name: 'score', size: 1 },
            { name: 'evidence', size: 4 },
          ],
        },
        sustained: {
          heads: [
            { name: 'window', memory: 0, fast: true },
            { name: 'slow64', memory: 0, fast: false },
          ],
          ...{ units: ['rw1', 'rw2'], rates: [1], lines: [[line, line]], commands: [] },
        },
      },
      { span: { first: 1, last: 4, peak: 2, without: 4.456 }, windows, threshold: 13.4219 },
      { parameters: 1, frames: 2 } as unknown as Layout,
      () => Promise.resolve(session),
    );
    expect(found).toEqual({
      ...{ from: '2026-03-01T00:00:04Z', to: '2026-03-01T00:00:23Z' },
      ...{ threshold: 13.42, without: 4.46, head: 'slow64', unit: 'rw2' },
    });
  });

  test('is the first of the warnings, with its times, its head and its unit', () => {
    const odd = {
      from: '2026-03-01T00:00:00Z',
      to: '2026-03-01T01:40:00Z',
      threshold: 13.42,
      without: 4.46,
      head: 'slow64',
      unit: 'rw2',
    };
    const predicted = { perDay: 0.5, high: 1.4, nominalDays: 6 };
    const sight = [{ head: 'window', shares: { offset: 0.9 } }];
    expect(warningsOf({ sight, predicted, odd, falseAlarmsPerDay: 0.5 })).toEqual([
      'the nominal recordings from 2026-03-01T00:00:00Z to 2026-03-01T01:40:00Z alone set the threshold to 13.42 (the head "slow64" of rw2): without them it would be 4.46; leave them out if they are not nominal',
    ]);
    const { head: _head, unit: _unit, ...plain } = odd;
    expect(describeOdd(plain)).toContain('threshold to 13.42: without them');
  });
});
