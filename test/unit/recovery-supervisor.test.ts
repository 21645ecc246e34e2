import { initialSupervisor, type SupervisorEnv, type SupervisorState } from '../../src/core/recovery/supervisor-change';
import { operate, type RecoveryOrder } from '../../src/core/recovery/operate';
import { supervise, type SupervisorInput, type SupervisorStep } from '../../src/core/recovery/supervisor';
import type { RuleMatch } from '../../src/core/rules/rule-match';
import type { ActionEvent } from '../../src/domain/events';
import type { EventAction } from '../../src/domain/rules';
import {
  envOf,
  matchOf,
  ruleOf,
  situationAt,
  TruthBoard,
  type EnvChoice,
  type Truths,
} from '../support/recovery-world';
import { T0 } from '../support/tiny-mission';

/** Drives a supervisor second by second, and gathers what happened. */
class Drill {
  readonly board = new TruthBoard();
  readonly env: SupervisorEnv;
  state: SupervisorState = initialSupervisor;
  readonly actions: ActionEvent[] = [];
  readonly ledger: SupervisorStep['ledger'][number][] = [];

  constructor(
    readonly rules: readonly EventAction[],
    choice: EnvChoice = {},
  ) {
    this.env = envOf(rules, this.board, choice);
  }

  put(input: SupervisorInput): this {
    this.take(supervise(this.env, this.state, input));
    return this;
  }

  at(second: number, matches: readonly RuleMatch[] = [], truths: Truths = {}): this {
    this.board.truths = truths;
    return this.put({ kind: 'situation', situation: situationAt(second), matches });
  }

  ack(second: number, stage: 'accepted' | 'completed' | 'failed', id = this.actions.at(-1)?.id ?? ''): this {
    return this.put({ kind: 'acknowledge', id, stage, reason: stage, situation: situationAt(second) });
  }

  order(second: number, order: RecoveryOrder): { ok: boolean; message: string } {
    const step = operate(this.env, this.state, order, situationAt(second));
    this.take(step);
    return { ok: step.reply.ok, message: step.reply.message };
  }

  approve(second: number, id: string): { ok: boolean; message: string } {
    return this.order(second, { name: 'action-approve', asked: { id, by: 'ann', comment: '' } });
  }

  /** Every logged step, as `state` or `state (step n)`. */
  get steps(): string[] {
    return this.ledger.flatMap((entry) =>
      entry.kind === 'recovery-step'
        ? [entry.record.step === 0 ? entry.record.to : `${entry.record.to} (step ${String(entry.record.step + 1)})`]
        : [],
    );
  }

  get told(): [string, string, string][] {
    return this.actions.map(({ id, disposition, authority }) => [
      id.replace('TINY-1.anomaly.', ''),
      disposition,
      authority?.granted ?? '',
    ]);
  }

  get health(): string {
    return this.state.equipments.map(({ equipment, health }) => `${equipment} ${health}`).join(', ');
  }

  private take({ state, actions, ledger }: SupervisorStep): void {
    this.state = state;
    this.actions.push(...actions);
    this.ledger.push(...ledger);
  }
}

const verify = { condition: 'is slow', within: '30s' };
const step = { command: 'LIMIT_WHEEL_SPEED', arguments: { wheel: '${equipment}' }, expiry: '1m', verify };

