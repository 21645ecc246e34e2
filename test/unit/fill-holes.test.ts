/** The account of an anomaly has holes between what its revisions kept; the history fills them. */
import type { AnomalyAccount, Series } from '../../src/console/api/anomalies';
import type { HistoryAnswer } from '../../src/console/api/history';
import { fillHoles, historyOf } from '../../src/console/page/fill-holes';
import { isoTime } from '../../src/domain/units';
import { T0 } from '../support/tiny-mission';

const at = (second: number): string => isoTime(T0 + second * 1000);
const account = (times: readonly number[], measured: readonly (number | null)[]): AnomalyAccount =>
  ({
    isLive: true,
    times: times.map(at),
    series: [{ parameter: 'a', measured, expected: measured, reconstruction: measured } as Series],
  }) as unknown as AnomalyAccount;
const history = (from: number, values: readonly (number | null)[]): HistoryAnswer =>
  ({
    from: at(from),
    stepSeconds: 2,
    points: values.length,
    series: [{ parameter: 'a', mean: values, expected: values.map((value) => (value === null ? null : value + 1)) }],
  }) as unknown as HistoryAnswer;

test('what lies between is filled, and what was kept stays as it was', () => {
  const kept = account([0, 1, 2, 6, 10, 11], [1, 2, 3, null, 4, 5]);
  const filled = fillHoles(kept, history(0, [90, 91, 92, 93, 94, 95, 96]));
  expect(filled.times.map((time) => (Date.parse(time) - T0) / 1000)).toEqual([0, 1, 2, 4, 6, 8, 10, 11]);
  expect(filled.series[0]).toMatchObject({
    measured: [1, 2, 3, 92, 93, 94, 4, 5],
    expected: [1, 2, 3, 93, 94, 95, 4, 5],
    reconstruction: [1, 2, 3, null, null, null, 4, 5],
  });
});

test('a history that has nothing of that time changes nothing', () => {
  const kept = account([0, 1, 10], [1, null, 3]);
  expect(fillHoles(kept, history(0, [null, null, null]))).toBe(kept);
});

test('of a replay no history is asked for', () => {
  const kept = account([0, 1, 10], [1, null, 3]);
  expect(historyOf({ ...kept, isLive: false })).toBeNull();
  expect(historyOf(kept)).toBe(`history?parameters=a&from=${at(0)}&to=${at(10)}&points=900`);
});
