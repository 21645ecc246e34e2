/**
 * The corevector of an equipment-shared tap: the shape of an equipment's deviation. It is blind to size, sign and (within a band) the
 * place in the window. Each channel is looked at in three bases: the cosine transform, the differences of neighbours, and the samples
 * themselves.
 *
 * - Of each basis: the largest coefficient and the concentration.
 * - Of the transform: the energy in five bands. Of the differences: their energy.
 * - Of each channel: the logarithm of its energy.
 *
 * All but the last are shares of the equipment's energy, in logarithms. Blind to size and sign, one driller serves all equipments.
 * Refused: one driller for each equipment, which has too few cases.
 */
import { groupedRows, type Views } from './conditional';
import type { Layout } from '../layout';
import { dense } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';

/** First coefficient of each band of the cosine transform; the level and the slope have bands of their own. */
const BANDS = [0, 1, 2, 4, 8] as const;
const BASES = 3;
/** Five bands, energy of differences; the largest of each basis; the concentration of each basis. */
export const SHAPE_FEATURES = BANDS.length + 1 + 2 * BASES;
/** Shares below this are nothing: keeps the logarithm from magnifying rounding. */
const SHARE_FLOOR = 1e-3;
/** Energy of a silent channel. */
const ENERGY_FLOOR = 1e-6;

/** [frames, 3 frames]: orthonormal cosine transform (DCT-II), differences of neighbours (the last column is empty), identity. */
const transform = (frames: number) => {
  const out = dense(frames, BASES * frames);
  for (let t = 0; t < frames; t += 1) {
    const row = t * out.columns;
    for (let k = 0; k < frames; k += 1)
      out.data[row + k] = Math.sqrt((k === 0 ? 1 : 2) / frames) * Math.cos((Math.PI * (t + 0.5) * k) / frames);
    if (t > 0) out.data[row + frames + t - 1] = 1;
    if (t < frames - 1) out.data[row + frames + t] = -1;
    out.data[row + 2 * frames + t] = 1;
  }
  return out;
};

/** [3 frames, bands + 1]: squared coefficients to energies of bands, and of the differences. */
const bandSums = (frames: number) => {
  const out = dense(BASES * frames, BANDS.length + 1);
  for (let k = 0; k < frames; k += 1) out.data[k * out.columns + BANDS.findLastIndex((first) => k >= first)] = 1;
  for (let k = frames; k < 2 * frames; k += 1) out.data[k * out.columns + BANDS.length] = 1;
  return out;
};

/** [rows, rows]: energies of rows to the energy of the group and view that a row belongs to. */
const groupTotals = (layout: Layout, count: number) => {
  const rows = count * groupedRows(layout);
  const out = dense(rows, rows);
  let from = 0;
  for (const group of layout.groups) {
    for (let view = 0; view < count; view += 1) {
      for (let i = from; i < from + group.length; i += 1)
        for (let j = from; j < from + group.length; j += 1) out.data[i * rows + j] = 1;
      from += group.length;
    }
  }
  return out;
};

/** [units, rows]: sums the channels of every group and view, for equipments that have no channels in common. */
const pooling = (layout: Layout, count: number) => {
  const rows = count * groupedRows(layout);
  const out = dense(count * layout.groups.length, rows);
  let from = 0;
  let unit = 0;
  for (const group of layout.groups) {
    for (let view = 0; view < count; view += 1) {
      for (let i = from; i < from + group.length; i += 1) out.data[unit * rows + i] = 1;
      from += group.length;
      unit += 1;
    }
  }
  return out;
};

/** Whether a feature is a channel's energy: the only ones that grow without bound with the size of a fault. */
export const isEnergyFeature = (index: number): boolean => index % (SHAPE_FEATURES + 1) === SHAPE_FEATURES;

/** Features of every group: [n * groups, width], and the width. */
export const buildShapeFeatures = (
  g: GraphBuilder,
  { views, energy, count }: Views,
  layout: Layout,
  hint: string,
): { features: string; width: number } => {
  const { frames, groups, alike } = layout;
  const rows = count * groupedRows(layout);
  const totals = groupTotals(layout, count);
  const floor = g.constant(`${hint}/energy-floor`, new Float64Array(rows).fill(ENERGY_FLOOR), [rows]);
  const norm = g.node('Sqrt', [g.gemm(energy, g.constant(`${hint}/totals`, totals.data, [rows, rows]), floor)]);
  const unit = g.div(views, g.reshape(norm, [-1, rows, 1]));
  const bases = transform(frames);
  const spectrum = g.matmul(unit, g.constant(`${hint}/bases`, bases.data, [bases.rows, bases.columns]));
  const power = g.mul(spectrum, spectrum);
  const sums = bandSums(frames);
  const bands = g.matmul(power, g.constant(`${hint}/bands`, sums.data, [sums.rows, sums.columns]));
  const byBasis = g.reshape(power, [-1, rows, BASES, frames]);
  const each = SHAPE_FEATURES + 1;
  const floors = Float64Array.from({ length: each }, (_, index) =>
    index < SHAPE_FEATURES ? SHARE_FLOOR : ENERGY_FLOOR,
  );
  const all = g.concat([bands, g.reduceMax(byBasis, [3]), g.energy(byBasis, [3]), g.reshape(energy, [-1, rows, 1])], 2);
  // One constant for every row: an addition of equal shapes is one loop, one that repeats a short row is many.
  const everyRow = Float64Array.from({ length: rows * each }, (_, index) => floors[index % each] as number);
  const plain = g.add(all, g.constant(`${hint}/floors`, everyRow, [1, rows, each]));
  if (alike) {
    const width = (rows / groups.length) * each;
    return { features: g.reshape(g.log(plain), [-1, width]), width };
  }
  const pool = pooling(layout, count);
  const pooled = g.matmul(g.constant(`${hint}/pooling`, pool.data, [pool.rows, pool.columns]), plain);
  return { features: g.reshape(g.log(pooled), [-1, count * each]), width: count * each };
};
