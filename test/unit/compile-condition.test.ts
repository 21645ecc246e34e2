import * as fc from 'fast-check';
import { conditionCompiler } from '../../src/config/compile-condition';
import { vocabularyOf } from '../../src/config/vocabulary';
import type { AnomalyFacts, Facts } from '../../src/domain/facts';
import { missionSchema } from '../../src/domain/mission';
import { emptyRuleSet, type RuleEvent } from '../../src/domain/rules';

const mission = missionSchema.parse({
  spacecraft: 'TEST-1',
  sampling: { period: '4s' },
  faults: ['offset', 'step'],
  modes: { names: ['NOMINAL', 'SAFE'] },
  parameters: [
    { id: 'rw1_speed', equipment: 'rw1', valid: [-100, 100] },
    { id: 'rw2_speed', equipment: 'rw2' },
    { id: 'bus.voltage-v', equipment: 'bus' },
    { id: 'mode' },
  ],
});
const compiler = conditionCompiler(vocabularyOf(mission, emptyRuleSet));

const anomaly: AnomalyFacts = {
  id: 'TEST-1/x/rw1',
  change: 'opened',
  state: 'open',
  revision: 1,
  trigger: 'opened',
  equipment: 'rw1',
  fault: 'offset',
  confidence: 0.93,
  score: 20,
  threshold: 10,
  pValue: 0.001,
  sufficient: ['rw1_speed'],
  parameters: ['rw1_speed', 'rw2_speed'],
  set: ['rw1/offset', 'rw2/offset'],
  suspects: ['rw1', 'rw2'],
  durationMs: 90_000,
};

const facts: Facts = {
  time: 0,
  parameters: { rw1_speed: 50, rw2_speed: NaN, 'bus.voltage-v': 28, mode: 3 },
  mode: 'NOMINAL',
  health: { rw2: 'faulty' },
  monitors: {},
  subject: { event: 'anomaly', anomaly },
};

const explain = (text: string, on: Facts = facts, event: RuleEvent | undefined = 'anomaly') => {
  const { condition, problems } = compiler.compile(text, event);
  expect(problems).toEqual([]);
  const result = condition.explain(on);
  expect(condition.judge(on)).toBe(result.truth);
  return result;
};
const problems = (text: string, event?: RuleEvent) => compiler.compile(text, event).problems;

describe('telecommands', () => {
  const sent: Facts = { ...facts, time: 100_000, commands: { SELECT_GAIN: 60_000 } };

  it.each([
    ['command("SELECT_GAIN").age < 60s', 'true'],
    ['command("SELECT_GAIN").age < 40s', 'false'],
    ['command("SELECT_GAIN").age <= 40000ms', 'true'],
    ["command('SELECT_GAIN').age >= 0.5m", 'true'],
    ['command("NEVER_SENT").age < 400d', 'false'],
    ['command("NEVER_SENT").age > 400d', 'true'],
    ['rw1_speed > 40 && 30s < command( "SELECT_GAIN" ).age', 'true'],
    ['command("SELECT_GAIN").age + 30s > 65s', 'true'],
    ['command("SELECT_GAIN").age - 30s < command("SELECT_GAIN").age', 'true'],
    ['"60s" == "60s"', 'true'],
  ])('%s is %s', (text, truth) => {
    expect(explain(text, sent).truth).toBe(truth);
  });

  it('are shown in a trace as they were written', () => {
    expect(explain('command("SELECT_GAIN").age < 60s', sent).trace).toEqual([
      { condition: 'command("SELECT_GAIN").age < duration("60s")', actual: '40 s', holds: true },
    ]);
  });

  it('are told at the place where they were written', () => {
    expect(problems('command("X").age < 60s && nothing > 3')).toEqual([
      expect.stringMatching(/nothing.* at character 27/),
    ]);
  });

  it('must be declared where the mission declares commands', () => {
    const declared = conditionCompiler(
      vocabularyOf(
        { ...mission, commands: [], effects: [{ command: 'ON', parameters: ['rw1_speed'], within: 1 }] },
        emptyRuleSet,
      ),
    );
    expect(declared.compile('command("OFF").age < 60s').problems).toEqual([
      'no command is called "OFF" at character 1 (there are ON)',
    ]);
  });
});

