/**
 * The life of one recovery request as a state machine: what an input makes of it, and what has to be done, as data. Nothing is
 * executed here. An input that a state does not know changes nothing: a late acknowledgement cannot revive a dead request.
 */
import type { RecoveryState } from '../../domain/recovery';
import type { Truth } from '../../domain/truth';

/** How one request stands; times are milliseconds, mission time. */
export interface Attempt {
  readonly state: RecoveryState;
  readonly since: number;
  /** When the state times out. */
  readonly deadline: number | null;
  /** At and after this time the request is never sent. */
  readonly expiry: number;
}

/** What is fixed about a request before it begins. */
export interface AttemptPlan {
  readonly expiryMs: number;
  readonly acknowledgement: 'expected' | 'none';
  /** How long the verification may take; null when nothing is verified. */
  readonly verifyWithinMs: number | null;
}

export type AttemptInput =
  | { readonly kind: 'grant'; readonly to: 'act' | 'ask' | 'record'; readonly reason: string }
  | { readonly kind: 'approve'; readonly by: string; readonly reason: string }
  | { readonly kind: 'reject'; readonly by: string; readonly reason: string }
  /** The moment of sending: everything is looked at again. */
  | {
      readonly kind: 'release';
      /** Why it may not be sent in the present action states; undefined when it may. */
      readonly forbidden: string | undefined;
      readonly precondition: Truth;
      readonly alreadyDone: Truth;
      readonly isLinkUp: boolean;
    }
  | { readonly kind: 'acknowledge'; readonly stage: 'accepted' | 'completed' | 'failed'; readonly reason: string }
  | { readonly kind: 'tick'; readonly verification: Truth };

export interface Transition {
  readonly attempt: Attempt;
  readonly by: string;
  readonly note: string;
  /** Whether the request is to leave, after this transition is in the log. */
  readonly send: boolean;
}

/** On top of the expiry: an order taken up in the last moment still has to tell so over a slow link. */
export const ACKNOWLEDGEMENT_MARGIN_MS = 10_000;

export const propose = (plan: AttemptPlan, time: number): Attempt => ({
  state: 'proposed',
  since: time,
  deadline: null,
  expiry: time + plan.expiryMs,
});

interface Step {
  readonly plan: AttemptPlan;
  readonly attempt: Attempt;
  readonly time: number;
}

const go = (
  step: Step,
  {
    state,
    by,
    note,
    effects = {},
  }: {
    readonly state: RecoveryState;
    readonly by: string;
    readonly note: string;
    readonly effects?: { readonly deadline?: number; readonly send?: boolean } | undefined;
  },
): Transition => ({
  attempt: { ...step.attempt, state, since: step.time, deadline: effects.deadline ?? null },
  by,
  note,
  send: effects.send ?? false,
});

const expire = (step: Step, note: string): Transition => go(step, { state: 'expired', by: 'time', note });

/** From here on only telemetry decides, or nothing does. */
const complete = (step: Step, by: string, note: string): Transition => {
  const within = step.plan.verifyWithinMs;
  return go(step, { state: 'completed', by, note, effects: within === null ? {} : { deadline: step.time + within } });
};

const onProposed = (step: Step, input: AttemptInput): Transition | undefined => {
  if (input.kind !== 'grant') return undefined;
  const { expiry } = step.attempt;
  switch (input.to) {
    case 'act':
      return go(step, { state: 'armed', by: 'rule', note: input.reason, effects: { deadline: expiry } });
    case 'ask':
      return go(step, { state: 'waiting', by: 'rule', note: input.reason, effects: { deadline: expiry } });
    case 'record':
      return go(step, { state: 'recorded', by: 'rule', note: input.reason });
  }
};

const onWaiting = (step: Step, input: AttemptInput): Transition | undefined => {
  const { expiry } = step.attempt;
  if (step.time >= expiry) return expire(step, 'nobody approved or rejected it in time');
  if (input.kind === 'approve')
    return go(step, { state: 'armed', by: input.by, note: input.reason, effects: { deadline: expiry } });
  return input.kind === 'reject' ? go(step, { state: 'rejected', by: input.by, note: input.reason }) : undefined;
};

