/**
 * How a parameter behaves over the last frames (level, spread, extremes, changes, repeats), as the distance to the nearest nominal
 * behaviour. It sees what a forecast cannot: frozen, too quiet, too noisy, a level never seen.
 */
import { SUMMARIES, SUMMARY } from '../../core/telemetry/summaries';
import type { Scaling } from '../graph/front';
import { fitImpliedLevel, type ImpliedLevel } from './implied-level';

/** Mean, deviation, lowest, highest, mean change, share of repeats. Levels are what the others do not imply of them. */
export const BEHAVIOURS = 6;

export interface Behaviour {
  readonly implied: ImpliedLevel;
  /** [scored][BEHAVIOURS]: what each is divided by. */
  readonly scale: readonly Float64Array[];
  /** [scored][rows][BEHAVIOURS]: nominal behaviours, divided. */
  readonly nominal: readonly (readonly Float64Array[])[];
}

/** Differences smaller than these are none, nominal deviations; of the mean change, and of the share of repeats. */
const FLOORS = [0.05, 0.05, 0.05, 0.05, 0.02, 0.05];
/** Nominal behaviours that are kept of each parameter. */
const MAX_ROWS = 1000;
/** Behaviours of windows so close in time are the same one, frames. */
const NEIGHBOURS = 128;

/** Levels of all parameters as their memory holds them, standardised. */
const levelsOf = (memory: ArrayLike<number>, { mean, std }: Scaling): Float64Array =>
  Float64Array.from(
    mean,
    (centre, parameter) => ((memory[parameter * SUMMARIES + SUMMARY.level] ?? 0) - centre) / (std[parameter] ?? 1),
  );

/** The behaviour of one parameter as its memory holds it, standardised; @param implied what the others imply of its level. */
export const behaviourRow = (
  memory: ArrayLike<number>,
  parameter: number,
  { mean, std }: Scaling,
  implied: number,
): Float64Array => {
  const at = (index: number): number => memory[parameter * SUMMARIES + index] ?? 0;
  const [centre, per] = [mean[parameter] ?? 0, 1 / (std[parameter] ?? 1)];
  const [lowNow = 0, lowBefore = 0] = SUMMARY.low.map(at);
  const [highNow = 0, highBefore = 0] = SUMMARY.high.map(at);
  return Float64Array.of(
    (at(SUMMARY.level) - centre) * per - implied,
    Math.sqrt(Math.max(0, at(SUMMARY.variance))) * per,
    (Math.min(lowNow, lowBefore) - centre) * per - implied,
    (Math.max(highNow, highBefore) - centre) * per - implied,
    at(SUMMARY.step) * per,
    at(SUMMARY.repeated),
  );
};

/** Of the behaviours: level, lowest and highest go where the level goes. */
const LEVELS: readonly number[] = [0, 2, 3];

/** @param rows [windows * BEHAVIOURS]; @param wander how far the level went one way. */
const scaleOf = (rows: Float64Array, wander: number): Float64Array =>
  Float64Array.from(FLOORS, (floor, index) => {
    const count = Math.max(1, rows.length / BEHAVIOURS);
    let [sum, square] = [0, 0];
    for (let at = index; at < rows.length; at += BEHAVIOURS) sum += rows[at] as number;
    for (let at = index; at < rows.length; at += BEHAVIOURS) square += ((rows[at] as number) - sum / count) ** 2;
    return Math.max(Math.hypot(Math.sqrt(square / count), LEVELS.includes(index) ? wander : 0), floor);
  });

/** Squared distance of the rows that begin at `a` and `b`. */
const distance = (rows: Float64Array, a: number, others: Float64Array, b: number): number => {
  let sum = 0;
  for (let i = 0; i < BEHAVIOURS; i += 1) sum += ((rows[a + i] as number) - (others[b + i] as number)) ** 2;
  return sum;
};

/**
 * Squared distance of the row that begins at `from` to the nearest of `sorted` that counts; Infinity when none does. Those are in the
 * order of their level, so the search goes outwards and ends where the level alone is too far.
 */
