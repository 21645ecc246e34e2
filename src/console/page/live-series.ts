/** Telemetry of the live page: points of equal width that move on as new telemetry comes. Plain arrays, to be drawn sixty times a second. */
import type { HistoryAnswer, Telemetry } from '../api/history';

/** One parameter over the range; NaN where there is nothing. */
export interface LiveSeries {
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly mean: Float64Array;
  readonly expected: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}
const ROWS = ['min', 'max', 'mean', 'expected', 'low', 'high'] as const;

const numbers = (values: readonly (number | null)[], points: number): Float64Array =>
  Float64Array.from({ length: points }, (_, at) => values[at] ?? NaN);

export class LiveRange {
  readonly series = new Map<string, LiveSeries>();
  readonly score: Float64Array;
  /** Start of the first point, milliseconds. */
  from: number;
  readonly stepMs: number;
  readonly points: number;
  /** Start of the newest point that has anything. */
  newest: number;
  modes: HistoryAnswer['modes'];
  threshold: number | null;

  constructor(history: HistoryAnswer) {
    this.from = Date.parse(history.from);
    this.stepMs = history.stepSeconds * 1000;
    this.points = history.points;
    this.newest = history.newest === null ? this.from : Date.parse(history.newest);
    this.score = numbers(history.score, this.points);
    this.modes = history.modes;
    this.threshold = history.threshold;
    this.take(history);
  }

  get to(): number {
    return this.from + this.points * this.stepMs;
  }

  /** Other parameters over the same range; their points may lie a little later. */
  take(history: HistoryAnswer): void {
    const shift = Math.round((Date.parse(history.from) - this.from) / this.stepMs);
    for (const item of history.series) {
      const at = (values: readonly (number | null)[]): Float64Array =>
        Float64Array.from({ length: this.points }, (_, index) => values[index - shift] ?? NaN);
      this.series.set(item.parameter, {
        min: at(item.min),
        max: at(item.max),
        mean: at(item.mean),
        expected: at(item.expected),
        low: at(item.low),
        high: at(item.high),
      });
    }
  }

  /** New telemetry. @param parameters in mission order. @returns whether something changed. */
  add({ measured, judged }: Telemetry, parameters: readonly string[]): boolean {
    for (const bucket of measured) {
      const point = this.pointAt(Date.parse(bucket.time));
      if (point < 0) continue;
      this.newest = Math.max(this.newest, Date.parse(bucket.time));
      this.follow(bucket.mode, Date.parse(bucket.time));
      parameters.forEach((id, row) => {
        const series = this.series.get(id);
        if (series === undefined) return;
        widen(series.min, series.max, point, [bucket.min[row], bucket.max[row]]);
        series.mean[point] = bucket.mean[row] ?? series.mean[point] ?? NaN;
      });
    }
    for (const bucket of judged) {
      const point = this.pointAt(Date.parse(bucket.time));
      if (point < 0) continue;
      this.score[point] = largest(this.score[point], bucket.score);
      parameters.forEach((id, row) => {
        const series = this.series.get(id);
        if (series === undefined) return;
        series.expected[point] = bucket.expected[row] ?? NaN;
        series.low[point] = bucket.low[row] ?? NaN;
        series.high[point] = bucket.high[row] ?? NaN;
      });
    }
    return measured.length + judged.length > 0;
  }

  /** The point of a time; the range moves on when it is beyond its end. -1: before its start. */
  private pointAt(time: number): number {
    const point = Math.floor((time - this.from) / this.stepMs);
    if (point < this.points) return point;
    const by = point - this.points + 1;
    for (const row of [this.score, ...[...this.series.values()].flatMap((item) => ROWS.map((name) => item[name]))]) {
      row.copyWithin(0, by);
      row.fill(NaN, Math.max(0, this.points - by));
    }
    this.from += by * this.stepMs;
    return this.points - 1;
  }

  private follow(mode: string | null, time: number): void {
    if (mode === null) return;
    const last = this.modes.at(-1);
    const to = new Date(time + this.stepMs).toISOString();
    if (last?.mode === mode) this.modes = [...this.modes.slice(0, -1), { ...last, to }];
    else this.modes = [...this.modes, { from: new Date(time).toISOString(), to, mode }];
  }
}

const largest = (before: number | undefined, value: number | null): number => {
  if (value === null) return before ?? NaN;
  return before === undefined || Number.isNaN(before) ? value : Math.max(before, value);
};

const widen = (
  min: Float64Array,
  max: Float64Array,
  at: number,
  [low, high]: readonly [number | null | undefined, number | null | undefined],
): void => {
  const before = [min[at] ?? NaN, max[at] ?? NaN] as const;
  if (low !== null && low !== undefined) min[at] = Number.isNaN(before[0]) ? low : Math.min(before[0], low);
  if (high !== null && high !== undefined) max[at] = Number.isNaN(before[1]) ? high : Math.max(before[1], high);
};

/** What a strip has to show: everything measured and expected, with a margin; limits only when they are near. */
export const scaleOf = ({ min, max, low, high }: LiveSeries): readonly [number, number] => {
  let least = Infinity;
  let most = -Infinity;
  for (let at = 0; at < min.length; at += 1) {
    for (const value of [min[at], low[at]]) if (value !== undefined && value < least) least = value;
    for (const value of [max[at], high[at]]) if (value !== undefined && value > most) most = value;
  }
  if (least > most) return [0, 1];
  const margin = most > least ? (most - least) * 0.08 : Math.max(1e-9, Math.abs(most) * 0.05);
  return [least - margin, most + margin];
};
