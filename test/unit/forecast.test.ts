import { createRandom } from '../../src/core/random';
import { initialSummaries, summarise, SPANS } from '../../src/core/telemetry/summaries';
import { largestDifference } from '../support/plain-algebra';
import { behaviourRow, fitBehaviour } from '../../src/fit/own-past/behaviour';
import { fitForecast, forecastShape, forecastSignals } from '../../src/fit/own-past/forecast';
import { pastRow } from '../../src/fit/own-past/fit-own-past';
import type { Layout } from '../../src/fit/layout';

const SEED = 20261129;
const FRAMES = 16;
const STRIDE = 4;
const LAYOUT: Layout = { parameters: 2, frames: FRAMES, groups: [[0]], equipment: [], alike: true, conditions: [1] };
const SCALING = { mean: Float64Array.of(0, 0), std: Float64Array.of(1, 1) };

/** A value that follows its own running mean and a command, and the command; windows of it with their memory. */
const record = (count: number, noise: number, name: string, fault: (frame: number) => number = () => 0) => {
  const random = createRandom(SEED).fork(name);
  let state = initialSummaries(2);
  let value = 0;
  let command = 0;
  const values: [number, number][] = [];
  const rows: Float64Array[] = [];
  const memories: Float64Array[] = [];
  for (let t = 0; t < count; t += 1) {
    if (random.uniform() < 0.02) command = 1 - command;
    const mean = t === 0 ? 0 : (state.values[0] ?? 0);
    value += -0.5 * (value - mean) + 0.8 * command - 0.1 * value + noise * random.normal() + fault(t);
    values.push([value, command]);
    state = summarise(state, [value, command]);
    if (t < 2 * SPANS[1] || t % STRIDE !== 0) continue;
    const last = values.slice(-FRAMES);
    const window = [...last.map(([v]) => v), ...last.map(([, c]) => c)];
    rows.push(pastRow(window, state.values, SCALING));
    memories.push(state.values.slice());
  }
  return { rows, memories };
};

const wander = new Float64Array(2);
const SHAPE = forecastShape(LAYOUT, [0], [0, 1], { stride: STRIDE, wander });
const foldsOf = (rows: readonly unknown[]): number[] => rows.map((_, index) => Math.floor(index / 40) % 4);
const mean = (rows: readonly Float64Array[]): number => rows.reduce((sum, row) => sum + (row[0] ?? 0), 0) / rows.length;

test(`what follows from lags, running means and commands is forecast down to the noise (seed ${String(SEED)})`, () => {
  const noise = 0.05;
  const { rows } = record(6000, noise, 'fit');
  const { head, signals } = fitForecast(SHAPE, rows, foldsOf(rows));
  // Mean absolute value of a Gaussian: the running mean before each frame was recovered from the one at the end.
  const least = noise * Math.sqrt(2 / Math.PI);
  expect(mean(signals)).toBeGreaterThan(0.9 * least);
  expect(mean(signals)).toBeLessThan(1.25 * least);
  expect(mean(forecastSignals(head, record(2000, noise, 'other').rows))).toBeLessThan(1.25 * least);
});

test(`a push that no command explains stands out (seed ${String(SEED)})`, () => {
  const { rows } = record(6000, 0.05, 'fit');
  const { head } = fitForecast(SHAPE, rows, foldsOf(rows));
  const pushed = record(2000, 0.05, 'other', (frame) => (frame % 50 === 0 ? 2 : 0)).rows;
  const quiet = forecastSignals(head, record(2000, 0.05, 'other').rows);
  expect(Math.max(...forecastSignals(head, pushed).map(([value = 0]) => value))).toBeGreaterThan(
    4 * Math.max(...quiet.map(([value = 0]) => value)),
  );
});

test(`a frozen value behaves as none did before (seed ${String(SEED)})`, () => {
  const { memories } = record(6000, 0.2, 'fit');
  const stretches = memories.map(() => 0);
  const { head, signals } = fitBehaviour({
    ...{
      scored: [0],
      others: [[]],
      scaling: SCALING,
      memories,
      stretches,
      folds: foldsOf(memories),
      stride: STRIDE,
      wander,
    },
    report: () => undefined,
  });
  let state = initialSummaries(2);
  for (let t = 0; t < 400; t += 1) state = summarise(state, [0.4, 0]);
  const row = behaviourRow(state.values, 0, SCALING, 0).map((value, index) => value / (head.scale[0]?.[index] ?? 1));
  const nearest = Math.min(
    ...(head.nominal[0] ?? []).map((other) => Math.hypot(...other.map((value, index) => value - (row[index] ?? 0)))),
  );
  expect(nearest).toBeGreaterThan(2 * Math.max(...signals.map(([value = 0]) => value)));
});

test(`the nearest behaviour is that of all windows not close in time (seed ${String(SEED)})`, () => {
  const { memories } = record(2400, 0.2, 'fit');
  const stretches = memories.map((_, index) => (index < memories.length / 2 ? 0 : 1));
  const { head, signals } = fitBehaviour({
    ...{ scored: [0, 1], others: [[1], [0]], scaling: SCALING, memories, stretches, stride: STRIDE, wander },
    folds: foldsOf(memories),
    report: () => undefined,
  });
  const expected = memories.map((_, index) =>
    head.nominal.map((rows) =>
      Math.min(
        ...rows.flatMap((row, other) =>
          stretches[other] === stretches[index] && Math.abs(other - index) * STRIDE <= 128
            ? []
            : [Math.hypot(...row.map((value, i) => value - (rows[index]?.[i] ?? NaN)))],
        ),
      ),
    ),
  );
  expect(
    largestDifference(
      signals.flatMap((row) => [...row]),
      expected.flat(),
    ),
  ).toBeLessThan(1e-12);
});
