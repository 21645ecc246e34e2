import { addCounts, countEvents, matchEvents, type DetectedEvent } from '../../src/core/metrics/event-counts';
import { groupEvents } from '../../src/core/metrics/event-groups';
import { eventMetrics, median, metricsOf } from '../../src/core/metrics/events';
import { poissonInterval } from '../../src/core/metrics/poisson';

/** A hundred instants, a second apart. */
const times = Array.from({ length: 100 }, (_, index) => index * 1000);
const PERIOD_MS = 1000;
const interval = (from: number, to: number) => ({ start: from * 1000, end: to * 1000 });
const anomaly = (from: number, to: number, more: Partial<DetectedEvent> = {}): DetectedEvent => ({
  ...interval(from, to),
  detectedAt: (from + 3) * 1000,
  equipment: 'rw1',
  fault: 'offset',
  ...more,
});

const three = [interval(10, 19), interval(40, 49), interval(70, 79)];
const score = (events: Parameters<typeof eventMetrics>[0], anomalies: readonly DetectedEvent[]) =>
  eventMetrics(events, anomalies, times, PERIOD_MS);

test('ESA-ADB by hand: two of three events found, one false anomaly, ten of seventy nominal instants flagged', () => {
  // TPe = 2, FPe = 1, FNe = 1; flagged nominal instants: 20..24 and 60..64.
  // Precision = 2/3 x (1 - 10/70) = 4/7, recall = 2/3, F0.5 = 1.25 x 4/7 x 2/3 / (0.25 x 4/7 + 2/3) = 10/17.
  const metrics = score(three, [anomaly(12, 24), anomaly(45, 45), anomaly(60, 64)]);
  expect(metrics).toEqual({
    precision: expect.closeTo(4 / 7, 12),
    recall: expect.closeTo(2 / 3, 12),
    f05: expect.closeTo(10 / 17, 12),
    found: 2,
    alreadyOpen: 0,
    missed: 1,
    false: 1,
    released: 0,
    trueNegativeRate: expect.closeTo(6 / 7, 12),
    nominalTimeUnderAlarm: expect.closeTo(1 / 7, 12),
    alarmsPerDay: expect.closeTo(3 * 864, 9),
    falseAlarmsPerDay: expect.closeTo(86_400 / 70, 9),
    // One event: 0.0253 to 5.572 (Garwood, 1936).
    falseAlarmsPerDayInterval: {
      low: expect.closeTo((0.0253178 * 86_400) / 70, 2),
      high: expect.closeTo((5.571643 * 86_400) / 70, 2),
    },
    nominalDays: expect.closeTo(70 / 86_400, 12),
    // Opened at 15 s and at 48 s: five and eight seconds late.
    medianDelaySeconds: 6.5,
    rightEquipment: null,
    rightFault: null,
  });
});

test('ESA-ADB by hand: every event found exactly is perfect', () => {
  const metrics = score(three, [anomaly(10, 19), anomaly(40, 49), anomaly(70, 79)]);
  expect(metrics).toMatchObject({ precision: 1, recall: 1, f05: 1, false: 0 });
});

test('ESA-ADB by hand: one anomaly without end finds every event and is worth nothing', () => {
  expect(score(three, [anomaly(0, 99)])).toMatchObject({
    found: 3,
    false: 0,
    recall: 1,
    precision: 0,
    f05: 0,
    trueNegativeRate: 0,
  });
});

test('ESA-ADB by hand: half of the nominal time flagged halves the precision', () => {
  // Nominal instants are 0..9 and 20..29; 20..29 are flagged. P = 1 x 1/2, R = 1, F0.5 = 1.25 x 0.5 / 1.125 = 5/9.
  const metrics = eventMetrics([interval(10, 19)], [anomaly(15, 29)], times.slice(0, 30), PERIOD_MS);
  expect(metrics).toMatchObject({ precision: 0.5, recall: 1, f05: expect.closeTo(5 / 9, 12) as number });
});

test('an event found three times is found once, and none of the three is false', () => {
  expect(score([interval(10, 19)], [anomaly(10, 11), anomaly(13, 14), anomaly(16, 17)])).toMatchObject({
    found: 1,
    missed: 0,
    false: 0,
    precision: 1,
  });
});

test('ends are inclusive: an anomaly that touches the last instant of an event finds it', () => {
  expect(score([interval(10, 19)], [anomaly(19, 19)])).toMatchObject({ found: 1 });
  expect(score([interval(10, 19)], [anomaly(20, 20)])).toMatchObject({ found: 0, false: 1, precision: 0, f05: 0 });
});

test('nothing opened: recall and F0.5 are zero, precision has no meaning', () => {
  expect(score(three, [])).toMatchObject({
    precision: null,
    recall: 0,
    f05: 0,
    missed: 3,
    alarmsPerDay: 0,
    medianDelaySeconds: null,
  });
});

test('nothing labelled: every anomaly is false, recall and F0.5 have no meaning', () => {
  expect(score([], [anomaly(10, 19)])).toMatchObject({
    precision: 0,
    recall: null,
    f05: null,
    false: 1,
    trueNegativeRate: 0.9,
    falseAlarmsPerDay: 864,
  });
});

