/** What the evaluation of the rules hands to recovery. */
import type { EventAction } from '../../domain/rules';
import type { TraceItem } from '../../domain/truth';
import type { Condition } from '../conditions/condition';

/**
 * A rule whose condition held on `repetition` consecutive evaluations. It is told again on every evaluation while that is so.
 * Whether the rule fires (one shot, cool-down, authority, action state, budget) is for recovery to decide.
 */
export interface RuleMatch {
  readonly rule: EventAction;
  /** The anomaly, monitor or parameter it is about; with the rule it names the recovery. */
  readonly subject: string;
  /** Of the event: verdict, monitor or parameter; `unknown` when none can be named. */
  readonly equipment: string;
  /** Fault of the verdict; `unknown` for events that have none. */
  readonly fault: string;
  /** Confidence of the verdict; 1 for events that are no verdicts. */
  readonly confidence: number;
  /** Id and revision of the explanation record; of other events the subject and 1. */
  readonly explanationId: string;
  readonly explanationRevision: number;
  /** Packet time, milliseconds. */
  readonly time: number;
  /** Made when it is asked for. */
  readonly trace: readonly TraceItem[];
}

/** The compiled conditions of one step of a rule's ladder for one equipment. */
export interface StepConditions {
  readonly precondition: Condition | undefined;
  readonly alreadyDone: Condition | undefined;
  readonly verify: { readonly condition: Condition; readonly withinMs: number } | undefined;
}

/** Rules after load: everything parsed, checked and indexed once. */
export interface CompiledRules {
  /** The conditions of step `step` (0 is the first) of a rule, with `${equipment}` replaced; undefined when there is no such step. */
  stepConditions(rule: string, step: number, equipment: string): StepConditions | undefined;
}
