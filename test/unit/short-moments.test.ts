/** Short recordings: which of two ways to estimate a covariance explains blocks it was not fitted on. */
import { createRandom } from '../../src/core/random';
import { layoutOf } from '../../src/fit/layout';
import { windowsOf } from '../../src/fit/nominal-windows';
import { shortFolds } from '../../src/fit/short-moments';
import { syntheticFrames, syntheticMission } from '../support/synthetic-telemetry';

const SEED = 20261130;
const WINDOW = 24;
const mission = syntheticMission(
  [
    { id: 'a', equipment: 'u' },
    { id: 'b', equipment: 'u' },
  ],
  { window: WINDOW, stride: WINDOW / 4 },
);
const layout = layoutOf(mission);

/** @param valueOf standardised values of both parameters at a frame. */
const folded = (frames: number, valueOf: (frame: number) => readonly [number, number]) => {
  const assembled = syntheticFrames(mission, frames, SEED, (_, row, frame) => valueOf(frame)[row] ?? NaN);
  const windows = windowsOf(mission, assembled);
  return {
    windows,
    ...shortFolds(
      [windows],
      layout,
      windows.map(({ values }) => values),
    ),
  };
};

describe(`(seed ${String(SEED)})`, () => {
  test('telemetry without a cycle is stationary: few frames tell every lag', () => {
    const random = createRandom(SEED).fork('stationary');
    let [x, y] = [0, 0];
    const { isStationary, folds } = folded(300, () => {
      [x, y] = [0.8 * x + random.normal(), 0.6 * y + random.normal()];
      return [x, x + y];
    });
    expect(isStationary).toBe(true);
    expect(new Set(folds).size).toBe(6);
  });

  test('cycles of one window repeat, and windows of one phase are alike', () => {
    const random = createRandom(SEED).fork('cycles');
    const { isStationary, momentsOf, windows } = folded(90 * WINDOW, (frame) => {
      const phase = frame % WINDOW;
      const load = phase < 8 ? 1 : phase < 14 ? -1 : phase / WINDOW;
      return [load + 0.02 * random.normal(), 2 * load * load + 0.02 * random.normal()];
    });
    expect(isStationary).toBe(false);
    const rows = windows.map(({ values }) => values);
    const { mean, covariance } = momentsOf?.(undefined, rows) ?? { mean: [], covariance: { rows: 0 } };
    expect([mean.length, covariance.rows]).toEqual([2 * WINDOW, 2 * WINDOW]);
  });
});