describe('evaluation', () => {
  it.each([
    ['rw1_speed > 40', 'true'],
    ['rw1_speed == 50', 'true'],
    ['rw1_speed != 50', 'false'],
    ['abs(0.0 - rw1_speed) < 51', 'true'],
    ['tm["bus.voltage-v"] < 24', 'false'],
    ['tm["mode"] == 3', 'true'],
    ['mode == "SAFE"', 'false'],
    ['mode in ["SAFE", "NOMINAL"]', 'true'],
    ['health.rw2 == "faulty" && health["rw1"] == "healthy"', 'true'],
    ['anomaly.duration >= duration("90s")', 'true'],
    ['anomaly.duration > duration("90s")', 'false'],
    ['anomaly.fault == "offset" && anomaly.confidence >= 0.8', 'true'],
    ['anomaly.confidence >= 1', 'false'],
    ['anomaly.revision == 1', 'true'],
    ['"rw1_speed" in anomaly.sufficient', 'true'],
    ['"rw2/offset" in anomaly.set', 'true'],
    ['size(anomaly.suspects) == 1', 'false'],
    ['anomaly.suspects.exists(name, name == "rw2")', 'true'],
    ['anomaly.parameters.exists(name, name.startsWith("rw2"))', 'true'],
    ['rw1_speed > 40 ? mode == "NOMINAL" : mode == "SAFE"', 'true'],
    ['!(rw1_speed > 40)', 'false'],
    ['true', 'true'],
  ])('%s is %s', (text, truth) => {
    expect(explain(text).truth).toBe(truth);
  });

  it.each([
    ['rw2_speed > 0', 'stale'],
    ['!(rw2_speed > 0)', 'stale'],
    ['rw2_speed > 0 && rw1_speed > 40', 'stale'],
    ['rw2_speed > 0 && rw1_speed > 60', 'false'],
    ['rw2_speed > 0 || rw1_speed > 40', 'true'],
    ['rw2_speed > 0 || rw1_speed > 60', 'stale'],
    ['rw2_speed > 0 ? true : true', 'stale'],
    ['1 / 0 > 1 && rw1_speed > 40', 'error'],
    ['1 / 0 > 1 && rw2_speed > 0', 'error'],
    ['1 / 0 > 1 && rw1_speed > 60', 'false'],
    ['1 / 0 > 1 || rw1_speed > 40', 'true'],
  ])('%s is %s', (text, truth) => {
    expect(explain(text).truth).toBe(truth);
  });

  it('is stale about the mode until somebody said it', () => {
    expect(explain('mode == "SAFE"', { ...facts, mode: undefined }).truth).toBe('stale');
  });

  it('is stale about a parameter that was never received', () => {
    expect(explain('rw1_speed > 0', { ...facts, parameters: {} }).truth).toBe('stale');
  });
});

describe('the trace', () => {
  it('has every sub-expression with the value it met, also after one that decided', () => {
    const text =
      'anomaly.fault == "step" && (0.8 <= anomaly.confidence || rw2_speed > 1.0) && anomaly.duration >= duration("1m")';
    expect(explain(text)).toEqual({
      truth: 'false',
      trace: [
        { condition: 'anomaly.fault == "step"', actual: 'offset', holds: false },
        { condition: '0.8 <= anomaly.confidence', actual: 0.93, holds: true },
        { condition: 'rw2_speed > 1.0', actual: 'stale', holds: false, truth: 'stale' },
        { condition: 'anomaly.duration >= duration("1m")', actual: '90 s', holds: true },
      ],
    });
  });

  it('shows both sides when two values are compared', () => {
    expect(explain('rw1_speed > anomaly.score').trace).toEqual([
      { condition: 'rw1_speed > anomaly.score', actual: '50 and 20', holds: true },
    ]);
  });

  it('says why an evaluation failed', () => {
    expect(explain('1 / 0 > 1').trace[0]).toMatchObject({ holds: false, truth: 'error' });
  });
});

