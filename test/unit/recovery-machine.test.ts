import * as fc from 'fast-check';
import {
  ACKNOWLEDGEMENT_MARGIN_MS,
  isOver,
  propose,
  transition,
  type Attempt,
  type AttemptInput,
  type AttemptPlan,
} from '../../src/core/recovery/machine';
import { recoveryStates, type RecoveryState } from '../../src/domain/recovery';
import { truths } from '../../src/domain/truth';

const EXPIRY = 60_000;
const plans: readonly AttemptPlan[] = (['expected', 'none'] as const).flatMap((acknowledgement) =>
  [null, 30_000].map((verifyWithinMs) => ({ expiryMs: EXPIRY, acknowledgement, verifyWithinMs })),
);
const releases = ['true', 'false', 'stale', 'error'].flatMap((precondition) =>
  ['true', 'false', 'stale', 'error'].flatMap((alreadyDone) =>
    [undefined, 'the daemon is passive'].flatMap((forbidden) =>
      [true, false].map(
        (isLinkUp) => ({ kind: 'release', precondition, alreadyDone, forbidden, isLinkUp }) as AttemptInput,
      ),
    ),
  ),
);
const inputs: readonly AttemptInput[] = [
  { kind: 'grant', to: 'act', reason: '' },
  { kind: 'grant', to: 'ask', reason: '' },
  { kind: 'grant', to: 'record', reason: '' },
  { kind: 'approve', by: 'ann', reason: '' },
  { kind: 'reject', by: 'ann', reason: '' },
  ...releases,
  { kind: 'acknowledge', stage: 'accepted', reason: '' },
  { kind: 'acknowledge', stage: 'completed', reason: '' },
  { kind: 'acknowledge', stage: 'failed', reason: '' },
  ...truths.map((verification): AttemptInput => ({ kind: 'tick', verification })),
];
/** Moments that lie on both sides of every deadline. */
const pauses = [0, 31_000, EXPIRY + ACKNOWLEDGEMENT_MARGIN_MS];

/** What may follow what, as the issue and rules/README.md have it. */
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
  expired: [],
  failed: [],
  notVerified: [],
};

test('over all inputs, at all times, the machine stays among its states and keeps its promises (every reachable state)', () => {
  const seen = new Set<string>();
  const reached = new Set<RecoveryState>();
  let transitions = 0;
  let deepest = 0;
  const explore = (plan: AttemptPlan, attempt: Attempt, time: number, sends: number, depth: number): void => {
    const key = JSON.stringify([plan, attempt, time, sends]);
    reached.add(attempt.state);
    deepest = Math.max(deepest, depth);
    if (seen.has(key) || depth > 9) return;
    seen.add(key);
    for (const pause of pauses) {
      for (const input of inputs) {
        const at = time + pause;
        const change = transition(plan, attempt, input, at);
        transitions += 1;
        if (change === undefined) continue;
        const { state } = change.attempt;
        if (!recoveryStates.includes(state)) throw new Error(`undefined state ${state}`);
        if (!follows[attempt.state].includes(state)) throw new Error(`${attempt.state} -> ${state}`);
        if (isOver(plan, attempt)) throw new Error(`${attempt.state} is over, and went on to ${state}`);
        if (change.send !== (attempt.state === 'armed' && state === 'sent')) throw new Error('sends elsewhere');
        if (change.send && (at >= attempt.expiry || sends > 0)) throw new Error('sent late, or twice');
        if (change.send && (input.kind !== 'release' || input.forbidden !== undefined || input.precondition !== 'true'))
          throw new Error('sent what may not be sent');
        if (!isOver(plan, change.attempt) && state !== 'proposed' && change.attempt.deadline === null)
          throw new Error(`${state} waits for ever`);
        explore(plan, change.attempt, at, sends + (change.send ? 1 : 0), depth + 1);
      }
    }
  };
  for (const plan of plans) explore(plan, propose(plan, 0), 0, 0, 0);
  expect([...reached].sort()).toEqual([...recoveryStates].sort());
  expect(deepest).toBeGreaterThanOrEqual(5);
  expect(transitions).toBeGreaterThan(10_000);
});

test('however long the sequence of inputs, one request is sent at most once and never at or after its expiry', () => {
  const step = fc.record({ input: fc.constantFrom(...inputs), pause: fc.integer({ min: 0, max: 20_000 }) });
  fc.assert(
    fc.property(fc.constantFrom(...plans), fc.array(step, { minLength: 6, maxLength: 40 }), (plan, steps) => {
      let time = 0;
      let attempt = propose(plan, time);
      const sent: number[] = [];
      for (const { input, pause } of steps) {
        time += pause;
        const change = transition(plan, attempt, input, time);
        if (change === undefined) continue;
        attempt = change.attempt;
        if (change.send) sent.push(time);
      }
      return sent.length <= 1 && sent.every((at) => at < EXPIRY);
    }),
    { numRuns: 5000 },
  );
});

