import { compileRules } from '../../src/config/compile-rules';
import { respond } from '../../src/core/response/respond';
import {
  initialResponse,
  type Control,
  type ResponseParts,
  type ResponseState,
  type ResponseStep,
} from '../../src/core/response/response';
import { anomalySubject, type Instant } from '../../src/core/rules/instant';
import { missionTime } from '../../src/core/response/mission-time';
import { nothingKept } from '../../src/domain/ledger';
import type { PipelineEvent } from '../../src/domain/events';
import type { Explanation } from '../../src/domain/explanation';
import type { AskedRequest } from '../../src/domain/requests';
import { emptyRuleSet } from '../../src/domain/rules';
import { openAnomaly } from '../support/open-anomaly';
import { ruleOf } from '../support/recovery-world';
import { ruleSet } from '../support/rules-world';
import { T0, tinyMission } from '../support/tiny-mission';

const mission = tinyMission();
const parts: ResponseParts = { mission, mode: 'active', isAnswered: true, latchFrom: 'high' };
const programOf = (...rules: Record<string, unknown>[]) => {
  const eventActions = rules.map(ruleOf);
  const { program, problems } = compileRules({ ...emptyRuleSet, eventActions }, mission, ['offset']);
  expect(problems).toEqual([]);
  return program;
};
const at = (second: number): number => T0 + second * 1000;

const anomaly = (id = 'TINY-1/x/rw1'): Explanation => openAnomaly({ id, start: T0, equipment: 'rw1', fault: 'offset' });
const instant = (second: number, subjects: Instant['subjects'] = [], parameters = {}): Instant => ({
  time: at(second),
  situation: { time: at(second), parameters, mode: undefined, monitors: {} },
  subjects,
  failing: new Set(),
  pending: new Set(),
});
const seen = (second: number, id?: string): Instant => instant(second, [anomalySubject(anomaly(id), at(second), true)]);

/** A response second by second; the wall clock is mission time plus a year unless told otherwise. */
class Watch {
  state: ResponseState;
  last: ResponseStep['added'] = { actions: [], muted: [], ledger: [], alarms: [], answers: [] };

  constructor(...rules: Record<string, unknown>[]) {
    this.state = initialResponse(parts, programOf(...rules));
    this.control({ kind: 'link', isUp: true });
  }

  control(control: Control, wall = 0): this {
    return this.put({ controls: [control], receivedAt: wall });
  }

  telemetry(instants: readonly Instant[], wall: number, events: readonly PipelineEvent[] = []): this {
    return this.put({ instants, receivedAt: wall, events });
  }

  get ids(): string[] {
    return this.last.actions.map(({ id, disposition }) => `${id} ${disposition}`);
  }

  put(input: Partial<Parameters<typeof respond>[2]>): this {
    const nothing = { instants: [], events: [], nearMisses: [], controls: [], receivedAt: undefined };
    const step = respond(parts, this.state, { ...nothing, ...input });
    this.state = step.state;
    this.last = step.added;
    return this;
  }
}

const asked = (request: AskedRequest['request']): Control => ({
  kind: 'request',
  asked: { topic: 'response', correlation: {}, request },
});

test('mission time is packet time carried on by the clock, and needs a frame to begin', () => {
  expect([
    missionTime(undefined, 5),
    missionTime({ packet: 100, wall: 5 }, 8),
    missionTime({ packet: 100, wall: 5 }, 1),
  ]).toEqual([undefined, 103, 100]);
});

test('a deadline passes while no telemetry comes', () => {
  const watch = new Watch({ steps: [{ command: 'OFF', expiry: '20s' }] });
  watch.telemetry([seen(0)], 1000);
  expect(watch.ids).toEqual(['TINY-1.x.rw1.spare-wheel request']);
  watch.control({ kind: 'tick' }, 1000 + 29_000);
  expect(watch.state.supervisor.recoveries[0]?.state).toBe('sent');
  watch.control({ kind: 'tick' }, 1000 + 30_000);
  expect(watch.state.supervisor.recoveries).toEqual([]);
});

test('telemetry that comes too late is not acted upon', () => {
  const watch = new Watch({ steps: [{ command: 'OFF', expiry: '20s' }] });
  watch.telemetry([instant(0)], 1000);
  // An outage of ten minutes; then what the broker kept arrives.
  watch.telemetry([seen(4)], 1000 + 600_000);
  expect(watch.ids).toEqual([]);
  const steps = watch.last.ledger.flatMap((entry) => (entry.kind === 'recovery-step' ? [entry.record.to] : []));
  expect(steps).toEqual(['proposed', 'armed', 'expired']);
  watch.telemetry([seen(601, 'TINY-1/y/rw1')], 1000 + 601_000);
  expect(watch.ids).toEqual([]);
});

