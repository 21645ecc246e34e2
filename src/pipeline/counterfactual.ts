/**
 * The counterfactual: the smallest set of parameters which, replaced by what the others imply, brings the score back under the
 * threshold. It is the plainest check a person can make of a verdict: "without these, nothing would have been wrong".
 *
 * It stays within the equipment that carries the evidence, and tries all subsets of its four most suspect parameters, smallest
 * first. The score is no less than the surprise of its linear part, so only sets with a clear linear part go through the
 * detector.
 */
import { rowFor } from '../core/telemetry/usable';
import type { Mission } from '../domain/mission';
import type { Inference, ScoredWindow } from '../domain/scored-window';
import type { Scorer } from './ports';

/**
 * Only parameters of the equipment that carries the evidence are tried, and of those the few with the largest scores. All their
 * subsets are tried, smallest first. Four give fifteen subsets, each scored once: a fault opens its anomaly in time.
 */
const SHORTLIST = 4;
/** A parameter with a smaller share of the evidence has no part in it: where it alone clears the score, anything would. */
const LEAST_PART = 0.02;
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
  const least = LEAST_PART * parameterScore.reduce((sum, value) => sum + Math.max(0, value), 0);
  return manifest.parameters
    .flatMap((id, row) =>
      (parameterScore[row] ?? 0) > 0 &&
      (parameterScore[row] ?? 0) >= least &&
      (culprit === undefined || mission.parameters.find((parameter) => parameter.id === id)?.equipment === culprit)
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

/**
 * Replaces the members of each set in turn, all sets in one batch a turn; what `start` implies is known already. A set whose least
 * score does not clear the threshold is not scored: the detector is most of what an inference costs.
 */
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
    const implied =
      turn === 0 ? sets.map(() => ({ expected: known })) : await scorer.implied(batchOf(values), values.length);
    values = values.map((current, index) => {
      const set = sets[index] ?? [];
      const row = set[turn % set.length];
      const expected = implied[index]?.expected;
      return row === undefined || expected === undefined ? current : replaceRow(current, expected, row, frames);
    });
  }
  const { threshold, equipmentSurprise } = scorer.manifest.calibration;
  const least = equipmentSurprise === undefined ? [] : await scorer.implied(batchOf(values), values.length);
  const candidates = sets.flatMap((set, index) => {
    const current = values[index];
    return current === undefined || (least[index]?.leastScore ?? -Infinity) >= threshold ? [] : [{ set, current }];
  });
  if (candidates.length === 0) return [];
  const inferences = await scorer.score(batchOf(candidates.map(({ current }) => current)), candidates.length);
  return candidates.map(({ set }, index) => ({ set, score: inferences[index]?.score ?? Infinity }));
};

/**
 * Of the smallest sets of `rows` that clear the score the one that clears it most; empty when none does.
 * @param values the window's row of input, its values first. @param expected what is implied of it, likewise.
 */
export const smallestSet = async (
  scorer: Scorer,
  values: Float32Array,
  expected: Float32Array,
  rows: readonly number[],
): Promise<readonly number[]> => {
  for (let size = 1; size <= rows.length; size += 1) {
    const candidates = await settle(scorer, subsets(rows, size), values, expected);
    const lowest = candidates.reduce<Candidate | undefined>(
      (low, item) => (low === undefined || item.score < low.score ? item : low),
      undefined,
    );
    if (lowest !== undefined && lowest.score < scorer.manifest.calibration.threshold) return lowest.set;
  }
  return [];
};

/** The names of the smallest set within the equipment that carries the evidence. */
export const findSufficient = async (
  scorer: Scorer,
  mission: Mission,
  { window, inference }: ScoredWindow,
): Promise<readonly string[]> => {
  const rows = shortlist(scorer, mission, inference);
  const found =
    scorer.smallestSet === undefined
      ? await smallestSet(scorer, rowFor(scorer.manifest, window), inference.expected, rows)
      : await scorer.smallestSet(rowFor(scorer.manifest, window), inference.expected, rows);
  return found.map((row) => scorer.manifest.parameters[row] ?? '');
};
