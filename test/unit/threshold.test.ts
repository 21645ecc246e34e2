import fc from 'fast-check';
import { initialTracker, trackWindow } from '../../src/core/anomaly/anomaly-tracker';
import { createRandom } from '../../src/core/random';
import { countOpenings, realisedRate, returnOf, SUSTAINED_RULE, thresholdsFor } from '../../src/fit/threshold';
import { scoredWindow, trackerManifest } from '../support/scored-windows';

const THREE_OF_FOUR = { k: 3, n: 4 };

describe('openings', () => {
  const openings = (scores: readonly number[], persistence = THREE_OF_FOUR): number =>
    countOpenings(scores, 5, persistence);

  test.each([
    ['no score, no opening', [], 0],
    ['two of four windows are too few', [5, 5, 0, 0, 5, 5, 0, 0, 5], 0],
    ['three in a row open one', [0, 5, 5, 5, 0], 1],
    ['three of four with a gap open one', [5, 5, 0, 5], 1],
    ['three of five do not', [5, 0, 5, 0, 5], 0],
    ['a score just below the threshold does not count', [5, 5, 4.999, 4.999, 5], 0],
    ['one long exceedance is one opening', [9, 9, 9, 9, 9, 9, 9, 9], 1],
    ['what stays within a decade of the threshold keeps it open', [5, 5, 5, 4, 4, 4, 4, 4, 4, 5, 5, 5], 1],
    ['four windows below that decade close it, the next three open another', [5, 5, 5, 3.9, 3.9, 3.9, 3.9, 5, 5, 5], 2],
    ['three windows below do not close it', [5, 5, 5, 0, 0, 0, 5, 0, 0, 0, 5, 5, 5], 1],
    ['windows from before the closing do not help to open the next', [5, 5, 5, 0, 0, 0, 0, 5, 5, 0, 0], 1],
    ['a window within the decade does not open anything', [4.5, 4.5, 4.5, 4.5, 4.5], 0],
  ])('%s', (_, scores, expected) => {
    expect(openings(scores)).toBe(expected);
  });

  test('with one of one every run above the threshold is an opening', () => {
    expect(openings([5, 0, 5, 0, 0, 5, 4.5, 0], { k: 1, n: 1 })).toBe(3);
  });

  test('are those of the anomaly tracker, on any scores of one equipment', () => {
    const threshold = 2;
    const scores = fc.array(fc.constantFrom(0, 0, 0.5, 0.95, 1, 1.5, 1.99, 2, 2.5, 3), {
      minLength: 20,
      maxLength: 80,
    });
    const persistence = fc
      .integer({ min: 1, max: 6 })
      .chain((n) => fc.record({ n: fc.constant(n), k: fc.integer({ min: 1, max: n }) }));
    let seen = 0;
    fc.assert(
      fc.property(scores, persistence, (values, { k, n }) => {
        const manifest = trackerManifest({
          equipment: ['rw0'],
          threshold,
          returnThreshold: returnOf(threshold),
          k,
          n,
        });
        let state = initialTracker;
        let opened = 0;
        values.forEach((score, index) => {
          const step = trackWindow({ spacecraft: 'SC' }, manifest, state, scoredWindow(manifest, { index, score }));
          state = step.state;
          opened += step.revisions.filter(({ trigger }) => trigger === 'opened').length;
        });
        seen += opened;
        expect(countOpenings(values, threshold, { k, n })).toBe(opened);
      }),
      { seed: 2, numRuns: 300 },
    );
    expect(seen).toBeGreaterThan(300);
  });
});

/** Scores as a calibrated score has them: surprises, overlapping windows dependent. */
const surprises = (count: number, seed: number): number[] => {
  const random = createRandom(seed);
  let state = random.normal();
  return Array.from({ length: count }, () => {
    state = 0.7 * state + Math.sqrt(1 - 0.49) * random.normal();
    // -log10 of the upper tail of a normal, roughly.
    return state > 0 ? 0.3 + 0.35 * state * state + 0.2 * state : 0.1;
  });
};