describe('an automatic recovery', () => {
  test('leaves at once, is acknowledged and verified, and the wheel is healthy again', () => {
    const drill = new Drill([ruleOf({ steps: [step] })]);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)]);
    drill.ack(1, 'accepted').ack(2, 'completed').at(3, [], { 'is slow': 'false' });
    expect(drill.health).toBe('rw1 needsRecovery');
    drill.at(4, [], { 'is slow': 'true' });
    expect(drill.steps).toEqual(['proposed', 'armed', 'sent', 'accepted', 'completed', 'verified']);
    expect(drill.told).toEqual([['rw1.spare-wheel', 'request', 'automatic']]);
    expect([drill.health, drill.state.recoveries]).toEqual(['rw1 healthy', []]);
  });

  test('carries arguments filled in, expiry, trace, authority and the step of its ladder', () => {
    const drill = new Drill([ruleOf({ steps: [step] })]);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)]);
    expect(drill.actions).toEqual([
      {
        type: 'action',
        schemaVersion: 1,
        id: 'TINY-1.anomaly.rw1.spare-wheel',
        rule: 'spare-wheel',
        level: 2,
        spacecraft: 'TINY-1',
        time: '2026-03-01T00:00:00Z',
        command: 'LIMIT_WHEEL_SPEED',
        arguments: { wheel: 'rw1' },
        expiry: '2026-03-01T00:01:00Z',
        explanationId: 'TINY-1/anomaly/rw1',
        explanationRevision: 1,
        disposition: 'request',
        trace: [{ condition: 'anomaly.confidence >= 0.8', actual: 0.95, holds: true, truth: 'true' }],
        because: 'It spares the bearing.',
        authority: { asked: 'automatic', granted: 'automatic', reason: "the rule's authority is automatic" },
        recovery: 'TINY-1.anomaly.rw1.spare-wheel',
        step: 1,
      },
    ]);
  });

  test('that does not help takes the next step, and after its budget the wheel is faulty', () => {
    const drill = new Drill([
      ruleOf({
        steps: [step, { ...step, command: 'UNLOAD_WHEEL' }],
        attempts: { budget: 2, window: '1d' },
        cooldown: '1s',
      }),
    ]);
    const [rule] = drill.rules as [EventAction];
    drill.at(0, [matchOf(rule, 0, { subject: 'one' })]).ack(1, 'completed');
    drill.at(31, [], { 'is slow': 'false' });
    expect(drill.actions.map(({ id, command }) => [id, command])).toEqual([
      ['one.spare-wheel', 'LIMIT_WHEEL_SPEED'],
      ['one.spare-wheel.step-2', 'UNLOAD_WHEEL'],
    ]);
    drill.ack(32, 'failed');
    expect([drill.health, drill.steps.slice(-4)]).toEqual([
      'rw1 needsRecovery',
      ['proposed (step 2)', 'armed (step 2)', 'sent (step 2)', 'failed (step 2)'],
    ]);
    drill.at(40, [matchOf(rule, 40, { subject: 'two' })]).ack(41, 'failed');
    drill.ack(42, 'failed');
    expect(drill.health).toBe('rw1 faulty');
    drill.at(50, [matchOf(rule, 50, { subject: 'three' })]);
    expect(drill.actions.at(-1)).toMatchObject({
      disposition: 'passive',
      authority: { granted: 'advise', reason: 'rw1 is declared faulty' },
    });
  });

  test('in a replay ends with its expiry, and nothing follows from that', () => {
    const drill = new Drill([ruleOf({ steps: [step, step] })], { isAnswered: false });
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)]).at(71);
    expect(drill.steps).toEqual(['proposed', 'armed', 'sent', 'expired']);
    expect(drill.actions.length).toBe(1);
  });

  test('is not sent while the link is down', () => {
    const drill = new Drill([ruleOf({ steps: [step] })]);
    drill.put({ kind: 'link', isUp: false }).at(0, [matchOf(drill.rules[0] as EventAction, 0)]);
    expect(drill.told).toEqual([]);
    drill.put({ kind: 'link', isUp: true }).at(1);
    expect(drill.told).toEqual([['rw1.spare-wheel', 'request', 'automatic']]);
  });

  test('looks at its precondition again at the moment of sending', () => {
    const drill = new Drill([ruleOf({ steps: [{ ...step, precondition: 'is spinning' }] })]);
    drill.put({ kind: 'link', isUp: false });
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)], { 'is spinning': 'true' });
    drill.put({ kind: 'link', isUp: true }).at(1, [], { 'is spinning': 'false' });
    expect([drill.told, drill.steps]).toEqual([[], ['proposed', 'armed', 'rejected']]);
  });

  test('already in that state is success, with a note, and nothing is sent', () => {
    const drill = new Drill([ruleOf({ steps: [{ ...step, alreadyDone: 'is limited' }] })]);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)], { 'is limited': 'true' });
    const last = drill.ledger.findLast((entry) => entry.kind === 'recovery-step')?.record;
    expect([drill.told, last]).toMatchObject([[], { to: 'verified', note: 'already in that state: nothing was sent' }]);
  });
});

