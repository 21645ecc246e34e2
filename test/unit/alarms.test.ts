import * as fc from 'fast-check';
import { byUrgency, orderAlarm, type AlarmOrder } from '../../src/core/alarms/alarm-orders';
import { initialAlarms, MAX_ALARMS, type AlarmsState, type AlarmsStep } from '../../src/core/alarms/alarm-book';
import { raise, unshelveExpired, unshelveUnexplained, type AlarmCondition } from '../../src/core/alarms/alarms';
import { alarmSchema, alarmStates, type Alarm, type AlarmStep } from '../../src/domain/alarm';
import { severities } from '../../src/domain/monitors';
import { T0 } from '../support/tiny-mission';

const at = (second: number): number => T0 + second * 1000;

/** One alarm desk, second by second. */
class Desk {
  state: AlarmsState = initialAlarms;
  readonly steps: AlarmStep[] = [];
  readonly kept: Alarm[] = [];

  put(second: number, status: AlarmCondition['status'], choice: Partial<AlarmCondition> = {}): this {
    return this.take(
      raise(this.state, {
        name: 'check/speed',
        cause: 'warning',
        status,
        severity: 'medium',
        title: 'speed is high',
        isLatching: false,
        value: 60,
        explanationId: null,
        time: at(second),
        ...choice,
      }),
    );
  }

  order(second: number, kind: AlarmOrder['kind'], comment = ''): string | undefined {
    const who = { name: 'check/speed', by: 'ann', comment };
    const step = orderAlarm(
      this.state,
      kind === 'shelve' ? { ...who, kind, forMs: 60_000 } : { ...who, kind },
      at(second),
    );
    this.take(step);
    return step.refused;
  }

  tick(second: number): this {
    return this.take(unshelveExpired(this.state, at(second)));
  }

  release(second: number, ...active: string[]): this {
    return this.take(unshelveUnexplained(this.state, new Set(active), at(second)));
  }

  get changes(): string[] {
    return this.steps.map(({ change, state }) => (change === state ? change : `${change} (${state})`));
  }

  get alarm(): Alarm | undefined {
    return this.state.alarms[0];
  }

  private take({ state, steps, ledger }: AlarmsStep): this {
    this.state = state;
    this.steps.push(...steps);
    this.kept.push(...ledger.flatMap((entry) => (entry.kind === 'alarm' ? [entry.record] : [])));
    return this;
  }
}

describe('an alarm that something explains', () => {
  const explainedBy = 'undervoltage';

  test('is kept from people and counted while its cause is active, and told when it outlasts it', () => {
    const desk = new Desk().put(0, 'violated', { explainedBy });
    expect(desk.steps).toEqual([]);
    expect(desk.alarm).toMatchObject({
      state: 'triggered',
      shelved: { by: 'rule', cause: explainedBy },
      squelch: { suppressed: 1 },
    });
    desk.release(1, explainedBy);
    expect(desk.steps).toEqual([]);
    desk.release(2);
    expect(desk.steps.map(({ change, state, by, note }) => [change, state, by, note])).toEqual([
      ['unshelved', 'triggered', 'rule', 'undervoltage, which explained it, is over'],
    ]);
    expect(desk.alarm?.shelved).toBeNull();
  });

  test('is over with what it was about, and nobody has to acknowledge it', () => {
    const desk = new Desk().put(0, 'violated', { explainedBy }).put(5, 'normal');
    expect([desk.steps, desk.state.alarms]).toEqual([[], []]);
    expect(desk.kept.at(-1)).toMatchObject({ state: 'cleared', squelch: { suppressed: 3 } });
  });

  test('a latching one is told after its cause, though it has returned', () => {
    const desk = new Desk().put(0, 'violated', { explainedBy, isLatching: true }).put(5, 'normal').release(6);
    expect(desk.changes).toEqual(['unshelved (returned)']);
  });

  test('goes to the shelf when it was told before its cause was known, and comes back when nothing explains it', () => {
    const desk = new Desk().put(0, 'violated').put(1, 'violated', { explainedBy });
    desk.put(2, 'violated', { cause: 'critical', severity: 'high' });
    expect(desk.changes).toEqual(['triggered', 'shelved (triggered)', 'retriggered (triggered)']);
  });

  test('what a person shelved stays as the person shelved it', () => {
    const desk = new Desk().put(0, 'violated');
    desk.order(1, 'shelve', 'known');
    desk.put(2, 'violated', { explainedBy }).put(3, 'violated').release(4);
    expect(desk.alarm?.shelved).toMatchObject({ by: 'ann', reason: 'known' });
  });

  test('comes back after a day, whatever its cause', () => {
    const desk = new Desk().put(0, 'violated', { explainedBy }).tick(86_400);
    expect(desk.changes).toEqual(['unshelved (triggered)']);
  });
});

