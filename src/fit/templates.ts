/**
 * Matched filters of a unit's deviation: how much of its energy a fault of a given shape explains. A shape is free to have another size
 * and sign in every channel, so one shape is a subspace.
 *
 * Energies are those of the whitened deviation `w = L_gg^-1/2 u_g`. If a shape is right, it leaves nominal noise of energy one a sample.
 * That holds however large the fault is and whatever spacecraft it is on. (Generalised likelihood ratio: Kay, Fundamentals of Statistical
 * Signal Processing II, section 7.7.)
 */
import type { Layout } from './layout';
import { dense, inverse, multiply, type Dense } from './math/dense';
import type { ConditionalModel } from './precision';

/** What the energies of the blocks add up to. */
export const TEMPLATES = ['level', 'ramp', 'line', 'step', 'impulse'] as const;

export interface TemplateBank {
  /** Channels of the largest unit: smaller ones are padded with empty channels. */
  readonly channels: number;
  /** Blocks of `channels` columns each: level, ramp, what a line adds to a level, what each step adds, each impulse. */
  readonly blocks: number;
  readonly steps: number;
  readonly impulses: number;
  /** For each unit [channels * frames, blocks * channels]: orthonormal within a block. */
  readonly columns: readonly Dense[];
  /** For each unit [channels * frames, channels * frames]: whitened deviation to the likeliest additive disturbance. */
  readonly disturbance: readonly Dense[];
  /** For each unit [channels * frames, channels * frames]: whitened deviation to u_g, whose product with the window is its distance. */
  readonly roots: readonly Dense[];
}

/** More instants than these tell nothing more apart, and cost time in every window. */
const MAX_STEPS = 9;
const MAX_IMPULSES = 32;
/** Columns shorter than this are combinations of others. */
const DEPENDENT = 1e-6;
/** Variance of a disturbance that is looked for, in nominal variances: what the model knows less well than that stays unexplained. */
const DISTURBANCE = 0.1;

const evenly = (from: number, to: number, most: number): number[] => {
  const count = Math.min(most, to - from + 1);
  return Array.from({ length: count }, (_, i) =>
    Math.round(count === 1 ? (from + to) / 2 : from + (i * (to - from)) / (count - 1)),
  );
};

/** Columns R (e_c x v), a column a channel. */
const spread = (root: Dense, channels: number, shape: readonly number[]): Float64Array[] =>
  Array.from({ length: channels }, (_, channel) =>
    Float64Array.from({ length: root.rows }, (_value, row) =>
      shape.reduce(
        (sum, value, t) => sum + value * (root.data[row * root.columns + channel * shape.length + t] as number),
        0,
      ),
    ),
  );

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);

/** Gram and Schmidt, twice for the digits; a column that the others hold already becomes zero. */
const orthonormal = (columns: readonly Float64Array[], against: readonly Float64Array[] = []): Float64Array[] => {
  const done: Float64Array[] = [];
  for (const column of columns) {
    const left = column.slice();
    const before = Math.sqrt(dot(column, column));
    for (let pass = 0; pass < 2; pass += 1)
      for (const other of [...against, ...done]) {
        const share = dot(left, other);
        for (let i = 0; i < left.length; i += 1) left[i] = (left[i] as number) - share * (other[i] as number);
      }
    const norm = Math.sqrt(dot(left, left));
    done.push(
      norm > DEPENDENT * Math.max(before, 1e-12) ? left.map((value) => value / norm) : new Float64Array(left.length),
    );
  }
  return done;
};

const padded = (m: Dense, rows: number, columns: number): Dense => {
  const out = dense(rows, columns);
  for (let i = 0; i < m.rows; i += 1) out.data.set(m.data.subarray(i * m.columns, (i + 1) * m.columns), i * columns);
  return out;
};

/** tau (tau I + L^-1)^-1 L^-1/2: the mean of d given dev = d + e, d ~ N(0, tau I), e ~ N(0, L^-1). */
const disturbanceOf = (inverseRoot: Dense): Dense => {
  const size = inverseRoot.rows;
  const sum = multiply(inverseRoot, inverseRoot);
  for (let i = 0; i < size; i += 1) sum.data[i * size + i] = (sum.data[i * size + i] as number) + DISTURBANCE;
  const gain = inverse(sum);
  // The graph multiplies a row by the matrix from the right, so the transpose is wanted.
  return multiply(
    inverseRoot,
    dense(
      size,
      size,
      gain.data.map((value) => DISTURBANCE * value),
    ),
  );
};

/** Instants at which a step is looked for: the middle half, where the injected ones are. */
export const stepInstants = (frames: number): number[] =>
  frames < 3 ? [] : evenly(Math.max(1, Math.ceil(frames / 4)), Math.max(1, Math.floor((3 * frames) / 4)), MAX_STEPS);
const impulseInstants = (frames: number): number[] => evenly(0, frames - 1, MAX_IMPULSES);

/** @param model of the windows that the deviations are whitened by. */
export const templateBank = (model: ConditionalModel, { groups, frames }: Layout): TemplateBank => {
  const channels = Math.max(...groups.map(({ length }) => length));
  const steps = stepInstants(frames);
  const impulses = impulseInstants(frames);
  const blocks = 3 + steps.length + impulses.length;
  const times = Array.from({ length: frames }, (_, t) => t);
  const columns = groups.map((group, index) => {
    const root = model.groupRoots[index] ?? dense(0, 0);
    const basis = (shape: (t: number) => number): Float64Array[] => spread(root, group.length, times.map(shape));
    const level = orthonormal(basis(() => 1));
    const ramp = basis((t) => (t + 1) / frames);
    const all = [
      level,
      orthonormal(ramp),
      orthonormal(ramp, level),
      ...steps.map((instant) =>
        orthonormal(
          basis((t) => (t >= instant ? 1 : 0)),
          level,
        ),
      ),
      ...impulses.map((instant) => orthonormal(basis((t) => (t === instant ? 1 : 0)))),
    ];
    const out = dense(channels * frames, blocks * channels);
    all.forEach((block, at) => {
      block.forEach((column, channel) => {
        column.forEach((value, row) => (out.data[row * out.columns + at * channels + channel] = value));
      });
    });
    return out;
  });
  const size = channels * frames;
  return {
    channels,
    blocks,
    steps: steps.length,
    impulses: impulses.length,
    columns,
    disturbance: model.groupInverseRoots.map((root) => padded(disturbanceOf(root), size, size)),
    roots: model.groupRoots.map((root) => padded(root, size, size)),
  };
};
