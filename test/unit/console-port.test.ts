/** The port between the daemon and its console: what is said, what is left out when nobody listens, and that nothing is lost by it. */
import fc from 'fast-check';
import type { Pulse } from '../../src/console/api/overview';
import { summaryOf } from '../../src/console/server/account';
import { LiveState, type LiveChange } from '../../src/console/port/live-state';
import type { ToConsole } from '../../src/console/port/messages';
import { MAX_UNDER_WAY, Outbound } from '../../src/console/daemon-side/outbound';
import { openAnomaly } from '../support/open-anomaly';
import { ruleOf } from '../support/recovery-world';
import { Inbound } from '../../src/console/server/inbound';
import type { ConsoleEvent } from '../../src/console/api/events';
import { equipmentView } from '../../src/console/server/views';
import type { Alarm } from '../../src/domain/alarm';
import type { Recovery } from '../../src/domain/recovery';
import { T0, tinyMission } from '../support/tiny-mission';

const pulse = (): Pulse => ({ now: 'now' }) as Pulse;
const anomaly = (index: number, state: 'open' | 'closed' = 'open'): LiveChange => ({
  kind: 'anomaly',
  record: summaryOf(openAnomaly({ start: T0 + index * 1000, state })),
});
const equipment = (name: string, faults: number): LiveChange => ({
  kind: 'equipment',
  record: { equipment: name, health: 'faulty', faults, updatedAt: T0, by: 'ann', note: '' },
});

const opened = (initial: readonly LiveChange[] = []) => {
  const outbound = new Outbound(initial);
  const said: ToConsole[] = [];
  outbound.open((message) => said.push(message));
  return { outbound, said };
};

test('telemetry waits in the history while the console has not taken the last of it: the daemon makes none meanwhile', () => {
  const { outbound, said } = opened();
  let made = 0;
  const news = () => {
    made += 1;
    return { measured: [], judged: [] };
  };
  for (let tick = 0; tick < 5; tick += 1) outbound.telemetry(news);
  expect([made, said.filter(({ kind }) => kind === 'telemetry').length]).toEqual([1, 1]);
  outbound.telemetryTaken();
  outbound.telemetry(news);
  expect([made, said.filter(({ kind }) => kind === 'telemetry').length]).toEqual([2, 2]);
});

test('a console that comes is told what stands, then every change', () => {
  const { outbound, said } = opened([equipment('rw0', 1)]);
  outbound.publish([anomaly(1)]);
  outbound.publish([]);
  expect(said).toEqual([
    {
      kind: 'snapshot',
      sequence: 1,
      coalesced: 0,
      changes: [{ kind: 'rules', sha256: '', rules: [] }, equipment('rw0', 1)],
    },
    { kind: 'changes', sequence: 2, changes: [anomaly(1)] },
  ]);
});

test('a console that takes nothing is told no more than the bound, and everything at once when it goes on', () => {
  const { outbound, said } = opened();
  for (let index = 0; index < 1000; index += 1) outbound.publish([equipment('rw0', index)]);
  expect([said.length, outbound.coalesced]).toEqual([MAX_UNDER_WAY, 1]);
  outbound.acknowledge(MAX_UNDER_WAY - 1);
  expect(said.length).toBe(MAX_UNDER_WAY);
  outbound.acknowledge(MAX_UNDER_WAY);
  expect(said.at(-1)).toMatchObject({ kind: 'snapshot', coalesced: 1, changes: [{}, equipment('rw0', 999)] });
  outbound.publish([anomaly(1)]);
  expect(said.at(-1)).toMatchObject({ kind: 'changes' });
});

test('one pulse is under way at a time; the next is made when it was taken', () => {
  const { outbound, said } = opened();
  for (let index = 0; index < 10; index += 1) outbound.pulse(pulse);
  expect(said.filter(({ kind }) => kind === 'pulse')).toHaveLength(1);
  outbound.pulseTaken();
  outbound.pulse(pulse);
  expect(said.filter(({ kind }) => kind === 'pulse')).toHaveLength(2);
});

test('an anomaly is as severe as its alarm says, and stays so when the alarm is about another', () => {
  const live = new LiveState();
  const record = summaryOf(openAnomaly());
  expect(record).toMatchObject({ severity: 'medium', model: 'rw-cae', verdict: null });
  live.take({ kind: 'anomaly', record });
  const alarm = { name: 'anomaly/rw2', explanationId: record.id, severity: 'high', state: 'triggered', causes: {} };
  live.take({ kind: 'alarm', record: alarm as unknown as Alarm });
  live.take({ kind: 'alarm', record: { ...alarm, explanationId: 'another', severity: 'low' } as unknown as Alarm });
  live.take({ kind: 'anomaly', record: { ...record, revision: 2 } });
  expect(live.anomalies.get(record.id)).toMatchObject({ revision: 2, severity: 'high' });
});