test('on packet time alone, as in a replay, a slow reader changes nothing', () => {
  const replay = { ...parts, isAnswered: false };
  const input = { events: [], nearMisses: [], controls: [], receivedAt: undefined };
  const state = initialResponse(replay, programOf({}));
  const { added } = respond(replay, state, { ...input, instants: [seen(0)] });
  expect(added.actions.map(({ disposition }) => disposition)).toEqual(['request']);
});

test('what the last run logged as sent and never handed over is sent when the link is up, and nothing else is', () => {
  const first = new Watch({ steps: [{ command: 'OFF', expiry: '1m' }] });
  first.telemetry([seen(0)], 1000);
  const { recoveries } = first.state.supervisor;
  const [id] = recoveries.map((recovery) => recovery.id);
  const restarted = (handed: readonly string[], wall: number) => {
    const memory = { clock: { packet: T0, wall: 1000 } };
    const kept = { ...nothingKept, recoveries, handed, memory };
    const state = initialResponse({ ...parts, kept }, first.state.program);
    const nothing = { instants: [], events: [], nearMisses: [] };
    const up = { ...nothing, controls: [{ kind: 'link', isUp: true } as const], receivedAt: wall };
    const step = respond(parts, state, up);
    const again = respond(parts, step.state, up);
    return [step.added.actions.length, again.added.actions.length];
  };
  expect(restarted([], 2000)).toEqual([1, 0]);
  expect(restarted([id ?? ''], 2000)).toEqual([0, 0]);
  expect(restarted([], 1000 + 60_000)).toEqual([0, 0]);
});

describe('reloaded rules', () => {
  const one = { id: 'one', cooldown: '1h' };
  const reload = (...rules: Record<string, unknown>[]): Control => ({
    kind: 'reload',
    program: programOf(...rules),
    message: 'loaded',
    by: 'ann',
    asked: undefined,
  });
  const acked = (watch: Watch, second: number): void => {
    const id = watch.last.actions[0]?.id ?? '';
    watch.control({ kind: 'acknowledge', id, stage: 'completed', reason: '' }, second);
  };

  test('keep the cool-down of a rule that did not change, and not that of one that did', () => {
    for (const [changed, expected] of [
      [{}, []],
      [{ because: 'For another reason.' }, ['TINY-1.y.rw1.one request']],
    ] as const) {
      const watch = new Watch(one);
      watch.telemetry([seen(0)], 0);
      acked(watch, 1);
      watch.control(reload({ ...one, ...changed }), 2);
      expect(watch.telemetry([seen(10, 'TINY-1/y/rw1')], 10_000).ids).toEqual(expected);
    }
  });

  test('keep the repetition counter of a rule that did not change', () => {
    const counting = { id: 'one', repetition: 3 };
    const watch = new Watch(counting);
    watch.telemetry([seen(0)], 0).telemetry([seen(1)], 1000);
    watch.control(reload(counting), 1500);
    expect(watch.telemetry([seen(2)], 2000).ids).toEqual(['TINY-1.x.rw1.one request']);
  });

  test('take back what waits by a rule that changed, and keep what waits by one that did not', () => {
    const waiting = { id: 'one', authority: 'confirm', steps: [{ command: 'OFF', expiry: '5m' }] };
    for (const [changed, count] of [
      [{}, 1],
      [{ because: 'For another reason.' }, 0],
    ] as const) {
      const watch = new Watch(waiting);
      watch.telemetry([seen(0)], 0);
      watch.control(reload({ ...waiting, ...changed }), 1);
      expect(watch.state.supervisor.recoveries.length).toBe(count);
    }
  });

  test('that are refused leave everything as it was, and the log knows', () => {
    const watch = new Watch(one);
    const { program } = watch.state;
    watch.control({ kind: 'reload', program: undefined, message: 'line 3', by: 'ann', asked: undefined }, 1);
    expect(watch.state.program).toBe(program);
    expect(watch.last.ledger).toMatchObject([
      { kind: 'operator', record: { by: 'ann', ok: false, message: 'line 3' } },
    ]);
  });
});

test('an anomaly raises an alarm, and its closing ends what waits for a person', () => {
  const watch = new Watch({ authority: 'confirm', steps: [{ command: 'OFF', expiry: '5m' }] });
  watch.telemetry([seen(0)], 0, [{ type: 'anomaly', ...anomaly(), revisedAt: '2026-03-01T00:00:00Z' }]);
  expect([watch.ids, watch.last.alarms.map(({ name, change }) => `${name} ${change}`)]).toEqual([
    ['TINY-1.x.rw1.spare-wheel waiting'],
    ['anomaly/rw1 triggered'],
  ]);
  watch.telemetry([instant(5)], 5000, [
    { type: 'anomaly', ...anomaly(), revision: 2, state: 'closed', revisedAt: '2026-03-01T00:00:05Z' },
  ]);
  expect([watch.state.supervisor.recoveries, watch.last.alarms.map(({ change }) => change)]).toEqual([
    [],
    ['returned'],
  ]);
});

