/** The memory of a window whose frames hold a fault: its running means and levels have seen the fault too. */
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

/**
 * The memory as if the window had held `values`, which differ from its own by a fault. Samples that were not measured were never
 * remembered. Spread, extremes and repeats stay as they were.
 * @param values [parameters, frames], engineering values.
 */
export const memoryOfFaulted = (
  { values: before, measured, memory: remembered }: Window,
  values: Float32Array,
  frames: number,
): InputWindow['memory'] => {
  if (remembered === undefined) return undefined;
  const memory = remembered.slice();
  for (let parameter = 0; parameter < values.length / frames; parameter += 1) {
    const base = parameter * SUMMARIES;
    const count = memory[base + SUMMARY.count] as number;
    const added: number[] = [];
    for (let at = (parameter + 1) * frames - 1; at >= parameter * frames && added.length < count; at -= 1)
      if ((measured?.[at] ?? 1) === 1) added.push((values[at] as number) - (before[at] as number));
    if (added.every((value) => value === 0)) continue;
    SPANS.forEach((span, index) => {
      const shares = sharesOf(span, count, added.length);
      const at = base + (SUMMARY.mean[index] ?? 0);
      memory[at] = added.reduce((sum, value, ago) => sum + (shares[ago] as number) * value, memory[at] as number);
    });
    const level = added.slice(0, levelSamples(count)).reduce((sum, value) => sum + value, 0) / levelSamples(count);
    memory[base + SUMMARY.level] = (memory[base + SUMMARY.level] as number) + level;
  }
  return memory;
};
