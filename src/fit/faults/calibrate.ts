/** Finds the parameter of a fault class at which the mean squared deviation over nominal blocks equals the intensity asked for. */
import { FdirError } from '../../domain/errors';
import type { FaultClass } from '../../domain/fault-classes';
import { deviationOf, mean, type NominalBlocks } from './block';

/**
 * A class may miss the intensity by this share and is then taken at its limit. Clipping and dead zone end at the zero signal, whose
 * deviation is the energy of the block. That is exactly 1 over the telemetry that scaling was fitted on. Over another stretch of it, it
 * is a few per cent more or less.
 */
const REACH_TOLERANCE = 0.1;
/** Grid on which the first crossing is looked for; deviations need not grow monotonically (time warp of a periodic signal). */
const GRID = 32;
/** Halvings after the grid: 2^-20 of a cell is far below the noise of the estimate. */
const HALVINGS = 20;
/** Samples that a search looks at. They give a standard error of a per cent or two, and keep a fit under a second. */
const SEARCH_SAMPLES = 2 ** 17;

const unreachable = (fault: FaultClass, delta: number, reachable: number): FdirError =>
  new FdirError(
    'input',
    `a "${fault}" fault cannot reach intensity ${String(delta)} on this telemetry; the largest it can reach is ${reachable.toPrecision(3)}`,
  );

/** `delta`, or the largest deviation the class can reach when that is nearly as large. @throws FdirError `input` beyond. */
export const within = (fault: FaultClass, delta: number, reachable: number): number => {
  if (delta <= reachable) return delta;
  if (delta <= reachable * (1 + REACH_TOLERANCE)) return reachable;
  throw unreachable(fault, delta, reachable);
};

/**
 * The smallest parameter in 0..1 at which `deviation` reaches `delta`, given that `deviation(0)` is 0.
 * @throws FdirError `input` naming the class, the intensity and the largest one it can reach.
 */
export const firstCrossing = (fault: FaultClass, delta: number, deviation: (parameter: number) => number): number => {
  let reachable = 0;
  let furthest = 0;
  for (let step = 1; step <= GRID; step += 1) {
    const value = deviation(step / GRID);
    if (value >= delta) return bisect(delta, deviation, (step - 1) / GRID, step / GRID);
    if (value > reachable) {
      reachable = value;
      furthest = step / GRID;
    }
  }
  within(fault, delta, reachable);
  return furthest;
};

const bisect = (delta: number, deviation: (parameter: number) => number, from: number, to: number): number => {
  let [low, high] = [from, to];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (deviation(middle) < delta) low = middle;
    else high = middle;
  }
  return high;
};

/** Evenly thinned to what a search can look at. */
export const thinned = (nominal: NominalBlocks): NominalBlocks => {
  const { blocks, channels, frames } = nominal;
  const every = Math.max(1, Math.ceil((blocks.length * channels * frames) / SEARCH_SAMPLES));
  return { ...nominal, blocks: blocks.filter((_, index) => index % every === 0) };
};

/** The first crossing of a deterministic distortion, measured on nominal blocks. */
export const calibrateDistortion = (
  fault: FaultClass,
  delta: number,
  { blocks }: NominalBlocks,
  distort: (block: Float64Array, parameter: number) => Float64Array,
): number =>
  firstCrossing(fault, delta, (parameter) =>
    mean(blocks.map((block) => deviationOf(distort(block, parameter), block))),
  );
