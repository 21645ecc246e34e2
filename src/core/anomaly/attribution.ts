/** Which parameters carry the anomaly: shares of the score, and where and how far each one left what the others imply. */
import type { Attribution } from '../../domain/explanation';
import type { Manifest } from '../../domain/manifest';
import type { ScoredWindow } from '../../domain/scored-window';
import { isoTime } from '../../domain/units';

/** Parameters with a smaller share are left out of the record: they explain nothing. */
const LEAST_SHARE = 0.02;
const MAX_PARAMETERS = 8;

/** Four significant digits: more is noise, and float32 does not hold more than seven. */
export const significant = (value: number): number => Number(value.toPrecision(4));

/** Frame of the largest absolute deviation of one parameter. */
const peakOf = (deviation: Float32Array, row: number, frames: number): number => {
  let best = 0;
  for (let t = 1; t < frames; t += 1) {
    if (Math.abs(deviation[row * frames + t] ?? 0) > Math.abs(deviation[row * frames + best] ?? 0)) best = t;
  }
  return best;
};

/** Parameters by falling share of the score; shares are of all parameters, also of those left out. */
export const attribute = (manifest: Manifest, { window, inference }: ScoredWindow): readonly Attribution[] => {
  const frames = manifest.sampling.window;
  const total = inference.parameterScore.reduce((sum, value) => sum + Math.max(0, value), 0);
  return manifest.parameters
    .map((parameter, row): Attribution => {
      const peak = peakOf(inference.deviation, row, frames);
      const at = row * frames + peak;
      const deviation = inference.deviation[at] ?? 0;
      return {
        parameter,
        share: total > 0 ? Math.round((Math.max(0, inference.parameterScore[row] ?? 0) / total) * 1e4) / 1e4 : 0,
        peakAt: isoTime(window.start + peak * manifest.sampling.periodMs),
        deviation: significant(deviation),
        direction: deviation >= 0 ? 'high' : 'low',
        measured: significant(window.values[at] ?? 0),
        expected: significant(inference.expected[at] ?? 0),
      };
    })
    .sort((a, b) => b.share - a.share)
    .filter(({ share }, rank) => rank === 0 || (rank < MAX_PARAMETERS && share >= LEAST_SHARE));
};
