import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { planAssembly } from '../../src/core/telemetry/assembly-plan';
import type { RecoveryRequest } from '../../src/domain/events';
import type { Outcome } from '../../src/pipeline/judge';
import { judge } from '../../src/pipeline/judge';
import { Vitals } from '../../src/pipeline/vitals';
import { withAnomalies } from '../../src/pipeline/with-anomalies';
import { withChecks } from '../../src/pipeline/with-checks';
import { withDelivery } from '../../src/pipeline/with-delivery';
import { withFrames } from '../../src/pipeline/with-frames';
import { withRecord } from '../../src/pipeline/with-record';
import type { JudgedWindow } from '../../src/pipeline/with-scores';
import { withTally } from '../../src/pipeline/with-tally';
import { withWindows } from '../../src/pipeline/with-windows';
import { arrival, fakeWorld, tinyFrame } from '../support/fake-world';
import { openAnomaly } from '../support/open-anomaly';
import { T0, tinyMission } from '../support/tiny-mission';

const mission = tinyMission();
const inVirtualTime = (
  body: (helpers: Parameters<Parameters<TestScheduler['run']>[0]>[0], scheduler: TestScheduler) => void,
): void => {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });
  scheduler.run((helpers) => {
    body(helpers, scheduler);
  });
};

const request = (disposition: RecoveryRequest['disposition']): RecoveryRequest => ({
  schemaVersion: 1,
  id: `r-${disposition}`,
  rule: 'off',
  level: 1,
  spacecraft: 'TINY-1',
  time: '2026-03-01T00:00:00Z',
  command: 'OFF',
  arguments: {},
  expiry: '2026-03-01T00:01:00Z',
  explanationId: 'x',
  explanationRevision: 1,
  disposition,
  trace: [],
  because: 'test',
});

const outcome = (events: Outcome['events']): Outcome => ({
  frames: 1,
  windows: 0,
  unscored: 0,
  drops: [],
  absences: [],
  events,
  packetTime: T0,
  ledger: [],
  alarms: [],
  answers: [],
  acknowledge: () => undefined,
});

test('withFrames: frames come out when they are complete, the rest at the end of the pass', () => {
  inVirtualTime(({ cold, expectObservable }) => {
    const arrivals$ = cold('a-b-(c|)', {
      a: arrival([tinyFrame(0)]),
      b: arrival([{ time: T0 + 1000, values: { rw0_speed: 1 } }]),
      c: arrival([], { isLast: true }),
    });
    const seconds$ = arrivals$.pipe(
      withFrames(planAssembly(mission)),
      map(({ assembled }) => assembled.map((item) => (item.kind === 'frame' ? (item.frame.time - T0) / 1000 : 'gap'))),
    );
    expectObservable(seconds$).toBe('a-b-(c|)', { a: [0], b: [], c: [1] });
  });
});

test('withFrames: a second subscription begins anew', () => {
  const frames = withFrames(planAssembly(mission));
  inVirtualTime(({ cold, expectObservable }) => {
    const counts$ = cold('a|', { a: arrival([tinyFrame(0)]) }).pipe(
      frames,
      map((event) => event.frames),
    );
    expectObservable(counts$).toBe('a|', { a: 1 });
    expectObservable(counts$).toBe('a|', { a: 1 });
  });
});

test('withChecks: a transition comes with the frame that causes it', () => {
  inVirtualTime(({ cold, expectObservable }) => {
    const arrivals$ = cold('a-b-c', {
      a: arrival([tinyFrame(0)]),
      b: arrival([tinyFrame(1, { rw0_speed: 60 })]),
      c: arrival([tinyFrame(2, { rw0_speed: 61 })]),
    });
    const checks$ = arrivals$.pipe(
      withFrames(planAssembly(mission)),
      withChecks(mission),
      map(({ checks }) => checks.map(({ limit, to }) => `${limit} ${to}`)),
    );
    expectObservable(checks$).toBe('a-b-c', { a: [], b: ['warning aboveHighLimit'], c: [] });
  });
});