const nearest = (
  rows: Float64Array,
  from: number,
  sorted: Float64Array,
  counts: (place: number) => boolean,
): number => {
  const level = rows[from] as number;
  const count = sorted.length / BEHAVIOURS;
  const levelAt = (place: number): number => sorted[place * BEHAVIOURS] as number;
  let [above, end] = [0, count];
  while (above < end) {
    const middle = (above + end) >> 1;
    if (levelAt(middle) < level) above = middle + 1;
    else end = middle;
  }
  let below = above - 1;
  let least = Infinity;
  const isNear = (place: number): boolean => (levelAt(place) - level) ** 2 < least;
  const look = (place: number): void => {
    const own = distance(rows, from, sorted, place * BEHAVIOURS);
    if (own < least && counts(place)) least = own;
  };
  for (let [isUp, isDown] = [true, true]; isUp || isDown; above += 1, below -= 1) {
    isUp &&= above < count && isNear(above);
    if (isUp) look(above);
    isDown &&= below >= 0 && isNear(below);
    if (isDown) look(below);
  }
  return least;
};

export interface BehaviourInput {
  readonly scored: readonly number[];
  /** For each of them: parameters of other units. */
  readonly others: readonly (readonly number[])[];
  readonly scaling: Scaling;
  /** Of each window, and the stretch and the fold that it is of. */
  readonly memories: readonly ArrayLike<number>[];
  readonly stretches: readonly number[];
  readonly folds: readonly number[];
  readonly stride: number;
  /** How far each level went one way, nominal deviations. */
  readonly wander: Float64Array;
  readonly report: (share: number) => void;
}

/** @returns the head, and the distance of each window to the nearest nominal one that is not close to it in time: [windows][scored]. */
export const fitBehaviour = (input: BehaviourInput) => {
  const { scored, scaling, memories, stretches, stride, report } = input;
  const { implied, crossFitted } = fitImpliedLevel({
    ...input,
    levels: memories.map((memory) => levelsOf(memory, scaling)),
  });
  const signals = memories.map(() => new Float64Array(scored.length));
  const step = Math.max(1, Math.ceil(memories.length / MAX_ROWS));
  const kept = memories.flatMap((_, index) => (index % step === 0 ? [index] : []));
  const scale: Float64Array[] = [];
  const nominal: Float64Array[][] = [];
  scored.forEach((parameter, at) => {
    report(at / scored.length);
    const rows = new Float64Array(memories.length * BEHAVIOURS);
    memories.forEach((memory, index) => {
      rows.set(behaviourRow(memory, parameter, scaling, crossFitted[index]?.[at] ?? 0), index * BEHAVIOURS);
    });
    const own = scaleOf(rows, input.wander[parameter] ?? 0);
    for (let i = 0; i < rows.length; i += 1) rows[i] = (rows[i] as number) / (own[i % BEHAVIOURS] as number);
    const rowOf = (index: number): Float64Array => rows.slice(index * BEHAVIOURS, (index + 1) * BEHAVIOURS);
    const byLevel = [...kept].sort((a, b) => (rows[a * BEHAVIOURS] as number) - (rows[b * BEHAVIOURS] as number));
    const sorted = new Float64Array(byLevel.length * BEHAVIOURS);
    byLevel.forEach((index, place) => {
      sorted.set(rowOf(index), place * BEHAVIOURS);
    });
    signals.forEach((signal, index) => {
      const least = nearest(rows, index * BEHAVIOURS, sorted, (place) => {
        const other = byLevel[place] ?? 0;
        return stretches[other] !== stretches[index] || Math.abs(other - index) * stride > NEIGHBOURS;
      });
      signal[at] = Number.isFinite(least) ? Math.sqrt(least) : 0;
    });
    scale.push(own);
    nominal.push(kept.map(rowOf));
  });
  return { head: { implied, scale, nominal } satisfies Behaviour, signals };
};
