import * as fc from 'fast-check';
import { conditionCompiler } from '../../src/config/compile-condition';
import { vocabularyOf } from '../../src/config/vocabulary';
import { anomalySubject } from '../../src/core/rules/instant';
import { conditionText, matchSchema, type Match } from '../../src/domain/match';
import { emptyRuleSet, rulesFileSchema } from '../../src/domain/rules';
import { ANOMALY_START, openAnomaly, type AnomalyChoice } from '../support/open-anomaly';
import { testMission } from '../support/rules-world';

const faults = ['friction-rise', 'dropout', 'unknown'];
const equipments = ['rw1', 'rw2', 'unknown'];
const compiler = conditionCompiler(vocabularyOf(testMission({ faults: ['friction-rise', 'dropout'] }), emptyRuleSet));

/** Whether a condition written as a map holds `at` seconds after the start of the anomaly. */
const holds = (match: Match, choice: AnomalyChoice, at: number): boolean => {
  const time = ANOMALY_START + at * 1000;
  const { condition, problems } = compiler.compile(conditionText(match), 'anomaly');
  expect(problems).toEqual([]);
  const subject = anomalySubject(openAnomaly(choice), time, true).facts;
  return condition.judge({ time, parameters: {}, mode: undefined, health: {}, monitors: {}, subject }) === 'true';
};

describe('a condition that is written as a map', () => {
  it.each<[string, Record<string, unknown>, AnomalyChoice & { at?: number }, boolean]>([
    ['no condition holds for any anomaly', {}, {}, true],
    ['one equipment, met', { equipment: 'rw2' }, {}, true],
    ['one equipment, not met', { equipment: 'rw2' }, { equipment: 'rw1' }, false],
    ['any of several equipments', { equipment: ['rw1', 'rw2'] }, {}, true],
    ['none of several equipments', { equipment: ['rw1', 'bus'] }, {}, false],
    ['equipment unknown, met', { equipment: 'unknown' }, { equipment: 'unknown' }, true],
    ['equipment unknown, not met by a named one', { equipment: 'unknown' }, {}, false],
    ['fault, met', { fault: ['dropout', 'friction-rise'] }, {}, true],
    ['fault, not met', { fault: 'dropout' }, {}, false],
    ['a named fault, not met by unknown', { fault: 'friction-rise' }, { fault: 'unknown' }, false],
    ['confidence reached exactly', { confidence: 0.93 }, {}, true],
    ['confidence not reached', { confidence: 0.9301 }, {}, false],
    ['confidence below', { confidenceBelow: 0.9301 }, {}, true],
    ['confidence not below at the bound itself', { confidenceBelow: 0.93 }, {}, false],
    ['whole confidence', { confidence: 1 }, {}, false],
    ['duration reached exactly', { duration: '20s' }, { at: 20 }, true],
    ['duration not reached', { duration: '20s' }, { at: 19.999 }, false],
    ['a fraction of a second', { duration: '500ms' }, { at: 0.5 }, true],
    ['all of two conditions, one not met', { equipment: 'rw2', fault: 'dropout' }, {}, false],
  ])('%s', (_, when, { at = 0, ...choice }, expected) => {
    expect(holds(matchSchema.parse(when), choice, at)).toBe(expected);
  });

  it('says the same as its expression, whatever it is and whatever it meets', () => {
    const tenth = fc.integer({ min: 0, max: 10 }).map((value) => value / 10);
    const match = fc.record(
      {
        equipment: fc.subarray(equipments, { minLength: 1 }),
        fault: fc.subarray(faults, { minLength: 1 }),
        confidence: tenth,
        confidenceBelow: tenth,
        duration: fc.integer({ min: 0, max: 60_000 }),
      },
      { requiredKeys: [] },
    );
    const met = fc.record({
      equipment: fc.constantFrom(...equipments),
      fault: fc.constantFrom(...faults),
      confidence: tenth,
    });
    fc.assert(
      fc.property(match, met, fc.integer({ min: 0, max: 60 }), (condition, choice, at) => {
        const { equipment, fault, confidence = 0, confidenceBelow = Infinity, duration = 0 } = condition;
        const expected =
          (equipment?.includes(choice.equipment) ?? true) &&
          (fault?.includes(choice.fault) ?? true) &&
          choice.confidence >= confidence &&
          choice.confidence < confidenceBelow &&
          at * 1000 >= duration;
        expect(holds(condition, choice, at)).toBe(expected);
      }),
    );
  });
});

describe('a rule in the older form', () => {
  const parse = (rule: Record<string, unknown>) =>
    rulesFileSchema.safeParse({ eventActions: [{ id: 'r', title: 'R', level: 2, because: 'So.', ...rule }] });
  const action = { command: 'ACT' };

  it('is automatic and has a ladder of one step, as it had before there was more', () => {
    const result = parse({ when: { fault: 'dropout' }, action });
    expect(result.data?.eventActions[0]).toMatchObject({
      authority: 'automatic',
      event: 'anomaly',
      on: ['opened', 'updated'],
      oneShot: true,
      rearm: 'cooldown',
      steps: [{ command: 'ACT', arguments: {}, expiry: 60_000 }],
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['both forms at once', { action, steps: [action], authority: 'advise' }, 'has "steps" and "action": one of them'],
    ['neither', {}, 'has neither "steps" nor "action"'],
    ['steps without authority', { steps: [action] }, 'a rule with "steps" must say its "authority"'],
    [
      'a map about another event',
      { event: 'check', when: { fault: 'x' }, action },
      'a map is about anomalies; write an expression',
    ],
    [
      'a verification without a time',
      { action: { ...action, verify: 'x < 3' } },
      'must be a condition and a time: rw2_speed_rpm < 100 within 60s',
    ],
  ])('is refused: %s', (_name, rule, message) => {
    expect(parse(rule).error?.issues.map((issue) => issue.message)).toContain(message);
  });
});