describe('one recovery an equipment at a time', () => {
  const rules = [ruleOf({ id: 'low' }), ruleOf({ id: 'high', priority: 5 })];
  const [low, high] = rules as [EventAction, EventAction];

  test('the highest priority goes first, the other is attributed to it and follows when it is over', () => {
    const drill = new Drill(rules);
    const both = (second: number): RuleMatch[] => [matchOf(low, second), matchOf(high, second)];
    drill.at(0, both(0)).at(1, both(1));
    expect(drill.told.map(([id]) => id)).toEqual(['rw1.high']);
    expect(drill.state.recoveries.map(({ attributed }) => attributed)).toEqual([['low for TINY-1/anomaly/rw1']]);
    drill.ack(2, 'completed').at(3, both(3));
    expect(drill.told.map(([id]) => id)).toEqual(['rw1.high', 'rw1.low']);
  });

  test('another equipment is not held up', () => {
    const drill = new Drill(rules);
    drill.at(0, [matchOf(low, 0), matchOf(low, 0, { equipment: 'rw0' })]);
    expect(drill.told.map(([id]) => id)).toEqual(['rw1.low', 'rw0.low']);
  });

  test('one that only waits gives way to a higher priority', () => {
    const drill = new Drill([ruleOf({ id: 'low', authority: 'confirm' }), high]);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)]).at(1, [matchOf(high, 1)]);
    expect(drill.told.map(([id, disposition]) => [id, disposition])).toEqual([
      ['rw1.low', 'waiting'],
      ['rw1.high', 'request'],
    ]);
    expect(drill.steps).toContain('rejected');
  });

  test('events on the equipment are attributed, each once and a bounded number', () => {
    const drill = new Drill(rules);
    drill.at(0, [matchOf(low, 0)]);
    for (let index = 0; index < 100; index += 1)
      drill.put({ kind: 'noticed', equipment: 'rw1', what: `event ${String(index % 50)}` });
    expect(drill.state.recoveries[0]?.attributed.length).toBe(32);
  });
});

describe('what nobody can place while a command is under way', () => {
  const [cure, call] = [ruleOf({ id: 'cure' }), ruleOf({ id: 'call', level: 5 })];
  const unknown = (second: number): RuleMatch =>
    matchOf(call, second, { subject: 'TINY-1/after/unknown', equipment: 'unknown', fault: 'unknown' });

  test('is taken for its after-effect: attributed, not acted upon, and answered when it outlasts the recovery', () => {
    const drill = new Drill([cure, call]);
    drill.at(0, [matchOf(cure, 0)]);
    drill.put({ kind: 'noticed', equipment: 'unknown', what: 'TINY-1/after/unknown' }).at(1, [unknown(1)]);
    expect(drill.state.recoveries.map(({ rule, attributed }) => [rule, attributed])).toEqual([
      ['cure', ['TINY-1/after/unknown', 'call for TINY-1/after/unknown']],
    ]);
    drill.ack(2, 'completed', drill.actions[0]?.id).at(3, [unknown(3)]);
    expect(drill.state.recoveries.map(({ rule, equipment }) => [rule, equipment])).toEqual([['call', 'unknown']]);
  });

  test('is answered at once when the recovery has sent nothing', () => {
    const drill = new Drill([ruleOf({ id: 'cure', authority: 'confirm' }), call]);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)]).at(1, [unknown(1)]);
    expect(drill.state.recoveries.map(({ rule, attributed }) => [rule, attributed])).toEqual([
      ['cure', []],
      ['call', []],
    ]);
  });

  test('a failure that is no verdict is answered, whatever else is under way', () => {
    const low = ruleOf({ id: 'low', event: 'monitor' });
    const drill = new Drill([cure, low]);
    drill.at(0, [matchOf(cure, 0)]).at(1, [matchOf(low, 1, { subject: 'TINY-1/x/bus', equipment: 'unknown' })]);
    expect(drill.state.recoveries.map(({ rule }) => rule)).toEqual(['cure', 'low']);
  });
});

