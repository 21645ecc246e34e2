/** How one parameter behaves within a window: what a person can count in the plot of it. */
import type { Manifest, ObservedRange } from '../../domain/manifest';
import type { Reason } from '../../domain/explanation';
import type { Window } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import { SUMMARIES, SUMMARY } from '../telemetry/summaries';
import { FROZEN, LONGEST_LEVEL } from './own-past';

export interface Course {
  /** Values of the window, frame by frame; NaN where nothing was measured. */
  readonly values: ArrayLike<number>;
  /** Packet time of the first frame, and between two; milliseconds. */
  readonly start: number;
  readonly periodMs: number;
  /** Frames before this one are not looked at: they lie before the anomaly. */
  readonly from: number;
}

/** Four significant digits, as everywhere in the record. */
const significant = (value: number): number => Number(value.toPrecision(4));

/** Mean absolute change from one frame to the next; 0 of fewer than two values. */
export const meanChange = (values: ArrayLike<number>): number => {
  let [sum, count] = [0, 0];
  for (let t = 1; t < values.length; t += 1) {
    const change = Math.abs((values[t] ?? NaN) - (values[t - 1] ?? NaN));
    if (Number.isNaN(change)) continue;
    sum += change;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
};

/** The longest run of one value: how long, and which. */
export const longestRun = (values: ArrayLike<number>): { readonly frames: number; readonly value: number } => {
  let best = { frames: 0, value: NaN };
  let length = 0;
  for (let t = 0; t < values.length; t += 1) {
    length = t > 0 && values[t] === values[t - 1] ? length + 1 : 1;
    if (length > best.frames) best = { frames: length, value: values[t] ?? NaN };
  }
  return best;
};

/** The frame that lies farthest outside the nominal range; undefined when all lie inside. */
const farthestOutside = ({ values, from }: Course, { low, high }: ObservedRange): number | undefined => {
  let [best, most] = [-1, 0];
  for (let t = from; t < values.length; t += 1) {
    const outside = Math.max(low - (values[t] ?? NaN), (values[t] ?? NaN) - high);
    if (outside > most) [best, most] = [t, outside];
  }
  return best < 0 ? undefined : best;
};

/** Values that differ by less than this share of the range are one level. */
const SAME = 1e-6;

const unseenLevel = ({ values, from }: Course, levels: readonly number[]): number | undefined => {
  const range = Math.max(1e-12, (levels.at(-1) ?? 0) - (levels[0] ?? 0));
  for (let t = from; t < values.length; t += 1) {
    const value = values[t] ?? NaN;
    if (!Number.isNaN(value) && levels.every((level) => Math.abs(level - value) > SAME * range)) return t;
  }
  return undefined;
};

/** The farthest value outside of all that nominal telemetry held; undefined when there is none, or none that four digits show. */
export const outsideRange = (
  course: Course,
  observed: ObservedRange,
): Extract<Reason, { readonly kind: 'range' }> | undefined => {
  const frame = farthestOutside(course, observed);
  if (frame === undefined) return undefined;
  const value = course.values[frame] ?? 0;
  const side = value < observed.low ? 'low' : 'high';
  const at = isoTime(course.start + frame * course.periodMs);
  const told = { value: significant(value), nominal: significant(observed[side]) };
  return told.value === told.nominal ? undefined : { kind: 'range', side, ...told, at };
};

/** The most telling way in which the window leaves what nominal windows did; undefined when it does not. */
export const behaviourOf = (course: Course, observed: ObservedRange): Reason | undefined => {
  const { values, start, periodMs } = course;
  const at = (frame: number): string => isoTime(start + frame * periodMs);
  if (observed.levels !== undefined) {
    const frame = unseenLevel(course, observed.levels);
    if (frame !== undefined)
      return { kind: 'level', value: significant(values[frame] ?? 0), seen: [...observed.levels], at: at(frame) };
  }
  const range = outsideRange(course, observed);
  if (range !== undefined) return range;
  const run = longestRun(values);
  if (run.frames > observed.longestRun)
    return { kind: 'repeats', value: significant(run.value), frames: run.frames, nominal: observed.longestRun };
  const change = meanChange(values);
  const side = change < observed.spread.low ? 'low' : change > observed.spread.high ? 'high' : undefined;
  if (side === undefined) return undefined;
  return { kind: 'spread', side, value: significant(change), nominal: significant(observed.spread[side]) };
};

/** What is told of a run that began before the window: undefined where it is none, or no longer than nominal ones. */
export const stuckSince = (
  { calibration: { ownPast }, sampling }: Manifest,
  { memory, values }: Window,
  row: number,
): Extract<Reason, { readonly kind: 'repeats' }> | undefined => {
  const index = ownPast?.parameters.indexOf(row) ?? -1;
  const unit = ownPast?.heads.find(({ name }) => name === FROZEN)?.unit[index];
  const run = memory?.[row * SUMMARIES + SUMMARY.run] ?? 0;
  const longest = Math.round(LONGEST_LEVEL * (unit ?? 0));
  if (unit === undefined || run <= longest) return undefined;
  const value = significant(values[(row + 1) * sampling.window - 1] ?? NaN);
  // A run of n repeats is n + 1 samples.
  return { kind: 'repeats', value, frames: run + 1, nominal: longest + 1, counts: 'samples' };
};
