/**
 * Levels that differ from recording to recording: sensors of several spacecraft, each with an offset of its own. The next spacecraft has
 * another one. A model that knows only offsets that it saw holds that for a fault without end.
 *
 * So such a level is taken as not known by as much as it differed (a random effect of the recording; Searle, Casella and McCulloch,
 * Variance Components). What counts is the level beside what the others imply: recordings at another operating point do not differ.
 */
import type { Window } from '../domain/telemetry';
import type { Scaling } from './graph/front';
import { withSupport } from './heads/fold-moments';
import type { Layout } from './layout';
import { covariance, inverse, meanOf } from './math/dense';
import { levelsOf, stretchesOf } from './window-levels';

/** Stretches of a recording that tell how much a level varies within it. */
const BLOCKS = 8;
/** Support of the covariance of levels, relative to the mean variance. */
const RIDGE = 1e-4;

const minus = (row: ArrayLike<number>, other: ArrayLike<number>): Float64Array =>
  Float64Array.from(row, (value, i) => value - (other[i] as number));

/**
 * Recordings differ if the variance between two, three or more of them is so many times that between stretches of one. By chance one
 * parameter in a thousand would (Fisher's F over the number of stretches). Never less than 1, for stretches that follow each other are alike.
 */
const DIFFERS = [2.1, 1.2];
const DIFFERS_OF_MORE = 1;

/** Two-sided 95 % quantiles of Student's t with 1, 2, ... degrees of freedom, and for more of them. */
const STUDENT = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26];
const STUDENT_OF_MANY = 1.96;

/** How far from the mean the level of a further recording lies at most, in 95 of 100 cases, in deviations as seen in so many. */
const farthest = (recordings: number): number =>
  (STUDENT[recordings - 2] ?? STUDENT_OF_MANY) * Math.sqrt(1 + 1 / recordings);

const spreadOf = (values: readonly number[]): number => {
  const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
};

/**
 * How far the level of a further recording may lie from those that were seen, nominal deviations, [parameters]. It is 0 where they differ
 * by no more than stretches of one recording do; for conditions; and of recordings that are too short or single.
 */
export const recordingLevels = (
  passes: readonly (readonly Window[])[],
  layout: Layout,
  scaling: Scaling,
): Float64Array => {
  const { parameters, conditions } = layout;
  const out = new Float64Array(parameters);
  const recordings = passes.filter(({ length }) => length >= BLOCKS).map((pass) => levelsOf(pass, layout, scaling));
  if (recordings.length < 2) return out;
  const means = recordings.map((rows) => meanOf(rows, parameters));
  const within = recordings.flatMap((rows, at) => rows.map((row) => minus(row, means[at] ?? [])));
  const spread = covariance(within, new Float64Array(parameters), 0);
  const precision = inverse(withSupport(spread, RIDGE, new Float64Array(parameters)));
  const middle = meanOf(means, parameters);
  /** What the level of a parameter is beside what the others imply of it. */
  const beside = (level: Float64Array, parameter: number): number => {
    let sum = 0;
    for (let j = 0; j < parameters; j += 1)
      sum += (precision.data[parameter * parameters + j] as number) * ((level[j] as number) - (middle[j] as number));
    return sum / (precision.data[parameter * parameters + parameter] as number);
  };
  const stretches = recordings.map((rows) => stretchesOf(rows, BLOCKS));
  for (let parameter = 0; parameter < parameters; parameter += 1) {
    if (conditions.includes(parameter)) continue;
    const own = means.map((level) => beside(level, parameter));
    const inside = stretches.map((blocks) => spreadOf(blocks.map((level) => beside(level, parameter))));
    const usual = inside.reduce((sum, value) => sum + value, 0) / inside.length;
    const between = spreadOf(own);
    if (between > usual * (DIFFERS[recordings.length - 2] ?? DIFFERS_OF_MORE))
      out[parameter] = farthest(recordings.length) * Math.sqrt(between);
  }
  return out;
};
