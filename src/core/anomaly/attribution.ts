/**
 * Which parameters carry the anomaly: shares of the score, and where and how far each one left what the others imply. Each comes
 * with what a person can check.
 *
 * Expected is what the other parameters imply. Refused: the reconstruction of the autoencoder, which reproduces offsets that
 * it should not. The record holds both.
 */
import type { Attribution, Reason } from '../../domain/explanation';
import type { Manifest } from '../../domain/manifest';
import type { ScoredWindow } from '../../domain/scored-window';
import { isoTime } from '../../domain/units';
import { behaviourOf, outsideRange, stuckSince, type Course } from './behaviour';
import { leastDeviation } from './chance';
import { expectedValue, outsideOf, PLAINLY_OUTSIDE } from './expected-value';
import { unfollowedCommand, type Owners } from './unfollowed';

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
  /** Equipment by parameter; left out: a value may be charged with any command. */
  readonly owners?: Owners | undefined;
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

/** Parameters that are scored at all: conditions are not. */
const scoredRows = ({ parameters, conditions = [] }: Manifest): number => parameters.length - conditions.length;

/** Largest deviation of a mean over several windows, where the model has such heads. */
const slowReason = (manifest: Manifest, { inference }: ScoredWindow, row: number): Reason | undefined => {
  const all = (inference.heads ?? []).flatMap(({ frames, deviation }) =>
    frames > 0 ? [{ frames, deviation: deviation[row] ?? 0 }] : [],
  );
  const least = leastDeviation(scoredRows(manifest) * all.length);
  const [first] = all.sort((a, b) => Math.abs(b.deviation) - Math.abs(a.deviation));
  return first === undefined || Math.abs(first.deviation) < least
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
  readonly options: AttributionOptions;
}

/** How a parameter deviates at its worst moment. */
interface WorstMoment extends Pick<
  Attribution,
  'deviation' | 'direction' | 'measured' | 'expected' | 'bound' | 'outside' | 'peakAt'
> {
  /** Whether a person sees the deviation in the two values, after the expected one was moved to what can be. */
  readonly isVisible: boolean;
}

const worstMoment = ({ manifest, scored, row, from, options }: JudgedRow): WorstMoment => {
  const { window, inference } = scored;
  const { window: frames, periodMs } = manifest.sampling;
  const peak = peakOf(inference.deviation, row, frames, from);
  const at = row * frames + peak;
  const observed = manifest.observed?.[row];
  const [measured, implied] = [window.values[at] ?? 0, inference.expected[at] ?? 0];
  const { expected, bound } = expectedValue(implied, options.valid?.get(manifest.parameters[row] ?? ''), observed);
  const deviation = significant(inference.deviation[at] ?? 0);
  const outside = observed === undefined ? 0 : outsideOf(measured, observed);
  const difference = significant(measured) - significant(expected);
  return {
    peakAt: isoTime(window.start + peak * periodMs),
    deviation,
    direction: deviation >= 0 ? 'high' : 'low',
    measured: significant(measured),
    expected: significant(expected),
    ...(bound !== undefined && { bound }),
    ...(outside > 0 && { outside: significant(outside) }),
    isVisible: expected === implied || difference * deviation > 0,
  };
};

/** Undefined where the deviation itself is the reason. */
const reasonOf = (
  { manifest, scored, row, from, options }: JudgedRow,
  { deviation, bound, outside, isVisible }: WorstMoment,
): Reason | undefined => {
  const { window: frames, periodMs } = manifest.sampling;
  const { window, inference } = scored;
  const observed = manifest.observed?.[row];
  const valid = options.valid?.get(manifest.parameters[row] ?? '');
  const values = window.values.subarray(row * frames, (row + 1) * frames);
  const course: Course = { values, start: window.start, periodMs, from };
  const range = observed && outside ? outsideRange(course, observed) : undefined;
  if (Math.abs(deviation) >= leastDeviation(scoredRows(manifest) * frames)) {
    const expected = inference.expected
      .subarray(row * frames, (row + 1) * frames)
      .map((value) => expectedValue(value, valid, observed).expected);
    const unfollowed = unfollowedCommand({ manifest, window, row, values, expected, owners: options.owners });
    if (unfollowed !== undefined) return unfollowed;
    // What is implied lies beyond all that was seen, and so does the value. Then that is the fact: an extrapolation is checked by nobody.
    if (range !== undefined && bound !== undefined) return range;
    if (bound !== undefined || isVisible) return undefined;
  }
  const plain = (outside ?? 0) >= PLAINLY_OUTSIDE ? range : undefined;
  return (
    plain ??
    stuckSince(manifest, window, row) ??
    slowReason(manifest, scored, row) ??
    (observed && behaviourOf(course, observed)) ?? { kind: 'joint' }
  );
};

/** Parameters by falling share of the score; shares are of all parameters, also of those left out. */
export const attribute = (
  manifest: Manifest,
  scored: ScoredWindow,
  options: AttributionOptions = {},
): readonly Attribution[] => {
  const { window, inference } = scored;
  const from = firstFrame(window.start, options.since, manifest.sampling);
  const total = inference.parameterScore.reduce((sum, value) => sum + Math.max(0, value), 0);
  return manifest.parameters
    .map((parameter, row) => {
      const share = total > 0 ? Math.round((Math.max(0, inference.parameterScore[row] ?? 0) / total) * 1e4) / 1e4 : 0;
      return { parameter, row, share };
    })
    .sort((a, b) => b.share - a.share)
    .filter(({ share }, rank) => rank === 0 || (rank < MAX_PARAMETERS && share >= LEAST_SHARE))
    .map(({ parameter, row, share }): Attribution => {
      const judged: JudgedRow = { manifest, scored, row, from, options };
      const worst = worstMoment(judged);
      const reason = reasonOf(judged, worst);
      const { isVisible: _, ...told } = worst;
      return { parameter, share, ...told, ...(reason !== undefined && { reason }) };
    });
};
