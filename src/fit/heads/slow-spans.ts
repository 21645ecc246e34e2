/** Which running means a record is long enough for. */
import { SPANS } from '../../core/telemetry/summaries';
import type { Mission } from '../../domain/mission';

/** Spans that slow heads judge: what passed longer ago lingers in the longest, hours after a fault has ended. */
const SLOW_SPANS = [0, 1];
/** A record of fewer spans shows too few running means that are independent of each other. */
const LEAST_SPANS = 24;

/** Indices into `SPANS`, rising. @param windows of the nominal recordings. */
export const slowSpansOf = (windows: number, { stride }: Pick<Mission['sampling'], 'stride'>): readonly number[] =>
  SLOW_SPANS.filter((span) => windows * stride >= LEAST_SPANS * (SPANS[span] ?? 0));

/** Windows that the memory of the slowest head and a window itself span together. */
export const reachInWindows = (windows: number, sampling: Pick<Mission['sampling'], 'stride' | 'window'>): number => {
  const slowest = slowSpansOf(windows, sampling).at(-1);
  return (sampling.window + (slowest === undefined ? 0 : (SPANS[slowest] ?? 0))) / sampling.stride;
};
