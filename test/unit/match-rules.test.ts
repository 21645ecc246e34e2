import * as fc from 'fast-check';
import { carryOver, makeMatcher, MAX_SUBJECTS, type MatcherState } from '../../src/core/rules/match-rules';
import { initialObserver, observe, type Observations } from '../../src/core/rules/observe';
import type { RuleProgram } from '../../src/core/rules/rule-program';
import type { EventAction } from '../../src/domain/rules';
import { openAnomaly, type AnomalyChoice } from '../support/open-anomaly';
import { program, ruleSet, T0, testMission } from '../support/rules-world';

/** What happens at a second: an anomaly as it stands then, samples that arrive, the model's state. */
interface Event {
  readonly at: number;
  readonly anomaly?: AnomalyChoice;
  readonly values?: Readonly<Record<string, number>>;
  readonly inference?: Observations['inference'];
  readonly disabled?: readonly string[];
}

const mission = testMission({ faults: ['offset', 'step', 'friction-rise'] });
const compile = (...eventActions: Record<string, unknown>[]): RuleProgram =>
  program(ruleSet({ eventActions }), mission);

const run = (compiled: RuleProgram, events: readonly Event[], from?: MatcherState) => {
  const matcher = makeMatcher(compiled);
  const observer = { mission, program: compiled };
  let observed = initialObserver(observer);
  let state = from ?? matcher.initial;
  const steps = events.map(({ at, anomaly, values, inference, disabled = [] }) => {
    const time = T0 + at * 1000;
    const received = Float64Array.from(mission.parameters, ({ id }) => values?.[id] ?? NaN);
    const explanation = anomaly && openAnomaly({ start: T0, equipment: 'rw1', ...anomaly });
    const step = observe(observer, observed, {
      modes: [],
      frames: values === undefined ? [] : [{ kind: 'frame', slot: at, frame: { time, values: received }, received }],
      checks: [],
      scores: new Map(),
      found: explanation === undefined ? [] : [{ time, explanations: [explanation], confirmed: [] }],
      inference,
    });
    observed = step.state;
    const results = step.instants.map((instant) => {
      const isEvaluated = ({ id }: EventAction): boolean => !disabled.includes(id);
      const result = matcher.match(state, { instant, health: {}, isEvaluated });
      state = result.state;
      return result;
    });
    return { matches: results.flatMap(({ matches }) => matches), muted: results.flatMap(({ muted }) => muted) };
  });
  return {
    state,
    matches: steps.map(({ matches }) => matches),
    ids: steps.map(({ matches }) => matches.map(({ rule }) => rule.id).join()),
    muted: steps.map(({ muted }) => muted.map(({ id, by }) => `${id} by ${by}`).join()),
  };
};

const each = (seconds: readonly number[], anomaly: AnomalyChoice = {}): Event[] =>
  seconds.map((at) => ({ at, anomaly }));

describe('matching an anomaly', () => {
  const friction = { when: 'anomaly.fault == "friction-rise" && anomaly.confidence >= 0.8' };

  it('says the rule, what it is about and why, on every evaluation while the condition holds', () => {
    const { matches, ids } = run(compile(friction), each([0, 2]));
    expect(ids).toEqual(['rule', 'rule']);
    expect(matches[1]).toEqual([
      {
        rule: expect.objectContaining({ id: 'rule' }) as EventAction,
        subject: 'AURORA-1/2026-03-01T00:00:00Z/rw1',
        equipment: 'rw1',
        fault: 'friction-rise',
        confidence: 0.93,
        explanationId: 'AURORA-1/2026-03-01T00:00:00Z/rw1',
        explanationRevision: 1,
        time: T0 + 2000,
        trace: [
          { condition: 'anomaly.fault == "friction-rise"', actual: 'friction-rise', holds: true },
          { condition: 'anomaly.confidence >= 0.8', actual: 0.93, holds: true },
        ],
      },
    ]);
  });

  it('waits for its repetition, and starts again when the condition fails once', () => {
    const compiled = compile({ ...friction, repetition: 2 });
    const unsure = { at: 4, anomaly: { confidence: 0.5 } };
    expect(run(compiled, [...each([0, 2]), unsure, ...each([6, 8])]).ids).toEqual(['', 'rule', '', '', 'rule']);
  });

  it('takes two evaluations at one packet time as one piece of evidence', () => {
    expect(run(compile({ ...friction, repetition: 2 }), each([0, 0, 2])).ids).toEqual(['', '', 'rule']);
  });

  it('starts again when the verdict moves to another equipment that the rule names', () => {
    const id = 'TEST-1/x';
    const events = [...each([0], { id }), ...each([2, 4], { id, equipment: 'rw2' })];
    const arguments_ = { steps: [{ command: 'STOP_WHEEL', arguments: { wheel: '${equipment}' } }] };
    const only = { when: 'anomaly.equipment in ["rw1", "rw2"]', repetition: 2 };
    expect([run(compile(only), events).ids, run(compile({ ...only, ...arguments_ }), events).ids]).toEqual([
      ['', 'rule', 'rule'],
      ['', '', 'rule'],
    ]);
  });

  it('looks at the changes it asks for, and forgets an anomaly that is over', () => {
    const events: Event[] = [
      { at: 0, anomaly: {} },
      { at: 2, anomaly: { revision: 2 } },
      { at: 4, anomaly: { revision: 3, state: 'closed' } },
    ];
    const of = (on?: readonly string[]) => run(compile({ when: 'true', ...(on && { on }) }), events);
    expect([of().ids, of(['opened']).ids, of(['closed']).ids, of().state.subjects]).toEqual([
      ['rule', 'rule', ''],
      ['rule', '', ''],
      ['', '', 'rule'],
      [],
    ]);
  });

  it('counts nothing while the rule is disabled', () => {
    const events = each([0, 2, 4, 6]).map((event, index) => (index === 1 ? { ...event, disabled: ['rule'] } : event));
    expect(run(compile({ ...friction, repetition: 2 }), events).ids).toEqual(['', '', '', 'rule']);
  });

  it('reads ${equipment} as the equipment of the event', () => {
    const compiled = compile({
      when: 'anomaly.equipment != "unknown" && anomaly.equipment != "bus" && abs(${equipment}_speed) > 50',
    });
    const at = (second: number, speed: number): Event => ({
      at: second,
      anomaly: {},
      values: { rw1_speed: speed, rw2_speed: 0 },
    });
    expect(run(compiled, [at(0, 40), at(2, -60)]).ids).toEqual(['', 'rule']);
  });
});