test('no telemetry: rates have no meaning', () => {
  expect(eventMetrics([], [], [], PERIOD_MS)).toMatchObject({
    alarmsPerDay: null,
    falseAlarmsPerDay: null,
    trueNegativeRate: null,
  });
});

test('an event that began under an alarm has no delay, though another anomaly opens in it', () => {
  const told = { event: 0, alreadyOpen: true, delayMs: undefined };
  expect(matchEvents([interval(10, 19)], [anomaly(2, 15)])).toEqual([{ ...told, anomalies: [0] }]);
  expect(matchEvents([interval(10, 19)], [anomaly(2, 15), anomaly(12, 19)])).toEqual([{ ...told, anomalies: [0, 1] }]);
});

test('an anomaly that opens at the instant the event begins finds it without delay', () => {
  expect(matchEvents([interval(10, 19)], [anomaly(7, 15)])).toEqual([
    { event: 0, anomalies: [0], alreadyOpen: false, delayMs: 0 },
  ]);
});

test('events that began under an alarm are found and counted apart, and the median delay is that of the others', () => {
  // One anomaly from 35 s spans the second and third event; the first is found at 15 s, five seconds late.
  expect(score(three, [anomaly(12, 19), anomaly(35, 75)])).toMatchObject({
    found: 3,
    alreadyOpen: 2,
    recall: 1,
    medianDelaySeconds: 5,
  });
  expect(score(three, [anomaly(0, 99)])).toMatchObject({ found: 3, alreadyOpen: 3, medianDelaySeconds: null });
});

test('true anomalies are judged by the events they overlap, those without a known name by none', () => {
  const events = [
    { ...interval(10, 19), equipment: 'rw1', fault: 'offset' },
    { ...interval(40, 49), equipment: 'rw2', fault: undefined },
    { ...interval(70, 79), equipment: undefined, fault: 'step' },
  ];
  const anomalies = [anomaly(10, 11), anomaly(40, 41), anomaly(70, 71), anomaly(90, 91)];
  expect(score(events, anomalies)).toMatchObject({ rightEquipment: 0.5, rightFault: 0.5 });
});

test.each([
  [[3], 3],
  [[5, 1], 3],
  [[9, 1, 4], 4],
  [[], null],
])('median of %p is %p', (values, expected) => {
  expect(median(values)).toBe(expected);
});

describe('recovery time', () => {
  const counted = (anomalies: readonly DetectedEvent[], recoveryMs: number) =>
    countEvents({ events: [interval(10, 19)], anomalies, times, periodMs: PERIOD_MS, recoveryMs });

  test('an anomaly on the release edge is neither false nor a find', () => {
    expect(counted([anomaly(21, 24)], 5000)).toMatchObject({ found: 0, missed: 1, false: 0, released: 1 });
    expect(counted([anomaly(25, 28)], 5000)).toMatchObject({ false: 1, released: 0 });
    expect(counted([anomaly(21, 24)], 0)).toMatchObject({ false: 1, released: 0 });
  });

  test('the recovery time is no nominal time', () => {
    // Instants 10..24 belong to the event; 25..29 are nominal and flagged.
    expect(counted([anomaly(15, 29)], 5000)).toMatchObject({ nominalMs: 85_000, flaggedMs: 5000, totalMs: 100_000 });
  });
});

test('counts of several passes add up', () => {
  const one = countEvents({
    events: [{ ...interval(10, 19), equipment: 'rw1', fault: 'step' }],
    anomalies: [anomaly(12, 14), anomaly(50, 59)],
    times,
    periodMs: PERIOD_MS,
    recoveryMs: 0,
  });
  expect(addCounts([one, one])).toMatchObject({
    found: 2,
    alreadyOpen: 0,
    false: 2,
    nominalMs: 180_000,
    flaggedMs: 20_000,
  });
  expect(metricsOf(addCounts([one, one]))).toMatchObject({
    rightEquipment: 1,
    rightFault: 0,
    precision: 0.5 * (8 / 9),
  });
});

test('an event is named by the anomaly that covers most of it', () => {
  const { outcomes } = countEvents({
    events: [{ ...interval(10, 19), equipment: 'rw2', fault: 'offset' }],
    anomalies: [anomaly(10, 11), anomaly(12, 19, { equipment: 'rw2' })],
    times,
    periodMs: PERIOD_MS,
    recoveryMs: 0,
  });
  expect(outcomes).toEqual([
    {
      ...{ equipment: 'rw2', fault: 'offset', found: true, alreadyOpen: false },
      ...{ rightEquipment: true, rightFault: true, delayMs: 3000 },
    },
  ]);
  expect(groupEvents(outcomes, ({ equipment }) => equipment)).toEqual([
    { name: 'rw2', events: 1, found: 1, alreadyOpen: 0, rightEquipment: 1, rightFault: 1, medianDelaySeconds: 3 },
  ]);
});

// Table values of the exact limits (Garwood, 1936).
test.each([
  [0, 0, 3.6889],
  [1, 0.0253, 5.5716],
  [4, 1.0899, 10.2416],
  [10, 4.7954, 18.3904],
  [100, 81.3636, 121.6271],
])('the 95 %% interval of %p events is %p to %p', (count, low, high) => {
  expect(poissonInterval(count)).toEqual({ low: expect.closeTo(low, 3), high: expect.closeTo(high, 3) });
});
