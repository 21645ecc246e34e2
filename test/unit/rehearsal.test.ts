import { compare, type RehearsalStep } from '../../src/core/rehearsal/compare';
import { diffDecisions } from '../../src/core/rehearsal/decision-diff';
import { expandSeries } from '../../src/core/rehearsal/series';
import type { ActionEvent, CheckEvent, PipelineEvent } from '../../src/domain/events';
import { ruleTestFileSchema, type RuleTest } from '../../src/domain/rule-test';
import { rehearse } from '../../src/pipeline/rehearse';
import { program, ruleSet, T0, testMission } from '../support/rules-world';

describe('series', () => {
  it.each<[string, number, readonly number[]]>([
    ['3', 2, [3, NaN]],
    ['3x2', 4, [3, 3, 3, NaN]],
    ['3+2x2 -1.5', 4, [3, 5, 7, -1.5]],
    ['3-2x2', 3, [3, 1, -1]],
    ['1 _ 2 _x2 3', 6, [1, NaN, 2, NaN, NaN, 3]],
    ['1 5x*', 4, [1, 5, 5, 5]],
    ['0+1x*', 4, [0, 1, 2, 3]],
    ['1e3x1', 2, [1000, 1000]],
    ['1x9', 3, [1, 1, 1]],
  ])('%s', (text, length, expected) => {
    expect(expandSeries(text, length)).toEqual(expected);
  });

  it.each(['x', '3x', '3*4', '3+x4', '', '1x9999999'])('finds what is no sample in "%s"', (text) => {
    expect(expandSeries(text, 3)).toEqual({ problem: expect.any(String) as string });
  });
});

const testOf = (test: Record<string, unknown>): RuleTest => {
  const file = ruleTestFileSchema.parse({ mission: 'm', rules: ['r'], tests: [{ title: 'T', ...test }] });
  const [first] = file.tests;
  if (first === undefined) throw new Error('no test');
  return first;
};

const compiled = program(
  ruleSet({
    monitors: [{ id: 'fast', parameter: 'rw1_speed', limits: [-50, 50], repetition: 2 }],
    eventActions: [
      {
        id: 'stop',
        event: 'check',
        when: 'check.monitor == "fast" && check.failed',
        authority: 'automatic',
        steps: [{ command: 'STOP_WHEEL', arguments: { wheel: 'rw1' }, verify: 'abs(rw1_speed) < 10 within 5s' }],
      },
      {
        id: 'stall',
        event: 'report',
        when: 'report.number == 17 && report.severity == "high" && report.equipment == "rw1"',
        authority: 'automatic',
        steps: [{ command: 'STOP_WHEEL', arguments: { wheel: 'rw1' } }],
      },
      {
        id: 'own-monitor',
        event: 'report',
        when: 'report.service == 12 && report.subtype == 12 && report.name == "TRANSITIONS"',
        authority: 'automatic',
        steps: [{ command: 'STOP_WHEEL', arguments: { wheel: 'rw1' } }],
      },
      { id: 'ask', when: 'anomaly.fault == "offset"', authority: 'confirm', steps: [{ command: 'CALL' }] },
    ],
  }),
);

const differences = async (test: Record<string, unknown>): Promise<readonly string[]> => {
  const told = testOf(test);
  const rehearsed = await rehearse({
    mission: testMission(),
    program: compiled,
    test: told,
    mode: 'active',
    origin: T0,
  });
  return compare(told, rehearsed).map(({ text }) => text);
};

