/** Where in a pass faults go: stretches of frames, chosen by seed. */
import type { Random } from '../../core/random';
import { FdirError } from '../../domain/errors';

/** Frames `from` .. `to`, both inclusive. */
export interface FrameRange {
  readonly from: number;
  readonly to: number;
}

/** Frame intervals that differ from the sampling period by more than this share of it are gaps in the recording. */
const GAP_SHARE = 0.5;

const isUnbroken = (times: readonly number[], from: number, to: number, periodMs: number): boolean =>
  Math.abs((times[to] ?? 0) - (times[from] ?? 0) - (to - from) * periodMs) <= GAP_SHARE * periodMs;

/**
 * Cuts the pass into `count` equal parts and puts one stretch of `frames` frames at a random place of each. At least `margin` nominal
 * frames come before and after a stretch, and it holds no gap of the recording.
 * @throws FdirError `input` when the pass is too short or has no unbroken stretch.
 */
export const spreadStretches = (
  { times, periodMs }: { readonly times: readonly number[]; readonly periodMs: number },
  { count, frames, margin }: { readonly count: number; readonly frames: number; readonly margin: number },
  random: Random,
): readonly FrameRange[] =>
  Array.from({ length: count }, (_, part) => {
    const first = Math.floor((part * times.length) / count) + margin;
    const last = Math.floor(((part + 1) * times.length) / count) - margin - frames;
    if (last < first) {
      throw new FdirError(
        'input',
        `the pass is too short: ${String(times.length)} frames do not hold ${String(count)} x ${String(frames)} faulted frames with ${String(margin)} nominal frames before and after each`,
      );
    }
    const starts = Array.from({ length: last - first + 1 }, (_unused, index) => first + index).filter((from) =>
      isUnbroken(times, from, from + frames - 1, periodMs),
    );
    const from = starts[random.int(starts.length)];
    if (from === undefined) {
      throw new FdirError(
        'input',
        `part ${String(part + 1)} of ${String(count)} of the pass has no ${String(frames)} frames without a gap`,
      );
    }
    return { from, to: from + frames - 1 };
  });

/**
 * The frames from `start` for `frames` sampling periods (those that were recorded).
 * @throws FdirError `input` when the stretch is not inside the pass or has fewer than two frames.
 */
export const stretchAt = (times: readonly number[], periodMs: number, start: number, frames: number): FrameRange => {
  const end = start + (frames - 1) * periodMs;
  const slack = GAP_SHARE * periodMs;
  const from = times.findIndex((time) => time >= start - slack);
  const to = times.findLastIndex((time) => time <= end + slack);
  const [passStart = 0, passEnd = 0] = [times[0], times.at(-1)];
  if (start < passStart - slack || end > passEnd + slack) {
    throw new FdirError(
      'input',
      `the stretch ${new Date(start).toISOString()} to ${new Date(end).toISOString()} is not inside the pass, which is ${new Date(passStart).toISOString()} to ${new Date(passEnd).toISOString()}`,
    );
  }
  if (from < 0 || to - from < 1) {
    throw new FdirError(
      'input',
      `the pass has fewer than two frames from ${new Date(start).toISOString()} to ${new Date(end).toISOString()}`,
    );
  }
  return { from, to };
};

/** Of the consecutive blocks of `frames` frames the given share, evenly: every second one for 0.5. */
export const independentStretches = (total: number, frames: number, share: number): readonly FrameRange[] =>
  Array.from({ length: Math.floor(total / frames) }, (_, block) => block)
    .filter((block) => Math.floor((block + 1) * share) > Math.floor(block * share))
    .map((block) => ({ from: block * frames, to: (block + 1) * frames - 1 }));
