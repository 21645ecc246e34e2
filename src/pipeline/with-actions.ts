/**
 * Explanations gain the recovery requests that the rules bind to them. Rules see every revision, and between revisions every open
 * anomaly once for each window that confirms it, with the verdict as it then stands: a condition on duration becomes true in
 * time, and no threshold is judged by a confidence that was reported minutes ago.
 */
import {
  evaluateEventActions,
  initialRulesState,
  type RulesInput,
  type RulesState,
  type RulesStep,
} from '../core/event-actions';
import type { RecoveryRequest } from '../domain/events';
import type { Explanation } from '../domain/explanation';
import type { RuleSet } from '../domain/rules';
import { enrich } from './enrich';
import type { Explained, WithExplained } from './with-explanations';

export interface WithRequests {
  readonly requests: readonly RecoveryRequest[];
}

export interface RulesLogic {
  readonly mode: RulesInput['mode'];
  evaluate(state: RulesState, input: RulesInput): RulesStep;
}

export const rulesLogic = (rules: RuleSet, mode: RulesInput['mode']): RulesLogic => ({
  mode,
  evaluate: (state, input) => evaluateEventActions(rules, state, input),
});

interface ActionState {
  readonly rules: RulesState;
  /** The last record of every open anomaly. */
  readonly latest: ReadonlyMap<string, Explanation>;
}

const initial: ActionState = { rules: initialRulesState, latest: new Map() };

/** What the rules see of one step: its revisions, then the open anomalies that it confirmed and did not revise. */
const evidenceOf = (
  { explanations, confirmed }: Explained,
  latest: ReadonlyMap<string, Explanation>,
): Explanation[] => {
  const revised = new Set(explanations.map(({ id }) => id));
  const unrevised = confirmed.flatMap(({ id, verdict }) => {
    const explanation = revised.has(id) ? undefined : latest.get(id);
    return explanation === undefined ? [] : [{ ...explanation, verdict }];
  });
  return [...explanations, ...unrevised];
};

export const withActions = <E extends WithExplained>({ mode, evaluate }: RulesLogic) =>
  enrich(initial, (before, { explained }: E) => {
    const requests: RecoveryRequest[] = [];
    const latest = new Map(before.latest);
    let { rules } = before;
    for (const step of explained) {
      for (const explanation of evidenceOf(step, latest)) {
        const result = evaluate(rules, { explanation, time: step.time, mode });
        rules = result.state;
        requests.push(...result.requests);
        if (explanation.state === 'open') latest.set(explanation.id, explanation);
        else latest.delete(explanation.id);
      }
    }
    const added: WithRequests = { requests };
    return { state: { rules, latest }, added };
  });
