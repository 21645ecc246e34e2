import { StepSurvey, durationText } from '../../src/core/onboarding/step-counts';
import { SurveyCounter } from '../../src/core/onboarding/survey';
import { KEPT_SAMPLES, MAX_DISTINCT, ValueCounter } from '../../src/core/onboarding/value-survey';

const T0 = Date.parse('2026-03-01T00:00:00Z');

const periodOf = (...steps: readonly number[]): number | undefined => {
  const counts = new StepSurvey();
  for (const step of steps) counts.add(step);
  return counts.period();
};

describe('the sampling period', () => {
  test.each([
    ['steps that are equal are taken as they are, round or not', [1024, 1024, 1024, 2048], 1024],
    ['a clock that jitters around a round value means that value', [3990, 4008, 3997, 4011, 4003, 12_000], 4000],
    ['a jitter around no round value keeps its median', [1370, 1371, 1372], 1371],
    ['one second with lost samples is one second', [1000, 1000, 2000, 1000, 2000], 1000],
  ])('%s', (_title, steps, period) => {
    expect(periodOf(...steps)).toBe(period);
  });

  test('one sample has none', () => {
    expect(periodOf()).toBeUndefined();
  });

  test('is written in the largest unit that needs no decimals', () => {
    expect([500, 1024, 4000, 90_000, 600_000, 7_200_000, 86_400_000].map(durationText)).toEqual([
      '500ms',
      '1024ms',
      '4s',
      '90s',
      '10m',
      '2h',
      '1d',
    ]);
  });
});

describe('the values of a parameter', () => {
  const survey = (values: readonly number[]) => {
    const counter = new ValueCounter();
    for (const value of values) counter.add(value);
    return counter.result();
  };

  test('are described exactly when there are few', () => {
    expect(survey([2, 2, 3.25, 1])).toEqual({
      count: 4,
      min: 1,
      max: 3.25,
      quantiles: [1, 2, 3.25],
      distinct: 3,
      changes: 2,
      falls: 1,
      fillValues: [],
      decimals: 2,
    });
  });

  test('are described in bounded memory when there are many', () => {
    const count = 100 * KEPT_SAMPLES;
    const { quantiles, distinct, min, max } = survey(Array.from({ length: count }, (_, index) => index / count));
    expect([distinct, min, max]).toEqual([MAX_DISTINCT, 0, 1 - 1 / count]);
    quantiles.forEach((quantile, index) => {
      expect(quantile).toBeCloseTo([0.01, 0.5, 0.99][index] ?? NaN, 2);
    });
  });

  test('the decimals of binary fractions are those they are written with', () => {
    expect(survey([0.1, 0.3, 1234.56]).decimals).toBe(2);
    expect(survey([-3, 4]).decimals).toBe(0);
  });
});

describe('a recording', () => {
  const frames = (counter: SurveyCounter, seconds: readonly number[]): void => {
    for (const second of seconds) counter.take({ time: T0 + 1000 * second, values: { a: second, b: 1 } });
  };

  test('is described with its gaps, its irregular steps and what came out of order', () => {
    const counter = new SurveyCounter();
    counter.startRecording('one.csv');
    frames(counter, [0, 1, 2, 4, 5, 60, 61, 59, 62]);
    const { periodMs, recordings } = counter.result();
    expect(periodMs).toBe(1000);
    expect(recordings).toEqual([
      {
        file: 'one.csv',
        frames: 9,
        start: T0,
        end: T0 + 62_000,
        periodMs: 1000,
        irregularShare: 1 / 7,
        gaps: 1,
        longestGap: { from: T0 + 5000, durationMs: 55_000 },
        backwards: 1,
      },
    ]);
  });

  test('the silence between two recordings is no gap, and the step between their values no change', () => {
    const counter = new SurveyCounter();
    counter.startRecording('one.csv');
    frames(counter, [0, 1, 2]);
    counter.startRecording('two.csv');
    frames(counter, [1000, 1001]);
    const { recordings, parameters } = counter.result();
    expect(recordings.map(({ gaps }) => gaps)).toEqual([0, 0]);
    expect(parameters.map(({ id, count, changes }) => [id, count, changes])).toEqual([
      ['a', 5, 3],
      ['b', 5, 0],
    ]);
  });

  test('parameters that arrive one by one have the period of each, not the step between their messages', () => {
    const counter = new SurveyCounter();
    counter.startRecording('bus.ndjson');
    for (let frame = 0; frame < 20; frame += 1) {
      counter.take({ time: T0 + 4000 * frame, values: { a: frame } });
      counter.take({ time: T0 + 4000 * frame + 10, values: { b: frame } });
      if (frame % 5 === 0) counter.take({ time: T0 + 4000 * frame + 20, values: { slow: frame } });
    }
    const { periodMs, parameters, recordings } = counter.result();
    expect(periodMs).toBe(4000);
    expect(parameters.map((parameter) => parameter.periodMs)).toEqual([4000, 4000, 20_000]);
    expect(recordings[0]).toMatchObject({ frames: 20, gaps: 0, irregularShare: 0 });
  });

  test('a column without a single value is known and empty', () => {
    const counter = new SurveyCounter();
    counter.startRecording('one.csv');
    counter.declare('empty');
    frames(counter, [0, 1]);
    expect(counter.result().parameters.find(({ id }) => id === 'empty')).toMatchObject({ count: 0, missing: 2 });
  });
});
