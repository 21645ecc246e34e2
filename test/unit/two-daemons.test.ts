/** Two daemons of one spacecraft agree on who acts, whatever happens to them: on a broker made of a map, on the clock of jest. */
import * as fc from 'fast-check';
import { Peers } from '../../src/compose/daemon/peers';
import { identityIn, isFirst, propertiesOfIdentity, type Claim, type Identity } from '../../src/core/peers';
import type { DaemonEvent } from '../../src/domain/daemon-event';
import { isFunctionState } from '../../src/domain/requests';
import type { ActionState } from '../../src/domain/rules';
import type { Arrival, Clock } from '../../src/pipeline/ports';
import { arrivalOf } from '../../src/pipeline/arrival';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const clock = { now: () => 0 } as Clock;
/** More would be two that answer each other for ever. */
const MAX_MESSAGES = 2000;

class Broker {
  retained: Claim | undefined;
  readonly clients = new Set<Daemon>();
  private readonly waiting: Claim[] = [];
  messages = 0;

  /** In order, to everybody, after whoever publishes has done so. */
  publish(claim: Claim): void {
    this.retained = claim;
    this.waiting.push(claim);
    if (this.waiting.length > 1) return;
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      this.messages += 1;
      if (this.messages > MAX_MESSAGES) throw new Error('they answer each other for ever');
      for (const client of this.clients) client.peers.hear(next, true);
      this.waiting.shift();
    }
  }
}

class Daemon {
  readonly events: DaemonEvent[] = [];
  readonly peers: Peers;
  constructor(
    private readonly broker: Broker,
    readonly instance: string,
    readonly since: number,
    public mode: ActionState = 'active',
  ) {
    this.peers = new Peers({
      clock,
      self: () => this.self,
      note: (event) => this.events.push(event),
      repeat: () => {
        this.tell();
      },
      onActing: () => undefined,
    });
    this.peers.arrivals$.subscribe((arrival) => {
      this.obey(arrival);
    });
  }
  get self(): Identity {
    return { instance: this.instance, mode: this.mode, since: this.since };
  }
  tell(): void {
    this.broker.publish({ ...this.self, state: this.mode === 'active' ? 'online' : 'passive' });
  }
  start(): void {
    const { retained } = this.broker;
    this.broker.clients.add(this);
    if (retained !== undefined) this.peers.hear(retained, false);
    this.tell();
  }
  /** Killed or stopped: the broker publishes the will. */
  end(isHeard = true): void {
    this.broker.clients.delete(this);
    this.peers.stop();
    if (isHeard) this.broker.publish({ ...this.self, state: 'offline' });
  }
  obey(arrival: Arrival): void {
    for (const control of this.peers.guarded(arrival).controls ?? []) {
      if (control.kind !== 'request' || control.asked.request.name !== 'action-state') continue;
      const { state } = control.asked.request.asked;
      if (!isFunctionState(state) || state === this.mode) continue;
      this.mode = state;
      this.tell();
    }
  }
}

const order = (state: ActionState): Arrival =>
  arrivalOf({
    receivedAt: 0,
    controls: [
      {
        kind: 'request',
        asked: {
          topic: '',
          correlation: {},
          request: { name: 'action-state', asked: { by: 'bob', comment: '', state } },
        },
      },
    ],
  });

const pair = () => {
  const broker = new Broker();
  const [first, second] = [new Daemon(broker, 'a', 1), new Daemon(broker, 'b', 2)];
  first.start();
  second.start();
  return { broker, first, second };
};
const modes = (...daemons: readonly Daemon[]): readonly ActionState[] => daemons.map(({ mode }) => mode);

test('the second daemon becomes passive and says so; what stands retained is the word of the one that acts', () => {
  const { broker, first, second } = pair();
  expect(modes(first, second)).toEqual(['active', 'passive']);
  expect(second.events).toEqual([{ kind: 'another-daemon', detail: { instance: 'a', mode: 'active', yields: true } }]);
  expect(first.events.map(({ kind }) => kind)).toEqual(['another-daemon']);
  expect(broker.retained).toMatchObject({ instance: 'a', state: 'online' });
});

