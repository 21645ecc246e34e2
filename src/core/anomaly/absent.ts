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
 * The memory with what is implied of absent parameters in their place, as if it had been so for long.
 * @param expected [parameters * frames], as an inference holds it.
 */
export const withImplied = (memory: Float32Array, rows: readonly number[], expected: Float32Array): Float32Array => {
  const out = memory.slice();
  const frames = (expected.length * SUMMARIES) / memory.length;
  for (const row of rows) {
    const own = expected.subarray(row * frames, (row + 1) * frames);
    const set = (at: readonly number[], value: number): void => {
      for (const index of at) out[row * SUMMARIES + index] = value;
    };
    set([...SUMMARY.mean, SUMMARY.level], own.reduce((sum, value) => sum + value, 0) / frames);
    set([...SUMMARY.change, SUMMARY.step], meanChange(own));
    set(SUMMARY.low, Math.min(...own));
    set(SUMMARY.high, Math.max(...own));
  }
  return out;
};
