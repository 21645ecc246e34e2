/**
 * Recovery as a whole: which matches of rules become recoveries, one an equipment at a time, and how each goes on. A pure reducer:
 * what is to leave and what is to be kept come back as data. Semantics are tabled in rules/README.md.
 */
import type { ActionEvent } from '../../domain/events';
import type { LedgerEntry } from '../../domain/ledger';
import type { Recovery } from '../../domain/recovery';
import type { Situation } from '../../domain/facts';
import type { RuleMatch } from '../rules/rule-match';
import { attribute, considerMatch } from './start-recovery';
import { advance, settle, withdraw } from './lifecycle';
import { currentStep, SupervisorChange, type SupervisorEnv, type SupervisorState } from './supervisor-change';

export interface SupervisorStep {
  readonly state: SupervisorState;
  /** Requests that leave or wait, and answers that are only recorded. */
  readonly actions: readonly ActionEvent[];
  readonly ledger: readonly LedgerEntry[];
}

export type SupervisorInput =
  /** The spacecraft as it stands at an instant, and the rules that match then. */
  | { readonly kind: 'situation'; readonly situation: Situation; readonly matches: readonly RuleMatch[] }
  | {
      readonly kind: 'acknowledge';
      readonly id: string;
      readonly stage: 'accepted' | 'completed' | 'failed';
      readonly reason: string;
      readonly situation: Situation;
    }
  /** Something happened on an equipment, or an anomaly is over. */
  | { readonly kind: 'noticed'; readonly equipment: string; readonly what: string }
  /** An anomaly is over, or a check passes again: `about` is the end of the ids of its transitions. */
  | { readonly kind: 'closed'; readonly explanationId: string; readonly time: number }
  | { readonly kind: 'passed'; readonly about: string; readonly time: number }
  /** The rule of a recovery is no longer what it was. */
  | { readonly kind: 'withdrawn'; readonly id: string; readonly reason: string; readonly time: number }
  /** The link to the spacecraft came up or went down: nothing is sent into the void. */
  | { readonly kind: 'link'; readonly isUp: boolean };

type Acknowledgement = Extract<SupervisorInput, { kind: 'acknowledge' }>;

/** One that nothing waits for, because it is late, repeated or somebody else's, changes nothing. */
const acknowledge = (draft: SupervisorChange, { id, stage, reason, situation }: Acknowledgement): void => {
  const found = draft.recoveries.find((recovery) => currentStep(recovery).request.id === id);
  if (found === undefined) return;
  advance(draft, found, { kind: 'acknowledge', stage, reason });
  settle(draft, situation);
};

/** The highest priority goes first; the order of the file decides among equals. */
const inOrder = (matches: readonly RuleMatch[]): readonly RuleMatch[] =>
  [...matches].sort((a, b) => b.rule.priority - a.rule.priority);

/** Takes back what has not been sent; what has been goes on. */
const withdrawAll = (draft: SupervisorChange, test: (recovery: Recovery) => boolean, reason: string): void => {
  draft.recoveries.filter(test).forEach((recovery) => {
    withdraw(draft, recovery, reason);
  });
};

export const supervise = (env: SupervisorEnv, state: SupervisorState, input: SupervisorInput): SupervisorStep => {
  const draft = new SupervisorChange(env, state);
  switch (input.kind) {
    case 'situation':
      draft.reach(input.situation.time);
      settle(draft, input.situation);
      for (const match of inOrder(input.matches)) considerMatch(draft, match);
      settle(draft, input.situation);
      break;
    case 'acknowledge':
      draft.reach(input.situation.time);
      acknowledge(draft, input);
      break;
    case 'noticed':
      attribute(draft, input.equipment, input.what);
      break;
    case 'link':
      draft.set({ isLinkUp: input.isUp });
      break;
    case 'closed':
      draft.reach(input.time);
      withdrawAll(draft, ({ explanationId }) => explanationId === input.explanationId, 'the anomaly is over');
      break;
    case 'passed':
      draft.reach(input.time);
      withdrawAll(draft, ({ subject }) => subject.endsWith(`/${input.about}`), 'it is within its limits again');
      break;
    case 'withdrawn':
      draft.reach(input.time);
      withdrawAll(draft, ({ id }) => id === input.id, input.reason);
      break;
  }
  return draft.finish();
};
