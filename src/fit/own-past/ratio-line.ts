/**
 * From the ratio of a level to that of the time before, to surprise. Levels are in units of their own block maxima, so one ratio means
 * about the same on every parameter. Records of two days do not show how rare it is, and many channels together do.
 */
import type { OwnPast } from '../../core/anomaly/own-past';
import { countOpenings, PERSISTENCE, thresholdsFor, type ThresholdRule } from '../threshold';

/**
 * On 73 channels of SMAP and MSL, each judged by its own past with one rule for all, this ratio gave 0.06 false alarms a channel and day.
 * Between 2.2 and 7 their rate fell by a factor e for each quarter of a factor e of the ratio.
 */
export const USUAL = 3.2;
const USUAL_TAIL = 0.25;
/** Decades for each unit of the ratio. */
const SLOPE = Math.LOG10E / 0.45;
/** The other heads together, the forecast, the behaviour and the runs share what a package may open. */
const SHARES = 4;
/** Next ratio that is tried, relative. */
const STEP = 1.05;

/** What a package promises, and how that is read. */
export interface AlarmBudget {
  readonly falseAlarmsPerDay: number;
  readonly rule: ThresholdRule;
  /** Time between windows. */
  readonly strideMs: number;
}

export interface OtherHeads extends AlarmBudget {
  /** Scores of the nominal windows by the other heads, a stretch each. */
  readonly others: readonly Float64Array[];
}

/** Openings that the record may hold. @param stretches of its windows. */
const allowedOn = (
  stretches: readonly ArrayLike<number>[],
  { rule, falseAlarmsPerDay, strideMs }: AlarmBudget,
): number => {
  const windows = stretches.reduce((sum, { length }) => sum + length, 0);
  return (rule.caution * falseAlarmsPerDay * windows * strideMs) / 86_400_000;
};

/** Whether a record can show that a budget is kept: it may hold an opening. */
const isLong = (stretches: readonly ArrayLike<number>[], budget: AlarmBudget): boolean =>
  allowedOn(stretches, budget) >= 1;

type Line = OwnPast['heads'][number]['line'];

/** The usual ratio, for so many units if the record is short, or the least that the record does not contradict. */
const alarmingRatio = (ratios: readonly ArrayLike<number>[], units: number, budget: AlarmBudget): number => {
  const allowed = allowedOn(ratios, budget);
  // A record that is long enough speaks for itself, and what it may open is shared; a short one may open what chance explains.
  const speaks = isLong(ratios, budget);
  const plausible = speaks ? allowed / SHARES : allowed + Math.sqrt(allowed);
  const scaled = ratios.map((stretch) => Float64Array.from(stretch, (ratio) => SLOPE * ratio));
  const openingsAt = (ratio: number): number =>
    scaled.reduce((sum, scores) => sum + countOpenings(scores, SLOPE * ratio, PERSISTENCE), 0);
  let ratio = speaks ? USUAL : USUAL * units ** USUAL_TAIL;
  while (openingsAt(ratio) > plausible) ratio *= STEP;
  return ratio;
};

/**
 * The ratio that alarms gets the score at which the other heads do. One rare nominal state that a head errs in must not raise the threshold
 * of all, so each head has a ratio of its own.
 * @param heads ratios of the nominal windows by each head, cut into stretches; @param units that are judged by each.
 */
export const ratioLines = (
  heads: readonly (readonly ArrayLike<number>[])[],
  units: number,
  { others, ...budget }: OtherHeads,
): readonly Line[] => {
  const { falseAlarmsPerDay, strideMs, rule } = budget;
  const [common] = thresholdsFor([falseAlarmsPerDay], { stretches: others, strideMs }, PERSISTENCE, rule);
  return heads.map((ratios) => ({
    knots: [0],
    slopes: [SLOPE],
    base: (common?.threshold ?? 0) - SLOPE * alarmingRatio(ratios, units, budget),
  }));
};

/** What thresholds are chosen on: a long record shows what all heads open together, a short one only what the others do. */
export const chosenOn = ({ others, ...budget }: OtherHeads, all: readonly Float64Array[]): readonly Float64Array[] =>
  isLong(others, budget) ? all : others;

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
