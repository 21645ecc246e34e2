import { createRandom } from '../../src/core/random';
import type { Window } from '../../src/domain/telemetry';
import { shiftOf } from '../../src/fit/adapt/shift';
import { observedOf } from '../../src/fit/observed';

const SEED = 5;
const FRAMES = 16;
const BURST = 12;

interface Valve {
  /** Frames from one firing to the next. */
  readonly every: number;
  readonly flow: number;
  readonly rest?: number;
  /** Rise of the level a frame. */
  readonly drift?: number;
  readonly noise?: number;
}

/** Closed for most of the time: noise of the sensor, and the flow of firings of twelve frames. */
const windowsOf = ({ every, flow, rest = 0, drift = 0, noise = 1 }: Valve, seed: number): Window[] => {
  const random = createRandom(SEED + seed);
  const values = Float32Array.from(
    { length: 4000 },
    (_, frame) => rest + drift * frame + noise * random.normal() + (frame % every < BURST ? flow : 0),
  );
  return Array.from({ length: (values.length - FRAMES) / 4 }, (_, index) => ({
    start: 4000 * index,
    end: 4000 * index + 1000 * (FRAMES - 1),
    values: values.subarray(4 * index, 4 * index + FRAMES),
    unusable: [],
  }));
};

const meanOf = (windows: readonly Window[]): number => {
  const all = windows.flatMap(({ values }) => [...values]);
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};

const shiftFrom = (old: readonly Window[], hours: readonly Window[], isOlder = false) => {
  const observed = observedOf(old, 1, FRAMES).map(({ quartiles, spread: { active, ...spread }, ...range }) =>
    isOlder ? { ...range, spread } : { ...range, quartiles, spread: { ...spread, active } },
  );
  const { mean, gain, fitted } = shiftOf(
    { observed, scaling: { mean: [meanOf(old)], std: [1] }, sampling: { window: FRAMES }, calibration: {} },
    hours,
    'offsets and scales',
  );
  return { gain: Number((gain[0] ?? NaN).toFixed(2)), off: Math.round((mean[0] ?? NaN) - (fitted[0] ?? NaN)) };
};

describe(`the shift of a valve that is closed for most of the time (seed ${String(SEED)})`, () => {
  const old = windowsOf({ every: 90, flow: 180 }, 0);

  test('has the scale of its firings, though the change at rest is the noise of the sensor', () => {
    const { gain } = shiftFrom(old, windowsOf({ every: 90, flow: 0.8 * 180 }, 1));
    expect(Math.abs(gain - 1.25)).toBeLessThan(0.05);
  });

  test('has the scale of all it does, noise and firings, though the range drifts', () => {
    const hours = windowsOf({ every: 90, flow: 0.8 * 180, noise: 0.8, drift: 0.05 }, 1);
    expect(Math.abs(shiftFrom(old, hours).gain - 1.25)).toBeLessThan(0.08);
  });

  test('has the offset at rest, however often the hours have it fire', () => {
    expect(shiftFrom(old, windowsOf({ every: 70, flow: 180, rest: 20 }, 1))).toEqual({ gain: 1, off: 20 });
    expect(shiftFrom(old, windowsOf({ every: 120, flow: 180, rest: 20 }, 1))).toEqual({ gain: 1, off: 20 });
  });

  test.each<[string, Valve]>([
    ['differs by less than hours of one spacecraft do', { every: 90, flow: 0.94 * 180 }],
    ['shows in its changes alone, not in the range', { every: 90, flow: 0.8 * 180, drift: 0.05 }],
    ['shows in the noise alone', { every: 90, flow: 180, noise: 1.5 }],
    ['cannot be told, for it never fires', { every: 10_000, flow: 0 }],
  ])('leaves a scale alone that %s', (_title, hours) => {
    expect(shiftFrom(old, windowsOf(hours, 1)).gain).toBe(1);
  });

  test('is as before of a package that holds neither shares of activity nor quartiles', () => {
    const hours = windowsOf({ every: 100, flow: 0.8 * 180, rest: 20 }, 1);
    expect(shiftFrom(old, hours, true)).toEqual({ gain: 1, off: Math.round(meanOf(hours) - meanOf(old)) });
  });
});