test('withWindows: a window is due with its last frame; one that holds too little is counted and not due', () => {
  inVirtualTime(({ cold, expectObservable }) => {
    const frames = [0, 1, 2, 3, 4].map((second) => tinyFrame(second));
    const blind = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map((second) => ({
      time: T0 + second * 1000,
      values: { rw0_current: tinyFrame(second).values['rw0_current'] ?? NaN },
    }));
    const windows$ = cold('a-b', { a: arrival(frames), b: arrival(blind, { isLast: true }) }).pipe(
      withFrames(planAssembly(mission)),
      withWindows(mission),
      map(({ due, windows, unscored }) => [due.map(({ kind }) => kind), windows, unscored]),
    );
    expectObservable(windows$).toBe('a-b', { a: [['window'], 1, 0], b: [['window', 'window', 'window'], 5, 2] });
  });
});

test('withAnomalies: lost telemetry and the end of a pass reach what is open', () => {
  const closed: string[] = [];
  const logic = {
    track: () => ({ state: { open: [], recent: [] }, revisions: [] }),
    ...Object.fromEntries(
      ['lose', 'close'].map((what) => [
        what,
        (state: unknown) => {
          closed.push(what);
          return { state, revisions: [] };
        },
      ]),
    ),
  };
  inVirtualTime(({ cold, expectObservable, flush }) => {
    const lost: JudgedWindow = { kind: 'lost', time: T0 };
    const events$ = cold('a-(b|)', {
      a: { judged: [lost], unscored: 0, isLast: false, base: 0 },
      b: { judged: [], unscored: 0, isLast: true, base: 0 },
    });
    expectObservable(
      events$.pipe(
        withAnomalies(logic as never),
        map(({ tracked }) => tracked.map(({ time }) => time)),
      ),
    ).toBe('a-(b|)', { a: [T0], b: [T0] });
    flush();
    expect(closed).toEqual(['lose', 'close']);
  });
});

test('withAnomalies: a loss of telemetry confirms nothing that is open', () => {
  const open = [{ id: 'a', misses: 0, verdict: {} }];
  const logic = { lose: (state: object, lostAt: number) => ({ state: { ...state, lostAt }, revisions: [] }) };
  inVirtualTime(({ cold, expectObservable }) => {
    const judged: JudgedWindow[] = [{ kind: 'lost', time: T0 }];
    const before = { tracker: { open, recent: [] }, time: T0 };
    expectObservable(
      cold('a', { a: { judged, unscored: 0, isLast: false, base: 0 } }).pipe(
        withAnomalies(logic as never, before as never),
        map(({ tracked }) => tracked.map(({ confirmed }) => confirmed)),
      ),
    ).toBe('a', { a: [[]] });
  });
});

test('withRecord: a log that fails holds everything back, in order, until it takes it', () => {
  const world = fakeWorld();
  world.failCommits(2);
  inVirtualTime(({ cold, expectObservable, flush }, scheduler) => {
    const first = outcome([{ type: 'action', ...request('request') }]);
    const second = outcome([]);
    const recorded$ = cold('ab|', { a: first, b: second }).pipe(
      withRecord(world.log, world.diagnostics, { onFailure: 'hold', scheduler }),
      map(({ events }) => events.length),
    );
    // One second, then two.
    expectObservable(recorded$).toBe('3s (ab|)', { a: 1, b: 0 });
    flush();
    expect(world.happened).toEqual(['failed log', 'failed log', 'commit action r-request']);
  });
});

test('withRecord: a request is committed at once, and behind a backlog with those that follow', () => {
  const commits = (waiting: number): readonly string[] => {
    const world = fakeWorld();
    inVirtualTime(({ cold, flush }, scheduler) => {
      const asked = outcome([{ type: 'action', ...request('request') }]);
      const options = { onFailure: 'hold' as const, grouped: world.publisher, waiting: () => waiting, scheduler };
      cold('aaa|', { a: asked })
        .pipe(withRecord(world.log, world.diagnostics, options))
        .subscribe();
      flush();
    });
    return world.happened;
  };
  const one = 'action r-request';
  expect(commits(15)).toEqual([`commit ${one}`, `commit ${one}`, `commit ${one}`]);
  expect(commits(16)).toEqual([`commit ${one}, ${one}, ${one}`]);
});