describe('the life of an alarm', () => {
  test('triggered, acknowledged, returned to normal, and so cleared', () => {
    const desk = new Desk().put(0, 'violated');
    expect(desk.order(5, 'acknowledge', 'seen')).toBeUndefined();
    desk.put(9, 'normal');
    expect([desk.changes, desk.state.alarms]).toEqual([['triggered', 'acknowledged', 'returned', 'cleared'], []]);
    expect(desk.steps.map(({ by, note }) => `${by} ${note}`.trim())).toEqual(['rule', 'ann seen', 'rule', 'rule']);
  });

  test('one that nobody has seen waits for somebody after its return', () => {
    const desk = new Desk().put(0, 'violated').put(9, 'normal');
    expect(desk.alarm?.state).toBe('returned');
    desk.order(20, 'acknowledge');
    expect(desk.changes).toEqual(['triggered', 'returned', 'acknowledged (returned)', 'cleared']);
  });

  test('a latching one stays until it is cleared by hand', () => {
    const desk = new Desk().put(0, 'violated', { isLatching: true });
    desk.order(1, 'acknowledge');
    expect(desk.order(2, 'clear')).toBe('has not returned to normal: it would come back at once');
    desk.put(9, 'normal');
    expect(desk.alarm?.state).toBe('returned');
    expect(desk.order(10, 'clear')).toBeUndefined();
    expect(desk.state.alarms).toEqual([]);
  });

  test('when it is triggered again its acknowledgement no longer holds', () => {
    const desk = new Desk().put(0, 'violated').put(1, 'normal');
    desk.put(2, 'violated');
    desk.order(3, 'acknowledge');
    desk.put(4, 'violated', { cause: 'critical', severity: 'high', value: 90 });
    expect(desk.alarm).toMatchObject({ state: 'triggered', acknowledged: null, severity: 'high', count: 3 });
    expect(desk.changes.slice(-2)).toEqual(['acknowledged', 'retriggered (triggered)']);
  });

  test('the same cause again is no new alarm, and only its values change', () => {
    const desk = new Desk().put(0, 'violated', { value: 60 }).put(1, 'violated', { value: -75 });
    desk.put(2, 'violated', { value: 61 });
    expect(desk.changes).toEqual(['triggered']);
    expect(desk.alarm).toMatchObject({ trigger: { value: 60 }, worst: { value: -75 }, current: { value: 61 } });
  });

  test('it goes on while one of its causes does', () => {
    const desk = new Desk().put(0, 'violated').put(0, 'violated', { cause: 'critical', severity: 'high' });
    desk.put(1, 'normal', { cause: 'critical' });
    expect([desk.alarm?.state, desk.alarm?.severity]).toEqual(['triggered', 'medium']);
    expect(desk.put(2, 'normal').alarm?.state).toBe('returned');
  });

  test('a failure that does not last is a near miss, and no alarm', () => {
    const desk = new Desk().put(0, 'pending').put(1, 'pending').put(2, 'normal');
    expect([desk.changes, desk.state.alarms, desk.kept.at(-1)?.nearMisses]).toEqual([
      ['pending', 'near-miss (cleared)'],
      [],
      1,
    ]);
  });

  test('the next life has the next number', () => {
    const desk = new Desk().put(0, 'violated').put(1, 'normal');
    desk.order(2, 'acknowledge');
    expect(desk.put(3, 'violated').alarm?.sequence).toBe(2);
  });

  test('normal is no news where there is no alarm', () => {
    expect(new Desk().put(0, 'normal').kept).toEqual([]);
  });
});

