import {
  evaluateEventActions,
  initialRulesState,
  MAX_ANOMALIES,
  type RulesInput,
  type RulesState,
} from '../../src/core/event-actions';
import { recoveryRequestSchema, type RecoveryRequest } from '../../src/domain/events';
import { emptyRuleSet, rulesFileSchema, type RuleSet } from '../../src/domain/rules';
import { ANOMALY_START, openAnomaly, type AnomalyChoice } from '../support/open-anomaly';

/** A rule as it would be written in YAML; what is left out is the plainest that fires at once. */
const ruleText = (rule: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: 'limit-wheel',
  title: 'Limit the wheel',
  level: 2,
  when: {},
  action: { command: 'LIMIT_WHEEL_SPEED' },
  because: 'It spares the bearing.',
  ...rule,
});

const ruleSet = (first: Record<string, unknown> = {}, ...rest: Record<string, unknown>[]): RuleSet => ({
  ...emptyRuleSet,
  sha256: 'b'.repeat(64),
  eventActions: rulesFileSchema.parse({ eventActions: [first, ...rest].map(ruleText) }).eventActions,
});

type Evaluation = AnomalyChoice & { readonly at: number; readonly mode?: RulesInput['mode'] };

/** Evaluates in order, `at` in seconds after the start of the anomaly; the requests of each evaluation. */
const run = (rules: RuleSet, evaluations: readonly Evaluation[], from: RulesState = initialRulesState) => {
  let state = from;
  const requests = evaluations.map(({ at, mode = 'active', ...choice }): readonly RecoveryRequest[] => {
    const time = ANOMALY_START + at * 1000;
    const step = evaluateEventActions(rules, state, { explanation: openAnomaly(choice), time, mode });
    state = step.state;
    return step.requests;
  });
  return { state, requests, fired: requests.map((items) => items.map(({ rule }) => rule)) };
};

describe('the request', () => {
  it('carries everything the spacecraft and the reader need, placeholders filled in', () => {
    const rules = ruleSet({
      when: {
        equipment: ['rw1', 'rw2'],
        fault: 'friction-rise',
        confidence: 0.8,
        confidenceBelow: 0.99,
        duration: '20s',
      },
      action: {
        command: 'LIMIT_WHEEL_SPEED',
        arguments: { wheel: '${equipment}', tag: '${spacecraft}:${fault}/${equipment}', limit_rpm: 3000, unload: true },
        expiry: '5m',
      },
    });
    const { requests } = run(rules, [{ at: 24, revision: 3 }]);
    expect(requests).toEqual([
      [
        {
          schemaVersion: 1,
          id: 'AURORA-1.2026-03-01T04:12:08Z.rw2.limit-wheel',
          rule: 'limit-wheel',
          level: 2,
          spacecraft: 'AURORA-1',
          time: '2026-03-01T04:12:32Z',
          command: 'LIMIT_WHEEL_SPEED',
          arguments: { wheel: 'rw2', tag: 'AURORA-1:friction-rise/rw2', limit_rpm: 3000, unload: true },
          expiry: '2026-03-01T04:17:32Z',
          explanationId: 'AURORA-1/2026-03-01T04:12:08Z/rw2',
          explanationRevision: 3,
          disposition: 'request',
          trace: [
            { condition: 'equipment is one of rw1, rw2', actual: 'rw2', holds: true },
            { condition: 'fault is friction-rise', actual: 'friction-rise', holds: true },
            { condition: 'confidence >= 0.8', actual: 0.93, holds: true },
            { condition: 'confidence < 0.99', actual: 0.93, holds: true },
            { condition: 'duration >= 20 s', actual: '24 s', holds: true },
          ],
          because: 'It spares the bearing.',
        },
      ],
    ]);
    expect(recoveryRequestSchema.parse(requests[0]?.[0])).toEqual(requests[0]?.[0]);
  });

  it('leaves text that is no placeholder as it stands', () => {
    const rules = ruleSet({
      action: { command: 'NOTE', arguments: { a: '${wheel}', b: '${constructor}', c: '$equipment' } },
    });
    expect(run(rules, [{ at: 0 }]).requests[0]?.[0]?.arguments).toEqual({
      a: '${wheel}',
      b: '${constructor}',
      c: '$equipment',
    });
  });

  it('is made by every rule that matches, in file order', () => {
    const rules = ruleSet(
      { id: 'second-in-name' },
      { id: 'not-this', when: { fault: 'dropout' } },
      { id: 'a-first-in-name' },
    );
    expect(run(rules, [{ at: 0 }]).fired).toEqual([['second-in-name', 'a-first-in-name']]);
  });

  it('needs a rule', () => {
    expect(run(emptyRuleSet, [{ at: 0 }]).fired).toEqual([[]]);
  });
});

