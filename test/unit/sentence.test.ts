import fc from 'fast-check';
import { LEAST_DEVIATION, UNKNOWN, type Attribution, type Reason, type Verdict } from '../../src/domain/explanation';
import { missionSchema, type Mission } from '../../src/domain/mission';
import { isoTime } from '../../src/domain/units';
import { likelihoodWord } from '../../src/core/anomaly/likelihood';
import { writeSentence } from '../../src/core/anomaly/sentence';
import { T0 } from '../support/tiny-mission';

const write = (mission: Mission, start: string, verdict: Verdict, attribution: readonly Attribution[]): string =>
  writeSentence({ mission, start, verdict, attribution });

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
  expect(write(mission(16), START, VERDICT, [TOP])).toBe(
    'Reaction wheel 2: motor current sits 3.1 sigma above what the other fifteen parameters imply (0.412 A, expected 0.35 A, at 04:13:04Z) since 04:12:08Z (an offset, very likely, 93 %).',
  );
});

test('a package with reliability bins says how often such verdicts were right, after what else it may be', () => {
  const reliability = [{ from: 0.9, to: 1, n: 250, right: 235 }];
  const set = [
    { equipment: 'rw2', fault: 'offset', probability: 0.5 },
    { equipment: 'rw2', fault: 'step', probability: 0.4 },
  ];
  const facts = { mission: mission(16), start: START, attribution: [TOP], reliability };
  expect(writeSentence({ ...facts, verdict: VERDICT })).toMatch(
    / \(an offset, very likely, 93 %: of 100 such verdicts 94 were right in calibration\)\.$/,
  );
  expect(writeSentence({ ...facts, verdict: { ...VERDICT, set } })).toMatch(
    / \(an offset, very likely, 93 % or step: of 100 such verdicts 94 were right in calibration\)\.$/,
  );
  expect(writeSentence({ ...facts, verdict: { ...VERDICT, confidence: 0.5 } })).toMatch(
    / \(an offset, about as likely as not, 50 %\)\.$/,
  );
});

