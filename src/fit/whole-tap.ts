/** Taps on the whole window instead of on each equipment: the whitened residual, reduced to its directions of most fault energy. */
import type { GraphParts } from './equipment-parts';
import { project } from './graph/front';
import { PAPER, type LayerSource } from './layer-peephole';
import { dense, eigen, multiply, symmetricFunction, type Dense } from './math/dense';
import type { Case } from './calibration-set';

export const WHOLE_TAPS = ['residual:whole', 'detector-residual:whole'] as const;

/** Faults outshine each other by orders of magnitude: each case counts by its direction, not by its size. */
const directionMoments = (rows: readonly Float64Array[], size: number): Dense => {
  const out = dense(size, size);
  for (const row of rows) {
    const norm = row.reduce((sum, value) => sum + value * value, 0) || 1;
    for (let i = 0; i < size; i += 1) {
      const factor = (row[i] as number) / (norm * rows.length);
      for (let j = 0; j < size; j += 1)
        out.data[i * size + j] = (out.data[i * size + j] as number) + factor * (row[j] as number);
    }
  }
  return out;
};

/** Moments of this many cases tell the directions apart. */
const MAX_CASES = 3000;

/**
 * @param residuals the detector's residuals of the cases, for `detector-residual:whole`; undefined takes the windows themselves.
 */
export const wholeSource = (
  name: (typeof WHOLE_TAPS)[number],
  parts: GraphParts,
  cases: readonly Case[],
  residuals?: readonly Float32Array[],
): LayerSource => {
  const { layout, scaling, linear, residual } = parts;
  const { frames, parameters } = layout;
  const size = parameters * frames;
  const model = residuals === undefined ? linear : residual;
  const root = symmetricFunction(model.precision, Math.sqrt);
  const step = Math.max(1, Math.ceil(cases.length / MAX_CASES));
  const rows = cases.flatMap(({ values }, index) => {
    if (index % step !== 0) return [];
    const source =
      residuals?.[index] ??
      Float64Array.from(
        values,
        (value, i) =>
          (value - (scaling.mean[Math.floor(i / frames)] as number)) / (scaling.std[Math.floor(i / frames)] as number),
      );
    const centred = Float64Array.from(source, (value, i) => value - (model.mean[i] as number));
    return [multiply(dense(1, size, centred), root).data];
  });
  const { vectors } = eigen(directionMoments(rows, size));
  const width = Math.min(PAPER.dimensions, size);
  const directions = dense(size, width);
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < width; j += 1) directions.data[i * width + j] = vectors.data[i * size + j] as number;
  const matrix = multiply(root, directions);
  return {
    name,
    kind: residuals === undefined ? 'linear-residual' : 'detector-residual',
    width,
    build: (g, front, hint) =>
      project(g, residuals === undefined ? front.centred : front.residual, `${hint}/directions`, {
        mean: model.mean,
        matrix,
      }),
  };
};
