/** How recoveries go on: what is armed is released, what was sent is awaited and verified, and what failed escalates. */
import type { ActionEvent } from '../../domain/events';
import type { Situation } from '../../domain/facts';
import type { Recovery } from '../../domain/recovery';
import type { Truth } from '../../domain/truth';
import { isoTime } from '../../domain/units';
import type { Condition } from '../conditions/condition';
import type { StepConditions } from '../rules/rule-match';
import { currentStep, effectiveState, modeOf, planOf, type SupervisorChange } from './supervisor-change';
import { declareFaulty, recoveryBegan, recoveryHelped } from './equipment-health';
import { grantStep } from './grant';
import { propose, type AttemptInput } from './machine';
import { stampRequest } from './plan';

/** Every ladder is finite, and every step of it passes a handful of states: more at one instant is a defect. */
const MAX_CHANGES_EACH = 100;

const judge = (condition: Condition | undefined, situation: Situation, without: Truth): Truth =>
  condition === undefined ? without : condition.judge(situation);

/** Of a rule that is gone nothing can be judged: `error`, which never acts and never verifies. */
const conditionsOf = ({ env }: SupervisorChange, { rule, step, equipment }: Recovery): StepConditions | undefined =>
  env.compiled.stepConditions(rule, step, equipment);

/** Why a request may not leave now; undefined when it may. */
const forbidden = (draft: SupervisorChange, { rule: id, equipment }: Recovery): string | undefined => {
  const rule = draft.env.rules.get(id);
  if (rule === undefined) return 'the rule is no longer there';
  const mode = modeOf(draft.env, draft.current);
  if (mode !== 'active') return `the daemon is ${mode}`;
  const state = effectiveState(draft.env, draft.current, rule);
  if (state !== 'active') return `the rule is ${state}`;
  const { health } = draft.equipment(equipment);
  return health === 'externalControl' || health === 'permanentlyFaulty' ? `${equipment} is ${health}` : undefined;
};

const inputFor = (draft: SupervisorChange, recovery: Recovery, situation: Situation): AttemptInput => {
  const conditions = conditionsOf(draft, recovery);
  if (recovery.state === 'armed') {
    return {
      kind: 'release',
      forbidden: forbidden(draft, recovery),
      precondition: conditions === undefined ? 'error' : judge(conditions.precondition, situation, 'true'),
      alreadyDone: conditions === undefined ? 'error' : judge(conditions.alreadyDone, situation, 'false'),
      isLinkUp: draft.current.isLinkUp,
    };
  }
  return { kind: 'tick', verification: judge(conditions?.verify?.condition, situation, 'error') };
};

/** The request of the present step as it leaves. */
export const requestEvent = (recovery: Recovery): ActionEvent => ({
  type: 'action',
  ...currentStep(recovery).request,
  disposition: 'request',
  authority: recovery.grant,
  recovery: recovery.id,
  step: recovery.step + 1,
  ...(recovery.approvedBy !== null && { approvedBy: recovery.approvedBy }),
});

/** The request leaves: it counts as an attempt of the rule and as a fault of the equipment, once a recovery. */
const onSent = (draft: SupervisorChange, recovery: Recovery): void => {
  draft.setRecovery({ ...recovery, sent: recovery.sent + 1 });
  draft.tell(requestEvent(recovery));
  if (recovery.sent > 0) return;
  const record = draft.rule(recovery.rule, recovery.equipment);
  const window = draft.env.rules.get(recovery.rule)?.attempts?.window ?? 0;
  const attempts = [...record.attempts.filter((at) => at > draft.time - window), draft.time];
  draft.setRule({ ...record, attempts });
  draft.setEquipment(recoveryBegan(draft.equipment(recovery.equipment), draft.time, recovery.id));
};

/** Gives a proposed recovery its authority: it is armed, waits for a person, or is only recorded. */
export const applyGrant = (draft: SupervisorChange, recovery: Recovery, grant: Recovery['grant']): void => {
  const { reason } = grant;
  const to = grant.granted === 'automatic' ? 'act' : grant.granted === 'confirm' ? 'ask' : 'record';
  const granted = draft.apply({ ...recovery, grant }, { kind: 'grant', to, reason });
  if (granted === undefined || to === 'act') return;
  draft.tell({
    type: 'action',
    ...currentStep(recovery).request,
    disposition: to === 'ask' ? 'waiting' : 'passive',
    authority: grant,
    recovery: recovery.id,
    step: recovery.step + 1,
  });
};

