/** What the levels of the others imply of a level, and which ratio to the time before alarms. */
import { createRandom } from '../../src/core/random';
import { surpriseAt } from '../../src/core/anomaly/surprise';
import { fitImpliedLevel, impliedOf } from '../../src/fit/own-past/implied-level';
import { ratioLines } from '../../src/fit/own-past/ratio-line';
import { PERSISTENCE, SUSTAINED_RULE, thresholdsFor } from '../../src/fit/threshold';

const SEED = 20261130;

test(`a level that follows the others is implied beyond what was fitted, one of its own is not (seed ${String(SEED)})`, () => {
  const random = createRandom(SEED).fork('levels');
  const row = (common: number): Float64Array => {
    const noise = (): number => 0.05 * random.normal();
    return Float64Array.of(common + noise(), 2 * common + 1 + noise(), random.normal());
  };
  const levels = Array.from({ length: 400 }, () => row(random.normal()));
  const { implied, crossFitted } = fitImpliedLevel({
    levels,
    folds: levels.map((_, index) => Math.floor(index / 100)),
    scored: [0, 1, 2],
    wander: new Float64Array(3),
    others: [
      [1, 2],
      [0, 2],
      [0, 1],
    ],
  });
  const beyond = impliedOf(implied, row(8));
  expect(Math.abs((beyond[0] ?? 0) - 8)).toBeLessThan(0.5);
  expect(Math.abs((beyond[1] ?? 0) - 17)).toBeLessThan(1);
  expect(beyond[2]).toBe(0);
  expect(crossFitted.every((own) => own[2] === 0)).toBe(true);
});

describe('the ratio that alarms', () => {
  const DAY = 86_400_000;
  const strideMs = DAY / 1000;
  const quiet = Float64Array.from({ length: 2000 }, (_, index) => (index % 50) / 50);
  const budget = { falseAlarmsPerDay: 0.5, rule: SUSTAINED_RULE, strideMs };
  const NONE = { knots: [NaN], slopes: [NaN], base: NaN };
  const ratioAt = (ratios: Float64Array, units: number): number => {
    const [line = NONE] = ratioLines([[ratios]], units, { ...budget, others: [quiet] });
    const [common] = thresholdsFor([0.5], { stretches: [quiet], strideMs }, PERSISTENCE, SUSTAINED_RULE);
    return ((common?.threshold ?? NaN) - surpriseAt(line, 0)) / (surpriseAt(line, 1) - surpriseAt(line, 0));
  };

  test('is the usual one at the threshold of the others, higher for many units', () => {
    expect(ratioAt(quiet, 1)).toBeCloseTo(3.2, 9);
    expect(ratioAt(quiet, 16)).toBeCloseTo(6.4, 9);
  });

  test('rises as far as a record that contradicts it asks', () => {
    const often = quiet.map((value, index) => (index % 100 < 10 ? 5 : value));
    const once = quiet.map((value, index) => (index < 10 ? 50 : value));
    expect(ratioAt(once, 1)).toBeCloseTo(3.2, 9);
    expect(ratioAt(often, 1)).toBeGreaterThan(5);
    expect(ratioAt(often, 1)).toBeLessThan(6);
  });
});
