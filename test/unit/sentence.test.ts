import fc from 'fast-check';
import { UNKNOWN, type Attribution, type Verdict } from '../../src/domain/explanation';
import { missionSchema, type Mission } from '../../src/domain/mission';
import { isoTime } from '../../src/domain/units';
import { writeSentence } from '../../src/core/anomaly/sentence';
import { T0 } from '../support/tiny-mission';

const START = '2026-03-01T04:12:08Z';

const mission = (count: number, more: Readonly<Record<string, unknown>> = {}): Mission =>
  missionSchema.parse({
    spacecraft: 'AURORA-1',
    sampling: { period: '4s', window: 16 },
    equipment: [{ id: 'rw2', title: 'Reaction wheel 2' }],
    faults: [{ id: 'offset', title: 'an offset' }, 'step'],
    parameters: Array.from({ length: count }, (_, i) =>
      i === 0
        ? { id: 'rw2_current_a', equipment: 'rw2', units: 'A', title: 'motor current' }
        : { id: `p${String(i)}`, equipment: 'bat' },
    ),
    ...more,
  });

const VERDICT: Verdict = { equipment: 'rw2', fault: 'offset', confidence: 0.934, alternatives: [] };
const TOP: Attribution = {
  parameter: 'rw2_current_a',
  share: 0.61,
  peakAt: '2026-03-01T04:13:04Z',
  deviation: 3.1,
  direction: 'high',
  measured: 0.412,
  expected: 0.35,
};

test('says which equipment, which parameter, how far, against how many others, where, since when, and what it is', () => {
  expect(writeSentence(mission(16), START, VERDICT, [TOP])).toBe(
    'Reaction wheel 2: motor current sits 3.1 sigma above what the other fifteen parameters imply (0.412 A, expected 0.35 A, at 04:13:04Z) since 04:12:08Z (an offset, 93 %).',
  );
});

test('a fall is told as below, without a minus sign', () => {
  expect(writeSentence(mission(16), START, VERDICT, [{ ...TOP, deviation: -4.2, direction: 'low' }])).toContain(
    ' sits 4.2 sigma below what ',
  );
});

test('without titles and units ids stand in, equipment in capitals', () => {
  const verdict: Verdict = { equipment: 'bat', fault: 'step', confidence: 1, alternatives: [] };
  expect(writeSentence(mission(3), START, verdict, [{ ...TOP, parameter: 'p1' }])).toBe(
    'BAT: p1 sits 3.1 sigma above what the other two parameters imply (0.412, expected 0.35, at 04:13:04Z) since 04:12:08Z (step, 100 %).',
  );
});

test.each([
  [1, 'what its model implies'],
  [2, 'what the other parameter implies'],
  [3, 'what the other two parameters imply'],
  [13, 'what the other twelve parameters imply'],
  [21, 'what the other twenty parameters imply'],
  [22, 'what the other 21 parameters imply'],
  [121, 'what the other 120 parameters imply'],
])('of %i parameters: %s', (count, words) => {
  const text = writeSentence(mission(count), START, VERDICT, [TOP]);
  expect(text).toContain(`sigma above ${words} (`);
});

test('a parameter of another equipment than the verdict names tells whose it is', () => {
  expect(writeSentence(mission(16), START, { ...VERDICT, equipment: 'bat' }, [TOP])).toContain(
    'BAT: motor current of Reaction wheel 2 sits ',
  );
});

test('a mission without equipment speaks of the spacecraft', () => {
  const plain = mission(2, {
    equipment: [],
    parameters: [{ id: 'bus_v', title: 'bus voltage', units: 'V' }, { id: 'x' }, { id: 'y' }],
  });
  expect(writeSentence(plain, START, { ...VERDICT, equipment: UNKNOWN }, [{ ...TOP, parameter: 'bus_v' }])).toBe(
    'AURORA-1: bus voltage sits 3.1 sigma above what the other two parameters imply (0.412 V, expected 0.35 V, at 04:13:04Z) since 04:12:08Z (an offset, 93 %).',
  );
});

test('a fault nobody knows is told as such, with the nearest known one', () => {
  const unknown: Verdict = { ...VERDICT, fault: UNKNOWN };
  expect(writeSentence(mission(16), START, unknown, [TOP])).toMatch(/ since 04:12:08Z \(no known fault\)\.$/);
  const alternatives = [
    { equipment: 'rw2', fault: 'offset', confidence: 0.312 },
    { equipment: 'rw2', fault: 'step', confidence: 0.2 },
  ];
  expect(writeSentence(mission(16), START, { ...unknown, alternatives }, [TOP])).toMatch(
    / \(no known fault; nearest is an offset, 31 %\)\.$/,
  );
});

test('with no parameter to blame it still says what, since when and how sure', () => {
  expect(writeSentence(mission(16), START, VERDICT, [])).toBe(
    'Reaction wheel 2: anomalous since 04:12:08Z (an offset, 93 %).',
  );
});

test("every number of the sentence is the record's own", () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => Number(value.toPrecision(4)));
  const times = fc.integer({ min: 0, max: 86_399 });
  const pattern =
    /^(.+?): (.+) sits (\S+) sigma (above|below) what .+ \((\S+) A, expected (\S+) A, at (\S+)\) since (\S+) \((.+), (\d+) %\)\.$/;
  fc.assert(
    fc.property(
      number,
      number,
      number,
      times,
      times,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (deviation, measured, expected, start, peak, confidence) => {
        const [startText, peakAt] = [isoTime(T0 + 1000 * start), isoTime(T0 + 1000 * peak)];
        const direction = deviation >= 0 ? 'high' : 'low';
        const text = writeSentence(mission(16), startText, { ...VERDICT, confidence }, [
          { ...TOP, deviation, direction, measured, expected, peakAt },
        ]);
        const [, subject, parameter, size, side, told, implied, at, since, fault, percent] = pattern.exec(text) ?? [];
        expect({
          subject,
          parameter,
          deviation: (side === 'above' ? 1 : -1) * Number(size) + 0,
          measured: Number(told) + 0,
          expected: Number(implied) + 0,
          at,
          since,
          fault,
          percent,
        }).toEqual({
          subject: 'Reaction wheel 2',
          parameter: 'motor current',
          deviation: deviation + 0,
          measured: measured + 0,
          expected: expected + 0,
          at: peakAt.slice(11),
          since: startText.slice(11),
          fault: 'an offset',
          percent: String(Math.round(confidence * 100)),
        });
      },
    ),
    { seed: 7, numRuns: 300 },
  );
});
