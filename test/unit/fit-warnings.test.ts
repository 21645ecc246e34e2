/** What a package does not promise is told last, in a block, and stands in its manifest. */
import { describePrediction, describeWarnings } from '../../src/commands/fit-text';
import { qualityTables } from '../../src/console/page/quality';
import { readSight, sightOf, storedSight } from '../../src/fit/head-sight';
import { warningsOf } from '../../src/fit/warnings';

const predicted = { perDay: 0.5, low: 0.1, high: 1.4, nominalDays: 6 };
const sees = { offset: 0.9, drift: 0.3 };
const blind = { offset: 0.02, drift: 0.04 };

test('a package whose heads see the faults and whose record is long warns of nothing', () => {
  const sight = [{ head: 'window', shares: sees }];
  expect(warningsOf({ sight, predicted, falseAlarmsPerDay: 0.5, casesByClass: { offset: 9, drift: 4 } })).toEqual([]);
  expect(describeWarnings({ quality: { warnings: [] } })).toEqual([]);
  expect(describeWarnings({ quality: {} })).toEqual([]);
});

test('heads that see none of the faults are named, one, several or all', () => {
  const warn = (...shares: (readonly [string, Readonly<Record<string, number>>])[]) =>
    warningsOf({ sight: shares.map(([head, own]) => ({ head, shares: own })), predicted, falseAlarmsPerDay: 0.5 });
  expect(warn(['window', sees], ['slow64', blind])).toEqual([
    'the head "slow64" sees NONE of the injected faults: what only such a head could find will be missed',
  ]);
  expect(warn(['window', sees], ['slow64', blind], ['forecast', blind])).toEqual([
    'the heads "slow64", "forecast" see NONE of the injected faults: what only such a head could find will be missed',
  ]);
  expect(warn(['window', blind], ['slow64', blind])).toEqual([
    'NO head sees any of the injected faults ("window", "slow64"): record calmer telemetry, or choose other fault classes',
  ]);
});

test('a fault that no head sees, and one that will never be named, are told by name', () => {
  const sight = [{ head: 'window', shares: { offset: 0.9, drift: 0.01 } }];
  expect(warningsOf({ sight, predicted, falseAlarmsPerDay: 0.5, casesByClass: { offset: 9, drift: 0 } })).toEqual([
    'no head sees "drift" as it was injected',
    'no window of "drift" stands out: such a fault will never be named',
  ]);
});

test('a record too short for its budget promises no more than the bound of its counts', () => {
  const short = { perDay: 0, low: 0, high: 6, nominalDays: 0.5 };
  expect(warningsOf({ sight: [], predicted: short, falseAlarmsPerDay: 0.5 })).toEqual([
    '0.500 nominal days are too short to promise 0.5 false alarms a day: all that can be said is below 6.00 a day at 95 %',
  ]);
  expect(warningsOf({ sight: [], falseAlarmsPerDay: 0.5 })).toEqual([
    'there are too few nominal recordings to predict false alarms at all',
  ]);
  const calibration = { falseAlarmsPerDay: 0.5 } as Parameters<typeof describePrediction>[0]['calibration'];
  expect(describePrediction({ quality: { predictedFalseAlarms: short }, calibration })).toEqual([]);
  expect(describePrediction({ quality: { predictedFalseAlarms: predicted }, calibration })).toEqual([
    'predicted false alarms a day: 0.50 (95 %: 0.10 to 1.40), chosen on one part of 6.00 nominal days and counted on the rest',
  ]);
});

test('the block stands between rules and counts its warnings; the page of the model lists them', () => {
  const quality = { warnings: ['one thing', 'another'] };
  const rule = '!'.repeat(78);
  expect(describeWarnings({ quality })).toEqual([
    rule,
    'WARNING: this package does not promise all that it seems to (2)',
    '  1. one thing',
    '  2. another',
    rule,
  ]);
  expect(qualityTables(quality).warnings).toEqual(['one thing', 'another']);
});

test('each head is judged by its own evidence of the cases alone', () => {
  const line = { knots: [0], slopes: [1], base: 0 };
  const head = (name: string) => ({ name, memory: 0, fast: true });
  const graph = {
    sustained: {
      ...{ heads: [head('window'), head('slow64')], units: ['a', 'b'], rates: [1], lines: [[line, line]] },
      commands: [],
    },
  };
  // A case a row: evidence of the window against both units, and of the slow head.
  const evidence = Float32Array.from([0, 3, 0, 0, /**/ 1, 1, 0, 2.5, /**/ 4, 0, 1, 1]);
  const sight = sightOf({
    ...{ graph, outputs: { evidence }, faults: ['offset', 'drift'] },
    cases: [{ fault: 0 }, { fault: 1 }, { fault: 0 }],
  });
  expect(storedSight(sight)).toEqual({ window: { offset: 1, drift: 0 }, slow64: { offset: 0, drift: 1 } });
  expect(readSight(storedSight(sight))).toEqual(sight);
  expect(readSight('nothing')).toEqual([]);
});

test('the past of a parameter is judged on its own scale, wherever it was moved beside other heads', () => {
  const head = { name: 'behaviour', rate: 0.1, median: [0], unit: [1], line: { knots: [0], slopes: [0.5], base: 2.9 } };
  const sight = sightOf({
    graph: {
      sustained: undefined,
      ownPast: { heads: [head], parameters: [0], unitOf: [0], units: ['a'], warm: 0, silence: 1, block: 2 },
    },
    outputs: { own_past: Float32Array.of(0, 8, 1) },
    cases: [{ fault: 0 }, { fault: 0 }, { fault: 0 }],
    faults: ['offset'],
  });
  expect(storedSight(sight)).toEqual({ behaviour: { offset: 0.333 } });
});