const onArmed = (step: Step, input: AttemptInput): Transition | undefined => {
  if (step.time >= step.attempt.expiry) return expire(step, 'it could not be sent in time');
  if (input.kind === 'reject') return go(step, { state: 'rejected', by: input.by, note: input.reason });
  if (input.kind !== 'release') return undefined;
  if (input.forbidden !== undefined) return go(step, { state: 'rejected', by: 'rule', note: input.forbidden });
  if (input.alreadyDone === 'true')
    return go(step, { state: 'verified', by: 'telemetry', note: 'already in that state: nothing was sent' });
  if (input.precondition === 'false')
    return go(step, { state: 'rejected', by: 'telemetry', note: 'the precondition does not hold' });
  // Stale and error are no reason to act and none to give up: the next telemetry may tell.
  if (input.precondition !== 'true' || !input.isLinkUp) return undefined;
  return go(step, {
    state: 'sent',
    by: 'rule',
    note: 'sent',
    effects: { deadline: step.attempt.expiry + ACKNOWLEDGEMENT_MARGIN_MS, send: true },
  });
};

const onUnderWay = (step: Step, input: AttemptInput): Transition | undefined => {
  const { state, deadline } = step.attempt;
  if (input.kind === 'acknowledge') {
    if (input.stage === 'failed') return go(step, { state: 'failed', by: 'ack', note: input.reason });
    if (input.stage === 'completed') return complete(step, 'ack', input.reason);
    // Carrying it out may take as long again as it was valid.
    const until = step.time + step.plan.expiryMs + ACKNOWLEDGEMENT_MARGIN_MS;
    return state === 'sent'
      ? go(step, { state: 'accepted', by: 'ack', note: input.reason, effects: { deadline: until } })
      : undefined;
  }
  if (input.kind !== 'tick') return undefined;
  if (step.plan.acknowledgement === 'none') return complete(step, 'rule', 'no acknowledgement is expected');
  if (deadline === null || step.time < deadline) return undefined;
  if (input.verification === 'true' && step.plan.verifyWithinMs !== null)
    return go(step, {
      state: 'verified',
      by: 'telemetry',
      note: 'not acknowledged as completed, but telemetry shows the effect',
    });
  return state === 'sent'
    ? expire(step, 'no acknowledgement came')
    : go(step, { state: 'failed', by: 'time', note: 'accepted, and never completed' });
};

const onCompleted = (step: Step, input: AttemptInput): Transition | undefined => {
  if (step.plan.verifyWithinMs === null) return undefined;
  if (input.kind === 'acknowledge' && input.stage === 'failed')
    return go(step, { state: 'failed', by: 'ack', note: input.reason });
  if (input.kind !== 'tick') return undefined;
  if (input.verification === 'true')
    return go(step, { state: 'verified', by: 'telemetry', note: 'telemetry shows the effect' });
  const { deadline } = step.attempt;
  return deadline !== null && step.time >= deadline
    ? go(step, {
        state: 'notVerified',
        by: 'telemetry',
        note: `telemetry does not show the effect in time (${input.verification})`,
      })
    : undefined;
};

/** @returns undefined when the input changes nothing. */
export const transition = (
  plan: AttemptPlan,
  attempt: Attempt,
  input: AttemptInput,
  time: number,
): Transition | undefined => {
  const step: Step = { plan, attempt, time };
  switch (attempt.state) {
    case 'proposed':
      return onProposed(step, input);
    case 'waiting':
      return onWaiting(step, input);
    case 'armed':
      return onArmed(step, input);
    case 'sent':
    case 'accepted':
      return onUnderWay(step, input);
    case 'completed':
      return onCompleted(step, input);
    case 'verified':
    case 'recorded':
    case 'rejected':
    case 'expired':
    case 'failed':
    case 'notVerified':
      return undefined;
  }
};

/** Whether nothing can change any more that this program waits for. */
export const isOver = ({ verifyWithinMs }: AttemptPlan, { state }: Attempt): boolean => {
  switch (state) {
    case 'proposed':
    case 'waiting':
    case 'armed':
    case 'sent':
    case 'accepted':
      return false;
    case 'completed':
      return verifyWithinMs === null;
    case 'verified':
    case 'recorded':
    case 'rejected':
    case 'expired':
    case 'failed':
    case 'notVerified':
      return true;
  }
};