describe('an alarm with several limit sets', () => {
  const critical = {
    cause: 'critical',
    severity: 'high',
    worse: 'lower',
    title: 'batt_v: belowLowLimit (critical 6 to 9)',
  } as const;
  const warning = {
    cause: 'warning',
    severity: 'medium',
    worse: 'lower',
    title: 'batt_v: belowLowLimit (warning 7 to 8.5)',
  } as const;
  const valid = { cause: 'valid', severity: 'low', isInvalid: true, title: 'batt_v: invalid (valid 0 to 20)' } as const;
  const shown = (desk: Desk) =>
    desk.state.alarms.map(({ severity, title, worst }) => ({ severity, title, worst: worst.value }));

  test('after critical, warning and invalid (5, 6.5, 99) it shows the gravest that stands, and 99 is no worst value', () => {
    const desk = new Desk().put(0, 'violated', { ...warning, value: 5 }).put(0, 'violated', { ...critical, value: 5 });
    expect(shown(desk)).toEqual([{ severity: 'high', title: critical.title, worst: 5 }]);
    desk.put(1, 'normal', { ...critical, value: 6.5 });
    expect(shown(desk)).toEqual([{ severity: 'medium', title: warning.title, worst: 5 }]);
    desk.put(2, 'violated', { ...valid, value: 99 });
    expect(shown(desk)).toEqual([{ severity: 'medium', title: warning.title, worst: 5 }]);
  });

  test('where only the invalid value stands, it says so, and has no worst value', () => {
    const desk = new Desk().put(0, 'violated', { ...valid, value: 99 });
    expect(shown(desk)).toEqual([{ severity: 'low', title: valid.title, worst: null }]);
    desk.put(1, 'violated', { ...critical, value: 5 }).put(2, 'normal', { ...critical, value: 8 });
    expect(shown(desk)).toEqual([{ severity: 'low', title: valid.title, worst: 5 }]);
  });

  test('below a lower limit the lower value is the worse one', () => {
    const desk = new Desk().put(0, 'violated', { ...critical, value: 5 }).put(1, 'normal', { ...critical, value: 8 });
    expect(shown(desk.put(2, 'violated', { ...critical, value: 4 }))).toMatchObject([{ worst: 4 }]);
    expect(shown(desk.put(3, 'normal', { ...critical, value: 7 }))).toMatchObject([{ worst: 4 }]);
  });
});

describe('shelving', () => {
  test('is silent, counts what it suppresses, and ends by itself', () => {
    const desk = new Desk().put(0, 'violated');
    expect(desk.order(1, 'shelve')).toBe('is not shelved without a reason');
    expect(desk.order(1, 'shelve', 'test on ground')).toBeUndefined();
    desk.put(2, 'normal').put(3, 'violated');
    expect(desk.alarm).toMatchObject({ state: 'triggered', count: 2, squelch: { suppressed: 2 } });
    desk.tick(60);
    expect(desk.alarm?.shelved).not.toBeNull();
    desk.tick(61);
    expect([desk.alarm?.shelved, desk.changes]).toEqual([
      null,
      ['triggered', 'shelved (triggered)', 'unshelved (triggered)'],
    ]);
  });

  test('ends by hand, once', () => {
    const desk = new Desk().put(0, 'violated');
    desk.order(1, 'shelve', 'because');
    expect([desk.order(2, 'unshelve'), desk.order(3, 'unshelve')]).toEqual([undefined, 'is not shelved']);
  });
});