describe('what is found at load', () => {
  it.each<[string, RuleEvent | undefined, string | RegExp]>([
    ['rw9_speed > 1', undefined, 'Unknown variable: rw9_speed at character 1'],
    ['tm["rw9"] > 1', undefined, /^no parameter is called "rw9" at character 1 \(there are rw1_speed, /],
    ['health.rw9 == "healthy"', undefined, 'no equipment is called "rw9" at character 1 (there are rw1, rw2, bus)'],
    ['health.rw1 == "fine"', undefined, /^no value of health\["rw1"\] is called "fine"/],
    ['monitors["low"] == "failed"', undefined, 'no monitor is called "low" at character 1 (there is none)'],
    ['mode == "SLEEP"', undefined, 'no mode is called "SLEEP" at character 1 (there are NOMINAL, SAFE)'],
    [
      'anomaly.fault == "rust"',
      'anomaly',
      'no fault class is called "rust" at character 1 (there are offset, step, unknown)',
    ],
    ['anomaly.fault in ["step", "rust"]', 'anomaly', /^no fault class is called "rust"/],
    ['"rust" == anomaly.fault', 'anomaly', /^no fault class is called "rust"/],
    ['anomaly.equipment == "rw9"', 'anomaly', /^no equipment is called "rw9"/],
    ['"rw9" in anomaly.sufficient', 'anomaly', /^no parameter is called "rw9"/],
    ['anomaly.colour == "red"', 'anomaly', /^No such key: colour/],
    ['check.failed', 'anomaly', /^Unknown variable: check/],
    ['anomaly.confidence > 0.5', 'check', /^Unknown variable: anomaly/],
    ['mode > 3', undefined, /^no such overload: string > int/],
    ['rw1_speed', undefined, 'must be true or false, and is double'],
    ['rw1_speed >', undefined, /./],
    ['tm[mode] > 1', undefined, /must name its key as a text/],
  ])('%s', (text, event, expected) => {
    const found = problems(text, event);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      expected instanceof RegExp ? expected : new RegExp(`^${expected.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`),
    );
  });

  it('reports an unknown name beside a type error', () => {
    expect(problems('anomaly.fault == "rust" && mode > 3', 'anomaly')).toHaveLength(2);
  });
});

describe('comparisons that are evaluated without the package', () => {
  const byPackage = conditionCompiler(vocabularyOf(mission, emptyRuleSet), false);
  const number = fc.constantFrom('0', '1', '50', '50.0', '-3.5', '0.93', '100');
  const comparator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
  const numeric = fc.constantFrom(
    'rw1_speed',
    'tm["rw1_speed"]',
    'tm["bus.voltage-v"]',
    'anomaly.confidence',
    'anomaly.revision',
  );
  const textual = fc.constantFrom(
    ['anomaly.fault', 'offset', 'step', 'unknown'],
    ['mode', 'NOMINAL', 'SAFE'],
    ['health.rw2', 'healthy', 'faulty'],
    ['anomaly.change', 'opened', 'closed'],
  );
  const duration = fc.constantFrom('0s', '89s', '90s', '1m30s', '2h');
  const leaf = fc.oneof(
    fc
      .tuple(numeric, comparator, number)
      .map(([path, op, value]) => `${path} ${op} ${path.endsWith('revision') ? '1' : value}`),
    fc.tuple(number, comparator).map(([value, op]) => `${value} ${op} rw1_speed`),
    fc
      .tuple(textual, fc.constantFrom('==', '!=', '<', '>'))
      .map(([[path = '', ...values], op]) => `${path} ${op} "${values[0] ?? ''}"`),
    fc.tuple(textual, fc.nat(3)).map(
      ([[path = '', ...values], n]) =>
        `${path} in [${values
          .slice(0, n)
          .map((text) => `"${text}"`)
          .join(', ')}]`,
    ),
    fc.tuple(comparator, duration).map(([op, value]) => `anomaly.duration ${op} duration("${value}")`),
  );

  it('say what the package says', () => {
    fc.assert(
      fc.property(
        leaf,
        fc.constantFrom(0, 50, -3.5, 1, NaN),
        fc.constantFrom(0, 89_000, 90_000, 90_001),
        (text, speed, durationMs) => {
          const met: Facts = {
            ...facts,
            parameters: { ...facts.parameters, rw1_speed: speed },
            subject: { event: 'anomaly', anomaly: { ...anomaly, durationMs } },
          };
          const [own, other] = [compiler.compile(text, 'anomaly'), byPackage.compile(text, 'anomaly')];
          expect(own.problems).toEqual(other.problems);
          expect([text, own.condition.explain(met)]).toEqual([text, other.condition.explain(met)]);
          expect(own.condition.judge(met)).toBe(other.condition.judge(met));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('say what the package says of flags', () => {
    const check = {
      monitor: 'm',
      parameter: 'rw1_speed',
      limit: 'monitor' as const,
      equipment: 'rw1',
      severity: 'low',
      from: 'unchecked',
      to: 'aboveHighLimit',
      value: 3,
      failed: true,
    };
    const met: Facts = { ...facts, subject: { event: 'check', check } };
    const judged = ['check.failed', '!check.failed', 'check.failed == true', 'check.value > 2'].map((text) =>
      [compiler, byPackage].map((one) => one.compile(text, 'check').condition.judge(met)),
    );
    expect(judged).toEqual([
      ['true', 'true'],
      ['false', 'false'],
      ['true', 'true'],
      ['true', 'true'],
    ]);
  });
});