describe('a conformal set', () => {
  const of = (...set: NonNullable<Verdict['set']>): string =>
    write(mission(16), START, { ...VERDICT, set }, [TOP]).replace(/^.*\(an/, '(an');
  const own = { equipment: 'rw2', fault: 'offset', probability: 0.5 };

  test('of two classes is said as two', () => {
    expect(of(own, { equipment: 'rw2', fault: 'step', probability: 0.4 })).toBe(
      '(an offset, very likely, 93 % or step).',
    );
    expect(of(own, { equipment: 'bat', fault: 'offset', probability: 0.4 })).toBe(
      '(an offset, very likely, 93 %; cannot be told from BAT).',
    );
    expect(of(own, { equipment: 'bat', fault: 'step', probability: 0.4 })).toBe(
      '(an offset, very likely, 93 %; cannot be told from BAT, step).',
    );
  });

  test('of one, of none and of many adds nothing to the sentence', () => {
    const many = ['a', 'b', 'c'].map((fault) => ({ equipment: 'rw2', fault, probability: 0.2 }));
    for (const set of [[own], [], [own, ...many]]) expect(of(...set)).toBe('(an offset, very likely, 93 %).');
  });
});

test('a fall is told as below, without a minus sign', () => {
  expect(write(mission(16), START, VERDICT, [{ ...TOP, deviation: -4.2, direction: 'low' }])).toContain(
    ' sits 4.2 sigma below what ',
  );
});

test('without titles and units ids stand in, equipment in capitals', () => {
  const verdict: Verdict = { equipment: 'bat', fault: 'step', confidence: 1, alternatives: [] };
  expect(write(mission(3), START, verdict, [{ ...TOP, parameter: 'p1' }])).toBe(
    'BAT: p1 sits 3.1 sigma above what the other two parameters imply (0.412, expected 0.35, at 04:13:04Z) since 04:12:08Z (step, virtually certain, 100 %).',
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
  const text = write(mission(count), START, VERDICT, [TOP]);
  expect(text).toContain(`sigma above ${words} (`);
});

test('a parameter of another equipment than the verdict names tells whose it is', () => {
  expect(write(mission(16), START, { ...VERDICT, equipment: 'bat' }, [TOP])).toContain(
    'BAT: motor current of Reaction wheel 2 sits ',
  );
});

test('a parameter of the accused equipment is named first, unless it carries less than a quarter of the strongest', () => {
  const other: Attribution = { ...TOP, parameter: 'p1', share: 0.4, deviation: -3.2 };
  const own = (share: number): string => write(mission(16), START, VERDICT, [other, { ...TOP, share }]);
  expect(own(0.1)).toMatch(/^Reaction wheel 2: motor current sits 3.1 sigma above/);
  expect(own(0.09)).toMatch(/^Reaction wheel 2: p1 of BAT sits 3.2 sigma below/);
});

test('a mission without equipment speaks of the spacecraft', () => {
  const plain = mission(2, {
    equipment: [],
    parameters: [{ id: 'bus_v', title: 'bus voltage', units: 'V' }, { id: 'x' }, { id: 'y' }],
  });
  expect(write(plain, START, { ...VERDICT, equipment: UNKNOWN }, [{ ...TOP, parameter: 'bus_v' }])).toBe(
    'AURORA-1: bus voltage sits 3.1 sigma above what the other two parameters imply (0.412 V, expected 0.35 V, at 04:13:04Z) since 04:12:08Z (an offset, very likely, 93 %).',
  );
});

test('a fault nobody knows is told as such, with the nearest known one', () => {
  const unknown: Verdict = { ...VERDICT, fault: UNKNOWN };
  expect(write(mission(16), START, unknown, [TOP])).toMatch(/ since 04:12:08Z \(no known fault\)\.$/);
  const alternatives = [
    { equipment: 'rw2', fault: 'offset', confidence: 0.312 },
    { equipment: 'rw2', fault: 'step', confidence: 0.2 },
  ];
  expect(write(mission(16), START, { ...unknown, alternatives }, [TOP])).toMatch(
    / \(no known fault; nearest is an offset, 31 %\)\.$/,
  );
});

test('with no parameter to blame it still says what, since when and how sure', () => {
  expect(write(mission(16), START, VERDICT, [])).toBe(
    'Reaction wheel 2: anomalous since 04:12:08Z (an offset, very likely, 93 %).',
  );
});

test('units that stand for none are not printed', () => {
  const plain = mission(2, { parameters: [{ id: 'htr_cmd', equipment: 'rw2', units: '-' }, { id: 'x' }] });
  expect(write(plain, START, VERDICT, [{ ...TOP, parameter: 'htr_cmd', measured: 0, expected: 1 }])).toContain(
    '(0, expected 1, at ',
  );
});

test('a deviation that nominal windows have too is never the reason', () => {
  const small: Attribution = { ...TOP, deviation: 0.5 };
  expect(write(mission(16), START, VERDICT, [small])).toBe(
    'Reaction wheel 2: anomalous through several parameters together, most of all motor current, since 04:12:08Z (an offset, very likely, 93 %).',
  );
  expect(write(mission(16), START, VERDICT, [small, { ...TOP, parameter: 'p1', deviation: 7 }])).toContain(
    'Reaction wheel 2: p1 of BAT sits 7 sigma above ',
  );
});

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => Number(value.toPrecision(4)) + 0);
const large = number.map((value) => (Math.abs(value) < LEAST_DEVIATION ? value + Math.sign(value || 1) * 4 : value));
const count = fc.integer({ min: 1, max: 5000 });
const moment = fc.integer({ min: 0, max: 86_399 }).map((second) => isoTime(T0 + 1000 * second));
const side = fc.constantFrom('low' as const, 'high' as const);
const reason: fc.Arbitrary<Reason | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({
    kind: fc.constant('unfollowed' as const),
    command: fc.constant('p1'),
    to: number,
    at: moment,
    expectedChange: number,
    measuredChange: number,
  }),
  fc.record({ kind: fc.constant('slow' as const), frames: count, deviation: large }),
  fc.record({ kind: fc.constant('range' as const), side, value: number, nominal: number, at: moment }),
  fc.record({
    kind: fc.constant('level' as const),
    value: number,
    seen: fc.array(number, { minLength: 1 }),
    at: moment,
  }),
  fc.record({ kind: fc.constant('repeats' as const), value: number, frames: count, nominal: count }),
  fc.record({ kind: fc.constant('spread' as const), side, value: number, nominal: number }),
);

