/** Whether a rule that matches fires: one shot, cool-down, one recovery an equipment at a time, budget, authority. */
import { UNKNOWN } from '../../domain/explanation';
import type { Recovery } from '../../domain/recovery';
import type { RuleMatch } from '../rules/rule-match';
import { applyGrant, withdraw } from './lifecycle';
import { currentStep, isEvaluated, planOf, type SupervisorChange } from './supervisor-change';
import { declareFaulty } from './equipment-health';
import { grantStep } from './grant';
import { propose } from './machine';
import { planSteps, recoveryId } from './plan';

/** Names kept of what else happened on an equipment under recovery; a storm has no more to say. */
const MAX_ATTRIBUTED = 32;

/**
 * The recovery that stands for what happens on an equipment. What nobody can place while a command has just been sent is most
 * likely its after-effect: a wheel that is unloaded loads the others.
 */
const recoveryAt = (draft: SupervisorChange, equipment: string): Recovery | undefined =>
  draft.recoveries.find((item) => item.equipment === equipment) ??
  (equipment === UNKNOWN ? draft.recoveries.find(({ sent }) => sent > 0) : undefined);

/** Notes on the recovery that stands for an equipment, if there is one, what else happens there. */
export const attribute = (draft: SupervisorChange, equipment: string, what: string): void => {
  const recovery = recoveryAt(draft, equipment);
  if (recovery === undefined || recovery.subject === what || recovery.attributed.includes(what)) return;
  if (recovery.attributed.length >= MAX_ATTRIBUTED) return;
  draft.setRecovery({ ...recovery, attributed: [...recovery.attributed, what] });
};

/** The id the match would get, or undefined when it was answered already. */
const idFor = (draft: SupervisorChange, { rule, subject }: RuleMatch): string | undefined => {
  const base = recoveryId(subject, rule.id);
  const isTaken = (id: string): boolean => draft.isKnown(id) || draft.recoveries.some((item) => item.id === id);
  if (!isTaken(base)) return base;
  if (rule.oneShot) return undefined;
  for (let again = 2; ; again += 1) {
    const id = `${base}.again-${String(again)}`;
    if (!isTaken(id)) return id;
  }
};

/** Whether another recovery of the equipment stands in the way; one that only waits gives way to a higher priority. */
const isHeldBack = (draft: SupervisorChange, { rule, equipment, subject }: RuleMatch): boolean => {
  // A monitor of no equipment knows what it is about: only a verdict can be unknown.
  const isPlaced = rule.event !== 'anomaly' || equipment !== UNKNOWN;
  const other = isPlaced ? draft.recoveries.find((item) => item.equipment === equipment) : recoveryAt(draft, equipment);
  if (other === undefined) return false;
  const priority = draft.env.rules.get(other.rule)?.priority ?? 0;
  if (other.state === 'waiting' && rule.priority > priority) {
    withdraw(draft, other, `${rule.id} has a higher priority`);
    return false;
  }
  if (other.rule !== rule.id || other.subject !== subject) attribute(draft, equipment, `${rule.id} for ${subject}`);
  return true;
};

const isBudgetUsed = (draft: SupervisorChange, { rule, equipment }: RuleMatch): boolean => {
  if (rule.attempts === undefined) return false;
  const { budget, window } = rule.attempts;
  return draft.rule(rule.id, equipment).attempts.filter((at) => at > draft.time - window).length >= budget;
};

const begin = (draft: SupervisorChange, match: RuleMatch, id: string, grant: Recovery['grant']): void => {
  const { rule, equipment, fault, confidence, subject, explanationId, time } = match;
  const steps = planSteps(draft.env, match, id);
  const [first] = steps;
  if (first === undefined) return;
  const recovery: Recovery = {
    ...propose(planOf(first), time),
    id,
    rule: rule.id,
    equipment,
    subject,
    explanationId,
    fault,
    confidence,
    grant,
    steps,
    step: 0,
    isOver: false,
    startedAt: time,
    approvedBy: null,
    note: `rule ${rule.id} fired`,
    sent: 0,
    attributed: [],
  };
  draft.setRecovery(recovery);
  draft.logStep(recovery, null, 'rule', `${currentStep(recovery).request.command}: rule ${rule.id} fired`);
  applyGrant(draft, recovery, grant);
};

/**
 * A recorded answer counts as one too: it uses up the one shot and starts the cool-down. So a trial in passive records exactly
 * what would have been requested. Switching to active never acts on an event that was already answered.
 */
export const considerMatch = (draft: SupervisorChange, match: RuleMatch): void => {
  const { rule, equipment } = match;
  if (!isEvaluated(draft.env, draft.current, rule)) return;
  const id = idFor(draft, match);
  if (id === undefined || draft.time < draft.rule(rule.id, equipment).coolsUntil) return;
  if (isHeldBack(draft, match)) return;

  const isUsedUp = isBudgetUsed(draft, match);
  const grant = grantStep(draft, rule, match, {
    command: rule.steps[0]?.command ?? '',
    isSpent: draft.rule(rule.id, equipment).isSpent,
    isBudgetUsed: isUsedUp,
  });
  if (isUsedUp && draft.equipment(equipment).health !== 'faulty')
    draft.setEquipment(declareFaulty(draft.equipment(equipment), draft.time, `the attempts of ${rule.id} are used up`));
  const isActing = grant.granted === 'automatic' || grant.granted === 'confirm';
  const record = draft.rule(rule.id, equipment);
  const fired = {
    ...record,
    coolsUntil: draft.time + rule.cooldown,
    isSpent: record.isSpent || (isActing && rule.rearm === 'manual'),
  };
  if (isActing) draft.setRule(fired);
  else if (!draft.mayRecord(fired)) {
    draft.know(id);
    return;
  }
  begin(draft, match, id, grant);
};
