/** Compares a record with what its model says of the stored window now: every figure that follows from the window alone. */
import type { Explanation } from '../../domain/explanation';
import type { Manifest } from '../../domain/manifest';
import type { ScoredWindow } from '../../domain/scored-window';
import { attribute } from './attribution';

export interface RecomputedFigure {
  readonly figure: string;
  readonly recorded: string;
  readonly recomputed: string;
  /** Relative to the larger of the recorded value and 1; null where it is no number. */
  readonly difference: number | null;
  readonly agrees: boolean;
}

/**
 * The record keeps six significant digits of the window, and four or five of the figures. The evidence divides by small spreads,
 * so that comes to a few thousandths.
 */
export const TOLERANCE = 0.01;

const numbers = (figure: string, recorded: number, recomputed: number): RecomputedFigure => {
  const difference = Math.abs(recomputed - recorded) / Math.max(1, Math.abs(recorded));
  return {
    figure,
    recorded: String(recorded),
    recomputed: recomputed.toPrecision(5),
    difference,
    agrees: difference <= TOLERANCE,
  };
};

const words = (figure: string, recorded: string, recomputed: string): RecomputedFigure => ({
  figure,
  recorded,
  recomputed,
  difference: null,
  agrees: recorded === recomputed,
});

/** The largest difference of a series, relative to its range or 1. */
const series = (
  figure: string,
  manifest: Manifest,
  recorded: Readonly<Record<string, readonly (number | null)[]>>,
  recomputed: Float32Array,
): RecomputedFigure => {
  const frames = manifest.sampling.window;
  let [worst, where] = [0, ''];
  manifest.parameters.forEach((id, row) => {
    (recorded[id] ?? []).forEach((value, frame) => {
      if (value === null) return;
      const difference = Math.abs((recomputed[row * frames + frame] ?? NaN) - value) / Math.max(1, Math.abs(value));
      if (!(difference <= worst)) [worst, where] = [difference, id];
    });
  });
  const told = where === '' ? 'every value is the same' : `largest difference at ${where}`;
  return { figure, recorded: told, recomputed: '', difference: worst, agrees: worst <= TOLERANCE };
};

/** The stored window as the model takes it; undefined when a sample is missing. */
export const windowOf = ({ freezeFrame }: Explanation, manifest: Manifest): Float32Array | undefined => {
  const frames = manifest.sampling.window;
  const values = new Float32Array(manifest.parameters.length * frames);
  for (const [row, id] of manifest.parameters.entries()) {
    const own = freezeFrame.parameters[id];
    if (own?.length !== frames) return undefined;
    for (const [frame, value] of own.entries()) {
      if (value === null) return undefined;
      values[row * frames + frame] = value;
    }
  }
  return values;
};

/** @param sufficient what the counterfactual inferences found now. */
export const compareRecord = (
  record: Explanation,
  manifest: Manifest,
  scored: ScoredWindow,
  sufficient: readonly string[],
): readonly RecomputedFigure[] => {
  const { score, attribution, freezeFrame } = record;
  const again = attribute(manifest, scored, { since: Date.parse(record.start) });
  return [
    numbers('score', score.value, scored.inference.score),
    numbers('threshold', score.threshold, manifest.calibration.threshold),
    numbers('p-value', score.pValue, scored.inference.pValue),
    ...attribution.flatMap(({ parameter, share, deviation, peakAt }) => {
      const now = again.find((item) => item.parameter === parameter);
      if (now === undefined) return [words(`share of ${parameter}`, String(share), 'not among the contributing')];
      return [
        numbers(`share of ${parameter}`, share, now.share),
        numbers(`deviation of ${parameter}`, deviation, now.deviation),
        words(`peak of ${parameter}`, peakAt, now.peakAt),
      ];
    }),
    words('sufficient', record.sufficient.join(', '), sufficient.join(', ')),
    series('reconstruction', manifest, freezeFrame.reconstruction, scored.inference.reconstruction),
    series('expected', manifest, freezeFrame.expected, scored.inference.expected),
  ];
};