describe('one request', () => {
  const plan: AttemptPlan = { expiryMs: EXPIRY, acknowledgement: 'expected', verifyWithinMs: 30_000 };
  const go = (steps: readonly (readonly [number, AttemptInput])[], on = plan): [string, string][] => {
    let attempt = propose(on, 0);
    return steps.map(([time, input]) => {
      const change = transition(on, attempt, input, time);
      attempt = change?.attempt ?? attempt;
      return [attempt.state, change?.note ?? '-'];
    });
  };
  const act: AttemptInput = { kind: 'grant', to: 'act', reason: 'automatic' };
  const ask: AttemptInput = { kind: 'grant', to: 'ask', reason: 'confirm' };
  const release = (more: object = {}): AttemptInput => ({
    kind: 'release',
    forbidden: undefined,
    precondition: 'true',
    alreadyDone: 'false',
    isLinkUp: true,
    ...more,
  });
  const ack = (stage: 'accepted' | 'completed' | 'failed', reason: string = stage): AttemptInput => ({
    kind: 'acknowledge',
    stage,
    reason,
  });
  const tick = (verification: 'true' | 'false' | 'stale' | 'error' = 'false'): AttemptInput => ({
    kind: 'tick',
    verification,
  });
  const states = (steps: Parameters<typeof go>[0], on = plan): string[] => go(steps, on).map(([state]) => state);

  test.each<[string, Parameters<typeof go>[0], string[], AttemptPlan?]>([
    [
      'goes well',
      [
        [0, act],
        [0, release()],
        [1, ack('accepted')],
        [2, ack('completed')],
        [3, tick('true')],
      ],
      ['armed', 'sent', 'accepted', 'completed', 'verified'],
    ],
    [
      'waits for a person, who approves',
      [
        [0, ask],
        [9, { kind: 'approve', by: 'ann', reason: '' }],
        [9, release()],
      ],
      ['waiting', 'armed', 'sent'],
    ],
    [
      'waits for nobody longer than its expiry',
      [
        [0, ask],
        [EXPIRY, { kind: 'approve', by: 'ann', reason: '' }],
      ],
      ['waiting', 'expired'],
    ],
    [
      'is not sent while the link is down, nor after its expiry',
      [
        [0, act],
        [1, release({ isLinkUp: false })],
        [EXPIRY, release()],
      ],
      ['armed', 'armed', 'expired'],
    ],
    [
      'is not sent on a stale precondition, and is when it holds',
      [
        [0, act],
        [1, release({ precondition: 'stale' })],
        [2, release({ precondition: 'error' })],
        [3, release()],
      ],
      ['armed', 'armed', 'armed', 'sent'],
    ],
    [
      'is rejected when its precondition does not hold',
      [
        [0, act],
        [0, release({ precondition: 'false' })],
      ],
      ['armed', 'rejected'],
    ],
    [
      'succeeds with nothing sent when all is so already',
      [
        [0, act],
        [0, release({ alreadyDone: 'true' })],
      ],
      ['armed', 'verified'],
    ],
    [
      'fails when the spacecraft says so',
      [
        [0, act],
        [0, release()],
        [1, ack('failed')],
      ],
      ['armed', 'sent', 'failed'],
    ],
    [
      'is not verified when telemetry does not show it in time, stale telemetry neither',
      [
        [0, act],
        [0, release()],
        [0, ack('completed')],
        [29_999, tick('stale')],
        [30_000, tick('stale')],
      ],
      ['armed', 'sent', 'completed', 'completed', 'notVerified'],
    ],
    [
      'expires when no acknowledgement comes, and a late one changes nothing',
      [
        [0, act],
        [0, release()],
        [EXPIRY + ACKNOWLEDGEMENT_MARGIN_MS, tick()],
        [EXPIRY + ACKNOWLEDGEMENT_MARGIN_MS, ack('completed')],
      ],
      ['armed', 'sent', 'expired', 'expired'],
    ],
    [
      'whose acknowledgement was lost is verified when telemetry shows the effect',
      [
        [0, act],
        [0, release()],
        [EXPIRY + ACKNOWLEDGEMENT_MARGIN_MS, tick('true')],
      ],
      ['armed', 'sent', 'verified'],
    ],
    [
      'fails when it was accepted and never completed',
      [
        [0, act],
        [0, release()],
        [1, ack('accepted')],
        [1 + EXPIRY + ACKNOWLEDGEMENT_MARGIN_MS, tick()],
      ],
      ['armed', 'sent', 'accepted', 'failed'],
    ],
    [
      'that nobody acknowledges goes on to its verification at once',
      [
        [0, act],
        [0, release()],
        [0, tick()],
        [1, tick('true')],
      ],
      ['armed', 'sent', 'completed', 'verified'],
      { ...plan, acknowledgement: 'none' },
    ],
  ])('%s', (_what, steps, expected, on = plan) => {
    expect(states(steps, on)).toEqual(expected);
  });
});
