import * as fc from 'fast-check';
import {
  effectiveState,
  initialSupervisor,
  modeOf,
  restoreSupervisor,
  type SupervisorEnv,
  type SupervisorState,
} from '../../src/core/recovery/supervisor-change';
import { operate, type RecoveryOrder } from '../../src/core/recovery/operate';
import { supervise, type SupervisorStep } from '../../src/core/recovery/supervisor';
import type { ActionEvent } from '../../src/domain/events';
import { nothingKept, type StoredState, type LedgerEntry } from '../../src/domain/ledger';
import { finalStates, recoverySchema, type Recovery, type RecoveryState } from '../../src/domain/recovery';
import { actionStates, type ActionState, type EventAction, type RuleState } from '../../src/domain/rules';
import { truths, type Truth } from '../../src/domain/truth';
import { envOf, matchOf, ruleOf, situationAt, TruthBoard } from '../support/recovery-world';
import { T0 } from '../support/tiny-mission';

const conditions = ['ready', 'done', 'helped'] as const;
const equipments = ['rw0', 'rw1'] as const;

const ruleText = fc.record({
  authority: fc.constantFrom('observe', 'advise', 'confirm', 'confirm', ...Array<string>(6).fill('automatic')),
  state: fc.constantFrom('passive', 'disabled', 'off', ...Array<string>(9).fill('active')),
  priority: fc.integer({ min: 0, max: 2 }),
  oneShot: fc.boolean(),
  rearm: fc.constantFrom('cooldown', 'manual'),
  cooldown: fc.constantFrom('0s', '30s', '5m'),
  attempts: fc.constantFrom(undefined, { budget: 2, window: '10m' }),
  confidenceFloor: fc.constantFrom(undefined, 0.9),
  steps: fc.array(
    fc.record(
      {
        command: fc.constantFrom('LIMIT', 'OFF'),
        expiry: fc.constantFrom('20s', '1m'),
        precondition: fc.constant('ready'),
        alreadyDone: fc.constant('done'),
        verify: fc.constant('helped within 30s'),
      },
      { requiredKeys: ['command', 'expiry'] },
    ),
    { minLength: 1, maxLength: 3 },
  ),
});

const ruleSet = fc.array(ruleText, { minLength: 1, maxLength: 3 }).map((texts): EventAction[] =>
  texts.map((text, index) => {
    const { attempts, confidenceFloor, ...rest } = text;
    return ruleOf({
      ...rest,
      id: `rule-${String(index)}`,
      ...(attempts && { attempts }),
      ...(confidenceFloor !== undefined && { confidenceFloor }),
    });
  }),
);

type Deed =
  | {
      readonly kind: 'matches';
      readonly rules: readonly number[];
      readonly equipment: string;
      readonly subject: number;
      readonly confidence: number;
    }
  | { readonly kind: 'truth'; readonly of: (typeof conditions)[number]; readonly truth: Truth }
  | { readonly kind: 'ack'; readonly pick: number; readonly stage: 'accepted' | 'completed' | 'failed' }
  | { readonly kind: 'decide'; readonly pick: number; readonly name: 'action-approve' | 'action-reject' }
  | { readonly kind: 'mode'; readonly state: ActionState }
  | { readonly kind: 'rule'; readonly rule: number; readonly state: RuleState }
  | { readonly kind: 'rearm'; readonly rule: number }
  | { readonly kind: 'health'; readonly equipment: string; readonly health: 'healthy' | 'externalControl' }
  | { readonly kind: 'link'; readonly isUp: boolean }
  | { readonly kind: 'closed'; readonly subject: number }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'restart' };

