import * as fc from 'fast-check';
import { evaluateEventActions, initialRulesState, type RulesState } from '../../src/core/event-actions';
import type { RecoveryRequest } from '../../src/domain/events';
import { conditionText } from '../../src/domain/match';
import { actionStates, emptyRuleSet, type ActionState, type ActionStep, type RuleSet } from '../../src/domain/rules';
import { ANOMALY_START, openAnomaly } from '../support/open-anomaly';

const equipments = ['rw1', 'rw2', 'unknown'];
const faults = ['friction-rise', 'dropout', 'unknown'];
const tenths = fc.integer({ min: 0, max: 10 }).map((value) => value / 10);
const secondsUpTo = (max: number) => fc.integer({ min: 0, max }).map((value) => value * 1000);

const rule = fc.record({
  title: fc.constant('A rule'),
  level: fc.constant(2),
  state: fc.constantFrom(...actionStates),
  when: fc.record(
    {
      equipment: fc.subarray(equipments, { minLength: 1 }),
      fault: fc.subarray(faults, { minLength: 1 }),
      confidence: tenths,
      confidenceBelow: tenths,
      duration: secondsUpTo(60),
    },
    { requiredKeys: [] },
  ),
  repetition: fc.integer({ min: 1, max: 3 }),
  cooldown: secondsUpTo(120),
  action: fc.record({
    command: fc.constant('ACT'),
    arguments: fc.constantFrom<ActionStep['arguments']>({}, { wheel: '${equipment}' }),
    expiry: fc.constant(60_000),
  }),
  because: fc.constant('A reason.'),
});

const ruleSet = fc.array(rule, { minLength: 1, maxLength: 4 }).map((rules): RuleSet => ({
  ...emptyRuleSet,
  eventActions: rules.map(({ when, action, ...item }, index) => ({
    ...item,
    id: `rule-${String(index)}`,
    event: 'anomaly',
    on: ['opened', 'updated'],
    when: conditionText(when),
    match: when,
    authority: 'automatic',
    oneShot: true,
    rearm: 'cooldown',
    priority: 0,
    inhibits: [],
    steps: [action],
  })),
}));

/** One evaluation: which of three concurrent anomalies, how much later than the one before, and what the verdict says. */
const evaluation = fc.record({
  slot: fc.integer({ min: 0, max: 2 }),
  later: secondsUpTo(40),
  closes: fc.boolean(),
  equipment: fc.constantFrom(...equipments),
  fault: fc.constantFrom(...faults),
  confidence: tenths,
  mode: fc.constantFrom(...actionStates),
});
type Evaluation = typeof evaluation extends fc.Arbitrary<infer T> ? T : never;
const evaluations = fc.array(evaluation, { minLength: 1, maxLength: 60 });

interface Outcome {
  readonly time: number;
  readonly mode: ActionState;
  readonly equipment: string;
  readonly closes: boolean;
  /** Anomalies open after the evaluation. */
  readonly open: number;
  readonly state: RulesState;
  readonly requests: readonly RecoveryRequest[];
}

/** Runs evaluations; an anomaly that closed is followed, in its slot, by one with another id. */
const run = (rules: RuleSet, items: readonly Evaluation[]): readonly Outcome[] => {
  let state = initialRulesState;
  let time = ANOMALY_START;
  let opened = 0;
  const slots = new Map<number, { id: string; start: number }>();
  return items.map(({ slot, later, closes, equipment, fault, confidence, mode }, index) => {
    time += later;
    const anomaly = slots.get(slot) ?? { id: `anomaly-${String((opened += 1))}`, start: time };
    // One in three closings is enough: an anomaly must last to be interesting.
    const closing = closes && index % 3 === 0;
    if (closing) slots.delete(slot);
    else slots.set(slot, anomaly);
    const explanation = openAnomaly({ ...anomaly, equipment, fault, confidence, state: closing ? 'closed' : 'open' });
    const step = evaluateEventActions(rules, state, { explanation, time, mode });
    state = step.state;
    return { time, mode, equipment, closes: closing, open: slots.size, state, requests: step.requests };
  });
};

const requestsOf = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap(({ time, equipment, mode, requests }) =>
    requests.map((request) => ({ time, equipment, mode, request })),
  );

const holdsAlways = (property: (rules: RuleSet, outcomes: readonly Outcome[]) => void): void => {
  fc.assert(
    fc.property(ruleSet, evaluations, (rules, items) => {
      property(rules, run(rules, items));
    }),
    { numRuns: 300 },
  );
};

describe('whatever the rules and the anomalies', () => {
  it('a rule fires at most once for an anomaly', () => {
    holdsAlways((_, outcomes) => {
      const ids = requestsOf(outcomes).map(({ request }) => request.id);
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  it('a rule never fires within its cool-down on the same equipment', () => {
    holdsAlways((rules, outcomes) => {
      const last = new Map<string, number>();
      for (const { time, equipment, request } of requestsOf(outcomes)) {
        const key = `${request.rule} ${equipment}`;
        const cooldown = rules.eventActions.find(({ id }) => id === request.rule)?.cooldown ?? NaN;
        expect(time - (last.get(key) ?? -Infinity)).toBeGreaterThanOrEqual(cooldown);
        last.set(key, time);
      }
    });
  });

  it('nothing fires in a disabled function, of a disabled rule, or for a closed anomaly', () => {
    holdsAlways((rules, outcomes) => {
      const disabled = new Set(rules.eventActions.filter(({ state }) => state === 'disabled').map(({ id }) => id));
      for (const { mode, closes, requests } of outcomes) {
        if (mode === 'disabled' || closes) expect(requests).toEqual([]);
        expect(requests.filter((request) => disabled.has(request.rule))).toEqual([]);
      }
    });
  });

  it('nothing is sent in passive, by the function or by the rule, and everything is sent when both are active', () => {
    holdsAlways((rules, outcomes) => {
      for (const { mode, request } of requestsOf(outcomes)) {
        const rule = rules.eventActions.find(({ id }) => id === request.rule);
        expect(request.disposition).toBe(mode === 'active' && rule?.state === 'active' ? 'request' : 'passive');
      }
    });
  });

  it('every condition in the trace of a request holds', () => {
    holdsAlways((_, outcomes) => {
      for (const { request } of requestsOf(outcomes)) expect(request.trace.filter(({ holds }) => !holds)).toEqual([]);
    });
  });

  it('the state holds the open anomalies and running cool-downs, and nothing else', () => {
    holdsAlways((rules, outcomes) => {
      for (const { open, time, state } of outcomes) {
        expect(state.anomalies.length).toBe(open);
        expect(state.cooldowns.length).toBeLessThanOrEqual(rules.eventActions.length * equipments.length);
        expect(state.cooldowns.filter(({ until }) => until < time)).toEqual([]);
      }
    });
  });

  it('the same history gives the same requests', () => {
    fc.assert(
      fc.property(ruleSet, evaluations, (rules, items) => {
        expect(run(rules, items)).toEqual(run(rules, items));
      }),
      { numRuns: 50 },
    );
  });
});
