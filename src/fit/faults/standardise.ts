/** From engineering columns to standardised blocks and back. */
import { trimDecimals } from '../../core/decimals';
import { FdirError } from '../../domain/errors';
import type { FrameRange } from './place-faults';

/** One parameter of a pass, standardised; missing samples are filled in so that faults which need neighbours have some. */
export interface StandardisedColumn {
  readonly mean: number;
  readonly deviation: number;
  readonly values: Float64Array;
}

/** Missing samples replaced by the straight line between their neighbours, at the ends by the nearest. */
const filled = (values: Float64Array): Float64Array => {
  const result = Float64Array.from(values);
  let previous = -1;
  for (let index = 0; index <= values.length; index += 1) {
    if (index < values.length && Number.isNaN(values[index])) continue;
    const after = values[index] ?? values[previous] ?? NaN;
    const before = values[previous] ?? after;
    for (let missing = previous + 1; missing < index; missing += 1) {
      result[missing] = before + ((after - before) * (missing - previous)) / (index - previous);
    }
    previous = index;
  }
  return result;
};

/**
 * Standardises `column` by the mean and standard deviation of `reference` (the same column, or a longer nominal one).
 * @throws FdirError `input` when the reference has no spread to measure a fault by.
 */
export const standardiseMovingColumn = (
  parameter: string,
  column: Float64Array,
  reference: Float64Array,
): StandardisedColumn => {
  const samples = reference.filter((value) => !Number.isNaN(value));
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const deviation = Math.sqrt(samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / samples.length);
  if (!(deviation > 1e-12 * Math.max(1, Math.abs(mean)))) {
    const what = samples.length === 0 ? 'has no sample' : 'is constant';
    throw new FdirError(
      'input',
      `"${parameter}" ${what}: there is no nominal spread that a fault could be measured by; give a --reference in which it moves`,
    );
  }
  return { mean, deviation, values: filled(column).map((value) => (value - mean) / deviation) };
};

/** The samples of a stretch as a block [channels][frames]. */
export const blockOf = (columns: readonly StandardisedColumn[], { from, to }: FrameRange): Float64Array => {
  const frames = to - from + 1;
  const block = new Float64Array(columns.length * frames);
  columns.forEach(({ values }, channel) => {
    block.set(values.subarray(from, to + 1), channel * frames);
  });
  return block;
};

/** Blocks that statistics are taken from: enough for a covariance of 64 dimensions, few enough for a stretch of hours. */
const NOMINAL_BLOCKS = 400;

/** Blocks of `frames` frames, evenly spread over the columns; they overlap where the pass is short. */
export const nominalBlocks = (columns: readonly StandardisedColumn[], frames: number): readonly Float64Array[] => {
  const starts = (columns[0]?.values.length ?? 0) - frames + 1;
  if (starts < 1) {
    throw new FdirError(
      'input',
      `the nominal telemetry is too short: it has no ${String(frames)} frames to fit a fault on`,
    );
  }
  const count = Math.min(NOMINAL_BLOCKS, starts);
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * starts) / count);
    return blockOf(columns, { from, to: from + frames - 1 });
  });
};

/** How the samples of a column are written. */
export interface NumberFormat {
  readonly decimals: number;
  /** Every sample has that many decimals, trailing zeros included. */
  readonly fixed: boolean;
}

/** More decimals than a double holds are none. */
const MAX_DECIMALS = 15;

const decimalsOf = (text: string): number => {
  const match = /^[^.eE]*(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  return Math.min(MAX_DECIMALS, Math.max(0, (match?.[1]?.length ?? 0) - Number(match?.[2] ?? 0)));
};

export const numberFormatOf = (texts: readonly string[]): NumberFormat => {
  const counts = texts.map(decimalsOf);
  const decimals = counts.reduce((most, count) => Math.max(most, count), 0);
  return { decimals, fixed: counts.every((count) => count === decimals) };
};

export const formatNumber = (value: number, { decimals, fixed }: NumberFormat): string => {
  const text = value.toFixed(decimals);
  const short = fixed ? text : trimDecimals(text);
  return Number(short) === 0 ? short.replace('-', '') : short;
};