test('withRecord: in a replay a log that fails ends the run', () => {
  const world = fakeWorld();
  world.failCommits(1);
  inVirtualTime(({ cold, expectObservable }) => {
    const outcomes$ = cold('a-b', { a: outcome([{ type: 'action', ...request('passive') }]), b: outcome([]) });
    expectObservable(outcomes$.pipe(withRecord(world.log, world.diagnostics, { onFailure: 'fail' }))).toBe(
      '#',
      undefined,
      new Error('disk full'),
    );
  });
});

test('the write comes before the act, and only requests that are meant to leave go through the gateway', () => {
  const world = fakeWorld();
  inVirtualTime(({ cold, flush }) => {
    const events: Outcome['events'] = [
      { type: 'anomaly', ...openAnomaly({ id: 'x' }) },
      { type: 'action', ...request('request') },
      { type: 'action', ...request('passive') },
    ];
    cold('a|', { a: outcome(events) })
      .pipe(
        withRecord(world.log, world.diagnostics, { onFailure: 'hold', grouped: world.publisher }),
        withDelivery(world.publisher, world.gateway, world.desk),
      )
      .subscribe();
    flush();
    expect(world.happened).toEqual([
      'commit anomaly x, action r-request, action r-passive',
      'send r-request',
      'publish anomaly x',
      'advise action r-passive',
    ]);
  });
});

test('withTally: counts add up over outcomes, an anomaly counting once', () => {
  inVirtualTime(({ cold, expectObservable }) => {
    const outcomes$ = cold('ab', {
      a: outcome([{ type: 'anomaly', ...openAnomaly() }]),
      b: {
        ...outcome([
          { type: 'anomaly', ...openAnomaly({ revision: 2 }) },
          { type: 'action', ...request('passive') },
        ]),
        drops: [{ reason: 'late' as const, message: '' }],
      },
    });
    const counted = {
      frames: 1,
      windows: 0,
      unscored: 0,
      anomalies: 1,
      actions: 0,
      checks: 0,
      muted: 0,
      clockSteps: 0,
      dropped: {},
    };
    expectObservable(
      outcomes$.pipe(
        withTally(),
        map(({ tally }) => tally),
      ),
    ).toBe('ab', {
      a: counted,
      b: { ...counted, frames: 2, actions: 1, dropped: { late: 1 } },
    });
  });
});

test('judge: with no model and no rules the plain limits run and drops are told', () => {
  const world = fakeWorld();
  inVirtualTime(({ cold, expectObservable, flush }) => {
    const arrivals$ = cold('a-b', {
      a: arrival([tinyFrame(0)], { drops: [{ reason: 'malformed', message: 'garbage' }] }),
      b: arrival([tinyFrame(1, { rw0_speed: 90 }), tinyFrame(1)]),
    });
    const seen$ = arrivals$.pipe(
      judge({ mission, diagnostics: world.diagnostics }),
      map(({ frames, windows, events, packetTime }) => ({ frames, windows, events: events.length, packetTime })),
    );
    expectObservable(seen$).toBe('a-b', {
      a: { frames: 1, windows: 0, events: 0, packetTime: T0 },
      // The second value of the slot is in no frame, and is checked: back to normal.
      b: { frames: 1, windows: 0, events: 4, packetTime: T0 + 1000 },
    });
    flush();
    expect(world.happened).toEqual(['drop malformed', 'drop same-instant']);
  });
});

test('vitals: degraded while a part fails, passive while the log does, and back when all work', () => {
  inVirtualTime(({ cold, expectObservable }) => {
    const vitals = new Vitals('active');
    cold('-abcd', {
      a: ['inference', false],
      b: ['log', false],
      c: ['inference', true],
      d: ['log', true],
    } as const).subscribe(([part, ok]) => {
      vitals.report(part, ok);
    });
    expectObservable(vitals.state$).toBe('odp-o', { o: 'online', d: 'degraded', p: 'passive' });
  });
});

test('vitals: a daemon that lets nothing out says passive', () => {
  inVirtualTime(({ expectObservable }) => {
    expectObservable(new Vitals('passive').state$, '^!').toBe('p', { p: 'passive' });
    expectObservable(new Vitals('disabled').state$, '^!').toBe('p', { p: 'passive' });
  });
});