describe('a condition', () => {
  it.each<[string, Record<string, unknown>, AnomalyChoice & { at?: number }, boolean]>([
    ['no condition holds for any anomaly', {}, {}, true],
    ['one equipment, met', { equipment: 'rw2' }, {}, true],
    ['one equipment, not met', { equipment: 'rw2' }, { equipment: 'rw1' }, false],
    ['any of several equipments', { equipment: ['rw1', 'rw2'] }, {}, true],
    ['none of several equipments', { equipment: ['rw1', 'rw3'] }, {}, false],
    ['equipment unknown, met', { equipment: 'unknown' }, { equipment: 'unknown' }, true],
    ['equipment unknown, not met by a named one', { equipment: 'unknown' }, {}, false],
    ['fault, met', { fault: ['dropout', 'friction-rise'] }, {}, true],
    ['fault, not met', { fault: 'dropout' }, {}, false],
    ['fault unknown, met', { fault: 'unknown' }, { fault: 'unknown' }, true],
    ['a named fault, not met by unknown', { fault: 'friction-rise' }, { fault: 'unknown' }, false],
    ['confidence reached exactly', { confidence: 0.93 }, {}, true],
    ['confidence not reached', { confidence: 0.9301 }, {}, false],
    ['confidence below', { confidenceBelow: 0.9301 }, {}, true],
    ['confidence not below at the bound itself', { confidenceBelow: 0.93 }, {}, false],
    ['duration reached exactly', { duration: '20s' }, { at: 20 }, true],
    ['duration not reached', { duration: '20s' }, { at: 19.999 }, false],
    ['all of two conditions, one not met', { equipment: 'rw2', fault: 'dropout' }, {}, false],
  ])('%s', (_, when, { at = 0, ...choice }, fires) => {
    expect(run(ruleSet({ when }), [{ at, ...choice }]).fired).toEqual([fires ? ['limit-wheel'] : []]);
  });
});

describe('repetition', () => {
  const rules = ruleSet({ when: { confidence: 0.8 }, repetition: 3 });

  it('asks for that many consecutive evaluations on which the condition holds', () => {
    expect(run(rules, [{ at: 0 }, { at: 16 }, { at: 32 }]).fired).toEqual([[], [], ['limit-wheel']]);
  });

  it('starts again when the condition fails once', () => {
    const evaluations = [{ at: 0 }, { at: 16 }, { at: 32, confidence: 0.79 }, { at: 48 }, { at: 64 }, { at: 80 }];
    expect(run(rules, evaluations).fired).toEqual([[], [], [], [], [], ['limit-wheel']]);
  });

  it('counts each anomaly for itself', () => {
    const evaluations = [{ at: 0 }, { at: 0, equipment: 'rw1' }, { at: 16 }, { at: 16, equipment: 'rw1' }];
    expect(run(rules, evaluations).fired).toEqual([[], [], [], []]);
  });

  it('counts a window and the revision it caused once: they have one packet time', () => {
    const evaluations = [{ at: 0 }, { at: 0, revision: 2 }, { at: 16 }, { at: 16, revision: 3 }, { at: 32 }];
    expect(run(rules, evaluations).fired).toEqual([[], [], [], [], ['limit-wheel']]);
  });

  it('starts again when the verdict moves to another equipment that the action would name', () => {
    const naming = ruleSet({ repetition: 2, action: { command: 'LIMIT', arguments: { wheel: '${equipment}' } } });
    const id = 'AURORA-1/2026-03-01T04:12:08Z/rw2';
    const evaluations = [
      { at: 0, id },
      { at: 16, id, equipment: 'rw1' },
      { at: 32, id, equipment: 'rw1' },
    ];
    expect(run(naming, evaluations).fired).toEqual([[], [], ['limit-wheel']]);
  });

  it('goes on when the verdict moves to another equipment that the action does not name', () => {
    const evaluations = [{ at: 0 }, { at: 16, equipment: 'rw1' }].map((item) => ({ ...item, id: 'AURORA-1/x/rw2' }));
    expect(run(ruleSet({ repetition: 2 }), evaluations).fired).toEqual([[], ['limit-wheel']]);
  });
});

