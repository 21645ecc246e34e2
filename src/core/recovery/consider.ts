/** Whether a rule that matches fires: one shot, cool-down, one recovery an equipment at a time, budget, authority. */
import type { Recovery } from '../../domain/recovery';
import type { RuleMatch } from '../rule-match';
import { grantAuthority } from './authority';
import { applyGrant, withdraw } from './course';
import { currentStep, isEvaluated, modeOf, planOf, ruleStateOf, type Draft } from './draft';
import { declareFaulty } from './equipment-health';
import { propose } from './machine';
import { planSteps, recoveryId } from './plan';

/** Names kept of what else happened on an equipment under recovery; a storm has no more to say. */
const MAX_ATTRIBUTED = 32;

/** Notes on the recovery of an equipment, if there is one, what else happens there. */
export const attribute = (draft: Draft, equipment: string, what: string): void => {
  const recovery = draft.recoveries.find((item) => item.equipment === equipment);
  if (recovery === undefined || recovery.subject === what || recovery.attributed.includes(what)) return;
  if (recovery.attributed.length >= MAX_ATTRIBUTED) return;
  draft.setRecovery({ ...recovery, attributed: [...recovery.attributed, what] });
};

/** The id the match would get, or undefined when it was answered already. */
const idFor = (draft: Draft, { rule, subject }: RuleMatch): string | undefined => {
  const base = recoveryId(subject, rule.id);
  const { known } = draft.current;
  const isTaken = (id: string): boolean => known.includes(id) || draft.recoveries.some((item) => item.id === id);
  if (!isTaken(base)) return base;
  if (rule.oneShot) return undefined;
  for (let again = 2; ; again += 1) {
    const id = `${base}.again-${String(again)}`;
    if (!isTaken(id)) return id;
  }
};

/** Whether another recovery of the equipment stands in the way; one that only waits gives way to a higher priority. */
const isHeldBack = (draft: Draft, { rule, equipment, subject }: RuleMatch): boolean => {
  const other = draft.recoveries.find((item) => item.equipment === equipment);
  if (other === undefined) return false;
  const priority = draft.env.rules.get(other.rule)?.priority ?? 0;
  if (other.state === 'waiting' && rule.priority > priority) {
    withdraw(draft, other, `${rule.id} has a higher priority`);
    return false;
  }
  if (other.rule !== rule.id || other.subject !== subject) attribute(draft, equipment, `${rule.id} for ${subject}`);
  return true;
};

const grantFor = (draft: Draft, match: RuleMatch, isBudgetUsed: boolean): Recovery['grant'] => {
  const { rule, equipment, fault, confidence } = match;
  return grantAuthority({
    authority: rule.authority,
    level: rule.level,
    confidenceFloor: rule.confidenceFloor,
    isVerdict: rule.event === 'anomaly',
    equipment,
    fault,
    confidence,
    ruleState: ruleStateOf(rule, draft.current),
    mode: modeOf(draft.env, draft.current),
    health: draft.equipment(equipment).health,
    isSpent: draft.rule(rule.id, equipment).isSpent,
    isBudgetUsed,
    isHazardous: draft.env.commands.get(rule.steps[0]?.command ?? '')?.hazardous ?? false,
  });
};

const isBudgetUsed = (draft: Draft, { rule, equipment }: RuleMatch): boolean => {
  if (rule.attempts === undefined) return false;
  const { budget, window } = rule.attempts;
  return draft.rule(rule.id, equipment).attempts.filter((at) => at > draft.time - window).length >= budget;
};

const begin = (draft: Draft, match: RuleMatch, id: string, grant: Recovery['grant']): void => {
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
 * A recorded answer is one too: it uses up the one shot and starts the cool-down, so that a trial in passive records exactly what
 * would have been requested, and switching to active never acts on an event that was already answered.
 */
export const considerMatch = (draft: Draft, match: RuleMatch): void => {
  const { rule, equipment } = match;
  if (!isEvaluated(draft.env, draft.current, rule)) return;
  const id = idFor(draft, match);
  if (id === undefined || draft.time < draft.rule(rule.id, equipment).coolsUntil) return;
  if (isHeldBack(draft, match)) return;

  const isUsedUp = isBudgetUsed(draft, match);
  const grant = grantFor(draft, match, isUsedUp);
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
    draft.set({ known: [...draft.current.known, id] });
    return;
  }
  begin(draft, match, id, grant);
};