test('a flapping alarm is told ten times, then counted, and told again when it has been quiet', () => {
  const desk = new Desk();
  for (let second = 0; second < 100; second += 1) desk.put(second, second % 2 === 0 ? 'violated' : 'normal');
  expect([desk.steps.length, desk.alarm?.squelch.suppressed, desk.alarm?.count]).toEqual([10, 90, 50]);
  desk.put(1300, 'violated');
  expect(desk.steps.length).toBe(11);
});

test('what needs a person first comes first', () => {
  const desk = new Desk();
  desk.put(0, 'violated', { name: 'a', severity: 'low' });
  desk.put(0, 'violated', { name: 'b', severity: 'high' });
  desk.put(0, 'violated', { name: 'c', severity: 'high' }).put(1, 'normal', { name: 'c' });
  expect(byUrgency(desk.state.alarms).map(({ name }) => name)).toEqual(['b', 'a', 'c']);
});

test('a storm is bounded, and what is let go is counted', () => {
  const desk = new Desk();
  for (let index = 0; index < MAX_ALARMS + 5; index += 1) desk.put(0, 'violated', { name: `n${String(index)}` });
  expect([desk.state.alarms.length, desk.state.forgotten]).toEqual([MAX_ALARMS, 5]);
});

describe('whatever happens', () => {
  type Deed =
    | {
        readonly kind: 'condition';
        readonly status: AlarmCondition['status'];
        readonly choice: Partial<AlarmCondition>;
      }
    | { readonly kind: AlarmOrder['kind'] | 'tick' };
  const condition = (status: AlarmCondition['status']): Deed[] =>
    (['warning', 'critical'] as const).flatMap((cause) =>
      [true, false].map((isLatching) => ({
        kind: 'condition',
        status,
        choice: { cause, isLatching, severity: cause === 'warning' ? 'medium' : 'high' },
      })),
    );
  const deeds: readonly Deed[] = [
    ...condition('violated'),
    ...condition('pending'),
    ...condition('normal'),
    { kind: 'acknowledge' },
    { kind: 'shelve' },
    { kind: 'unshelve' },
    { kind: 'clear' },
    { kind: 'tick' },
  ];
  const follows: Readonly<Record<Alarm['state'], readonly Alarm['state'][]>> = {
    pending: ['triggered', 'cleared'],
    triggered: ['acknowledged', 'returned'],
    acknowledged: ['triggered', 'returned'],
    returned: ['triggered', 'cleared'],
    cleared: [],
  };
  const step = (state: AlarmsState, deed: Deed, second: number): AlarmsStep => {
    const desk = new Desk();
    desk.state = state;
    switch (deed.kind) {
      case 'condition':
        desk.put(second, deed.status, deed.choice);
        break;
      case 'tick':
        desk.tick(second);
        break;
      case 'acknowledge':
      case 'shelve':
      case 'unshelve':
      case 'clear':
        desk.order(second, deed.kind, 'because');
        break;
    }
    return { state: desk.state, steps: desk.steps, ledger: desk.kept.map((record) => ({ kind: 'alarm', record })) };
  };

  /** What decides the future; times and values do not. */
  const essence = ({ alarms }: AlarmsState): string =>
    JSON.stringify(
      alarms.map(({ state, causes, isLatching, acknowledged, shelved }) => [
        state,
        Object.keys(causes).sort(),
        isLatching,
        acknowledged !== null,
        shelved !== null,
      ]),
    );

  test('every state is one of the five and follows from the one before (all deeds, until nothing new is reached)', () => {
    const seen = new Set<string>();
    const reached = new Set<string>();
    let frontier: readonly AlarmsState[] = [initialAlarms];
    let depth = 0;
    for (; frontier.length > 0; depth += 1) {
      const next: AlarmsState[] = [];
      for (const state of frontier) {
        for (const deed of deeds) {
          const after = step(state, deed, depth * 10);
          let before = state.alarms[0]?.state;
          for (const entry of after.ledger) {
            if (entry.kind !== 'alarm') continue;
            const now = entry.record.state;
            reached.add(now);
            expect(alarmStates).toContain(now);
            if (before !== undefined && now !== before) expect(follows[before]).toContain(now);
            before = now;
          }
          const key = essence(after.state);
          if (!seen.has(key)) {
            seen.add(key);
            next.push(after.state);
          }
        }
      }
      frontier = next;
    }
    expect([...reached].sort()).toEqual([...alarmStates].sort());
    // Nothing new is reached any more: what holds here holds for sequences of any length.
    expect({ depth, states: seen.size }).toEqual({ depth: 5, states: expect.any(Number) as number });
    expect(seen.size).toBeGreaterThan(30);
  });

  test('an alarm with a cause is never returned or cleared, and what is kept can be read again', () => {
    const sequence = fc.array(fc.tuple(fc.constantFrom(...deeds), fc.integer({ min: 0, max: 100 })), { maxLength: 40 });
    fc.assert(
      fc.property(sequence, (items) => {
        let state = initialAlarms;
        let second = 0;
        for (const [deed, later] of items) {
          second += later;
          const after = step(state, deed, second);
          state = after.state;
          for (const alarm of state.alarms) {
            const isActive = alarm.state === 'triggered' || alarm.state === 'acknowledged';
            expect(Object.keys(alarm.causes).length > 0).toBe(isActive);
            expect((alarm.acknowledged !== null && alarm.state === 'triggered') || alarm.state === 'cleared').toBe(
              false,
            );
            expect(alarmSchema.parse(JSON.parse(JSON.stringify(alarm)))).toEqual(alarm);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('severities are those of ST[05]', () => {
    expect(severities).toEqual(['informative', 'low', 'medium', 'high']);
  });
});

describe('an alarm with several anomalies', () => {
  const first = { explanationId: 'A/1', cause: 'A/1', title: 'motor current too low' };
  const second = { explanationId: 'A/2', cause: 'A/2', title: 'bearing temperature too high' };

  test('shows the occurrence that is now, with its own worst value and its newest account', () => {
    const desk = new Desk().put(0, 'violated', { ...first, value: 35 }).put(5, 'normal', { ...first, value: 35 });
    desk.put(100, 'violated', { ...second, value: 6 }).put(110, 'violated', { ...second, value: 9 });
    expect(desk.alarm).toMatchObject({
      title: second.title,
      explanationId: 'A/2',
      count: 2,
      occurrence: { number: 2, since: '2026-03-01T00:01:40Z', worst: { value: 9 } },
      worst: { value: 35 },
    });
    desk.put(120, 'normal', { ...second, title: 'bearing temperature was too high', value: 9 });
    expect(desk.alarm).toMatchObject({
      state: 'returned',
      title: 'bearing temperature was too high',
      occurrence: { number: 2, worst: { value: 9 } },
    });
  });

  test('a graver limit of the same parameter is the same occurrence', () => {
    const desk = new Desk().put(0, 'violated').put(5, 'violated', { cause: 'critical', severity: 'high', value: 90 });
    expect(desk.alarm).toMatchObject({
      count: 2,
      occurrence: { number: 1, since: '2026-03-01T00:00:00Z', worst: { value: 90 } },
    });
  });

  test('one that an older version kept goes on with the next occurrence', () => {
    const desk = new Desk().put(0, 'violated', first).put(5, 'normal', first);
    const [alarm] = desk.state.alarms;
    if (alarm === undefined) throw new Error('the alarm is gone');
    const { occurrence: _none, ...older } = alarm;
    desk.state = { ...desk.state, alarms: [older] };
    expect(desk.put(50, 'violated', second).alarm).toMatchObject({ occurrence: { number: 2 } });
  });
});