describe('one shot', () => {
  it('fires once for an anomaly, however long it lasts', () => {
    const evaluations = [0, 16, 32, 10_000].map((at) => ({ at }));
    expect(run(ruleSet({ cooldown: '1s' }), evaluations).fired).toEqual([['limit-wheel'], [], [], []]);
  });

  it('fires for the next anomaly of the same equipment, once the cool-down is over', () => {
    const next = { start: ANOMALY_START + 100_000 };
    const evaluations = [{ at: 0 }, { at: 16, state: 'closed' as const }, { at: 599, ...next }, { at: 600, ...next }];
    expect(run(ruleSet({ cooldown: '10m' }), evaluations).fired).toEqual([['limit-wheel'], [], [], ['limit-wheel']]);
  });
});

describe('cool-down', () => {
  it('silences neither another equipment nor another rule', () => {
    const rules = ruleSet({ id: 'any' }, { id: 'late', when: { duration: '1m' } });
    expect(run(rules, [{ at: 0 }, { at: 16, equipment: 'rw1' }, { at: 60 }]).fired).toEqual([
      ['any'],
      ['any'],
      ['late'],
    ]);
  });

  it('holds a rule back without making it start its repetition again', () => {
    const rules = ruleSet({ cooldown: '1m', repetition: 2 });
    const next = { start: ANOMALY_START + 20_000 };
    const evaluations = [{ at: 0 }, { at: 16 }, ...[32, 48, 64, 76].map((at) => ({ at, ...next }))];
    expect(run(rules, evaluations).fired).toEqual([[], ['limit-wheel'], [], [], [], ['limit-wheel']]);
  });
});

describe('passive and disabled', () => {
  const dispositions = (rule: Record<string, unknown>, mode: RulesInput['mode']) =>
    run(ruleSet(rule), [{ at: 0, mode }]).requests[0]?.map(({ disposition }) => disposition);

  it.each<[string, RulesInput['mode'], string[]]>([
    ['active', 'active', ['request']],
    ['active', 'passive', ['passive']],
    ['active', 'disabled', []],
    ['passive', 'active', ['passive']],
    ['passive', 'passive', ['passive']],
    ['passive', 'disabled', []],
    ['disabled', 'active', []],
    ['disabled', 'passive', []],
    ['disabled', 'disabled', []],
  ])('a rule %s in a function %s', (state, mode, expected) => {
    expect(dispositions({ state }, mode)).toEqual(expected);
  });

  it('does not act, on switching to active, on an anomaly that was answered in passive', () => {
    expect(run(ruleSet(), [{ at: 0, mode: 'passive' }, { at: 16 }]).fired).toEqual([['limit-wheel'], []]);
  });

  it('counts nothing while disabled', () => {
    const evaluations = [{ at: 0 }, { at: 16, mode: 'disabled' as const }, { at: 32 }, { at: 48 }];
    expect(run(ruleSet({ repetition: 2 }), evaluations).fired).toEqual([[], [], [], ['limit-wheel']]);
  });
});

describe('state', () => {
  it('forgets a closed anomaly and never fires for it', () => {
    const { fired, state } = run(ruleSet({ repetition: 2 }), [{ at: 0 }, { at: 16, state: 'closed' }]);
    expect({ fired, state }).toEqual({ fired: [[], []], state: initialRulesState });
  });

  it('forgets a closed anomaly while disabled too', () => {
    const { state } = run(ruleSet(), [{ at: 0 }, { at: 700, state: 'closed', mode: 'disabled' }]);
    expect(state).toEqual(initialRulesState);
  });

  it('prunes cool-downs that have passed', () => {
    const rules = ruleSet({ cooldown: '1m' });
    const cooling = run(rules, [{ at: 0 }]).state;
    const later = run(rules, [{ at: 60, state: 'closed' }], cooling).state;
    expect([cooling.cooldowns, later.cooldowns]).toEqual([
      [{ rule: 'limit-wheel', equipment: 'rw2', until: ANOMALY_START + 60_000 }],
      [],
    ]);
  });

  it('keeps a bounded number of anomalies that nobody closes, and counts what it drops', () => {
    const evaluations = Array.from({ length: MAX_ANOMALIES + 3 }, (_, index) => ({
      at: index,
      id: `anomaly-${String(index)}`,
    }));
    const { state } = run(ruleSet(), evaluations);
    expect([state.anomalies.length, state.anomalies[0]?.id, state.forgotten]).toEqual([MAX_ANOMALIES, 'anomaly-3', 3]);
  });

  it('is left as it was: evaluation changes nothing it was given', () => {
    const before = run(ruleSet({ repetition: 2 }), [{ at: 0 }]).state;
    const copy = structuredClone(before);
    run(ruleSet({ repetition: 2 }), [{ at: 16 }], before);
    expect(before).toEqual(copy);
  });

  it('survives being stored: it is plain data', () => {
    const { state } = run(ruleSet(), [{ at: 0 }]);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
