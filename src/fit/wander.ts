/**
 * Levels that wander: a tank that empties, a rig that warms up, a counter. Such a level went one way through all that was recorded, and
 * goes on after it. Its relation to the others was seen once, so it may be chance. A model that takes the level for stationary holds the
 * next hour for a fault.
 *
 * So the level is taken as not known: its covariance gets the square of how far it went. What the parameter does beside that is judged.
 */
import type { Mission } from '../domain/mission';
import type { Window } from '../domain/telemetry';
import type { Scaling } from './graph/front';
import type { Layout } from './layout';
import { dense, type Dense } from './math/dense';
import { levelsOf, stretchesOf } from './window-levels';

/** Stretches of equal length whose means are compared. */
const BLOCKS = 10;
/** Share of the pairs of stretches in order, less that of those out of order, from which on a level went one way (Kendall's tau). */
const ONE_WAY = 0.8;

const tauOf = (levels: readonly number[]): number => {
  let order = 0;
  levels.forEach((level, i) => {
    for (const later of levels.slice(i + 1)) order += Math.sign(later - level);
  });
  return order / ((levels.length * (levels.length - 1)) / 2);
};

/**
 * How far each level went, nominal deviations, [parameters]; 0 where it did not go one way. Conditions have none, nor have values that
 * roll over.
 */
export const wanderOf = (
  nominal: readonly Window[],
  layout: Layout,
  { parameters: declared }: Pick<Mission, 'parameters'>,
  scaling: Scaling,
): Float64Array => {
  const { parameters, conditions } = layout;
  if (nominal.length < BLOCKS) return new Float64Array(parameters);
  const windows = [...nominal].sort((a, b) => a.start - b.start);
  const stretches = stretchesOf(levelsOf(windows, layout, scaling), BLOCKS);
  return Float64Array.from({ length: parameters }, (_, parameter) => {
    if (conditions.includes(parameter) || declared[parameter]?.modulus !== undefined) return 0;
    const levels = stretches.map((level) => level[parameter] as number);
    return Math.abs(tauOf(levels)) >= ONE_WAY ? Math.max(...levels) - Math.min(...levels) : 0;
  });
};

/** The covariance with the square of what each level went between all numbers of its parameter. @param parameterOf of each number. */
export const withWander = (covariance: Dense, parameterOf: readonly number[], wander: Float64Array): Dense => {
  if (wander.every((size) => size === 0)) return covariance;
  const size = covariance.rows;
  const out = dense(size, size, covariance.data.slice());
  for (let i = 0; i < size; i += 1) {
    const own = parameterOf[i] ?? -1;
    for (let j = 0; j < size; j += 1)
      if (parameterOf[j] === own) out.data[i * size + j] = (out.data[i * size + j] as number) + (wander[own] ?? 0) ** 2;
  }
  return out;
};

/** The parameter of each sample of a window. */
export const parameterOfSamples = ({ parameters, frames }: Layout): number[] =>
  Array.from({ length: parameters * frames }, (_, index) => Math.floor(index / frames));