describe('matching transitions', () => {
  const monitors = [{ id: 'fast', parameter: 'rw1_speed', limits: [-50, 50] }];
  const compileWith = (rule: Record<string, unknown>) => program(ruleSet({ monitors, eventActions: [rule] }), mission);
  const speed = (at: number, rw1_speed: number, bus_v = 28): Event => ({ at, values: { rw1_speed, bus_v } });

  it('matches a failure at the transition, and again while it stands', () => {
    const compiled = compileWith({ event: 'check', when: 'check.monitor == "fast" && check.failed' });
    const { ids, matches } = run(compiled, [speed(0, 0), speed(1, 60), speed(2, 61), speed(3, 0)]);
    expect(ids).toEqual(['', 'rule', 'rule', '']);
    expect(matches[2]?.[0]).toMatchObject({
      subject: 'TEST-1/2026-03-01T00:00:01Z/fast',
      equipment: 'rw1',
      confidence: 1,
    });
  });

  it('matches later, when another part of the condition comes true while the failure stands', () => {
    const compiled = compileWith({ event: 'check', when: 'check.failed && bus_v < 20' });
    expect(run(compiled, [speed(0, 60), speed(1, 60), speed(2, 60, 10)]).ids).toEqual(['', '', 'rule']);
  });

  it('matches the return to normal once', () => {
    const compiled = compileWith({ event: 'check', when: 'check.to == "withinLimits"' });
    expect(run(compiled, [speed(0, 60), speed(1, 0), speed(2, 0)]).ids).toEqual(['', 'rule', '']);
  });

  it('matches a degraded model until it works again', () => {
    const compiled = compile({ event: 'model', when: 'model.state == "degraded"' });
    const events: Event[] = [
      speed(0, 0),
      { at: 1, inference: { works: false, reason: 'out of memory' } },
      speed(2, 0),
      { at: 3, inference: { works: true, reason: '' } },
      speed(4, 0),
    ];
    expect(run(compiled, events).ids).toEqual(['', 'rule', 'rule', '', '']);
  });
});