describe('one shot, cool-down, re-arming', () => {
  test('a rule fires once for one anomaly, also when the recovery is long over', () => {
    const drill = new Drill([ruleOf({ cooldown: '1s' })]);
    const [rule] = drill.rules as [EventAction];
    for (const second of [0, 10, 200, 400]) drill.at(second, [matchOf(rule, second)]);
    expect(drill.told.length).toBe(1);
  });

  test('one that is not one shot fires again after its cool-down, under another id', () => {
    const drill = new Drill([ruleOf({ cooldown: '5m', oneShot: false })]);
    const [rule] = drill.rules as [EventAction];
    drill.at(0, [matchOf(rule, 0)]).ack(1, 'completed');
    for (const second of [2, 299, 300, 301]) drill.at(second, [matchOf(rule, second)]);
    expect(drill.told.map(([id]) => id)).toEqual(['rw1.spare-wheel', 'rw1.spare-wheel.again-2']);
  });

  test('held back by its cool-down it fires when that is over', () => {
    const drill = new Drill([ruleOf({ cooldown: '5m' })]);
    const [rule] = drill.rules as [EventAction];
    drill.at(0, [matchOf(rule, 0, { subject: 'one' })]).ack(1, 'completed');
    for (const second of [100, 299, 300]) drill.at(second, [matchOf(rule, second, { subject: 'two' })]);
    expect(drill.actions.map(({ id, time }) => [id, time])).toEqual([
      ['one.spare-wheel', '2026-03-01T00:00:00Z'],
      ['two.spare-wheel', '2026-03-01T00:05:00Z'],
    ]);
  });

  test('with re-arming by hand it is passive until a person has done that', () => {
    const drill = new Drill([ruleOf({ cooldown: '1s', rearm: 'manual' })]);
    const [rule] = drill.rules as [EventAction];
    drill.at(0, [matchOf(rule, 0, { subject: 'one' })]).ack(1, 'completed');
    drill.at(60, [matchOf(rule, 60, { subject: 'two' })]);
    expect(drill.order(61, { name: 'rule-rearm', asked: { rule: 'spare-wheel', by: 'ann', comment: '' } })).toEqual({
      ok: true,
      message: 'rule spare-wheel is ready again for rw1 by ann',
    });
    drill.at(62, [matchOf(rule, 62, { subject: 'three' })]);
    expect(drill.told).toEqual([
      ['one.spare-wheel', 'request', 'automatic'],
      ['two.spare-wheel', 'passive', 'observe'],
      ['three.spare-wheel', 'request', 'automatic'],
    ]);
  });

  test('a flood of recorded answers is squelched, counted, and let through again later', () => {
    const drill = new Drill([ruleOf({ cooldown: '0s' })], { mode: 'passive' });
    const [rule] = drill.rules as [EventAction];
    for (let index = 0; index < 100; index += 1)
      drill.at(index, [matchOf(rule, index, { subject: `s${String(index)}` })]);
    expect([drill.told.length, drill.state.rules[0]?.squelch.suppressed]).toEqual([20, 80]);
    drill.at(5000, [matchOf(rule, 5000, { subject: 'later' })]);
    expect(drill.told.length).toBe(21);
  });
});

describe('authority', () => {
  const granted = (text: Record<string, unknown>, match: Partial<RuleMatch> = {}, choice: EnvChoice = {}) => {
    const drill = new Drill([ruleOf(text)], choice);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0, match)]);
    const [action] = drill.actions;
    return [action?.disposition, action?.authority?.granted, action?.authority?.reason];
  };
  const own = "the rule's authority is";

  test.each<[string, Parameters<typeof granted>, ReturnType<typeof granted>]>([
    ['automatic', [{}], ['request', 'automatic', `${own} automatic`]],
    ['confirm', [{ authority: 'confirm' }], ['waiting', 'confirm', `${own} confirm`]],
    ['advise', [{ authority: 'advise' }], ['passive', 'advise', `${own} advise`]],
    ['observe', [{ authority: 'observe' }], ['passive', 'observe', `${own} observe`]],
    [
      'below the confidence floor',
      [{ confidenceFloor: 0.9 }, { confidence: 0.89 }],
      ['passive', 'advise', 'the confidence of 89 % is below the floor of 90 %'],
    ],
    ['at the floor', [{ confidenceFloor: 0.9 }, { confidence: 0.9 }], ['request', 'automatic', `${own} automatic`]],
    ['an unknown fault', [{}, { fault: 'unknown' }], ['passive', 'advise', 'the verdict is unknown']],
    ['an unknown wheel', [{}, { equipment: 'unknown' }], ['passive', 'advise', 'the verdict is unknown']],
    [
      'an unknown fault, and the ground is called',
      [{ level: 5 }, { fault: 'unknown' }],
      ['request', 'automatic', `${own} automatic`],
    ],
    [
      'a floor binds no person',
      [{ authority: 'confirm', confidenceFloor: 0.9 }, { confidence: 0.5 }],
      ['waiting', 'confirm', `${own} confirm`],
    ],
    [
      'a check that is no verdict',
      [{ event: 'check' }, { fault: 'unknown', confidence: 1 }],
      ['request', 'automatic', `${own} automatic`],
    ],
    ['a passive daemon', [{}, {}, { mode: 'passive' }], ['passive', 'observe', 'the daemon is passive']],
    ['a passive rule', [{ state: 'passive' }], ['passive', 'observe', 'the rule is passive']],
    ['a disabled rule', [{ state: 'disabled' }], [undefined, undefined, undefined]],
    ['a rule off for good', [{ state: 'off' }], [undefined, undefined, undefined]],
    ['a disabled daemon', [{}, {}, { mode: 'disabled' }], [undefined, undefined, undefined]],
    [
      'a hazardous command and a verdict that is not sure',
      [{}, { confidence: 0.85 }, { commands: [{ name: 'LIMIT_WHEEL_SPEED', title: 'Limit', hazardous: true }] }],
      ['waiting', 'confirm', 'the command is hazardous and the confidence only 85 %'],
    ],
  ])('%s', (_what, args, expected) => {
    expect(granted(...args)).toEqual(expected);
  });
});

