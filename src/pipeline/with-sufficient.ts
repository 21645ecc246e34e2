/**
 * The counterfactual: the smallest set of parameters which, replaced by what the others imply, brings the score back under the
 * threshold. It is the plainest check a person can make of a verdict: "without these, nothing would have been wrong".
 */
import type { ScoredWindow } from '../domain/scored-window';
import type { Scorer } from './ports';

/** Sets larger than this are no explanation; the search ends and the record says so with an empty set. */
const MOST_PARAMETERS = 6;
/** Per round only the parameters that carry most of the remaining score are tried: the rest cannot clear it. */
const SHORTLIST = 4;
/** Replacing a set jointly is a fixed point of replacing its members in turn; two sweeps come close enough. */
const SWEEPS = 2;

interface Candidate {
  readonly set: readonly number[];
  readonly values: Float32Array;
  readonly score: number;
  readonly parameterScore: Float32Array;
}

const replaceRow = (values: Float32Array, expected: Float32Array, row: number, frames: number): Float32Array => {
  const next = values.slice();
  next.set(expected.subarray(row * frames, (row + 1) * frames), row * frames);
  return next;
};

const scoreAll = (scorer: Scorer, windows: readonly Float32Array[]) => {
  const size = windows[0]?.length ?? 0;
  const batch = new Float32Array(size * windows.length);
  windows.forEach((values, index) => batch.set(values, index * size));
  return scorer.score(batch, windows.length);
};

const shortlist = (parameterScore: Float32Array, taken: readonly number[]): number[] =>
  [...parameterScore.keys()]
    .filter((row) => !taken.includes(row))
    .sort((a, b) => (parameterScore[b] ?? 0) - (parameterScore[a] ?? 0))
    .slice(0, SHORTLIST);

/** Replaces the members of each set in turn, all sets in one batch an inference. */
const settle = async (scorer: Scorer, sets: readonly (readonly number[])[], start: Float32Array): Promise<Candidate[]> => {
  const frames = scorer.manifest.sampling.window;
  let values = sets.map(() => start);
  const turns = sets[0]?.length === 1 ? 1 : SWEEPS * (sets[0]?.length ?? 0);
  for (let turn = 0; turn < turns; turn += 1) {
    const inferences = await scoreAll(scorer, values);
    values = values.map((current, index) => {
      // The newest member first: its own value is the one not yet replaced.
      const set = sets[index] ?? [];
      const row = set[(set.length - 1 + turn) % set.length];
      const expected = inferences[index]?.expected;
      return row === undefined || expected === undefined ? current : replaceRow(current, expected, row, frames);
    });
  }
  const inferences = await scoreAll(scorer, values);
  return sets.map((set, index) => ({
    set,
    values: values[index] ?? start,
    score: inferences[index]?.score ?? Infinity,
    parameterScore: inferences[index]?.parameterScore ?? new Float32Array(),
  }));
};

/** Greedy forward search, every round in batched inferences. Empty when no set of up to six parameters clears the score. */
export const findSufficient = async (scorer: Scorer, { window, inference }: ScoredWindow): Promise<readonly string[]> => {
  const { parameters, calibration } = scorer.manifest;
  let best: Candidate = { set: [], values: window.values, score: inference.score, parameterScore: inference.parameterScore };
  while (best.set.length < Math.min(MOST_PARAMETERS, parameters.length)) {
    const sets = shortlist(best.parameterScore, best.set).map((row) => [...best.set, row]);
    const candidates = await settle(scorer, sets, best.values);
    const lowest = candidates.reduce<Candidate | undefined>((low, item) => (low === undefined || item.score < low.score ? item : low), undefined);
    if (lowest === undefined || lowest.score >= best.score) return [];
    if (lowest.score < calibration.threshold) return lowest.set.map((row) => parameters[row] ?? '');
    best = lowest;
  }
  return [];
};