describe('a rehearsal', () => {
  const fast = { series: { rw1_speed: '0x3 60x3' } };

  it('passes when everything came as expected, keys that are not named aside', async () => {
    const expected = {
      events: [{ at: '5s', monitor: 'fast', to: 'aboveHighLimit' }],
      actions: [{ at: '5s', rule: 'stop', command: 'STOP_WHEEL' }],
      muted: [],
      states: [
        { at: '4s', rule: 'stop', state: 'none' },
        { at: '5s', rule: 'stop', state: 'sent' },
        { at: '5s', monitor: 'fast', state: 'aboveHighLimit' },
        { at: '5s', health: 'rw1', state: 'needsRecovery' },
      ],
    };
    expect(await differences({ ...fast, fires: 'stop', silent: 'ask', expect: expected })).toEqual([]);
  });

  it('tells what is missing, what nobody expected, and states that differ', async () => {
    const expected = {
      events: [],
      actions: [{ at: '4s', rule: 'stop' }],
      states: [{ at: '6s', monitor: 'fast', state: 'withinLimits' }],
    };
    expect(await differences({ ...fast, fires: 'ask', silent: 'stop', expect: expected })).toEqual([
      '- rule ask fires',
      '+ rule stop fires',
      '+ events: at 5s, monitor fast, parameter rw1_speed, from withinLimits, to aboveHighLimit',
      '- actions: at 4s, rule stop',
      expect.stringMatching(
        /^\+ actions: at 5s, rule stop, command STOP_WHEEL, arguments \{"wheel":"rw1"\}, level 2, disposition request/,
      ),
      '- states: at 6s, monitor fast, state withinLimits, and it is aboveHighLimit',
    ]);
  });

  it('plays acknowledgements, verification and escalation on virtual time', async () => {
    const answers = [
      { at: '6s', rule: 'stop', stage: 'accepted' },
      { at: '7s', rule: 'stop', stage: 'completed' },
    ];
    const states = (state: string) => ({ states: [{ at: '14s', rule: 'stop', state }] });
    expect([
      await differences({ series: { rw1_speed: '0x3 60x4 0x*' }, answers, expect: states('verified') }),
      await differences({ series: { rw1_speed: '0x3 60x*' }, answers, expect: states('notVerified') }),
    ]).toEqual([[], []]);
  });

  it('plays events on board, which a rule answers once each', async () => {
    const event = { name: 'EVENT_STALL', number: 17, severity: 'high', equipment: 'rw1' };
    const reports = [
      { at: '2s', ...event, severity: 'low' },
      { at: '3s', ...event },
    ];
    const series = { rw1_speed: '0x6' };
    const actions = [{ at: '3s', rule: 'stall', command: 'STOP_WHEEL' }];
    expect(await differences({ series, reports, fires: 'stall', silent: 'stop', expect: { actions } })).toEqual([]);
  });

  it('plays reports of the monitoring on board, which are no events', async () => {
    const reports = [
      { at: '2s', name: 'TRANSITIONS', severity: 'high' },
      { at: '3s', name: 'TRANSITIONS', service: 12, subtype: 12, severity: 'informative' },
    ];
    const actions = [{ at: '3s', rule: 'own-monitor', command: 'STOP_WHEEL' }];
    const series = { rw1_speed: '0x6' };
    expect(await differences({ series, reports, fires: 'own-monitor', silent: 'stall', expect: { actions } })).toEqual(
      [],
    );
  });

  it('plays decisions of people', async () => {
    const anomalies = [{ at: '0s', equipment: 'rw2', fault: 'offset' }];
    const answer = (decision: string) => [{ at: '4s', rule: 'ask', decision }];
    const states = (state: string) => ({ states: [{ at: '5s', rule: 'ask', state }] });
    expect([
      await differences({ anomalies, answers: answer('approve'), expect: states('completed') }),
      await differences({ anomalies, answers: answer('reject'), expect: states('rejected') }),
    ]).toEqual([[], []]);
  });

  it('refuses an answer to what was never requested, and a series it cannot read', async () => {
    await expect(differences({ answers: [{ at: '1s', rule: 'stop', stage: 'accepted' }] })).rejects.toThrow(
      'has requested nothing',
    );
    await expect(differences({ series: { rw1_speed: 'fast' } })).rejects.toThrow('"fast" is no sample');
  });

  it('gives the same result every time', async () => {
    const test = testOf({
      series: { rw1_speed: '0+7x20' },
      anomalies: [{ at: '3s', until: '9s', equipment: 'rw2', fault: 'offset' }],
    });
    const run = (): Promise<readonly RehearsalStep[]> =>
      rehearse({ mission: testMission(), program: compiled, test, mode: 'active', origin: T0 });
    expect(await run()).toEqual(await run());
  });
});

describe('the difference of decisions', () => {
  const check = (time: string, to: CheckEvent['to'] = 'aboveHighLimit'): CheckEvent => ({
    type: 'check',
    time,
    parameter: 'rw1_speed',
    limit: 'monitor',
    from: 'withinLimits',
    to,
    value: 60,
    range: [-50, 50],
    monitor: 'fast',
  });
  const action = (time: string, more: Partial<ActionEvent> = {}): ActionEvent => ({
    type: 'action',
    schemaVersion: 1,
    id: 'x',
    rule: 'stop',
    level: 2,
    spacecraft: 'TEST-1',
    time,
    command: 'STOP_WHEEL',
    arguments: {},
    expiry: time,
    explanationId: 'a',
    explanationRevision: 1,
    disposition: 'request',
    trace: [],
    because: 'So.',
    ...more,
  });
  const [t0, t1, later] = ['2026-03-01T00:00:00Z', '2026-03-01T00:01:00Z', '2026-03-01T05:00:00Z'];
  const counts = (before: readonly PipelineEvent[], after: readonly PipelineEvent[]) => {
    const { alarms, actions } = diffDecisions(before, after);
    return [alarms, actions].map(({ gained, lost, changed, same }) => [
      gained.length,
      lost.length,
      changed.length,
      same,
    ]);
  };

  it.each<[string, PipelineEvent[], PipelineEvent[], number[][]]>([
    [
      'nothing',
      [check(t0), action(t0)],
      [check(t0), action(t0)],
      [
        [0, 0, 0, 1],
        [0, 0, 0, 1],
      ],
    ],
    [
      'gained',
      [],
      [check(t0), action(t0)],
      [
        [1, 0, 0, 0],
        [1, 0, 0, 0],
      ],
    ],
    [
      'lost',
      [check(t0), action(t0)],
      [],
      [
        [0, 1, 0, 0],
        [0, 1, 0, 0],
      ],
    ],
    [
      'moved in time',
      [check(t0), action(t0)],
      [check(t1), action(t1)],
      [
        [0, 0, 1, 0],
        [0, 0, 1, 0],
      ],
    ],
    [
      'far apart',
      [check(t0)],
      [check(later)],
      [
        [1, 1, 0, 0],
        [0, 0, 0, 0],
      ],
    ],
    [
      'other arguments',
      [action(t0)],
      [action(t0, { arguments: { wheel: 'rw1' } })],
      [
        [0, 0, 0, 0],
        [0, 0, 1, 0],
      ],
    ],
    [
      'another rule',
      [action(t0)],
      [action(t0, { rule: 'go' })],
      [
        [0, 0, 0, 0],
        [1, 1, 0, 0],
      ],
    ],
    [
      'returns are no alarms',
      [check(t0, 'withinLimits')],
      [],
      [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    ],
  ])('%s', (_name, before, after, expected) => {
    expect(counts(before, after)).toEqual(expected);
  });
});
