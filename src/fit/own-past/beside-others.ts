/** Heads that were fitted apart, put on one scale of scores. */
import { leastQuiet, PERSISTENCE } from '../threshold';
import type { OwnPastHeads } from './fit-own-past';

/** Scores of all windows, cut into stretches as long as those of others. */
const inStretches = (scores: Float64Array, like: readonly Float64Array[]): Float64Array[] => {
  let from = 0;
  return like.map(({ length }) => scores.subarray(from, (from += length)));
};

const moveOwnPast = (heads: OwnPastHeads, moves: readonly number[]): OwnPastHeads => ({
  ...heads,
  spec: {
    ...heads.spec,
    heads: heads.spec.heads.map((head, at) => ({
      ...head,
      line: { ...head.line, base: head.line.base + (moves[at] ?? 0) },
    })),
  },
  scores: heads.scores.map((scores, at) => scores.map((score) => score + (moves[at] ?? 0))),
});

/**
 * Moves the surprise of each head so that what is just quiet in nominal telemetry is the same score for it as for the others: one rare
 * nominal state that one head errs in must not raise the threshold of all.
 */
export const besideOthers = (heads: OwnPastHeads, others: readonly Float64Array[]): OwnPastHeads => {
  const common = leastQuiet(others, PERSISTENCE);
  const moves = heads.scores.map((scores) => common - leastQuiet(inStretches(scores, others), PERSISTENCE));
  return moveOwnPast(heads, moves);
};

/** Scores of the nominal windows, a stretch each, by all heads together. */
export const strongestOf = (
  stretches: readonly Float64Array[],
  others: readonly Float64Array[] = [],
): readonly Float64Array[] => {
  let from = 0;
  return stretches.map((own) => {
    const start = from;
    from += own.length;
    return own.map((score, index) => Math.max(score, ...others.map((scores) => scores[start + index] ?? -Infinity)));
  });
};