test('an order to act is refused while the other one acts, and obeyed when it is gone; then that one is the second', () => {
  const { broker, first, second } = pair();
  second.obey(order('active'));
  expect(modes(first, second)).toEqual(['active', 'passive']);
  const [refused] = second.peers.guarded(order('active')).controls ?? [];
  expect(refused).toMatchObject({
    asked: { request: { name: 'unreadable', message: expect.stringContaining('(a)') as string } },
  });
  first.end();
  expect(broker.retained).toMatchObject({ instance: 'b', state: 'passive' });
  expect(second.mode).toBe('passive');
  second.obey(order('active'));
  expect(second.mode).toBe('active');
  const again = new Daemon(broker, 'a', 3);
  again.start();
  expect(modes(again, second)).toEqual(['passive', 'active']);
});

test('a daemon that was killed starts again as before, whatever the broker kept of it', () => {
  const broker = new Broker();
  new Daemon(broker, 'a', 1).start();
  broker.clients.clear();
  const again = new Daemon(broker, 'a', 2);
  again.start();
  jest.advanceTimersByTime(60_000);
  expect({ mode: again.mode, events: again.events }).toEqual({ mode: 'active', events: [] });
});

test('beside a passive second one, the first acts again after a restart', () => {
  const { broker, first, second } = pair();
  first.end();
  const again = new Daemon(broker, 'a', 3);
  again.start();
  expect(modes(again, second)).toEqual(['active', 'passive']);
});

test('for what the broker kept of a daemon that is gone, this one is passive until it is sure', () => {
  const broker = new Broker();
  broker.retained = { instance: 'gone', mode: 'active', since: 1, state: 'online' };
  const daemon = new Daemon(broker, 'b', 2);
  daemon.start();
  expect(daemon.mode).toBe('passive');
  jest.advanceTimersByTime(20_000);
  expect(daemon.mode).toBe('active');
  expect(daemon.events.map(({ kind }) => kind)).toEqual(['another-daemon', 'another-daemon-gone']);
});

test('whatever daemons start, end and are told: one at most acts, none answers for ever, and the one that acts is retained', () => {
  const step = fc.record({
    who: fc.nat(2),
    what: fc.constantFrom('toggle', 'toggle', 'lost', 'active', 'passive', 'wait'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const broker = new Broker();
      const running = new Map<number, Daemon>();
      const kept = new Map<number, ActionState>();
      steps.forEach(({ who, what }, index) => {
        const daemon = running.get(who);
        if (what === 'wait') jest.advanceTimersByTime(30_000);
        else if (what === 'active' || what === 'passive') daemon?.obey(order(what));
        else if (daemon === undefined) {
          const started = new Daemon(broker, `d${String(who)}`, index, kept.get(who) ?? 'active');
          running.set(who, started);
          started.start();
        } else {
          running.delete(who);
          kept.set(who, daemon.mode === 'active' ? 'active' : 'passive');
          daemon.end(what === 'toggle');
        }
        broker.messages = 0;
        // One that vanished without a will is waited for.
        jest.advanceTimersByTime(what === 'lost' ? 30_000 : 0);
        const acting = [...running.values()].filter(({ mode }) => mode === 'active');
        expect(acting.length).toBeLessThanOrEqual(1);
        const [one] = acting;
        if (one !== undefined) expect(broker.retained?.instance).toBe(one.instance);
      });
    }),
    { numRuns: 300 },
  );
});

test('who a daemon is survives the way over the broker; anything else names nobody', () => {
  const identity: Identity = { instance: 'ground-1-0a1b2c3d', mode: 'passive', since: 1_772_340_000_123 };
  expect(identityIn(propertiesOfIdentity(identity))).toEqual(identity);
  for (const odd of [
    {},
    { instance: 'a' },
    { instance: ['a', 'b'], mode: 'active', since: '1' },
    { instance: 'a', mode: 'odd', since: '1' },
    { instance: 'a', mode: 'active', since: 'x' },
  ])
    expect(identityIn(odd)).toBeUndefined();
});

test('the order of who has the word is total', () => {
  const identity = fc.record({
    instance: fc.constantFrom('a', 'b', 'c'),
    mode: fc.constantFrom<ActionState>('active', 'passive', 'disabled'),
    since: fc.nat(2),
  });
  fc.assert(
    fc.property(identity, identity, (one, other) => {
      if (one.instance !== other.instance) expect(isFirst(one, other)).toBe(!isFirst(other, one));
    }),
  );
});
