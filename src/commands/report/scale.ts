/** A scale for scores of any unit: linear around the threshold, logarithmic far above it, so that both can be read. */

export interface ScoreScale {
  /** 0 at the lowest score, 1 at the highest. */
  at(score: number): number;
  /** Round scores to mark, rising, at most one close to another. */
  readonly ticks: readonly number[];
}

/** A round number a person would mark: 1, 2 or 5 times a power of ten. */
const roundNumbers = (low: number, high: number): number[] => {
  const numbers: number[] = [];
  for (
    let power = Math.floor(Math.log10(Math.max(low, high / 1e6)));
    power <= Math.ceil(Math.log10(high));
    power += 1
  ) {
    for (const factor of [1, 2, 5]) numbers.push(Number((factor * 10 ** power).toPrecision(1)));
  }
  return numbers.filter((value) => value >= low && value <= high);
};

const LEAST_DISTANCE = 0.11;

/** @param unit the score below which the scale is about linear: the threshold. */
export const scoreScale = (scores: readonly number[], unit: number): ScoreScale => {
  const by = unit > 0 ? unit : 1;
  let [low, high] = [0, by * 1.5];
  for (const score of scores) {
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  const [bottom, top] = [Math.asinh(low / by), Math.asinh(high / by)];
  const at = (score: number): number => (Math.asinh(score / by) - bottom) / (top - bottom);
  const ticks: number[] = [0];
  for (const value of roundNumbers(by / 2, high)) {
    if (at(value) - at(ticks.at(-1) ?? 0) >= LEAST_DISTANCE) ticks.push(value);
  }
  return { at, ticks };
};
