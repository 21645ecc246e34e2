/**
 * How long a parameter has repeated one value, against the longest that it did nominally. A slow temperature in coarse steps repeats often,
 * so neither a window nor a share of repeats shows that its sensor is stuck. A run twice the longest one does: if a parameter repeats by
 * chance, runs are geometric, and one twice the longest of n comes once in n records.
 */
import { LONGEST_LEVEL } from '../../core/anomaly/own-past';
import { SUMMARIES, SUMMARY } from '../../core/telemetry/summaries';
import { USUAL } from './ratio-line';

/** Runs shorter than this are chance of values in coarse steps, samples. */
const SHORT = 5;
/** A run counts up to so many of its units: one that people were told of, and that goes on, is no news again. */
export const MOST_UNITS = 4 * USUAL;

/** Samples in a row that repeat the one before, [windows][scored]. */
export const runsOf = (memories: readonly ArrayLike<number>[], scored: readonly number[]): Float64Array[] =>
  memories.map((memory) => Float64Array.from(scored, (parameter) => memory[parameter * SUMMARIES + SUMMARY.run] ?? 0));

/** Middle and unit of each run, as levels are judged: the usual ratio alarms at twice the longest run, and never on a short one. */
export const usualRuns = (runs: readonly Float64Array[]): { median: number[]; unit: number[] } => {
  const width = runs[0]?.length ?? 0;
  const longest = Array.from({ length: width }, (_, at) => runs.reduce((most, row) => Math.max(most, row[at] ?? 0), 0));
  return {
    median: longest.map(() => 0),
    unit: longest.map((run) => Math.max(SHORT, run / LONGEST_LEVEL)),
  };
};
