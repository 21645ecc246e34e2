import fc from 'fast-check';
import { attribute } from '../../src/core/anomaly/attribution';
import { judgeEvidence } from '../../src/core/anomaly/judge-evidence';
import { PAST_BLOCKS } from '../../src/core/anomaly/own-past';
import { SUMMARIES, SUMMARY } from '../../src/core/telemetry/summaries';
import type { Manifest } from '../../src/domain/manifest';
import { LEAST_DEVIATION, UNKNOWN, type Attribution, type Reason, type Verdict } from '../../src/domain/explanation';
import { missionSchema, type Mission } from '../../src/domain/mission';
import { isoTime } from '../../src/domain/units';
import { likelihoodWord } from '../../src/core/anomaly/likelihood';
import { cascadePhrase, writeSentence } from '../../src/core/anomaly/sentence';
import { FRAMES, scoredWindow, trackerManifest } from '../support/scored-windows';
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

test('a verdict that is improbable itself is told as the likeliest, never as unlikely', () => {
  expect(write(mission(16), START, { ...VERDICT, confidence: 0.3 }, [TOP])).toMatch(
    / \(an offset, the likeliest of several, 30 %\)\.$/,
  );
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

describe('evidence in another equipment than the verdict names', () => {
  const other: Attribution = { ...TOP, parameter: 'p1', share: 0.4, deviation: -3.2 };

  test('is said to be there, with how sure the verdict is of its own', () => {
    const alternatives = [
      { equipment: 'bat', fault: 'step', confidence: 0.1 },
      { equipment: 'rw2', fault: 'step', confidence: 0.2 },
    ];
    const verdict = { equipment: 'bat', fault: 'offset', confidence: 0.52, alternatives };
    const elsewhere = 'whatever the fault, though the evidence shows in Reaction wheel 2: motor current sits 3.1 ';
    expect(write(mission(16), START, verdict, [TOP])).toContain(`BAT: named with at least 62 %, ${elsewhere}`);
    expect(write(mission(16), START, { ...verdict, fault: UNKNOWN }, [TOP])).toContain(
      `BAT: named with at least 52 %, ${elsewhere}`,
    );
    expect(write(mission(16), START, { ...verdict, fault: UNKNOWN, set: [] }, [TOP])).toContain(
      `BAT: named with at least 62 %, ${elsewhere}`,
    );
  });

  test('comes after all that the parameters of the named one show plainly, however small their share', () => {
    const own = (more: Partial<Attribution>): string =>
      write(mission(16), START, VERDICT, [other, { ...TOP, share: 0.02, ...more }]);
    expect(own({})).toMatch(/^Reaction wheel 2: motor current sits 3.1 sigma above/);
    const repeats: Reason = { kind: 'repeats', value: 1, frames: 9, nominal: 8 };
    expect(own({ share: 0.1, reason: repeats })).toMatch(/^Reaction wheel 2: motor current repeats 1 A/);
    expect(own({ share: 0.09, reason: repeats })).toMatch(/though the evidence shows in BAT: p1 sits 3.2 sigma below/);
  });

  test('of a parameter without equipment, and without a verdict, is said as a person would', () => {
    const plain = mission(2, { parameters: [{ id: 'rw2_current_a', equipment: 'rw2' }, { id: 'bus_v' }] });
    const [bus, current] = [{ ...TOP, parameter: 'bus_v' }, TOP];
    expect(write(plain, START, VERDICT, [bus])).toContain(
      'though the evidence shows in parameters of no equipment: bus_v sits ',
    );
    expect(write(plain, START, { ...VERDICT, equipment: UNKNOWN }, [current])).toMatch(
      /^AURORA-1: rw2_current_a of Reaction wheel 2 sits /,
    );
    expect(write(plain, START, { ...VERDICT, equipment: UNKNOWN }, [current, bus])).toMatch(/^AURORA-1: bus_v sits /);
  });
});

describe('an expected value beyond all that fitting saw', () => {
  const said = (more: Partial<Attribution>): string => write(mission(16), START, VERDICT, [{ ...TOP, ...more }]);

  test('is told as the end of the nominal range, on the side where it lies', () => {
    const low = { direction: 'low', deviation: -871.3 } as const;
    expect(said({ ...low, measured: 3188, expected: 3956, bound: 'high' })).toContain(
      'sits more than 100 sigma below what the other fifteen parameters imply (3188 A, expected nearer its nominal maximum, 3956 A, at ',
    );
    expect(said({ measured: 12, expected: 0, bound: 'low' })).toContain(
      '(12 A, expected nearer its nominal minimum, 0 A, at ',
    );
  });

  test('is told as beyond it where the value is so itself', () => {
    expect(said({ measured: 1917, expected: 1980, bound: 'low' })).toContain(
      'above what the other fifteen parameters imply (1917 A, expected even lower than its nominal minimum, 1980 A, at ',
    );
  });

  test('accuses nobody while another parameter is plainly outside of its own range', () => {
    const innocent: Attribution = { ...TOP, parameter: 'p1', direction: 'low', deviation: -41, bound: 'high' };
    const [near, far] = [0.5, 6].map((outside, index): Attribution => ({
      ...TOP,
      parameter: `p${String(index + 2)}`,
      share: 0.1,
      outside,
    }));
    const verdict = { ...VERDICT, equipment: UNKNOWN };
    const named = (...items: readonly (Attribution | undefined)[]): string | undefined =>
      / (\w+) of BAT sits/.exec(
        write(
          mission(16),
          START,
          verdict,
          items.filter((item) => item !== undefined),
        ),
      )?.[1];
    expect(named(innocent, near, far)).toBe('p3');
    expect(named(innocent, { ...TOP, parameter: 'p2', outside: 0.09 })).toBe('p1');
    // Within its range, and so is what is implied of it: such a fault is named as ever.
    const { bound: _, ...drift } = innocent;
    expect(named(drift, near, far)).toBe('p1');
    // Beyond its range itself: it may well be the cause.
    expect(named({ ...innocent, outside: 0.2 }, near, far)).toBe('p1');
  });
});

describe('what is said of a cascade', () => {
  const rooted = (...equipment: readonly string[]): string =>
    cascadePhrase(mission(3), { role: 'root', symptoms: equipment.map((unit) => ({ id: unit, equipment: unit })) });
  const symptom = (equipment: string, reason: 'declared' | 'earlier' | 'least'): string =>
    cascadePhrase(mission(3), { role: 'symptom', root: 'x', equipment, reason });

  test('agrees in number with those that show it, each named once', () => {
    expect(rooted('bat')).toBe(', the root of what BAT shows');
    expect(rooted('bat', 'bat')).toBe(', the root of what BAT shows');
    expect(rooted('bat', 'rw2', 'x')).toBe(', the root of what BAT, Reaction wheel 2 and X show');
    expect(rooted(UNKNOWN)).toBe(', the root of what parameters of no equipment show');
    expect(symptom('bat', 'declared')).toBe(', a symptom of BAT, which feeds it');
    expect(symptom(UNKNOWN, 'least')).toBe(', a symptom of parameters of no equipment, which explain most');
  });
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
  // The likeliest class of all may be one of another equipment.
  const other = [{ equipment: 'bat', fault: 'step', confidence: 0.2 }];
  expect(write(mission(16), START, { ...unknown, alternatives: other }, [TOP])).toMatch(
    / \(no known fault; nearest is step of BAT, 20 %\)\.$/,
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

test('a parameter that shows nothing by itself tells whose it is, if the verdict names another equipment', () => {
  const joint: Attribution = { ...TOP, reason: { kind: 'joint' } };
  const most = (equipment: string): string | undefined =>
    /most of all (.+), since/.exec(write(mission(16), START, { ...VERDICT, equipment }, [joint]))?.[1];
  expect(['rw2', 'bat', UNKNOWN].map(most)).toEqual([
    'motor current',
    'motor current of Reaction wheel 2',
    'motor current of Reaction wheel 2',
  ]);
});

test('a deviation that nominal windows have too is never the reason', () => {
  const small: Attribution = { ...TOP, deviation: 0.5 };
  expect(write(mission(16), START, VERDICT, [small])).toBe(
    'Reaction wheel 2: anomalous through several parameters together, most of all motor current, since 04:12:08Z (an offset, very likely, 93 %).',
  );
  expect(write(mission(16), START, VERDICT, [small, { ...TOP, parameter: 'p1', deviation: 7 }])).toContain(
    'though the evidence shows in BAT: p1 sits 7 sigma above ',
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
  fc.record(
    {
      kind: fc.constant('repeats' as const),
      ...{ value: number, frames: count, nominal: count },
      counts: fc.constant('samples' as const),
    },
    { requiredKeys: ['kind', 'value', 'frames', 'nominal'] },
  ),
  fc.record({ kind: fc.constant('spread' as const), side, value: number, nominal: number }),
);

const sizeOf = (size: string | undefined, which: string | undefined): number =>
  (which === 'above' ? 1 : -1) * (size === 'more than 100' ? Infinity : Number(size));
/** The record has every digit of a deviation that nobody can use any more. */
const asTold = <T extends { readonly deviation?: number; readonly kind?: string }>(item: T): T =>
  Math.abs(item.deviation ?? 0) > 100 ? { ...item, deviation: Math.sign(item.deviation ?? 0) * Infinity } : item;
const sideOf = (words: string | undefined): 'low' | 'high' => (words === 'at least' ? 'low' : 'high');
/** Seconds are told without the day: the property's times are all of one. */
const whenOf = (clock: string | undefined): string => `${isoTime(T0).slice(0, 11)}${clock ?? ''}`;

/** Reads the account of a parameter back, for every kind of reason there is. */
const READERS: readonly (readonly [RegExp, (found: readonly string[]) => unknown])[] = [
  [
    /^sits (.+) sigma (above|below) what .+ \((\S+) A, expected (?:(?:nearer|even lower than|even higher than) its nominal (minimum|maximum), )?(\S+) A, at (\S+)\)$/,
    ([, size, which, measured, end, expected, at]) => ({
      deviation: sizeOf(size, which),
      measured: Number(measured),
      expected: Number(expected),
      peakAt: whenOf(at),
      ...(end !== undefined && { bound: end === 'minimum' ? 'low' : 'high' }),
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
    /^lies on average (.+) sigma (above|below) what .+ over (\d+) frames$/,
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
    /^repeats (\S+) A for (\d+) (frames|samples), nominal at most (\d+)$/,
    ([, value, frames, counted, nominal]) => ({
      kind: 'repeats',
      value: Number(value),
      frames: Number(frames),
      nominal: Number(nominal),
      ...(counted === 'samples' && { counts: 'samples' as const }),
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
      fc.record(
        { deviation: large, measured: number, expected: number, peakAt: moment, bound: side },
        { requiredKeys: ['deviation', 'measured', 'expected', 'peakAt'] },
      ),
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
          word: confidence < 0.33 ? 'the likeliest of several' : likelihoodWord(confidence),
          percent: String(Math.round(confidence * 100)),
        });
        const read = READERS.flatMap(([pattern, reader]) => {
          const found = pattern.exec(account);
          return found === null ? [] : [reader(found)];
        });
        expect(read).toEqual([asTold(why ?? deviated)]);
      },
    ),
    { seed: 7, numRuns: 600 },
  );
});

/** The parameter that a sentence names, and how. */
const namedIn = (text: string): { readonly how: 'together' | 'alone' | 'checked'; readonly id: string } => {
  const [, together] = / together, most of all (\w+)/.exec(text) ?? [];
  if (together !== undefined) return { how: 'together', id: together };
  const [, alone] = / through how (\w+) (?:of \S+ )?behaves over time, since /.exec(text) ?? [];
  if (alone !== undefined) return { how: 'alone', id: alone };
  return { how: 'checked', id: /: (\w+) (?:of \S+ )?(?:sits|is) /.exec(text)?.[1] ?? '' };
};

test('what is named as the reason has its part of what shows nothing by itself, or lies plainly outside of its range', () => {
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  const outside = fc.option(fc.double({ min: 0.01, max: 0.5, noNaN: true }), { nil: undefined });
  fc.assert(
    fc.property(share, share, outside, (hidden, told, far) => {
      const joint: Attribution = { ...TOP, parameter: 'p1', share: hidden, reason: { kind: 'joint' } };
      const item: Attribution = { ...TOP, parameter: 'p2', share: told, ...(far !== undefined && { outside: far }) };
      const attribution = [joint, item].sort((a, b) => b.share - a.share);
      const isReason = told >= 0.25 * hidden || (far ?? 0) >= 0.1;
      expect(namedIn(write(mission(4), START, { ...VERDICT, equipment: 'bat' }, attribution))).toEqual(
        isReason ? { how: 'checked', id: 'p2' } : { how: hidden >= 0.9 ? 'alone' : 'together', id: 'p1' },
      );
    }),
    { seed: 11, numRuns: 400 },
  );
});

test('a value outside of its own range is told as that, whatever the others imply beyond the range', () => {
  const base = trackerManifest({ equipment: ['rw2'], parametersPerEquipment: 1 });
  const manifest: Manifest = {
    ...base,
    observed: [{ low: -10, high: 10, spread: { low: 0, high: 1e9 }, longestRun: FRAMES }],
  };
  const beyond = fc.tuple(fc.double({ min: 10.1, max: 1e3, noNaN: true }), fc.boolean());
  const valueOf = ([size, isLow]: readonly [number, boolean]): number => (isLow ? -size : size);
  fc.assert(
    fc.property(beyond, beyond, large, (measured, implied, deviation) => {
      const value = valueOf(measured);
      const scored = scoredWindow(manifest, {
        values: new Float32Array(FRAMES).fill(value),
        expected: new Float32Array(FRAMES).fill(valueOf(implied)),
        deviation: new Float32Array(FRAMES).fill(9 * Math.sign(deviation)),
      });
      const own = mission(1, { parameters: [{ id: 'rw2_a', equipment: 'rw2', units: 'A' }] });
      const text = write(own, START, VERDICT, attribute(manifest, scored));
      const [, told, words, nominal] = / is (\S+) A at \S+, nominal (at least|at most) (\S+) A since /.exec(text) ?? [];
      expect({ told: Number(told), words, nominal: Number(nominal) }).toEqual({
        told: Number(Math.fround(value).toPrecision(4)),
        words: value < 0 ? 'at least' : 'at most',
        nominal: value < 0 ? -10 : 10,
      });
    }),
    { seed: 12, numRuns: 300 },
  );
});

describe('an alarm of the own past', () => {
  const line = { knots: [0], slopes: [10], base: 0 };
  const base = trackerManifest({ equipment: ['rw0', 'rw1'], threshold: 4 });
  const rows = base.parameters.map((_, row) => row);
  const head = (name: string) => ({ name, rate: 1, median: rows.map(() => 2), unit: [1, 2, 3, 4], line });
  const manifest: Manifest = {
    ...base,
    calibration: {
      ...base.calibration,
      sustained: {
        heads: [{ name: 'window', memory: 3, fast: true }],
        units: base.equipment.slice(),
        rates: [1],
        lines: [[line]],
        commands: [],
      },
      ownPast: {
        ...{ heads: [head('forecast'), head('behaviour')], parameters: rows, unitOf: [0, 0, 1, 1] },
        ...{ units: base.equipment.slice(), warm: 1, silence: 1, block: 2 },
      },
    },
  };
  const own = mission(1, {
    equipment: [{ id: 'rw0' }, { id: 'rw1' }],
    parameters: base.parameters.map((id) => ({ id, equipment: id.slice(0, 3) })),
  });
  const memory = new Float32Array(rows.length * SUMMARIES);
  rows.forEach((row) => (memory[row * SUMMARIES + SUMMARY.count] = 100));
  /** Levels of the time before: of rw0 an ordinary one, of rw1 a given one. */
  const judged = (signals: readonly number[], before: number, evidence = 0) => {
    const levels = Float64Array.of(1, before, 1, before);
    const state = { smoothed: new Float64Array(8), silent: 0, blocks: Array(PAST_BLOCKS).fill(levels) };
    const { window, inference } = scoredWindow(manifest, { parameterScore: [9, 1, 1, 1], equipmentScore: [10, 2] });
    return judgeEvidence(
      manifest,
      { ownPast: { ...state, current: new Float64Array(4), count: 0 } },
      {
        window: { ...window, memory },
        inference: {
          ...{ ...inference, evidence: Float32Array.of(evidence, 0) },
          ownPast: Float32Array.from([0, 0, 0, 0, ...signals]),
        },
      },
      false,
    ).scored;
  };

  test('names the parameter that is farthest above what is usual of it, beside the level of its unit before', () => {
    const signal = fc.double({ min: 0, max: 200, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(signal, signal, signal, signal),
        fc.double({ min: 1, max: 30, noNaN: true }),
        (all, before) => {
          const scored = judged(all, before);
          fc.pre(scored.inference.score >= 4);
          const above = all.map((value, at) => Math.max(0, value - 2) / (at + 1) / (at < 2 ? 1 : before));
          const ranked = rows.slice().sort((a, b) => (above[b] ?? 0) - (above[a] ?? 0));
          const [first = 0, second = 0] = ranked;
          fc.pre((above[first] ?? 0) > 1.001 * (above[second] ?? 0));
          const attribution = attribute(manifest, scored);
          const total = above.reduce((sum, value) => sum + value ** 2, 0);
          expect(attribution[0]?.share).toBeCloseTo((above[first] ?? 0) ** 2 / total, 3);
          const text = write(own, START, { ...VERDICT, equipment: 'rw0' }, attribution);
          expect(namedIn(text)).toEqual({
            how: (attribution[0]?.share ?? 0) >= 0.9 ? 'alone' : 'together',
            id: manifest.parameters[first],
          });
        },
      ),
      { seed: 13, numRuns: 300 },
    );
  });

  test('keeps what the window shows where that raises an alarm by itself', () => {
    const shareOf = (evidence: number) => attribute(manifest, judged([0, 0, 100, 0], 1, evidence))[0];
    expect(shareOf(0)).toMatchObject({ parameter: 'rw1_a', share: 1 });
    expect(shareOf(0.39)).toMatchObject({ parameter: 'rw1_a', share: 1 });
    expect(shareOf(0.5)).toMatchObject({ parameter: 'rw0_a', share: 0.75 });
  });

  test('tells the counterfactual of which equipment it is', () => {
    const { equipmentScore } = judged([0, 0, 100, 0], 1).inference;
    expect([equipmentScore[0], (equipmentScore[1] ?? 0) > 1]).toEqual([0, true]);
  });
});