describe('thresholds of a budget', () => {
  const STRIDE_MS = 16_000;
  const stretches = [surprises(20_000, 1), surprises(12_000, 2)];
  const days = (32_000 * STRIDE_MS) / 86_400_000;
  const total = (threshold: number): number =>
    stretches.reduce((sum, scores) => sum + countOpenings(scores, threshold, THREE_OF_FOUR), 0);
  const budgets = [0.01, 0.1, 0.5, 1, 2, 5, 10, 30];
  const found = thresholdsFor(budgets, { stretches, strideMs: STRIDE_MS }, THREE_OF_FOUR);

  test('come in the order of the budgets, and fall as the budget grows', () => {
    expect(found.map(({ falseAlarmsPerDay }) => falseAlarmsPerDay)).toEqual(budgets);
    const thresholds = found.map(({ threshold }) => threshold);
    expect(thresholds).toEqual([...thresholds].sort((a, b) => b - a));
    expect(new Set(thresholds).size).toBeGreaterThan(4);
  });

  test('are extrapolated exactly where the record is too short to hold three openings', () => {
    expect(found.map(({ extrapolated }) => extrapolated)).toEqual(budgets.map((budget) => budget * days < 3));
    expect(found.filter(({ extrapolated }) => extrapolated)).not.toHaveLength(0);
    expect(found.filter(({ extrapolated }) => !extrapolated)).not.toHaveLength(0);
  });

  test('never open more anomalies than the budget on the record they were chosen on', () => {
    expect(found.filter(({ threshold, falseAlarmsPerDay }) => total(threshold) > falseAlarmsPerDay * days)).toEqual([]);
  });

  test('spend the budget: a twentieth of a decade lower would open too many', () => {
    const wasteful = found.filter(
      ({ extrapolated, threshold, falseAlarmsPerDay }) =>
        !extrapolated &&
        threshold > 1 &&
        // The count at or above a threshold is what is bounded: it is not monotone by itself.
        ![0.02, 0.04, 0.06].some((down) => total(threshold - down) > falseAlarmsPerDay * days),
    );
    expect(wasteful).toEqual([]);
  });

  test('extrapolate the fall of the logarithm of the rate', () => {
    const [rare, rarer] = [0.1, 0.01].map(
      (budget) => found.find(({ falseAlarmsPerDay }) => falseAlarmsPerDay === budget)?.threshold ?? NaN,
    );
    const [three, ten] = [3, 30].map((openings) => {
      let threshold = 12;
      while (total(threshold) < openings) threshold -= 0.02;
      return threshold;
    });
    const decade = (three ?? NaN) - (ten ?? NaN);
    // One more decade of rarity costs about what the last visible decade cost.
    expect((rarer ?? NaN) - (rare ?? NaN)).toBeGreaterThan(0.5 * decade);
    expect((rarer ?? NaN) - (rare ?? NaN)).toBeLessThan(2 * decade);
  });

  test('hold on further telemetry of the same kind, within chance', () => {
    const further = surprises(60_000, 3);
    const furtherDays = (60_000 * STRIDE_MS) / 86_400_000;
    const chosen = found.find(({ falseAlarmsPerDay }) => falseAlarmsPerDay === 5)?.threshold ?? NaN;
    const rate = countOpenings(further, chosen, THREE_OF_FOUR) / furtherDays;
    expect(rate).toBeGreaterThan(2);
    expect(rate).toBeLessThan(9);
  });

  test('do not depend on the order of the stretches', () => {
    expect(thresholdsFor(budgets, { stretches: [...stretches].reverse(), strideMs: STRIDE_MS }, THREE_OF_FOUR)).toEqual(
      found,
    );
  });

  test('an anomaly does not run over from one stretch into the next', () => {
    // Two hits end one stretch, two begin the next: together they would be three of four.
    const quiet = (scores: number[]): number[] => [...scores, ...Array.from({ length: 50 }, () => 0)];
    const apart = thresholdsFor(
      [1e6],
      { stretches: [[...quiet([]), 8, 8], quiet([8, 8])], strideMs: STRIDE_MS },
      THREE_OF_FOUR,
    );
    const inOne = thresholdsFor(
      [30],
      { stretches: [[...quiet([]), 8, 8, ...quiet([8, 8])]], strideMs: STRIDE_MS },
      THREE_OF_FOUR,
    );
    expect(apart[0]?.threshold).toBe(1);
    expect(inOne[0]?.threshold).toBeGreaterThan(8);
  });

  test('a threshold is never below one decade, however generous the budget', () => {
    expect(thresholdsFor([1e6], { stretches, strideMs: STRIDE_MS }, THREE_OF_FOUR)).toEqual([
      { falseAlarmsPerDay: 1e6, threshold: 1, extrapolated: false },
    ]);
  });

  test('a record without any opening is worth one at its highest score: extrapolated, by one decade at most', () => {
    const calm = Array.from({ length: 500 }, (_, i) => (i % 10 === 0 ? 2.5 : 0.2));
    const [only] = thresholdsFor([0.5], { stretches: [calm], strideMs: STRIDE_MS }, THREE_OF_FOUR);
    expect(only).toEqual({ falseAlarmsPerDay: 0.5, threshold: 3.5, extrapolated: true });
  });

  test('a record is worth one opening below the highest threshold that opens any, not at its highest window', () => {
    // One window of 6 alone opens nothing; three of 2.5 in a row do.
    const record = Array.from({ length: 500 }, (_, i) => (i === 50 ? 6 : i >= 200 && i < 203 ? 2.5 : 0.2));
    const [only] = thresholdsFor([0.5], { stretches: [record], strideMs: STRIDE_MS }, THREE_OF_FOUR);
    expect(only?.extrapolated).toBe(true);
    expect(only?.threshold).toBeCloseTo(3.5, 1);
  });

  test('evidence over time is worth three quarters of a decade above its highest opening, at most', () => {
    const record = Array.from({ length: 500 }, (_, i) => (i >= 200 && i < 203 ? 2.5 : 0.2));
    const [only] = thresholdsFor([0.5], { stretches: [record], strideMs: STRIDE_MS }, THREE_OF_FOUR, SUSTAINED_RULE);
    expect(only?.threshold).toBeGreaterThan(2.5);
    expect(only?.threshold).toBeLessThan(3.3);
  });

  test('no record at all gives a finite threshold', () => {
    expect(thresholdsFor([0.5], { stretches: [], strideMs: STRIDE_MS }, THREE_OF_FOUR)).toEqual([
      { falseAlarmsPerDay: 0.5, threshold: 2, extrapolated: true },
    ]);
  });

  test('a stretch of a year is no trouble', () => {
    const year = new Float32Array(2_000_000).fill(0.3);
    expect(thresholdsFor([1], { stretches: [year], strideMs: STRIDE_MS }, THREE_OF_FOUR)).toEqual([
      { falseAlarmsPerDay: 1, threshold: 1, extrapolated: false },
    ]);
  });
});