describe('root-cause inhibition', () => {
  const monitors = [
    { id: 'undervoltage', parameter: 'bus_v', limits: [20, 40], repetition: 2, inhibits: ['effect'], hold: '3s' },
  ];
  const compiled = program(
    ruleSet({
      monitors,
      eventActions: [
        { id: 'effect', when: 'true' },
        { id: 'other', when: 'anomaly.confidence > 0.1' },
      ],
    }),
    mission,
  );
  const at = (second: number, bus_v: number): Event => ({ at: second, anomaly: {}, values: { bus_v } });

  it('holds effects back at start-up, while the cause is being established, and mutes them when it is', () => {
    const { ids, muted } = run(compiled, [
      at(0, 28),
      at(2, 28),
      at(3, 28),
      at(4, 10),
      at(5, 10),
      at(6, 10),
      at(7, 28),
      at(8, 28),
    ]);
    expect({ ids, muted }).toEqual({
      ids: ['other', 'other', 'effect,other', 'other', 'other', 'other', 'other', 'effect,other'],
      // Recorded once, however long it is muted.
      muted: ['', '', '', '', 'effect by undervoltage', '', '', ''],
    });
  });

  it('mutes by equipment, and never the cause itself', () => {
    const root = { id: 'root', event: 'check', when: 'check.monitor == "undervoltage" && check.failed' };
    const causes = [{ id: 'undervoltage', parameter: 'bus_v', limits: [20, 40], inhibits: ['bus', 'rw1'], hold: '0s' }];
    const rules = program(ruleSet({ monitors: causes, eventActions: [root, { id: 'effect', when: 'true' }] }), mission);
    const { ids, muted } = run(rules, [at(0, 10), at(1, 10)]);
    expect({ ids, muted }).toEqual({ ids: ['root', 'root'], muted: ['effect by undervoltage', ''] });
  });

  it('lets a rule mute another while its condition holds, unless it is on trial', () => {
    const rules = (state: string) =>
      program(
        ruleSet({
          eventActions: [
            { id: 'effect', when: 'anomaly.fault == "step"' },
            { id: 'cause', when: 'anomaly.fault == "offset"', inhibits: ['effect'], hold: '0s', state },
          ],
        }),
        mission,
      );
    const events: Event[] = [
      { at: 0, anomaly: { fault: 'step', equipment: 'rw2' } },
      { at: 1, anomaly: { fault: 'offset' } },
      { at: 2, anomaly: { fault: 'step', equipment: 'rw2' } },
      { at: 3, anomaly: { fault: 'offset', state: 'closed' } },
      { at: 4, anomaly: { fault: 'step', equipment: 'rw2' } },
    ];
    expect([run(rules('active'), events).ids, run(rules('passive'), events).ids]).toEqual([
      ['effect', 'cause', '', '', 'effect'],
      ['effect', 'cause', 'effect', '', 'effect'],
    ]);
  });
});

describe('state', () => {
  it('keeps a bounded number of subjects that nobody closes, and counts what it drops', () => {
    const events = Array.from({ length: MAX_SUBJECTS + 3 }, (_, at) => ({ at, anomaly: { id: `a-${String(at)}` } }));
    const { state } = run(compile({ when: 'true' }), events);
    expect([state.subjects.length, state.subjects[0]?.id, state.forgotten]).toEqual([MAX_SUBJECTS, 'a-3', 3]);
  });

  it('keeps the counters of rules that did not change over a reload', () => {
    const old = compile({ id: 'same', when: 'true', repetition: 3 }, { id: 'changed', when: 'true', repetition: 3 });
    const next = compile(
      { id: 'same', when: 'true', repetition: 3 },
      { id: 'changed', when: 'true', repetition: 3, level: 3 },
    );
    const { state } = run(old, each([0, 2]));
    expect(run(next, each([4, 6, 8]), carryOver(old, next, state)).ids).toEqual(['same', 'same', 'same,changed']);
  });

  it('is plain data', () => {
    const { state } = run(compile({ when: 'true' }), each([0]));
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});

describe('whatever happens', () => {
  const fault = fc.constantFrom('offset', 'step', 'friction-rise', 'unknown');
  const event = fc.record({
    later: fc.integer({ min: 0, max: 5 }),
    anomaly: fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      fault,
      equipment: fc.constantFrom('rw1', 'rw2', 'unknown'),
      confidence: fc.constantFrom(0.1, 0.5, 0.9),
      state: fc.constantFrom('open' as const, 'open' as const, 'closed' as const),
    }),
  });
  const conditions = [
    'anomaly.fault == "offset"',
    'anomaly.confidence > 0.4',
    'anomaly.equipment in ["rw1", "rw2"]',
    'true',
  ];
  const rule = fc.record({ when: fc.constantFrom(...conditions), repetition: fc.integer({ min: 1, max: 3 }) });

  it('the index changes nothing: every rule that would match is a candidate, and only those match', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 4 }),
        fc.array(event, { maxLength: 30 }),
        (rules, events) => {
          const compiled = program(
            ruleSet({
              eventActions: rules.map((item, index) => ({
                ...item,
                id: `r${String(index)}`,
                priority: rules.length - index,
              })),
            }),
            mission,
          );
          const unindexed: RuleProgram = { ...compiled, candidates: () => compiled.rules };
          let at = 0;
          const timed = events.map(({ later, anomaly }) => ({ at: (at += later), anomaly }));
          expect(run(compiled, timed).ids).toEqual(run(unindexed, timed).ids);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a closed anomaly matches nothing, and a match had its repetition', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), (events, repetition) => {
        const compiled = compile({ when: 'anomaly.confidence > 0.4', repetition });
        let at = 0;
        const timed = events.map(({ later, anomaly }) => ({ at: (at += later + 1), anomaly }));
        run(compiled, timed).ids.forEach((ids, index) => {
          if (ids === '') return;
          const own = timed[index]?.anomaly;
          const before = timed
            .slice(0, index + 1)
            .filter(({ anomaly }) => anomaly.id === own?.id)
            .slice(-repetition);
          expect(own?.state).toBe('open');
          expect(before.length).toBe(repetition);
          expect(before.every(({ anomaly }) => anomaly.confidence > 0.4 && anomaly.state === 'open')).toBe(true);
        });
      }),
      { numRuns: 100 },
    );
  });
});
