import { pointMetrics, sharpened } from '../../src/core/metrics/points';

const TIMES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

test('sampling instants are counted one by one: a case by hand', () => {
  // Truth 2..5, called 4..7: two hits, two wrong, two missed; six instants are nominal.
  expect(pointMetrics(TIMES, [{ start: 2, end: 5 }], [{ start: 4, end: 7 }])).toEqual({
    n: 10,
    anomalous: 4,
    truePositives: 2,
    falsePositives: 2,
    falseNegatives: 2,
    f1: 0.5,
    falseAlarmRate: 2 / 6,
    missedRate: 0.5,
  });
});

test('what overlaps is counted once', () => {
  const { truePositives, falsePositives } = pointMetrics(
    TIMES,
    [
      { start: 2, end: 5 },
      { start: 4, end: 6 },
    ],
    [
      { start: 1, end: 5 },
      { start: 3, end: 6 },
    ],
  );
  expect({ truePositives, falsePositives }).toEqual({ truePositives: 5, falsePositives: 1 });
});

test('without events or anomalies what is undefined is null', () => {
  expect(pointMetrics(TIMES, [], [])).toMatchObject({ f1: null, falseAlarmRate: 0, missedRate: null });
  expect(pointMetrics([], [], [])).toMatchObject({ n: 0, f1: null, falseAlarmRate: null, missedRate: null });
  expect(pointMetrics([3], [{ start: 0, end: 9 }], [])).toMatchObject({ f1: 0, falseAlarmRate: null, missedRate: 1 });
});

describe('an anomaly ends where a normal window begins', () => {
  const windows = [0, 4, 8, 12, 16].map((start) => ({ start, end: start + 7 }));

  test('when that window overlaps its last one', () => {
    expect(sharpened({ start: 2, end: 11 }, windows, 1)).toEqual({ start: 2, end: 7 });
  });

  test('not when the telemetry ends, or a gap lies between', () => {
    expect(sharpened({ start: 2, end: 23 }, windows, 1)).toEqual({ start: 2, end: 23 });
    expect(sharpened({ start: 2, end: 7 }, [...windows.slice(0, 1), ...windows.slice(3)], 1)).toEqual({
      start: 2,
      end: 7,
    });
  });

  test('one that lasted less than a window has no instant of its own', () => {
    const short = sharpened({ start: 8, end: 11 }, windows, 1);
    expect(pointMetrics(TIMES, [], [short])).toMatchObject({ falsePositives: 0 });
  });
});
