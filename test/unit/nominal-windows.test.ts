import fc from 'fast-check';
import { FdirError } from '../../src/domain/errors';
import type { Window } from '../../src/domain/telemetry';
import { FEWEST_WINDOWS, scalingOf, splitNominal, windowsOf } from '../../src/fit/nominal-windows';
import { alikeParameters, syntheticFrames, syntheticMission, withGap } from '../support/synthetic-telemetry';
import { T0 } from '../support/tiny-mission';

const mission = syntheticMission(alikeParameters(1), { window: 8, stride: 4 });

/** Windows numbered by start, as a pass without gaps has them. */
const numbered = (count: number, from = 0): Window[] =>
  Array.from({ length: count }, (_, i) => ({
    start: T0 + (from + i) * 4000,
    end: T0 + (from + i) * 4000 + 7000,
    values: new Float32Array(16),
    unusable: [],
  }));

const errorOf = (act: () => unknown): FdirError => {
  try {
    act();
  } catch (error) {
    if (error instanceof FdirError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('windows of a pass', () => {
  const frames = syntheticFrames(mission, 40, 1);
  const startsOf = (windows: readonly Window[]): number[] => windows.map(({ start }) => (start - T0) / 1000);

  test('are cut at the stride, row by row in mission order', () => {
    const windows = windowsOf(mission, frames);
    // Windows end at multiples of the stride: 8, 12, .. 36.
    expect(startsOf(windows)).toEqual([1, 5, 9, 13, 17, 21, 25, 29]);
    const expected = [0, 1].flatMap((row) =>
      frames.slice(5, 13).map((item) => Math.fround(item.kind === 'frame' ? (item.frame.values[row] ?? NaN) : NaN)),
    );
    expect([...(windows[1]?.values ?? [])]).toEqual(expected);
  });

  test('with a missing sample are left out', () => {
    const holed = syntheticFrames(mission, 40, 1, (value, row, frame) => (row === 1 && frame === 14 ? NaN : value));
    expect(startsOf(windowsOf(mission, holed))).toEqual([1, 5, 17, 21, 25, 29]);
  });

  test('never span a gap', () => {
    expect(startsOf(windowsOf(mission, withGap(frames, 14, 14)))).toEqual([1, 5, 17, 21, 25, 29]);
  });
});

describe('dealing windows out', () => {
  test('of eight stretches four shape, two calibrate and two are kept for p-values; neighbours share no frame', () => {
    const split = splitNominal([numbered(80)], mission);
    const indexOf = ({ start }: Window): number => (start - T0) / 4000;
    // Stride 4 of window 8: a window overlaps the next one, so the first of each further stretch is left out.
    const stretch = (from: number): number[] =>
      Array.from({ length: from === 0 ? 10 : 9 }, (_, i) => from + (from === 0 ? 0 : 1) + i);
    expect({
      shape: split.shape.map(indexOf),
      calibration: split.calibration.map(indexOf),
      conformal: split.conformal.map((windows) => windows.map(indexOf)),
    }).toEqual({
      shape: [...stretch(0), ...stretch(20), ...stretch(40), ...stretch(60)],
      calibration: [...stretch(10), ...stretch(50)],
      conformal: [stretch(30), stretch(70)],
    });
  });

  test('no window is dealt twice, and windows of different shares share no frame', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 64, max: 400 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 8 }),
        (sizes, stride) => {
          const own = syntheticMission(alikeParameters(1), { window: 8, stride });
          let from = 0;
          const passes = sizes.map((size) => {
            const windows = numbered(size, from).map((window, i) => ({
              ...window,
              start: from + i * stride,
              end: from + i * stride + 7,
            }));
            from += size * stride + 1000;
            return windows;
          });
          const split = splitNominal(passes, own);
          const shares = [split.shape, split.calibration, split.conformal.flat()];
          const all = shares.flat();
          expect(new Set(all).size).toBe(all.length);
          expect(all.length).toBeGreaterThan(0.6 * passes.flat().length);
          const shapeFrames = new Set(
            split.shape.flatMap(({ start, end }) => Array.from({ length: end - start + 1 }, (_, i) => start + i)),
          );
          const leaks = [...split.calibration, ...split.conformal.flat()].filter(
            ({ start, end }) => shapeFrames.has(start) || shapeFrames.has(end),
          );
          const overlap = Math.ceil(8 / stride) - 1;
          // Passes too short for it keep their windows and overlap.
          if (sizes.every((size) => size / 8 > 4 * overlap)) expect(leaks).toEqual([]);
        },
      ),
      { seed: 3, numRuns: 60 },
    );
  });

  test('every pass gives stretches of its own: none runs over from one recording into the next', () => {
    const split = splitNominal([numbered(80), numbered(80, 1000)], mission);
    expect(split.conformal.map((windows) => windows.length)).toEqual([9, 9, 9, 9]);
    const spans = split.conformal.map((windows) => ((windows.at(-1)?.start ?? 0) - (windows[0]?.start ?? 0)) / 4000);
    expect(spans).toEqual([8, 8, 8, 8]);
  });

  test('too few windows are refused with how many frames would do', () => {
    const error = errorOf(() => splitNominal([numbered(60)], mission));
    expect([error.code, error.message]).toEqual([
      'input',
      'the nominal recordings give 60 usable windows; at least 64 are needed (about 264 frames without gaps): record more, or shorten sampling.window or sampling.stride in the mission',
    ]);
    expect(() => splitNominal([numbered(32), numbered(32, 100)], mission)).not.toThrow();
    expect(FEWEST_WINDOWS).toBe(64);
  });

  test.each([1, 2])(
    'many recordings of %i windows each, which cannot be dealt out, are refused and never give an empty share',
    (length) => {
      const passes = Array.from({ length: 80 }, (_, i) => numbered(length, 100 * i));
      const { code, message } = errorOf(() => splitNominal(passes, mission));
      expect([code, message]).toEqual([
        'input',
        'the 80 nominal recordings are too short to be dealt out: give at least one with 8 usable windows or more',
      ]);
    },
  );

  test('a recording of a year is no trouble', () => {
    const [window] = numbered(1);
    if (window === undefined) throw new Error('no window');
    const year = new Array<Window>(1_500_000).fill(window);
    expect(splitNominal([year], mission).shape.length).toBe(750_000 - 3);
  });
});

describe('scaling', () => {
  const windowsWith = (rows: readonly (readonly number[])[]): Float32Array[] => [Float32Array.from(rows.flat())];

  test('is mean and standard deviation of each parameter over all windows', () => {
    const windows = [
      ...windowsWith([
        [1, 3],
        [10, 10],
      ]),
      ...windowsWith([
        [5, 7],
        [10, 50],
      ]),
    ];
    expect(scalingOf(windows, 2, 2)).toEqual({
      mean: Float64Array.of(4, 20),
      std: Float64Array.of(Math.sqrt(5), Math.sqrt(300)),
      constant: [],
    });
  });

  test('a constant parameter is listed and gets a deviation of 1, also when float32 makes its last digit wobble', () => {
    const windows = windowsWith([
      [7, 7, 7],
      [1000, 1000.0001, 1000],
      [0, 0, 0],
      [0, 1e-3, 0],
    ]);
    const { std, constant } = scalingOf(windows, 4, 3);
    expect(constant).toEqual([0, 1, 2]);
    expect([...std].slice(0, 3)).toEqual([1, 1, 1]);
    expect(std[3]).toBeCloseTo(Math.sqrt(2) / 3000, 9);
  });
});
