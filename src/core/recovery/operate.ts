/** What people decide about recoveries, rules and equipments. Their word passes the same checks as a rule's. */
import type { Situation } from '../../domain/facts';
import type { LedgerEntry } from '../../domain/ledger';
import type { Recovery } from '../../domain/recovery';
import { isFunctionState, type OperatorRequest, type Reply } from '../../domain/requests';
import type { EventAction, RuleState } from '../../domain/rules';
import { isoTime } from '../../domain/units';
import { advance, settle } from './lifecycle';
import {
  currentStep,
  SupervisorChange,
  fingerprint,
  ruleStateOf,
  type SupervisorEnv,
  type SupervisorState,
} from './supervisor-change';
import { setHealth } from './equipment-health';
import type { SupervisorStep } from './supervisor';

/** The requests that recovery answers. */
export type RecoveryOrder = Extract<
  OperatorRequest,
  { name: 'action-approve' | 'action-reject' | 'action-state' | 'rule-rearm' | 'equipment-health' }
>;

export interface OperateStep extends SupervisorStep {
  readonly reply: Reply;
}

const yes = (message: string): Reply => ({ ok: true, message });
const no = (message: string): Reply => ({ ok: false, message });

/** A recovery under way, by its id or that of its present request. */
const findRecovery = (draft: SupervisorChange, id: string): Recovery | undefined =>
  draft.recoveries.find((recovery) => recovery.id === id || currentStep(recovery).request.id === id);

const decide = (
  draft: SupervisorChange,
  { name, asked }: Extract<RecoveryOrder, { name: 'action-approve' | 'action-reject' }>,
  situation: Situation,
): Reply => {
  const { id, by, comment } = asked;
  const found = findRecovery(draft, id);
  if (found === undefined)
    return no(draft.current.known.includes(id) ? `${id} is over already` : `no action is called ${id}`);
  if (name === 'action-reject') {
    const isRejected = advance(draft, found, { kind: 'reject', by, reason: comment === '' ? 'rejected' : comment });
    return isRejected ? yes(`${id} is rejected by ${by}`) : no(`${id} is ${found.state}: too late to reject it`);
  }
  if (found.state !== 'waiting') return no(`${id} is ${found.state}: it does not wait for anybody`);
  draft.setRecovery({ ...found, approvedBy: by });
  advance(draft, { ...found, approvedBy: by }, { kind: 'approve', by, reason: comment === '' ? 'approved' : comment });
  settle(draft, situation);
  const after = findRecovery(draft, id);
  if (after?.state === 'armed')
    return yes(`${id} is approved by ${by}; it is sent when its precondition can be judged`);
  if (after !== undefined) return yes(`${id} is approved by ${by} and ${after.state}`);
  const entry = draft.lastOf(id);
  return entry === undefined || entry.state === 'rejected' || entry.state === 'expired'
    ? no(`${id} was not sent: ${entry?.note ?? 'it is over'}`)
    : yes(`${id} is approved by ${by} and ${entry.state}`);
};

const switchFunction = (draft: SupervisorChange, state: RuleState, by: string): Reply => {
  if (!isFunctionState(state)) return no('the whole function cannot be switched off for good; use disabled');
  draft.set({ modeOverride: state });
  draft.keep({ kind: 'memory', name: 'mode', value: state });
  return yes(`the daemon is ${state} by ${by}`);
};

const switchRule = (draft: SupervisorChange, rule: EventAction, state: RuleState, by: string): Reply => {
  if (ruleStateOf(rule, draft.current) === 'off' && state !== 'off')
    return no(`rule ${rule.id} is off for good: only a changed rules file brings it back`);
  const record = { rule: rule.id, state, by, time: isoTime(draft.time), fingerprint: fingerprint(rule) };
  draft.set({ overrides: [...draft.current.overrides.filter((item) => item.rule !== rule.id), record] });
  draft.keep({ kind: 'override', record });
  return yes(`rule ${rule.id} is ${state} by ${by}`);
};

const rearm = (draft: SupervisorChange, rule: EventAction, equipment: string | undefined, by: string): Reply => {
  const records = draft.current.rules.filter(
    (item) => item.rule === rule.id && (equipment === undefined || item.equipment === equipment),
  );
  records.forEach((record) => {
    draft.setRule({ ...record, isSpent: false, coolsUntil: 0, attempts: [] });
  });
  return yes(
    records.length === 0
      ? `rule ${rule.id} was ready anyway`
      : `rule ${rule.id} is ready again for ${records.map((record) => record.equipment).join(', ')} by ${by}`,
  );
};

const obey = (draft: SupervisorChange, order: RecoveryOrder, situation: Situation): Reply => {
  switch (order.name) {
    case 'action-approve':
    case 'action-reject':
      return decide(draft, order, situation);
    case 'action-state': {
      const { rule: id, state, by } = order.asked;
      if (id === undefined) return switchFunction(draft, state, by);
      const rule = draft.env.rules.get(id);
      return rule === undefined ? no(`no rule is called ${id}`) : switchRule(draft, rule, state, by);
    }
    case 'rule-rearm': {
      const { rule: id, equipment, by } = order.asked;
      const rule = draft.env.rules.get(id);
      return rule === undefined ? no(`no rule is called ${id}`) : rearm(draft, rule, equipment, by);
    }
    case 'equipment-health': {
      const { equipment, health, by, comment } = order.asked;
      draft.setEquipment(setHealth(draft.equipment(equipment), health, { time: draft.time, by, note: comment }));
      return yes(`${equipment} is ${health} by ${by}`);
    }
  }
};

const targetOf = (order: RecoveryOrder): string => {
  switch (order.name) {
    case 'action-approve':
    case 'action-reject':
      return order.asked.id;
    case 'action-state':
      return `${order.asked.rule ?? 'daemon'} ${order.asked.state}`;
    case 'rule-rearm':
      return order.asked.rule;
    case 'equipment-health':
      return `${order.asked.equipment} ${order.asked.health}`;
  }
};

/** The entry that says who wanted what, and whether it was done: kept also when it was not. */
export const operatorEntry = (
  time: number,
  { by, request, target }: { readonly by: string; readonly request: string; readonly target: string },
  { ok, message }: Reply,
): LedgerEntry => ({ kind: 'operator', record: { time: isoTime(time), by, request, target, ok, message } });

const BEFORE_ALL = isoTime(0);

/** Before the first frame there is no packet time: an order is dated by the wall clock, milliseconds. */
export const dated = (entry: LedgerEntry, wall: number): LedgerEntry =>
  entry.kind === 'operator' && entry.record.time === BEFORE_ALL
    ? { ...entry, record: { ...entry.record, time: isoTime(wall) } }
    : entry;

export const operate = (
  env: SupervisorEnv,
  state: SupervisorState,
  order: RecoveryOrder,
  situation: Situation,
): OperateStep => {
  const draft = new SupervisorChange(env, state);
  draft.reach(situation.time);
  const reply = obey(draft, order, situation);
  draft.keep(operatorEntry(draft.time, { by: order.asked.by, request: order.name, target: targetOf(order) }, reply));
  return { ...draft.finish(), reply };
};
