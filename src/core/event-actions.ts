/**
 * From an open anomaly to recovery requests: conditions with a trace, repetition, cool-down, one shot an anomaly.
 * A pure reducer; the pipeline threads the state and only it sends. Semantics are tabled in rules/README.md.
 */
import type { RecoveryRequest } from '../domain/events';
import type { Explanation } from '../domain/explanation';
import { fillArguments, mentions } from '../domain/placeholders';
import type { ActionState, EventAction, RuleSet } from '../domain/rules';
import { isoTime } from '../domain/units';
import { firstStep } from './first-step';
import { traceConditions } from './rule-conditions';

/** How far one rule has come with one anomaly. */
export interface RuleProgress {
  readonly rule: string;
  /** The equipment the count is about. */
  readonly equipment: string;
  /** The repetition counter: consecutive evaluations on which every condition held. */
  readonly count: number;
  readonly fired: boolean;
}

/** The open anomalies that were evaluated, least recently evaluated first. */
export interface AnomalyProgress {
  readonly id: string;
  /** Packet time of the last evaluation, milliseconds. */
  readonly evaluatedAt: number;
  readonly rules: readonly RuleProgress[];
}

export interface Cooldown {
  readonly rule: string;
  readonly equipment: string;
  /** First packet time at which the rule may fire again, milliseconds. */
  readonly until: number;
}

/** Plain data, so that it can be stored and compared. */
export interface RulesState {
  readonly anomalies: readonly AnomalyProgress[];
  readonly cooldowns: readonly Cooldown[];
  /** Open anomalies dropped because there were more than `MAX_ANOMALIES`. */
  readonly forgotten: number;
}

export interface RulesInput {
  readonly explanation: Explanation;
  /** Packet time, milliseconds. */
  readonly time: number;
  /** Action state of the whole function. */
  readonly mode: ActionState;
}

export interface RulesStep {
  readonly state: RulesState;
  /** In file order of their rules. */
  readonly requests: readonly RecoveryRequest[];
}

/** A spacecraft has tens of equipments and an anomaly is about one of them: more are lost closings, not anomalies. */
export const MAX_ANOMALIES = 256;

export const initialRulesState: RulesState = { anomalies: [], cooldowns: [], forgotten: 0 };

/** `undefined`: the rule is not even evaluated. The weaker of rule and function decides. */
const dispositionOf = (rule: EventAction, mode: ActionState): RecoveryRequest['disposition'] | undefined => {
  if (rule.state === 'disabled' || rule.state === 'off' || mode === 'disabled') return undefined;
  return rule.state === 'passive' || mode === 'passive' ? 'passive' : 'request';
};

/**
 * The repetition counter after an evaluation on which every condition held.
 * Two evaluations at one packet time (a window, and the revision it caused) are one piece of evidence; and when the action
 * names the equipment, evidence against another equipment does not count for this one.
 */
const advance = (rule: EventAction, before: RuleProgress | undefined, equipment: string, sameTime: boolean): number => {
  if (before === undefined || (before.equipment !== equipment && mentions(firstStep(rule).arguments, 'equipment')))
    return 1;
  return sameTime ? Math.max(1, before.count) : before.count + 1;
};

const requestOf = (
  rule: EventAction,
  { explanation, time }: RulesInput,
  disposition: RecoveryRequest['disposition'],
  trace: RecoveryRequest['trace'],
): RecoveryRequest => {
  const { spacecraft, verdict } = explanation;
  return {
    schemaVersion: 1,
    // Deterministic: the same anomaly and rule give the same id after a restart or in a replay, so a repeat is recognised.
    // The id is one level of the acknowledgement's topic: no slashes.
    id: `${explanation.id.replaceAll('/', '.')}.${rule.id}`,
    rule: rule.id,
    level: rule.level,
    spacecraft,
    time: isoTime(time),
    command: firstStep(rule).command,
    arguments: fillArguments(firstStep(rule).arguments, {
      equipment: verdict.equipment,
      fault: verdict.fault,
      spacecraft,
    }),
    expiry: isoTime(time + firstStep(rule).expiry),
    explanationId: explanation.id,
    explanationRevision: explanation.revision,
    disposition,
    trace,
    because: rule.because,
  };
};

/**
 * Evaluates every rule on one anomaly as it stands at packet time `time`; times must not go back.
 *
 * - Every rule that matches fires, not only the first; file order is the order of the requests.
 * - A rule fires when its conditions held on `repetition` consecutive evaluations of the anomaly, it is not in cool-down for
 *   the equipment of the verdict, and it has not fired for this anomaly. Held back by a cool-down, it fires when that is
 *   over and the conditions still hold.
 * - A passive request is one too: it uses up the shot and starts the cool-down, so that a trial in passive records exactly
 *   what would have been sent, and switching to active never acts on an anomaly that was already answered.
 * - A disabled rule or function counts nothing: on enabling, repetition starts at zero.
 * - A closed anomaly fires nothing and is forgotten; cool-downs outlive it.
 */
export const evaluateEventActions = (rules: RuleSet, state: RulesState, input: RulesInput): RulesStep => {
  const { explanation, time, mode } = input;
  const { equipment } = explanation.verdict;
  const cooldowns = state.cooldowns.filter(({ until }) => until > time);
  const others = state.anomalies.filter(({ id }) => id !== explanation.id);
  if (explanation.state === 'closed') return { state: { ...state, anomalies: others, cooldowns }, requests: [] };

  const before = state.anomalies.find(({ id }) => id === explanation.id);
  const isCooling = (rule: EventAction): boolean =>
    cooldowns.some((cooldown) => cooldown.rule === rule.id && cooldown.equipment === equipment);

  const steps = rules.eventActions.map((rule) => {
    const progress = before?.rules.find((item) => item.rule === rule.id);
    const disposition = dispositionOf(rule, mode);
    const trace = traceConditions(rule.match ?? {}, explanation, time);
    const holds = disposition !== undefined && trace.every((item) => item.holds);
    const count = holds ? advance(rule, progress, equipment, before?.evaluatedAt === time) : 0;
    const fired = progress?.fired ?? false;
    const fires = holds && count >= rule.repetition && !fired && !isCooling(rule);
    return {
      progress: { rule: rule.id, equipment, count, fired: fired || fires },
      cooldowns: fires ? [{ rule: rule.id, equipment, until: time + rule.cooldown }] : [],
      requests: fires ? [requestOf(rule, input, disposition, [...trace])] : [],
    };
  });

  const anomaly = { id: explanation.id, evaluatedAt: time, rules: steps.map(({ progress }) => progress) };
  const anomalies = [...others, anomaly];
  const excess = Math.max(0, anomalies.length - MAX_ANOMALIES);
  return {
    state: {
      anomalies: anomalies.slice(excess),
      cooldowns: [...cooldowns, ...steps.flatMap((step) => step.cooldowns)],
      forgotten: state.forgotten + excess,
    },
    requests: steps.flatMap((step) => step.requests),
  };
};