const index = fc.integer({ min: 0, max: 2 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('matches' as const),
      rules: fc.uniqueArray(index, { minLength: 1, maxLength: 3 }),
      equipment: fc.constantFrom(...equipments),
      subject: fc.integer({ min: 0, max: 5 }),
      confidence: fc.constantFrom(0.5, 0.95),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('truth' as const),
      of: fc.constantFrom(...conditions),
      truth: fc.constantFrom(...truths, 'true' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('ack' as const),
      pick: index,
      stage: fc.constantFrom('accepted' as const, 'completed' as const, 'failed' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('decide' as const),
      pick: index,
      name: fc.constantFrom('action-approve' as const, 'action-approve' as const, 'action-reject' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('mode' as const),
      state: fc.constantFrom(...actionStates, 'active' as const, 'active' as const, 'active' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rule' as const),
      rule: index,
      state: fc.constantFrom<RuleState>('active', 'active', 'passive', 'disabled', 'off'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rearm' as const), rule: index }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('health' as const),
      equipment: fc.constantFrom(...equipments),
      health: fc.constantFrom('healthy' as const, 'externalControl' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('link' as const), isUp: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('closed' as const), subject: fc.integer({ min: 0, max: 5 }) }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'nothing' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);
const deeds = fc.array(fc.tuple(deed, fc.integer({ min: 0, max: 25 })), { minLength: 6, maxLength: 60 });

/** What the log would hold: the newest of what replaces, as JSON. */
class FakeLog {
  private readonly recoveries = new Map<string, Recovery>();
  private kept: StoredState = nothingKept;

  write(entries: readonly LedgerEntry[]): void {
    for (const entry of JSON.parse(JSON.stringify(entries)) as LedgerEntry[]) this.writeOne(entry);
  }

  read(): StoredState {
    const all = [...this.recoveries.values()];
    return {
      ...this.kept,
      recoveries: all.filter(({ isOver }) => !isOver),
      known: all.filter(({ isOver }) => isOver).map(({ id }) => id),
    };
  }

  private writeOne(entry: LedgerEntry): void {
    const { rules, overrides, equipments: healths, memory } = this.kept;
    if (entry.kind === 'recovery') this.recoveries.set(entry.record.id, recoverySchema.parse(entry.record));
    if (entry.kind === 'rule') {
      const { rule, equipment } = entry.record;
      const others = rules.filter((item) => item.rule !== rule || item.equipment !== equipment);
      this.kept = { ...this.kept, rules: [...others, entry.record] };
    }
    if (entry.kind === 'override')
      this.kept = {
        ...this.kept,
        overrides: [...overrides.filter(({ rule }) => rule !== entry.record.rule), entry.record],
      };
    if (entry.kind === 'equipment')
      this.kept = {
        ...this.kept,
        equipments: [...healths.filter(({ equipment }) => equipment !== entry.record.equipment), entry.record],
      };
    if (entry.kind === 'memory') this.kept = { ...this.kept, memory: { ...memory, [entry.name]: entry.value } };
  }
}

interface Sent {
  readonly action: ActionEvent;
  readonly time: number;
  /** Of rule and function when it was sent. */
  readonly state: RuleState;
  readonly mode: ActionState;
  /** Whether the ledger of the same step holds the step `sent` of this request. */
  readonly isLogged: boolean;
  readonly isLinkUp: boolean;
  readonly health: string;
}

interface History {
  readonly sent: readonly Sent[];
  readonly actions: readonly ActionEvent[];
  readonly states: readonly SupervisorState[];
  /** Consecutive states of each request. */
  readonly moves: readonly (readonly [RecoveryState | null, RecoveryState])[];
  /** The state at the end, and what a restart would make of the log then. */
  readonly end: SupervisorState;
  readonly restored: SupervisorState;
}

const run = (rules: readonly EventAction[], items: readonly (readonly [Deed, number])[]): History => {
  const board = new TruthBoard();
  const env: SupervisorEnv = envOf(rules, board, {
    commands: [{ name: 'OFF', title: 'Off', acknowledgement: 'none' }],
  });
  const log = new FakeLog();
  let state = initialSupervisor;
  let second = 0;
  const sent: Sent[] = [];
  const actions: ActionEvent[] = [];
  const states: SupervisorState[] = [];
  const moves: [RecoveryState | null, RecoveryState][] = [];

  const take = (step: SupervisorStep): void => {
    log.write(step.ledger);
    state = step.state;
    states.push(state);
    actions.push(...step.actions);
    const logged = step.ledger.flatMap((entry) => (entry.kind === 'recovery-step' ? [entry.record] : []));
    moves.push(...logged.map(({ from, to }): [RecoveryState | null, RecoveryState] => [from, to]));
    for (const action of step.actions.filter(({ disposition }) => disposition === 'request')) {
      const rule = rules.find(({ id }) => id === action.rule) as EventAction;
      const recovery = action.recovery ?? '';
      const equipment = equipments.find((name) => recovery.includes(name)) ?? '';
      sent.push({
        action,
        time: state.time,
        state: effectiveState(env, state, rule),
        mode: modeOf(env, state),
        isLogged: logged.some(({ request, to }) => request === action.id && to === 'sent'),
        isLinkUp: state.isLinkUp,
        health: state.equipments.find((item) => item.equipment === equipment)?.health ?? 'healthy',
      });
    }
  };
  const put = (input: Parameters<typeof supervise>[2]): void => {
    take(supervise(env, state, input));
  };
  const order = (asked: RecoveryOrder): void => {
    take(operate(env, state, asked, situationAt(second)));
  };
  const requestOf = (pick: number): string => {
    const recovery = state.recoveries[pick];
    return recovery?.steps[recovery.step]?.request.id ?? 'nobody';
  };
  const person = { by: 'ann', comment: '' };
  const ruleIdOf = (at: number): string => `rule-${String(at)}`;
  const subjectOf = (subject: number, equipment: string): string => `TINY-1/${String(subject)}/${equipment}`;

  const act = (item: Deed): void => {
    switch (item.kind) {
      case 'matches': {
        const { equipment, subject, confidence } = item;
        const about = { equipment, subject: subjectOf(subject, equipment), confidence };
        const matches = item.rules.flatMap((at) => rules[at] ?? []).map((rule) => matchOf(rule, second, about));
        put({ kind: 'situation', situation: situationAt(second), matches });
        return;
      }
      case 'truth':
        board.truths = { ...board.truths, [item.of]: item.truth };
        return;
      case 'ack':
        put({
          kind: 'acknowledge',
          id: requestOf(item.pick),
          stage: item.stage,
          reason: '',
          situation: situationAt(second),
        });
        return;
      case 'decide':
        order({ name: item.name, asked: { ...person, id: requestOf(item.pick) } });
        return;
      case 'mode':
        order({ name: 'action-state', asked: { ...person, state: item.state } });
        return;
      case 'rule':
        order({ name: 'action-state', asked: { ...person, rule: ruleIdOf(item.rule), state: item.state } });
        return;
      case 'rearm':
        order({ name: 'rule-rearm', asked: { ...person, rule: ruleIdOf(item.rule) } });
        return;
      case 'health':
        order({ name: 'equipment-health', asked: { ...person, equipment: item.equipment, health: item.health } });
        return;
      case 'link':
        put({ kind: 'link', isUp: item.isUp });
        return;
      case 'closed':
        for (const equipment of equipments)
          put({ kind: 'closed', explanationId: subjectOf(item.subject, equipment), time: T0 + second * 1000 });
        return;
      case 'nothing':
        put({ kind: 'situation', situation: situationAt(second), matches: [] });
        return;
      case 'restart':
        state = { ...restoreSupervisor(log.read()), time: state.time, isLinkUp: true };
        return;
    }
  };
  board.truths = { ready: 'true', done: 'false', helped: 'false' };
  for (const [item, later] of items) {
    second += later;
    act(item);
  }
  return { sent, actions, states, moves, end: state, restored: restoreSupervisor(log.read()) };
};

const always = (property: (history: History, rules: readonly EventAction[]) => void, numRuns = 1500): void => {
  fc.assert(
    fc.property(ruleSet, deeds, (rules, items) => {
      property(run(rules, items), rules);
    }),
    { numRuns },
  );
};

describe('whatever the rules, the telemetry, the spacecraft and the people, restarts in between', () => {
  test('no request is ever sent twice', () => {
    let count = 0;
    always(({ sent }) => {
      const ids = sent.map(({ action }) => action.id);
      count += ids.length;
      expect(new Set(ids).size).toBe(ids.length);
    });
    // The property would hold for a program that does nothing.
    expect(count).toBeGreaterThan(500);
  });

  test('nothing is sent in passive or disabled, of the function or of the rule, nor for equipment under external control', () => {
    always(({ sent }) => {
      for (const { state, mode, health } of sent) {
        expect({ state, mode }).toEqual({ state: 'active', mode: 'active' });
        expect(health).not.toBe('externalControl');
      }
    });
  });

  test('nothing is sent at or after its expiry, or while the link is down', () => {
    always(({ sent }) => {
      for (const { action, time, isLinkUp } of sent) {
        expect(time).toBeLessThan(Date.parse(action.expiry));
        expect(isLinkUp).toBe(true);
      }
    });
  });

  test('nothing is sent that is not in the log of the same step', () => {
    always(({ sent }) => {
      expect(sent.filter(({ isLogged }) => !isLogged)).toEqual([]);
    });
  });

  test('what is sent has the authority: automatic and above its floor, or approved by a person', () => {
    always(({ sent }, rules) => {
      for (const { action } of sent) {
        const { granted } = action.authority ?? {};
        expect(granted === 'automatic' || (granted === 'confirm' && action.approvedBy === 'ann')).toBe(true);
        expect(['automatic', 'confirm']).toContain(rules.find(({ id }) => id === action.rule)?.authority);
      }
    });
  });

  test('at most one recovery of an equipment is under way', () => {
    always(({ states }) => {
      for (const { recoveries } of states) {
        const busy = recoveries.map(({ equipment }) => equipment);
        expect(new Set(busy).size).toBe(busy.length);
      }
    });
  });

  test('every recovery moves as it may, and what is over is not in the state', () => {
    const follows: Readonly<Record<RecoveryState, readonly RecoveryState[]>> = {
      proposed: ['waiting', 'armed', 'recorded'],
      waiting: ['armed', 'rejected', 'expired'],
      armed: ['sent', 'verified', 'rejected', 'expired'],
      sent: ['accepted', 'completed', 'verified', 'failed', 'expired'],
      accepted: ['completed', 'verified', 'failed'],
      completed: ['verified', 'failed', 'notVerified'],
      verified: [],
      recorded: [],
      rejected: [],
      // The next step of the ladder begins anew.
      expired: ['proposed'],
      failed: ['proposed'],
      notVerified: ['proposed'],
    };
    always(({ moves, states }) => {
      for (const [from, to] of moves) expect(from === null ? ['proposed'] : follows[from]).toContain(to);
      for (const { recoveries } of states) {
        expect(recoveries.filter(({ isOver, state }) => isOver || finalStates.includes(state))).toEqual([]);
      }
    });
  });

  test('a restart goes on with what was under way', () => {
    always(({ end, restored }) => {
      const byId = (items: readonly Recovery[]): Recovery[] => [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(byId(restored.recoveries)).toEqual(byId(end.recoveries));
      expect([...restored.known].sort()).toEqual([...restored.known].filter((id) => end.known.includes(id)).sort());
    }, 500);
  });
});