const isFailure = (recovery: Recovery, from: Recovery['state']): boolean =>
  recovery.state === 'failed' ||
  recovery.state === 'notVerified' ||
  (recovery.state === 'expired' && (from === 'sent' || from === 'accepted'));

/** The authority for the next step, as it stands now. One recovery is one shot and one attempt, however many steps it takes. */
const grantNext = (draft: SupervisorChange, recovery: Recovery): Recovery['grant'] => {
  const rule = draft.env.rules.get(recovery.rule);
  if (rule === undefined) return { ...recovery.grant, granted: 'observe', reason: 'the rule is no longer there' };
  const { command } = currentStep(recovery).request;
  return grantStep(draft, rule, recovery, { command, isSpent: false, isBudgetUsed: false });
};

const escalate = (draft: SupervisorChange, recovery: Recovery): void => {
  const step = recovery.step + 1;
  const steps = recovery.steps.map((planned, index) => (index === step ? stampRequest(planned, draft.time) : planned));
  const begun = { ...recovery, steps, step, isOver: false, approvedBy: null };
  const next: Recovery = {
    ...begun,
    ...propose(planOf(currentStep(begun)), draft.time),
    note: 'the step before failed',
  };
  draft.set({ known: draft.current.known.filter((id) => id !== recovery.id) });
  draft.setRecovery(next);
  draft.logStep(next, recovery.state, 'rule', `step ${String(step + 1)}: the step before did not help`);
  applyGrant(draft, next, grantNext(draft, next));
};

/** The ladder has no further step, or no right to take it. */
const giveUp = (draft: SupervisorChange, recovery: Recovery): void => {
  const { equipment, rule: id } = recovery;
  const budget = draft.env.rules.get(id)?.attempts?.budget;
  const { attempts } = draft.rule(id, equipment);
  if (budget === undefined || attempts.length < budget) return;
  const note = `${String(attempts.length)} recoveries by ${id} did not help`;
  draft.setEquipment(declareFaulty(draft.equipment(equipment), draft.time, note));
};

/** What follows from a recovery having reached its state. */
const conclude = (draft: SupervisorChange, recovery: Recovery, from: Recovery['state']): void => {
  if (isFailure(recovery, from)) {
    // Nobody answers in a replay: what the spacecraft would have done is not known, and nothing follows from it.
    if (!draft.env.isAnswered) return;
    if (recovery.step + 1 < recovery.steps.length) escalate(draft, recovery);
    else giveUp(draft, recovery);
    return;
  }
  if (recovery.isOver && recovery.sent > 0 && (recovery.state === 'verified' || recovery.state === 'completed'))
    draft.setEquipment(recoveryHelped(draft.equipment(recovery.equipment), draft.time, recovery.id));
};

/** One input and everything that follows from it. @returns whether it changed anything. */
export const advance = (draft: SupervisorChange, recovery: Recovery, input: AttemptInput): boolean => {
  const applied = draft.apply(recovery, input);
  if (applied === undefined) return false;
  if (applied.change.send) onSent(draft, applied.recovery);
  conclude(draft, applied.recovery, recovery.state);
  return true;
};

/** Lets every recovery go as far as it can at this instant. */
export const settle = (draft: SupervisorChange, situation: Situation): void => {
  const most = MAX_CHANGES_EACH * (draft.recoveries.length + 1);
  for (let changes = 0; changes < most; changes += 1) {
    const moved = draft.recoveries.some((recovery) => advance(draft, recovery, inputFor(draft, recovery, situation)));
    if (!moved) return;
  }
  throw new Error(`recoveries do not come to rest at ${isoTime(draft.time)}`);
};

/** Takes back what has not been sent. */
export const withdraw = (draft: SupervisorChange, recovery: Recovery, reason: string): void => {
  advance(draft, recovery, { kind: 'reject', by: 'rule', reason });
};