const sizeOf = (size: string | undefined, which: string | undefined): number =>
  (which === 'above' ? 1 : -1) * Number(size);
const sideOf = (words: string | undefined): 'low' | 'high' => (words === 'at least' ? 'low' : 'high');
/** Seconds are told without the day: the property's times are all of one. */
const whenOf = (clock: string | undefined): string => `${isoTime(T0).slice(0, 11)}${clock ?? ''}`;

/** Reads the account of a parameter back, for every kind of reason there is. */
const READERS: readonly (readonly [RegExp, (found: readonly string[]) => unknown])[] = [
  [
    /^sits (\S+) sigma (above|below) what .+ \((\S+) A, expected (\S+) A, at (\S+)\)$/,
    ([, size, which, measured, expected, at]) => ({
      deviation: sizeOf(size, which),
      measured: Number(measured),
      expected: Number(expected),
      peakAt: whenOf(at),
    }),
  ],
  [
    /^did not follow p1 = (\S+) at (\S+) \(changed by (\S+) A, expected (\S+) A\)$/,
    ([, to, at, measured, expected]) => ({
      kind: 'unfollowed',
      command: 'p1',
      to: Number(to),
      at: whenOf(at),
      expectedChange: Number(expected),
      measuredChange: Number(measured),
    }),
  ],
  [
    /^lies on average (\S+) sigma (above|below) what .+ over (\d+) frames$/,
    ([, size, which, frames]) => ({ kind: 'slow', frames: Number(frames), deviation: sizeOf(size, which) }),
  ],
  [
    /^is (\S+) A at (\S+), nominal (at least|at most) (\S+) A$/,
    ([, value, at, words, nominal]) => ({
      kind: 'range',
      side: sideOf(words),
      value: Number(value),
      nominal: Number(nominal),
      at: whenOf(at),
    }),
  ],
  [
    /^is (\S+) A at (\S+), nominal only (.+) A$/,
    ([, value, at, seen = '']) => ({
      kind: 'level',
      value: Number(value),
      seen: seen.split(', ').map(Number),
      at: whenOf(at),
    }),
  ],
  [
    /^repeats (\S+) A for (\d+) frames, nominal at most (\d+)$/,
    ([, value, frames, nominal]) => ({
      kind: 'repeats',
      value: Number(value),
      frames: Number(frames),
      nominal: Number(nominal),
    }),
  ],
  [
    /^changes by (\S+) A a frame, nominal (at least|at most) (\S+) A$/,
    ([, value, words, nominal]) => ({
      kind: 'spread',
      side: sideOf(words),
      value: Number(value),
      nominal: Number(nominal),
    }),
  ],
];

test("every number of the sentence is the record's own, whichever head carries the evidence", () => {
  const WHOLE = /^(.+?): (motor current) (.+) since (\S+) \(([^,]+), ([a-z ]+), (\d+) %\)\.$/;
  fc.assert(
    fc.property(
      fc.record({ deviation: large, measured: number, expected: number, peakAt: moment }),
      reason,
      moment,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (deviated, why, start, confidence) => {
        const direction = deviated.deviation >= 0 ? 'high' : 'low';
        const item = { ...TOP, ...deviated, direction, ...(why && { reason: why }) } as const;
        const text = write(mission(16), start, { ...VERDICT, confidence }, [item]);
        const [, subject, parameter, account = '', since, fault, word, percent] = WHOLE.exec(text) ?? [];
        expect({ subject, parameter, since, fault, word, percent }).toEqual({
          subject: 'Reaction wheel 2',
          parameter: 'motor current',
          since: start.slice(11),
          fault: 'an offset',
          word: likelihoodWord(confidence),
          percent: String(Math.round(confidence * 100)),
        });
        const read = READERS.flatMap(([pattern, reader]) => {
          const found = pattern.exec(account);
          return found === null ? [] : [reader(found)];
        });
        expect(read).toEqual([why ?? deviated]);
      },
    ),
    { seed: 7, numRuns: 600 },
  );
});
