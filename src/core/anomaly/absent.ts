/**
 * Parameters that no longer come, or never came. What is remembered of them stands still while the rest goes on, so it is no evidence of
 * anything. The memory of a window counts no samples of them (`telemetry/summaries.ts`). When the window is scored, what the others imply
 * stands in for it.
 */
import { framesSeen, SUMMARIES, SUMMARY } from '../telemetry/summaries';
import { meanChange } from './behaviour';

/** Rows of the parameters that are absent; none before anything was measured, or where no memory is kept. */
export const absentRows = (memory: Float32Array | undefined): readonly number[] =>
  memory === undefined || framesSeen(memory) === 0
    ? []
    : Array.from({ length: memory.length / SUMMARIES }, (_, row) => row).filter(
        (row) => memory[row * SUMMARIES + SUMMARY.count] === 0,
      );

/**
 * A row of input that holds levels in place of samples. What the others imply of it is the level of an absent parameter. Levels reach
 * back further than a window: one that jumped ahead of the others would make theirs look wrong.
 * @param row values, mask and memory.
 */
export const rowOfLevels = (row: Float32Array, memory: Float32Array, absent: readonly number[]): Float32Array => {
  const out = row.slice();
  const size = (row.length - memory.length) / 2;
  const frames = (size * SUMMARIES) / memory.length;
  for (let at = 0; at < size; at += frames) {
    const parameter = at / frames;
    const isAbsent = absent.includes(parameter);
    if (!isAbsent) out.fill(memory[parameter * SUMMARIES + SUMMARY.level] ?? 0, at, at + frames);
    out.fill(isAbsent ? 0 : 1, size + at, size + at + frames);
  }
  return out;
};

/**
 * The memory with what is implied of absent parameters in their place, as if it had been so for long.
 * @param expected [parameters * frames], as an inference of the window holds it; @param levels likewise, of the row of levels.
 */
export const withImplied = (
  memory: Float32Array,
  rows: readonly number[],
  { expected, levels }: { readonly expected: Float32Array; readonly levels: Float32Array },
): Float32Array => {
  const out = memory.slice();
  const frames = (expected.length * SUMMARIES) / memory.length;
  const mean = (own: Float32Array): number => own.reduce((sum, value) => sum + value, 0) / frames;
  for (const row of rows) {
    const [from, to] = [row * frames, (row + 1) * frames];
    const own = expected.subarray(from, to);
    const set = (at: readonly number[], value: number): void => {
      for (const index of at) out[row * SUMMARIES + index] = value;
    };
    set(SUMMARY.mean, mean(own));
    set([SUMMARY.level], mean(levels.subarray(from, to)));
    set([...SUMMARY.change, SUMMARY.step], meanChange(own));
    set(SUMMARY.low, Math.min(...own));
    set(SUMMARY.high, Math.max(...own));
  }
  return out;
};
