/**
 * The counterfactual: the smallest set of parameters which, replaced by what the others imply, brings the score back under the
 * threshold. It is the plainest check a person can make of a verdict: "without these, nothing would have been wrong".
 */
import type { Mission } from '../domain/mission';
import type { Inference, ScoredWindow } from '../domain/scored-window';
import type { Scorer } from './ports';

/**
 * Only the parameters of the equipment that carries the evidence are tried, and of those the few with the largest scores: all
 * their subsets, smallest first. Four give fifteen subsets, each scored once: a fault opens its anomaly in time.
 */
const SHORTLIST = 4;
/** Replacing a set jointly is a fixed point of replacing its members in turn; two sweeps come close enough. */
const SWEEPS = 2;

interface Candidate {
  readonly set: readonly number[];
  readonly score: number;
}

const replaceRow = (values: Float32Array, expected: Float32Array, row: number, frames: number): Float32Array => {
  const next = values.slice();
  next.set(expected.subarray(row * frames, (row + 1) * frames), row * frames);
  return next;
};

const batchOf = (windows: readonly Float32Array[]): Float32Array => {
  const size = windows[0]?.length ?? 0;
  const batch = new Float32Array(size * windows.length);
  windows.forEach((values, index) => batch.set(values, index * size));
  return batch;
};

const indexOfMost = (values: Float32Array): number =>
  values.reduce((best, value, index) => (value > (values[best] ?? 0) ? index : best), 0);

/** Row indices of the parameters to try, the most suspicious first. */
const shortlist = ({ manifest }: Scorer, mission: Mission, { equipmentScore, parameterScore }: Inference): number[] => {
  const culprit = manifest.equipment[indexOfMost(equipmentScore)];
  return manifest.parameters
    .flatMap((id, row) =>
      culprit === undefined || mission.parameters.find((parameter) => parameter.id === id)?.equipment === culprit
        ? [row]
        : [],
    )
    .sort((a, b) => (parameterScore[b] ?? 0) - (parameterScore[a] ?? 0))
    .slice(0, SHORTLIST);
};

/** All subsets of `size` members, in the order of `items`. */
const subsets = (items: readonly number[], size: number): number[][] =>
  size === 0
    ? [[]]
    : items.flatMap((item, index) => subsets(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]));

/** Replaces the members of each set in turn, all sets in one batch a turn; what `start` implies is known already. */
const settle = async (
  scorer: Scorer,
  sets: readonly (readonly number[])[],
  start: Float32Array,
  known: Float32Array,
): Promise<Candidate[]> => {
  const frames = scorer.manifest.sampling.window;
  let values = sets.map(() => start);
  const turns = sets[0]?.length === 1 ? 1 : SWEEPS * (sets[0]?.length ?? 0);
  for (let turn = 0; turn < turns; turn += 1) {
    const implied = turn === 0 ? sets.map(() => known) : await scorer.implied(batchOf(values), values.length);
    values = values.map((current, index) => {
      const set = sets[index] ?? [];
      const row = set[turn % set.length];
      const expected = implied[index];
      return row === undefined || expected === undefined ? current : replaceRow(current, expected, row, frames);
    });
  }
  const inferences = await scorer.score(batchOf(values), values.length);
  return sets.map((set, index) => ({ set, score: inferences[index]?.score ?? Infinity }));
};

/** Of the smallest sets that clear the score the one that clears it most; empty when no set within one equipment does. */
export const findSufficient = async (
  scorer: Scorer,
  mission: Mission,
  { window, inference }: ScoredWindow,
): Promise<readonly string[]> => {
  const { parameters, calibration } = scorer.manifest;
  const items = shortlist(scorer, mission, inference);
  for (let size = 1; size <= items.length; size += 1) {
    const candidates = await settle(scorer, subsets(items, size), window.values, inference.expected);
    const lowest = candidates.reduce((low, item) => (item.score < low.score ? item : low));
    if (lowest.score < calibration.threshold) return lowest.set.map((row) => parameters[row] ?? '');
  }
  return [];
};
