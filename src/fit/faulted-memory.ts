/** The memory of a window whose frames hold a fault: all that it summarises has seen the fault too. */
import type { InputWindow } from '../core/telemetry/model-input';
import { levelSamples, SPANS, SUMMARIES, SUMMARY, weightOf } from '../core/telemetry/summaries';
import type { Window } from '../domain/telemetry';

/** How much of a sample is still in a running mean after `count` samples, the newest first. */
const sharesOf = (span: number, count: number, samples: number): Float64Array => {
  let rest = 1;
  return Float64Array.from({ length: samples }, (_, ago) => {
    const weight = weightOf(span, 1, Math.max(0, count - ago - 1));
    const share = weight * rest;
    rest *= 1 - weight;
    return share;
  });
};

/** Measured samples of one parameter, the newest first: as they were, and as the fault leaves them. */
interface Samples {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Absolute change to this sample from the one before it; none is known of the oldest. */
const stepAt = (values: readonly number[], ago: number): number =>
  ago + 1 < values.length ? Math.abs((values[ago] as number) - (values[ago + 1] as number)) : 0;

const changeRunning = (row: Float32Array, { before, after }: Samples, count: number): void => {
  SPANS.forEach((span, index) => {
    const [mean, change] = [SUMMARY.mean[index] ?? 0, SUMMARY.change[index] ?? 0];
    sharesOf(span, count, before.length).forEach((share, ago) => {
      row[mean] = (row[mean] as number) + share * ((after[ago] as number) - (before[ago] as number));
      row[change] = Math.max(0, (row[change] as number) + share * (stepAt(after, ago) - stepAt(before, ago)));
    });
  });
};

/** Level, spread, extremes, steps and repeats, of as many of the samples as they are counted over. */
const changeBehaviour = (row: Float32Array, { before, after }: Samples, count: number): void => {
  const over = levelSamples(count);
  const used = Math.min(over, before.length);
  const sum = (of: (values: readonly number[], ago: number) => number): number => {
    let total = 0;
    for (let ago = 0; ago < used; ago += 1) total += of(after, ago) - of(before, ago);
    return total / over;
  };
  const repeat = (values: readonly number[], ago: number): number =>
    ago + 1 < values.length && values[ago] === values[ago + 1] ? 1 : 0;
  const old = row[SUMMARY.level] as number;
  const level = old + sum((values, ago) => values[ago] as number);
  // About the old level, for float32 holds no squares of large values.
  const squares = (row[SUMMARY.variance] as number) + sum((values, ago) => ((values[ago] as number) - old) ** 2);
  row[SUMMARY.level] = level;
  row[SUMMARY.variance] = Math.max(0, squares - (level - old) ** 2);
  row[SUMMARY.step] = Math.max(0, (row[SUMMARY.step] as number) + sum(stepAt));
  row[SUMMARY.repeated] = Math.min(1, Math.max(0, (row[SUMMARY.repeated] as number) + sum(repeat)));
  const recent = after.slice(0, used);
  row[SUMMARY.low[0]] = Math.min(row[SUMMARY.low[0]] as number, ...recent);
  row[SUMMARY.high[0]] = Math.max(row[SUMMARY.high[0]] as number, ...recent);
};

/** Samples in a row that repeat the one before: where all of the window are one value, as many as before it still count. */
const changeRun = (row: Float32Array, { before, after }: Samples): void => {
  const last = after.length - 1;
  const changed = after.findIndex((value, ago) => ago < last && value !== after[ago + 1]);
  const wasRun = row[SUMMARY.run] as number;
  const goesOn = wasRun > last && after[last] === before[last];
  row[SUMMARY.run] = changed >= 0 ? changed : goesOn ? wasRun : Math.max(0, last);
};

/**
 * The memory as if the window had held `values`, which differ from its own by a fault. Samples that were not measured were never
 * remembered. An extreme that the fault took away stays: the memory does not say whether another sample was as far off.
 * @param values [parameters, frames], engineering values.
 */
export const memoryOfFaulted = (
  { values: window, measured, memory: remembered }: Window,
  values: Float32Array,
  frames: number,
): InputWindow['memory'] => {
  if (remembered === undefined) return undefined;
  const memory = Float32Array.from(remembered);
  for (let parameter = 0; parameter < values.length / frames; parameter += 1) {
    const row = memory.subarray(parameter * SUMMARIES, (parameter + 1) * SUMMARIES);
    const count = row[SUMMARY.count] as number;
    const places = Array.from({ length: frames }, (_, ago) => (parameter + 1) * frames - 1 - ago)
      .filter((at) => (measured?.[at] ?? 1) === 1)
      .slice(0, count);
    const samples = {
      before: places.map((at) => window[at] as number),
      after: places.map((at) => values[at] as number),
    };
    if (samples.before.every((value, ago) => value === samples.after[ago])) continue;
    changeRunning(row, samples, count);
    changeBehaviour(row, samples, count);
    changeRun(row, samples);
  }
  return memory;
};
