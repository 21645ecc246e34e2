/**
 * Which parameters carry the anomaly: shares of the score, and where and how far each one left what the others imply. Each comes
 * with what a person can check.
 *
 * Expected is what the other parameters imply. Refused: the reconstruction of the autoencoder, which reproduces offsets that
 * it should not. The record holds both.
 */
import { LEAST_DEVIATION, type Attribution, type Reason } from '../../domain/explanation';
import type { Manifest } from '../../domain/manifest';
import type { ScoredWindow } from '../../domain/scored-window';
import { isoTime } from '../../domain/units';
import { behaviourOf } from './behaviour';
import { unfollowedCommand } from './unfollowed';

/** Parameters with a smaller share are left out of the record: they explain nothing. */
const LEAST_SHARE = 0.02;
const MAX_PARAMETERS = 8;

/** Four significant digits: more is noise, and float32 does not hold more than seven. */
export const significant = (value: number): number => Number(value.toPrecision(4));

/** Valid ranges of the mission, by parameter. */
export type ValidRanges = ReadonlyMap<string, readonly [number, number]>;

export const validRanges = (
  parameters: readonly { id: string; valid?: readonly [number, number] | undefined }[],
): ValidRanges => new Map(parameters.flatMap(({ id, valid }) => (valid === undefined ? [] : [[id, valid] as const])));

export interface AttributionOptions {
  /** Start of the anomaly, milliseconds: no worst moment lies before it. */
  readonly since?: number | undefined;
  readonly valid?: ValidRanges | undefined;
}

/** Frame of the largest absolute deviation of one parameter, at `from` or later. */
const peakOf = (deviation: Float32Array, row: number, frames: number, from: number): number => {
  let best = from;
  for (let t = from + 1; t < frames; t += 1) {
    if (Math.abs(deviation[row * frames + t] ?? 0) > Math.abs(deviation[row * frames + best] ?? 0)) best = t;
  }
  return best;
};

/** The first frame of the window that is not before `since`; the last one when all are. */
const firstFrame = (start: number, since: number | undefined, { periodMs, window }: Manifest['sampling']): number =>
  since === undefined ? 0 : Math.min(window - 1, Math.max(0, Math.ceil((since - start) / periodMs)));

/** What is implied, moved to what the parameter can take: within its valid range, and of levels the nearest one. */
const possible = (
  expected: number,
  valid: readonly [number, number] | undefined,
  levels: readonly number[] = [],
): number => {
  const [low, high] = valid ?? [-Infinity, Infinity];
  const within = Math.min(high, Math.max(low, expected));
  return levels.reduce(
    (nearest, level) => (Math.abs(level - within) < Math.abs(nearest - within) ? level : nearest),
    levels[0] ?? within,
  );
};

/** Largest deviation of a mean over several windows, where the model has such heads. */
const slowReason = ({ inference }: ScoredWindow, row: number): Reason | undefined => {
  const all = (inference.heads ?? []).flatMap(({ frames, deviation }) =>
    frames > 0 ? [{ frames, deviation: deviation[row] ?? 0 }] : [],
  );
  const [first] = all.sort((a, b) => Math.abs(b.deviation) - Math.abs(a.deviation));
  return first === undefined || Math.abs(first.deviation) < LEAST_DEVIATION
    ? undefined
    : { kind: 'slow', frames: first.frames, deviation: significant(first.deviation) };
};

/** One parameter of a scored window. */
interface JudgedRow {
  readonly manifest: Manifest;
  readonly scored: ScoredWindow;
  readonly row: number;
  /** The first frame of the anomaly. */
  readonly from: number;
  /** At its worst moment. */
  readonly deviation: number;
}

/** Undefined where the deviation itself is the reason. */
const reasonOf = ({ manifest, scored, row, from, deviation }: JudgedRow): Reason | undefined => {
  const { window: frames, periodMs } = manifest.sampling;
  const { window, inference } = scored;
  const values = window.values.subarray(row * frames, (row + 1) * frames);
  const expected = inference.expected.subarray(row * frames, (row + 1) * frames);
  if (Math.abs(deviation) >= LEAST_DEVIATION) return unfollowedCommand({ manifest, window, row, values, expected });
  const observed = manifest.observed?.[row];
  return (
    slowReason(scored, row) ??
    (observed && behaviourOf({ values, start: window.start, periodMs, from }, observed)) ?? { kind: 'joint' }
  );
};

/** Parameters by falling share of the score; shares are of all parameters, also of those left out. */
export const attribute = (
  manifest: Manifest,
  scored: ScoredWindow,
  { since, valid }: AttributionOptions = {},
): readonly Attribution[] => {
  const { window, inference } = scored;
  const frames = manifest.sampling.window;
  const from = firstFrame(window.start, since, manifest.sampling);
  const total = inference.parameterScore.reduce((sum, value) => sum + Math.max(0, value), 0);
  return manifest.parameters
    .map((parameter, row) => {
      const share = total > 0 ? Math.round((Math.max(0, inference.parameterScore[row] ?? 0) / total) * 1e4) / 1e4 : 0;
      return { parameter, row, share };
    })
    .sort((a, b) => b.share - a.share)
    .filter(({ share }, rank) => rank === 0 || (rank < MAX_PARAMETERS && share >= LEAST_SHARE))
    .map(({ parameter, row, share }): Attribution => {
      const peak = peakOf(inference.deviation, row, frames, from);
      const at = row * frames + peak;
      const deviation = significant(inference.deviation[at] ?? 0);
      const implied = possible(inference.expected[at] ?? 0, valid?.get(parameter), manifest.observed?.[row]?.levels);
      const reason = reasonOf({ manifest, scored, row, from, deviation });
      return {
        parameter,
        share,
        peakAt: isoTime(window.start + peak * manifest.sampling.periodMs),
        deviation,
        direction: deviation >= 0 ? 'high' : 'low',
        measured: significant(window.values[at] ?? 0),
        expected: significant(implied),
        ...(reason !== undefined && { reason }),
      };
    });
};