test('a question is left to the log, an order answered, and what is no request refused', () => {
  const watch = new Watch({});
  const reply = (request: AskedRequest['request']) => watch.control(asked(request), 0).last.answers[0]?.reply;
  expect(reply({ name: 'action-list', asked: { all: true } })).toEqual({
    query: { name: 'action-list', asked: { all: true } },
  });
  expect(reply({ name: 'alarm-ack', asked: { name: 'check/x', by: 'ann', comment: '' } })).toEqual({
    ok: false,
    message: 'check/x is not among the open alarms',
  });
  expect(reply({ name: 'unreadable', message: 'what?' })).toEqual({ ok: false, message: 'what?' });
});

describe('an anomaly that a failed monitor explains', () => {
  const monitors = [{ id: 'undervoltage', parameter: 'rw0_speed', limits: [20, 40], inhibits: ['rw1'], hold: '0s' }];
  const program = () => {
    const set = ruleSet({ monitors });
    const compiled = compileRules(set, mission, ['offset']);
    expect(compiled.problems).toEqual([]);
    return compiled.program;
  };
  const opened: PipelineEvent = { type: 'anomaly', ...anomaly() };
  const failing = (second: number, ...ids: string[]): Instant => ({ ...instant(second), failing: new Set(ids) });
  const alarmsAfter = (...instants: readonly Instant[]) => {
    const input = { nearMisses: [], controls: [], receivedAt: undefined };
    let state = initialResponse(parts, program());
    return instants.map((item, index) => {
      const step = respond(parts, state, { ...input, instants: [item], events: index === 0 ? [opened] : [] });
      state = step.state;
      return [step.added.alarms.map(({ change }) => change), state.alarms.alarms[0]?.shelved?.cause];
    });
  };

  test('raises no alarm while the cause is there, and raises it when the cause is over', () => {
    expect(alarmsAfter(failing(0, 'undervoltage'), failing(1, 'undervoltage'), failing(2))).toEqual([
      [[], 'undervoltage'],
      [[], 'undervoltage'],
      [['unshelved'], undefined],
    ]);
  });

  test('raises its alarm at once when the cause is not there', () => {
    expect(alarmsAfter(failing(0), failing(1, 'undervoltage'))).toEqual([
      [['triggered'], undefined],
      [[], undefined],
    ]);
  });
});

test('late telemetry does not hold up a deadline that has begun', () => {
  const watch = new Watch({ steps: [{ command: 'OFF', expiry: '20s' }] });
  watch.telemetry([seen(0)], 0);
  // The link was away; what it kept comes.
  watch.telemetry([instant(1)], 40_000).control({ kind: 'tick' }, 41_000);
  expect(watch.state.supervisor.recoveries.map(({ state }) => state)).toEqual([]);
  expect(watch.state.supervisor.time).toBe(at(40));
});

test('telemetry that stays late is what mission time follows, and deadlines keep what they had left', () => {
  const watch = new Watch({ steps: [{ command: 'OFF', expiry: '600s' }] });
  watch.telemetry([seen(0)], 0);
  const left = () =>
    watch.state.supervisor.recoveries.map(({ deadline }) => (deadline ?? 0) - watch.state.supervisor.time);
  const [before] = left();
  for (let second = 100; second <= 165; second += 1) watch.telemetry([instant(second - 60)], second * 1000);
  expect(watch.state.supervisor.time).toBe(at(105));
  expect(left()).toEqual([(before ?? 0) - 165_000]);
});

test('a clock that is set back leaves deadlines the time they had left, and a request is asked for in the new time', () => {
  const watch = new Watch({ steps: [{ command: 'OFF', expiry: '60s' }] });
  watch.telemetry([seen(0)], 0);
  watch.put({ instants: [instant(-3600)], receivedAt: 10_000, beginsBase: { from: at(0), to: at(-3600) } });
  const [recovery] = watch.state.supervisor.recoveries;
  expect(watch.state.supervisor.time).toBe(at(-3600));
  expect(recovery?.expiry).toBe(at(-3600) + 50_000);
  expect(watch.last.ledger).toContainEqual({ kind: 'recovery', record: recovery });
  watch.control({ kind: 'tick' }, 10_000 + 61_000);
  expect(watch.state.supervisor.recoveries).toEqual([]);
});