describe('people', () => {
  const confirm = { authority: 'confirm', steps: [step] };
  const id = 'TINY-1.anomaly.rw1.spare-wheel';

  test('approve what waits, once, and it is sent with their name', () => {
    const drill = new Drill([ruleOf(confirm)]);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)]);
    expect(drill.approve(5, id)).toEqual({ ok: true, message: `${id} is approved by ann and sent` });
    expect(drill.approve(6, id)).toEqual({ ok: false, message: `${id} is sent: it does not wait for anybody` });
    expect(drill.actions.map(({ disposition, approvedBy }) => [disposition, approvedBy])).toEqual([
      ['waiting', undefined],
      ['request', 'ann'],
    ]);
  });

  test('reject what waits', () => {
    const drill = new Drill([ruleOf(confirm)]);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)]);
    const order: RecoveryOrder = { name: 'action-reject', asked: { id, by: 'ann', comment: 'not tonight' } };
    expect(drill.order(5, order)).toEqual({ ok: true, message: `${id} is rejected by ann` });
    expect(drill.approve(6, id)).toEqual({ ok: false, message: `${id} is over already` });
    expect(drill.ledger.filter(({ kind }) => kind === 'operator').length).toBe(2);
  });

  test('cannot approve after the expiry, nor what does not exist', () => {
    const drill = new Drill([ruleOf(confirm)]);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)]);
    expect(drill.approve(60, id)).toMatchObject({ ok: false });
    expect(drill.approve(61, 'nobody')).toEqual({ ok: false, message: 'no action is called nobody' });
    expect(drill.steps.at(-1)).toBe('expired');
  });

  test('their word passes the same checks: the precondition, and a daemon that has become passive', () => {
    const drill = new Drill([ruleOf({ authority: 'confirm', steps: [{ ...step, precondition: 'is spinning' }] })]);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)], { 'is spinning': 'true' });
    drill.order(1, { name: 'action-state', asked: { state: 'passive', by: 'bob', comment: '' } });
    expect(drill.approve(2, id)).toEqual({ ok: false, message: `${id} was not sent: the daemon is passive` });
    expect(drill.told.map(([, disposition]) => disposition)).toEqual(['waiting']);
  });

  test('what waits for them is withdrawn when the anomaly is over', () => {
    const drill = new Drill([ruleOf(confirm)]);
    drill.at(0, [matchOf(drill.rules[0] as EventAction, 0)]);
    drill.put({ kind: 'closed', explanationId: 'TINY-1/anomaly/rw1', time: T0 + 5000 });
    expect(drill.steps).toEqual(['proposed', 'waiting', 'rejected']);
  });

  test('switch rules, which a changed rule forgets, and never one that is off for good', () => {
    const drill = new Drill([ruleOf()]);
    const [rule] = drill.rules as [EventAction];
    const set = (state: 'passive' | 'off' | 'active') =>
      drill.order(0, { name: 'action-state', asked: { rule: rule.id, state, by: 'ann', comment: '' } }).ok;
    expect(set('passive')).toBe(true);
    drill.at(1, [matchOf(rule, 1, { subject: 'one' })]);
    expect(drill.told).toEqual([['one.spare-wheel', 'passive', 'observe']]);
    expect([set('off'), set('active')]).toEqual([true, false]);
    const changed = new Drill([ruleOf({ because: 'Now for another reason.' })]);
    changed.state = drill.state;
    changed.at(1000, [matchOf(changed.rules[0] as EventAction, 1000, { subject: 'two' })]);
    expect(changed.told).toEqual([['two.spare-wheel', 'request', 'automatic']]);
  });

  test('take an equipment under their control, and everything on it is advice', () => {
    const drill = new Drill([ruleOf({ cooldown: '1s' })]);
    drill.order(0, {
      name: 'equipment-health',
      asked: { equipment: 'rw1', health: 'externalControl', by: 'ann', comment: 'test' },
    });
    drill.at(1, [matchOf(drill.rules[0] as EventAction, 1)]);
    expect(drill.told).toEqual([['rw1.spare-wheel', 'passive', 'advise']]);
  });
});
