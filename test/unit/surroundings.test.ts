import { missionSchema } from '../../src/domain/mission';
import type { Explanation } from '../../src/domain/explanation';
import { isoTime } from '../../src/domain/units';

import { framesBefore, stretchOf, surroundingsOf, type RecentFrame } from '../../src/core/anomaly/surroundings';
import { frameFromBytes, frameToBytes } from '../../src/core/anomaly/frame-bytes';
import { renderPlots } from '../../src/commands/render/plot';
import { plain } from '../../src/commands/render/look';
import { ANOMALY_START, openAnomaly } from '../support/open-anomaly';

const at = (second: number): number => ANOMALY_START + second * 1000;
const mission = missionSchema.parse({
  spacecraft: 'SC-1',
  sampling: { period: '1s', window: 4, stride: 2 },
  parameters: [{ id: 'a' }, { id: 'b' }],
});
const frame = (slot: number, a: number, b = slot): RecentFrame => ({
  slot,
  frame: { time: at(slot), values: Float64Array.of(a, b) },
});
const slots = (frames: readonly RecentFrame[]): readonly number[] => frames.map(({ slot }) => slot);

describe('the frames before a revision', () => {
  const frames = [0, 1, 2, 5, 6, 7, 8].map((slot) => frame(slot, slot));
  test('are the last ones up to it, not more than are kept', () => {
    expect(slots(framesBefore(frames, at(7), 2))).toEqual([6, 7]);
  });
  test('begin anew after a gap, and are none before the first', () => {
    expect(slots(framesBefore(frames, at(7), 10))).toEqual([5, 6, 7]);
    expect(slots(framesBefore(frames, at(3), 10))).toEqual([0, 1, 2]);
    expect(slots(framesBefore(frames, at(-1), 10))).toEqual([]);
  });
});

test('surroundings are the named parameters in six digits, a missing sample is null, and without frames there are none', () => {
  expect(surroundingsOf(mission, [frame(0, 1.23456789), frame(1, NaN)], ['a', 'gone'])).toEqual({
    from: isoTime(at(0)),
    to: isoTime(at(1)),
    parameters: { a: [1.23457, null] },
  });
  expect(surroundingsOf(mission, [], ['a'])).toBeUndefined();
});

const revision = (
  number: number,
  around: { from: number; a: number[] } | undefined,
  worst: { from: number; a: number[]; expected: number[] },
): Explanation => ({
  ...openAnomaly({ revision: number }),
  start: isoTime(at(4)),
  detectedAt: isoTime(at(6)),
  attribution: [
    { parameter: 'a', share: 1, peakAt: isoTime(at(5)), deviation: 3, direction: 'high', measured: 5, expected: 1 },
  ],
  freezeFrame: {
    from: isoTime(at(worst.from)),
    to: isoTime(at(worst.from + worst.a.length - 1)),
    parameters: { a: worst.a, b: worst.a },
    reconstruction: { a: worst.expected },
    expected: { a: worst.expected },
    ...(around && {
      surroundings: {
        from: isoTime(at(around.from)),
        to: isoTime(at(around.from + around.a.length - 1)),
        parameters: { a: around.a },
      },
    }),
  },
});
const OPENED = revision(1, { from: 0, a: [1, 1, 1, 1, 5, 5, 5] }, { from: 3, a: [1, 5, 5, 5], expected: [1, 1, 1, 1] });
const CLOSED = revision(2, { from: 9, a: [5, 5, 1] }, { from: 3, a: [1, 5, 5, 5], expected: [1, 2, 2, 2] });

test('revisions together show what led up to it and how it ended; a hole stays a hole, and the newest revision says what was expected', () => {
  const { times, parameters, expected } = stretchOf([OPENED, CLOSED]);
  expect(times.map((time) => (time - at(0)) / 1000)).toEqual([0, 1, 2, 3, 4, 5, 6, 7.5, 9, 10, 11]);
  expect(parameters['a']).toEqual([1, 1, 1, 1, 5, 5, 5, null, 5, 5, 1]);
  expect(parameters['b']).toEqual([null, null, null, 1, 5, 5, 5, null, null, null, null]);
  expect(expected['a']).toEqual([null, null, null, 1, 2, 2, 2, null, null, null, null]);
});

test('a record of an older version shows its worst window, as before', () => {
  const old = revision(1, undefined, { from: 3, a: [1, 5], expected: [1, 1] });
  expect(stretchOf([old])).toEqual({
    times: [at(3), at(4)],
    parameters: { a: [1, 5], b: [1, 5] },
    reconstruction: { a: [1, 1], b: [null, null] },
    expected: { a: [1, 1], b: [null, null] },
  });
});

test('an anomaly of many revisions is shown by its beginning and its newest ones', () => {
  const many = Array.from({ length: 100 }, (_, index) =>
    revision(index + 1, undefined, { from: 10 * index, a: [1, 1], expected: [1, 1] }),
  );
  const { times } = stretchOf(many);
  expect([times[0], times.at(-1), times.length]).toEqual([at(0), at(991), 24 * 2 + 23]);
});

test('the bytes of a freeze frame carry its surroundings, and bytes without them are read as they were', () => {
  const { parameters, reconstruction, expected, surroundings } = OPENED.freezeFrame;
  const series = { parameters, reconstruction, expected };
  const whole = { ...series, surroundings: surroundings?.parameters };
  expect(frameFromBytes(frameToBytes(whole))).toEqual(whole);
  expect(frameFromBytes(frameToBytes(series))).toEqual(series);
});

test('the terminal marks the anomaly and its detection under the plots', () => {
  const lines = renderPlots(mission, [OPENED, CLOSED], { width: 80, paint: plain });
  expect(lines.slice(1, 4)).toEqual(['measured  ▁▁▁▁███ ██▁', 'expected     ▁▃▃▃    ', 'when      ····━━◆━━━━']);
  expect(lines.slice(4).join(' ')).toContain('the worst window is 04:12:11 to 04:12:14');
});