describe('the rate a budget really gives', () => {
  const STRIDE_MS = 16_000;

  test('is counted on stretches that the threshold was not chosen on', () => {
    const [a, b] = [surprises(10_000, 11), surprises(10_000, 12)];
    const openings = [
      [a, b],
      [b, a],
    ].reduce((sum, [chosenOn = [], countedOn = []]) => {
      const [chosen] = thresholdsFor([5], { stretches: [chosenOn], strideMs: STRIDE_MS }, THREE_OF_FOUR);
      return sum + countOpenings(countedOn, chosen?.threshold ?? NaN, THREE_OF_FOUR);
    }, 0);
    const days = (20_000 * STRIDE_MS) / 86_400_000;
    const found = realisedRate(5, { stretches: [a, b], strideMs: STRIDE_MS }, THREE_OF_FOUR);
    expect(openings).toBeGreaterThan(0);
    expect(found?.openings).toBe(openings);
    expect(found?.days).toBeCloseTo(days, 3);
    expect(found?.perDay).toBeCloseTo(openings / days, 3);
  });

  test('is unknown with a single stretch', () => {
    expect(realisedRate(5, { stretches: [surprises(1000, 13)], strideMs: STRIDE_MS }, THREE_OF_FOUR)).toBeUndefined();
  });
});
