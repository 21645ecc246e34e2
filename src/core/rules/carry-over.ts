/** The state of the monitoring under reloaded rules: definitions that did not change keep status and counters, others begin anew. */
import type { RuleProgram } from './rule-program';
import type { ObserverState } from './observe';
import { initialMonitoring, type MonitoringState } from '../monitoring/monitor';
import type { MonitoringPlan } from '../monitoring/plan';
import { statusesOf } from '../monitoring/statuses';

const carry = <P extends { readonly id: string; readonly definition: unknown }, S>(
  old: readonly P[],
  next: readonly P[],
  states: readonly S[],
  initial: readonly S[],
): S[] =>
  next.flatMap(({ id, definition }, index) => {
    const at = old.findIndex((item) => item.id === id);
    const isSame = at >= 0 && JSON.stringify(old[at]?.definition) === JSON.stringify(definition);
    const state = isSame ? states[at] : initial[index];
    return state === undefined ? [] : [state];
  });

export const carryMonitoring = (
  old: MonitoringPlan,
  next: MonitoringPlan,
  { monitors, functional }: MonitoringState,
): MonitoringState => {
  const initial = initialMonitoring(next);
  return {
    monitors: carry(old.monitors, next.monitors, monitors, initial.monitors),
    functional: carry(old.functional, next.functional, functional, initial.functional),
  };
};

export const carryObserver = (
  { monitoring: old }: Pick<RuleProgram, 'monitoring'>,
  { monitoring: next }: Pick<RuleProgram, 'monitoring'>,
  state: ObserverState,
): ObserverState => {
  const monitoring = carryMonitoring(old, next, state.monitoring);
  return { ...state, monitoring, situation: { ...state.situation, monitors: statusesOf(next, monitoring) } };
};
