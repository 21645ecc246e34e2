import * as fc from 'fast-check';
import { conditionCompiler } from '../../src/config/compile-condition';
import { vocabularyOf } from '../../src/config/vocabulary';
import { canCoincide, disjunctsOf, implies, textsOf } from '../../src/core/conditions/constraints';
import { anomalySubject } from '../../src/core/rules/instant';
import type { Facts } from '../../src/domain/facts';
import { emptyRuleSet } from '../../src/domain/rules';
import { openAnomaly } from '../support/open-anomaly';
import { testMission, T0 } from '../support/rules-world';

const vocabulary = vocabularyOf(testMission(), emptyRuleSet);
const compiler = conditionCompiler(vocabulary);
const disjuncts = (text: string) => disjunctsOf(compiler.compile(text, 'anomaly').expression, vocabulary);

const atom = fc.constantFrom(
  'anomaly.fault == "offset"',
  'anomaly.fault in ["offset", "step"]',
  'anomaly.fault != "step"',
  'anomaly.equipment == "rw1"',
  '!(anomaly.equipment in ["rw1", "rw2"])',
  'anomaly.confidence >= 0.5',
  'anomaly.confidence < 0.5',
  '0.8 <= anomaly.confidence',
  'anomaly.confidence == 0.9',
  'anomaly.confidence != 0.9',
  'rw1_speed > 50',
  'rw1_speed > rw2_speed',
  'anomaly.duration >= duration("10s")',
  'true',
  'false',
);
const expression = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    atom,
    fc.tuple(tie('tree'), fc.constantFrom('&&', '||'), tie('tree')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('tree').map((a) => `!(${a})`),
    fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
})).tree;

const facts = fc
  .record({
    fault: fc.constantFrom('offset', 'step', 'unknown'),
    equipment: fc.constantFrom('rw1', 'rw2', 'bus', 'unknown'),
    confidence: fc.constantFrom(0, 0.3, 0.5, 0.8, 0.9, 1),
    later: fc.constantFrom(0, 10_000, 20_000),
    rw1: fc.constantFrom(-100, 0, 50, 51, 100),
    rw2: fc.constantFrom(0, 60),
  })
  .map(({ later, rw1, rw2, ...choice }): Facts => {
    const subject = anomalySubject(openAnomaly({ start: T0, ...choice }), T0 + later, true).facts;
    return {
      time: T0 + later,
      parameters: { rw1_speed: rw1, rw2_speed: rw2 },
      mode: undefined,
      health: {},
      monitors: {},
      subject,
    };
  });

const isTrue = (text: string, met: Facts): boolean => compiler.compile(text, 'anomaly').condition.judge(met) === 'true';

describe('what is said of a condition without meeting anything', () => {
  it('never calls impossible what can hold', () => {
    fc.assert(
      fc.property(expression, facts, (text, met) => {
        if (isTrue(text, met)) expect(disjuncts(text)).not.toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('never keeps apart what can hold together', () => {
    fc.assert(
      fc.property(expression, expression, facts, (a, b, met) => {
        if (isTrue(a, met) && isTrue(b, met)) expect(canCoincide(disjuncts(a), disjuncts(b))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('implies only what holds', () => {
    fc.assert(
      fc.property(expression, expression, facts, (a, b, met) => {
        if (implies(disjuncts(a), disjuncts(b)) && isTrue(a, met)) expect(isTrue(b, met)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('names every text a condition can hold for', () => {
    fc.assert(
      fc.property(expression, facts, (text, met) => {
        const texts = textsOf(disjuncts(text), 'anomaly.fault');
        const subject = met.subject?.event === 'anomaly' ? met.subject.anomaly.fault : '';
        if (texts !== undefined && isTrue(text, met)) expect(texts).toContain(subject);
      }),
      { numRuns: 400 },
    );
  });
});

it.each([
  ['anomaly.confidence >= 0.8', 'anomaly.confidence > 0.5', true],
  ['anomaly.confidence > 0.5', 'anomaly.confidence >= 0.8', false],
  ['anomaly.fault == "step"', 'anomaly.fault in ["offset", "step"]', true],
  ['anomaly.fault == "step" && rw1_speed > rw2_speed', 'rw1_speed > rw2_speed', true],
  ['rw1_speed > rw2_speed', 'rw1_speed >= rw2_speed', false],
])('%s implies %s: %s', (a, b, expected) => {
  expect(implies(disjuncts(a), disjuncts(b))).toBe(expected);
});

it('takes a condition with too many ways to hold as one that may, and as one that nothing implies', () => {
  const many = Array.from(
    { length: 10 },
    (_, at) => `(rw1_speed > ${String(at)}.5 || rw2_speed < ${String(at)}.5)`,
  ).join(' && ');
  expect([disjuncts(many).length > 0, implies(disjuncts('true'), disjuncts(many))]).toEqual([true, false]);
});
