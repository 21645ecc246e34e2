/**
 * What was measured around an anomaly. A revision keeps the frames up to it, as they came, of the parameters that carry it. All
 * revisions together show what led up to it, how it was at its worst, and how it ended.
 *
 * The frames are in the checkpoint, so a record after a restart is what it would have been without. Recomputing uses the
 * scored window alone.
 */
import type { Explanation } from '../../domain/explanation';
import type { Mission } from '../../domain/mission';
import { isoTime } from '../../domain/units';
import type { AssembledFrame } from '../telemetry/assembler-state';

/** A frame as it is kept for this: what it holds, and where it lies on the grid. */
export type RecentFrame = Pick<AssembledFrame, 'slot' | 'frame'>;

type Value = number | null;
type Group = Readonly<Record<string, readonly Value[]>>;

/** So many windows of frames are kept: an anomaly opens about one window after its start, which leaves two before it. */
export const WINDOWS_KEPT = 3;
/** An anomaly that is revised for days is shown by its beginning and its newest revisions. */
const MAX_REVISIONS = 24;

/** The last `most` frames up to packet time `until`, without a gap between them; oldest first. */
export const framesBefore = (frames: readonly RecentFrame[], until: number, most: number): readonly RecentFrame[] => {
  let end = frames.length;
  while (end > 0 && (frames[end - 1]?.frame.time ?? 0) > until) end -= 1;
  let begin = end;
  while (begin > 0 && end - begin < most) {
    const [earlier, later] = [frames[begin - 1]?.slot, frames[begin]?.slot];
    if (begin < end && (earlier ?? NaN) + 1 !== later) break;
    begin -= 1;
  }
  return frames.slice(begin, end);
};

/** Six digits, as a float32 holds. */
const kept = (value: number | undefined): Value =>
  value === undefined || Number.isNaN(value) ? null : Number(value.toPrecision(6));

/** @returns undefined where no frames are at hand: where nobody keeps them. */
export const surroundingsOf = (
  { parameters }: Mission,
  frames: readonly RecentFrame[],
  shown: readonly string[],
): Explanation['freezeFrame']['surroundings'] => {
  const [first, last] = [frames[0], frames.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const series = shown.flatMap((id): [string, Value[]][] => {
    const row = parameters.findIndex((parameter) => parameter.id === id);
    return row < 0 ? [] : [[id, frames.map(({ frame }) => kept(frame.values[row]))]];
  });
  return { from: isoTime(first.frame.time), to: isoTime(last.frame.time), parameters: Object.fromEntries(series) };
};

/** All that was kept of an anomaly on one time axis; a null in every series is where nothing was kept. */
export interface Stretch {
  /** Packet times, milliseconds, rising. */
  readonly times: readonly number[];
  readonly parameters: Group;
  readonly reconstruction: Group;
  readonly expected: Group;
}

interface Piece {
  readonly from: string;
  readonly to: string;
  readonly groups: readonly (Group | undefined)[];
}

/** Later pieces win. The freeze frame of a revision is exactly what was scored, and comes after what surrounds it. */
const piecesOf = ({ freezeFrame }: Explanation): readonly Piece[] => {
  const { surroundings, from, to, parameters, reconstruction, expected } = freezeFrame;
  const worst: Piece = { from, to, groups: [parameters, reconstruction, expected] };
  return surroundings === undefined ? [worst] : [{ ...surroundings, groups: [surroundings.parameters] }, worst];
};

const lengthOf = ({ groups }: Piece): number =>
  Math.max(0, ...groups.flatMap((group) => Object.values(group ?? {}).map(({ length }) => length)));

const timesOf = (piece: Piece): readonly number[] => {
  const count = lengthOf(piece);
  const [first, last] = [Date.parse(piece.from), Date.parse(piece.to)];
  const period = count > 1 ? (last - first) / (count - 1) : 0;
  return Array.from({ length: count }, (_, index) => Math.round(first + index * period));
};

/** Times with one more in the middle of every hole, so that no line is drawn across it. */
const withHoles = (times: readonly number[]): readonly number[] => {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const period = Math.min(...steps);
  return times.flatMap((time, index) => {
    const before = times[index - 1];
    return before !== undefined && time - before > 1.5 * period ? [Math.round((before + time) / 2), time] : [time];
  });
};

/** @param revisions in order; records of older versions have their worst windows only. */
export const stretchOf = (revisions: readonly Explanation[]): Stretch => {
  const some =
    revisions.length <= MAX_REVISIONS ? revisions : [...revisions.slice(0, 1), ...revisions.slice(1 - MAX_REVISIONS)];
  const pieces = some.flatMap(piecesOf).map((piece) => ({ piece, times: timesOf(piece) }));
  const times = withHoles([...new Set(pieces.flatMap((item) => item.times))].sort((a, b) => a - b));
  const indexOf = new Map(times.map((time, index) => [time, index]));
  const names = Object.keys(some.at(-1)?.freezeFrame.parameters ?? {});
  const group = (which: 0 | 1 | 2): Group => {
    const series: Record<string, Value[]> = Object.fromEntries(names.map((id) => [id, times.map(() => null)]));
    for (const { piece, times: own } of pieces)
      for (const [id, values] of Object.entries(piece.groups[which] ?? {}))
        own.forEach((time, index) => {
          const [line, at] = [series[id], indexOf.get(time)];
          if (line !== undefined && at !== undefined) line[at] = values[index] ?? line[at] ?? null;
        });
    return series;
  };
  return { times, parameters: group(0), reconstruction: group(1), expected: group(2) };
};
