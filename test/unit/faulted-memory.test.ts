import { createRandom } from '../../src/core/random';
import { initialSummaries, memoryOf, summarise, SUMMARY } from '../../src/core/telemetry/summaries';
import type { Window } from '../../src/domain/telemetry';
import { memoryOfFaulted } from '../../src/fit/faulted-memory';

const FRAMES = 16;

const memoryAfter = (values: readonly number[]): Float32Array =>
  memoryOf(
    values.reduce((state, value) => summarise(state, [value]), initialSummaries(1)),
    FRAMES,
  );

const windowOf = (values: readonly number[], memory: Float32Array): Window => ({
  start: 0,
  end: 0,
  unusable: [],
  values: Float32Array.from(values.slice(-FRAMES)),
  measured: new Uint8Array(FRAMES).fill(1),
  memory,
});

/** Values of few levels, so that some repeat; the fault begins after the first frame of the window and takes no extreme away. */
const caseOf = (seed: number) => {
  const random = createRandom(seed);
  const count = FRAMES + 4 + random.int(300);
  const nominal = Array.from({ length: count }, () => 20 + Math.round(2 * random.normal()));
  const faulted = nominal.map((value, at) => {
    if (at <= count - FRAMES) return value;
    return seed % 2 === 0 ? value + 1.5 : (nominal[count - FRAMES] ?? 0) + 9;
  });
  return { nominal, faulted };
};

test.each([1, 2, 3, 4, 5, 6, 7, 8])('is the memory of telemetry that held the fault (seed %i)', (seed) => {
  const { nominal, faulted } = caseOf(seed);
  const window = windowOf(nominal, memoryAfter(nominal));
  const found = memoryOfFaulted(window, Float32Array.from(faulted.slice(-FRAMES)), FRAMES);
  const truth = memoryAfter(faulted);
  const summaries = [
    ...SUMMARY.mean,
    ...SUMMARY.change,
    ...[SUMMARY.variance, SUMMARY.repeated, SUMMARY.level, SUMMARY.step, SUMMARY.count, SUMMARY.run],
  ];
  for (const at of summaries) expect(found?.[at]).toBeCloseTo(truth[at] ?? NaN, 3);
  expect(Math.max(...SUMMARY.high.map((at) => found?.[at] ?? NaN))).toBe(
    Math.max(...SUMMARY.high.map((at) => truth[at] ?? NaN)),
  );
});

test('a window without a fault keeps its memory, and what was not measured is not remembered', () => {
  const { nominal } = caseOf(1);
  const window = windowOf(nominal, memoryAfter(nominal));
  expect(memoryOfFaulted(window, window.values, FRAMES)).toEqual(window.memory);
  const unmeasured = { ...window, measured: new Uint8Array(FRAMES) };
  expect(
    memoryOfFaulted(
      unmeasured,
      window.values.map((value) => value + 5),
      FRAMES,
    ),
  ).toEqual(window.memory);
});