test('a page is told of an anomaly again when its alarm makes it more severe', () => {
  const sent: ConsoleEvent[] = [];
  const live = new LiveState();
  const inbound = new Inbound({
    mission: tinyMission(),
    live,
    pulse,
    send: (event) => sent.push(event),
    now: () => T0,
  });
  const record = summaryOf(openAnomaly({ equipment: 'rw1' }));
  const alarm = {
    name: 'anomaly/rw1',
    explanationId: record.id,
    severity: 'high',
    state: 'triggered',
    causes: {},
    shelved: null,
  };
  inbound.changes([
    { kind: 'anomaly', record },
    { kind: 'alarm', record: alarm as unknown as Alarm },
  ]);
  inbound.changes([{ kind: 'alarm', record: alarm as unknown as Alarm }]);
  const severities = sent.flatMap((event) => (event.name === 'anomaly' ? [event.data.severity] : []));
  expect(severities).toEqual(['medium', 'high']);
});

test('without a console nothing is said, and the next one knows all of it', () => {
  const { outbound, said } = opened();
  outbound.close();
  outbound.publish([anomaly(1), anomaly(2)]);
  outbound.publish([anomaly(1, 'closed')]);
  outbound.pulse(pulse);
  expect(said).toHaveLength(1);
  outbound.open((message) => said.push(message));
  expect(said.at(-1)).toMatchObject({ kind: 'snapshot', changes: [{ kind: 'rules' }, anomaly(2)] });
});

test('however the console lags, in the end both sides hold the same', () => {
  const seed = 20_261_125;
  const rules: LiveChange = { kind: 'rules', sha256: 'x', rules: [ruleOf()] };
  const change: fc.Arbitrary<LiveChange> = fc.oneof(
    fc.tuple(fc.nat(5), fc.constantFrom('open' as const, 'closed' as const)).map(([at, state]) => anomaly(at, state)),
    fc.tuple(fc.constantFrom('rw0', 'rw1'), fc.nat(9)).map(([name, faults]) => equipment(name, faults)),
    fc.constant(rules),
  );
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => ({ changes })) },
    { weight: 1, arbitrary: fc.nat(80).map((taken) => ({ taken })) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const outbound = new Outbound([]);
      const daemon = new LiveState();
      const consoleSide = new LiveState();
      const queue: ToConsole[] = [];
      outbound.open((message) => queue.push(message));
      const take = (): void => {
        const message = queue.shift();
        if (message?.kind === 'snapshot') consoleSide.reset(message.changes);
        else if (message?.kind === 'changes') for (const item of message.changes) consoleSide.take(item);
        if (message !== undefined && 'sequence' in message) outbound.acknowledge(message.sequence);
      };
      for (const item of steps) {
        if ('taken' in item) for (let count = 0; count < item.taken; count += 1) take();
        else {
          outbound.publish(item.changes);
          for (const one of item.changes) daemon.take(one);
        }
        expect(queue.length).toBeLessThanOrEqual(MAX_UNDER_WAY + 1);
      }
      while (queue.length > 0) take();
      const standing = (state: LiveState): unknown => [
        [...state.anomalies].sort(),
        [...state.equipments].sort(),
        state.rulesSha256,
      ];
      expect(standing(consoleSide)).toEqual(standing(daemon));
    }),
    { seed, numRuns: 200 },
  );
});

test('the health of an equipment names its recovery and how it ended, also for a console that comes later', () => {
  const { outbound, said } = opened();
  const recovery = (id: string, rule: string): LiveChange => ({
    kind: 'recovery',
    record: { id, rule, equipment: 'rw1', state: 'verified', isOver: true, since: T0 } as Recovery,
  });
  const health: LiveChange = {
    kind: 'equipment',
    record: { equipment: 'rw1', health: 'healthy', faults: 1, updatedAt: T0, by: 'rule', note: 'a' },
  };
  outbound.publish([recovery('a', ruleOf().id), recovery('b', 'other'), health]);
  outbound.close();
  outbound.open((message) => said.push(message));
  const newest = said.at(-1);
  const live = new LiveState();
  live.reset(newest?.kind === 'snapshot' ? newest.changes : []);
  live.take({ kind: 'rules', sha256: 'x', rules: [ruleOf()] });
  expect([...live.ended.keys()]).toEqual(['a']);
  expect(equipmentView(tinyMission(), live, 'rw1').recovery).toEqual({
    id: 'a',
    ruleTitle: ruleOf().title,
    state: 'verified',
    isOver: true,
    since: '2026-03-01T00:00:00Z',
  });
});

test('recoveries that nothing names are forgotten', () => {
  const live = new LiveState();
  for (let index = 0; index < 1000; index += 1)
    live.take({ kind: 'recovery', record: { id: String(index), equipment: 'rw1', isOver: true } as Recovery });
  expect(live.ended.size).toBe(100);
});
