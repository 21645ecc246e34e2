/** The history as people see it: the level that fits the picture, its buckets as points, and the modes between them. */
import type { HistoryLayout, Track } from '../../core/history/layout';
import { levelFor, widthMs } from '../../core/history/layout';
import type { BucketRecord } from '../../core/history/bucket';
import { gridOf, ViewBuilder, type ChannelView, type Grid } from '../../core/history/view';
import { parseTimeText } from '../../core/telemetry/packet-time';
import { isoTime, parseDuration } from '../../domain/units';
import type { HistoryAnswer, HistoryQuery, Telemetry } from '../api/history';
import type { TelemetryNews } from '../port/messages';
import { HttpProblem } from './problems';

/** Reads the file that the daemon writes. */
export interface ConsoleHistory {
  /** Undefined while there is none. */
  readonly layout: HistoryLayout | undefined;
  readonly damaged: number;
  records(track: Track, level: number, range: readonly [first: number, last: number]): Iterable<BucketRecord>;
}

/** Years that a date can have. */
const LATEST = 8.64e15;

/** Milliseconds. @param newest what durations are counted back from. @throws Problem for what is neither. */
export const rangeOf = (
  { from, to }: { readonly from: string; readonly to?: string | undefined },
  newest: number,
): { readonly from: number; readonly to: number } => {
  const read = (name: string, text: string): number => {
    const back = parseDuration(text);
    const time = back === undefined ? parseTimeText(text) : newest - back;
    if (time === undefined || Math.abs(time) > LATEST)
      throw new HttpProblem('invalid-input', `${name} "${text}" is no time: give 15m, 24h, or 2026-03-01T04:12:08Z`);
    return time;
  };
  const range = { from: read('from', from), to: to === undefined ? newest : read('to', to) };
  if (range.from >= range.to) throw new HttpProblem('invalid-input', 'from is not before to');
  return range;
};

type Mode = HistoryAnswer['modes'][number];

/** Stretches of one mode, from the points' greatest index of it. */
const modesOf = (
  view: ChannelView | undefined,
  names: readonly string[],
  timeAt: (point: number) => string,
): Mode[] => {
  const modes: Mode[] = [];
  view?.max.forEach((value, at) => {
    const mode = value === null ? undefined : names[Math.round(value)];
    if (mode === undefined) return;
    const last = modes.at(-1);
    if (last?.mode === mode && last.to === timeAt(at)) modes[modes.length - 1] = { ...last, to: timeAt(at + 1) };
    else modes.push({ from: timeAt(at), to: timeAt(at + 1), mode });
  });
  return modes;
};

const nothing = (points: number): (number | null)[] => new Array<number | null>(points).fill(null);

interface Reading {
  readonly history: ConsoleHistory;
  readonly layout: HistoryLayout;
  /** Milliseconds. */
  readonly newest: number;
  readonly level: number;
  readonly grid: Grid;
}

const viewsOf = (
  { history, layout, newest, level, grid }: Reading,
  track: Track,
  channels: readonly number[],
): readonly ChannelView[] => {
  const builder = new ViewBuilder(grid, channels);
  const last = grid.first + grid.count * grid.merged - 1;
  for (const record of history.records(track, level, [grid.first, last])) builder.take(record);
  // The newest bucket holds what is complete of the levels below; what is still open there belongs to it too.
  for (let below = level - 1; below >= 0; below -= 1) {
    const open = Math.floor(newest / widthMs(layout, below));
    for (const record of history.records(track, below, [open, open]))
      builder.take({ ...record, bucket: Math.floor(newest / widthMs(layout, level)) });
  }
  return builder.build();
};

/** @param newest packet time of the newest telemetry, milliseconds. @throws Problem when there is no history, or no such parameter. */
export const historyView = (
  history: ConsoleHistory,
  query: HistoryQuery,
  { newest, threshold }: { readonly newest: number | null; readonly threshold: number | null },
): HistoryAnswer => {
  const { layout } = history;
  if (layout === undefined)
    throw new HttpProblem('not-found', 'no history is kept: see history in the configuration, and the running log');
  const { parameters, modes } = layout.shape;
  const unknown = query.parameters.find((id) => !parameters.includes(id));
  if (unknown !== undefined) throw new HttpProblem('not-found', `no parameter is called ${unknown.slice(0, 100)}`);
  const end = newest ?? 0;
  const { from, to } = rangeOf(query, end);
  const level = levelFor(layout, { from, to, points: query.points, newest: Math.min(to, end) });
  const width = widthMs(layout, level);
  const grid = gridOf({ from, to, points: query.points }, width, layout.slots);
  const timeAt = (point: number): string => isoTime((grid.first + point * grid.merged) * width);
  const rows = query.parameters.map((id) => parameters.indexOf(id));
  const last = parameters.length;
  const reading = { history, layout, newest: end, level, grid };
  const measured = viewsOf(reading, 'measured', [...rows, last]);
  const judged = viewsOf(reading, 'judged', [...rows, last]);
  const empty = nothing(grid.count);
  return {
    from: timeAt(0),
    stepSeconds: (grid.merged * width) / 1000,
    points: grid.count,
    newest: newest === null ? null : isoTime(newest),
    series: query.parameters.map((parameter, at) => ({
      parameter,
      min: measured[at]?.min ?? empty,
      max: measured[at]?.max ?? empty,
      mean: measured[at]?.mean ?? empty,
      expected: judged[at]?.mean ?? empty,
      low: judged[at]?.min ?? empty,
      high: judged[at]?.max ?? empty,
    })),
    score: judged.at(-1)?.max ?? empty,
    threshold,
    modes: modesOf(measured.at(-1), modes, timeAt),
    damaged: history.damaged,
  };
};

const shown = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(6));

/** What is told of buckets that are complete. */
export const telemetryOf = ({ measured, judged }: TelemetryNews, layout: HistoryLayout): Telemetry => {
  const count = layout.shape.parameters.length;
  const width = widthMs(layout, 0);
  const part = ({ values }: BucketRecord, which: 0 | 1 | 2) =>
    Array.from({ length: count }, (_, at) => shown(values[3 * at + which]));
  const timeOf = ({ bucket }: BucketRecord): string => isoTime(bucket * width);
  return {
    stepSeconds: width / 1000,
    measured: measured.map((record) => ({
      time: timeOf(record),
      min: part(record, 0),
      max: part(record, 1),
      mean: part(record, 2),
      mode: layout.shape.modes[Math.round(record.values[3 * count + 1] ?? NaN)] ?? null,
    })),
    judged: judged.map((record) => ({
      time: timeOf(record),
      expected: part(record, 2),
      low: part(record, 0),
      high: part(record, 1),
      score: shown(record.values[3 * count + 1]),
    })),
  };
};
