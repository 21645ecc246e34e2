/**
 * The corevector of an equipment-shared tap: the shape of an equipment's deviation, blind to its size, sign and (within a band)
 * its place in the window. For each channel: energy in five bands of the cosine transform, energy and peak of the sample-to-sample
 * differences, peak and peakedness, each as share of the equipment's energy, in logarithms; and the logarithm of that energy.
 */
import { groupedRows, membership, type GroupEvidence } from './conditional';
import type { Layout } from '../layout';
import { dense, transpose } from '../math/dense';
import type { GraphBuilder } from '../onnx/graph-builder';

/** First coefficient of each band of the cosine transform; the level and the slope have bands of their own. */
const BANDS = [0, 1, 2, 4, 8] as const;
/** Five bands, difference energy, difference peak, peak, peakedness. */
export const SHAPE_FEATURES = BANDS.length + 4;
/** Shares below this are nothing: keeps the logarithm from magnifying rounding. */
const SHARE_FLOOR = 1e-3;
/** The energy of a silent equipment. */
const ENERGY_FLOOR = 1e-6;

/** [frames, frames + frames - 1]: orthonormal cosine transform (DCT-II), then differences of neighbours. */
const transform = (frames: number) => {
  const out = dense(frames, 2 * frames - 1);
  for (let t = 0; t < frames; t += 1) {
    for (let k = 0; k < frames; k += 1)
      out.data[t * out.columns + k] =
        Math.sqrt((k === 0 ? 1 : 2) / frames) * Math.cos((Math.PI * (t + 0.5) * k) / frames);
    if (t > 0) out.data[t * out.columns + frames + t - 1] = 1;
    if (t < frames - 1) out.data[t * out.columns + frames + t] = -1;
  }
  return out;
};

/** [2 frames - 1, bands + 1]: sums of squared coefficients into bands, and of squared differences. */
const bandSums = (frames: number) => {
  const out = dense(2 * frames - 1, BANDS.length + 1);
  for (let k = 0; k < frames; k += 1) out.data[k * out.columns + BANDS.findLastIndex((first) => k >= first)] = 1;
  for (let k = frames; k < 2 * frames - 1; k += 1) out.data[k * out.columns + BANDS.length] = 1;
  return out;
};

/** Features of every group: [n, groups, width], and the width. */
export const buildShapeFeatures = (
  g: GraphBuilder,
  evidence: GroupEvidence,
  layout: Layout,
  hint: string,
): { features: string; width: number } => {
  const { frames, groups } = layout;
  const rows = groupedRows(layout) * evidence.count;
  const units = groups.length * evidence.count;
  const members = membership(layout, evidence.count);
  const toGroups = g.constant(`${hint}/to-groups`, members.data, [rows, units]);
  const toRows = g.constant(`${hint}/to-rows`, transpose(members).data, [units, rows]);
  const groupEnergy = g.matmul(evidence.energy, toGroups);
  const floor = g.constant(`${hint}/energy-floor`, [ENERGY_FLOOR], [1]);
  const rowNorm = g.node('Sqrt', [g.add(g.matmul(groupEnergy, toRows), floor)]);
  const unit = g.div(evidence.views, g.reshape(rowNorm, [-1, rows, 1]));

  const t = transform(frames);
  const sums = bandSums(frames);
  const spectrum = g.matmul(unit, g.constant(`${hint}/transform`, t.data, [t.rows, t.columns]));
  const power = g.mul(spectrum, spectrum);
  const bands = g.matmul(power, g.constant(`${hint}/bands`, sums.data, [sums.rows, sums.columns]));
  const steepest = g.reduceMax(g.slice(power, 2, frames, 2 * frames - 1), [2], true);
  const squares = g.mul(unit, unit);
  const peak = g.reduceMax(squares, [2], true);
  const peakedness = g.reduceSum(g.mul(squares, squares), [2], true);
  const shares = g.concat([bands, steepest, peak, peakedness], 2);
  const shareFloor = g.constant(`${hint}/share-floor`, [SHARE_FLOOR], [1]);

  const logEnergy = g.transpose(
    g.reshape(g.log(g.add(groupEnergy, floor)), [-1, evidence.count, groups.length]),
    [0, 2, 1],
  );
  const channels = layout.alike ? (groups[0]?.length ?? 0) : 1;
  // Unlike equipments have no common channels: their shares are summed over the channels they have.
  const perUnit = layout.alike ? shares : g.transpose(g.matmul(g.transpose(shares, [0, 2, 1]), toGroups), [0, 2, 1]);
  const width = channels * SHAPE_FEATURES;
  const logShares = g.log(g.add(perUnit, shareFloor));
  const arranged = g.reshape(
    g.transpose(g.reshape(logShares, [-1, evidence.count, groups.length, width]), [0, 2, 1, 3]),
    [-1, groups.length, evidence.count * width],
  );
  return { features: g.concat([arranged, logEnergy], 2), width: evidence.count * (width + 1) };
};
