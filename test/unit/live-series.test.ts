/** The points of the live page: what the history said, moved on by what is new. */
import type { HistoryAnswer, Telemetry } from '../../src/console/api/history';
import { LiveRange, scaleOf } from '../../src/console/page/live-series';
import { isoTime } from '../../src/domain/units';
import { T0 } from '../support/tiny-mission';

const history = (values: (number | null)[], from = T0): HistoryAnswer => ({
  from: isoTime(from),
  stepSeconds: 2,
  points: values.length,
  newest: isoTime(from + 2000 * (values.length - 1)),
  series: [{ parameter: 'a', min: values, max: values, mean: values, expected: values, low: values, high: values }],
  score: values,
  threshold: 3,
  modes: [{ from: isoTime(from), to: isoTime(from + 2000 * values.length), mode: 'nominal' }],
  damaged: 0,
});
const news = (second: number, value: number | null, mode: string | null = null): Telemetry => {
  const time = isoTime(T0 + second * 1000);
  return {
    stepSeconds: 1,
    measured: [{ time, min: [value], max: [value], mean: [value], mode }],
    judged: [{ time, expected: [value], low: [value], high: [value], score: value }],
  };
};
const row = (range: LiveRange, name: 'min' | 'max' | 'mean') => [...(range.series.get('a')?.[name] ?? [])];

test('what is new widens the newest point, and moves the range on when a new one begins', () => {
  const range = new LiveRange(history([1, 2, null]));
  range.add(news(4, 5), ['a']);
  range.add(news(5, 3), ['a']);
  expect([row(range, 'min'), row(range, 'max')]).toEqual([
    [1, 2, 3],
    [1, 2, 5],
  ]);
  range.add(news(9, 7), ['a']);
  expect([row(range, 'max'), range.from, range.newest]).toEqual([[5, NaN, 7], T0 + 4000, T0 + 9000]);
  expect([...range.score]).toEqual([5, NaN, 7]);
});

test('what is older than the range, or of no parameter shown, changes nothing of it', () => {
  const range = new LiveRange(history([1, 2, 3]));
  range.add(news(-10, 9), ['a']);
  range.add(news(2, 9), ['b']);
  expect(row(range, 'max')).toEqual([1, 2, 3]);
});

test('a mode goes on while it is told, and another follows it', () => {
  const range = new LiveRange(history([1, 2, 3]));
  range.add(news(6, 1, 'nominal'), ['a']);
  range.add(news(8, 1, 'safe'), ['a']);
  expect(range.modes.map(({ mode, from }) => [mode, isoTime(Date.parse(from))])).toEqual([
    ['nominal', isoTime(T0)],
    ['safe', isoTime(T0 + 8000)],
  ]);
});

test('other parameters that were asked for later lie on the same axis', () => {
  const range = new LiveRange(history([1, 2, 3]));
  const later = history([7, 8, 9], T0 + 2000);
  range.take({ ...later, series: later.series.map((item) => ({ ...item, parameter: 'b' })) });
  expect([...(range.series.get('b')?.mean ?? [])]).toEqual([NaN, 7, 8]);
});

test('a strip shows everything measured and expected, and a line that never moves is in its middle', () => {
  const range = new LiveRange(history([1, 5, null]));
  const series = range.series.get('a');
  const flat = new LiveRange(history([2, 2, 2])).series.get('a');
  const empty = new LiveRange(history([null])).series.get('a');
  if (series === undefined || flat === undefined || empty === undefined) throw new Error('no series');
  const [low, high] = scaleOf(flat);
  expect([scaleOf(series)[0] < 1, scaleOf(series)[1] > 5, low + high, scaleOf(empty)]).toEqual([true, true, 4, [0, 1]]);
});
