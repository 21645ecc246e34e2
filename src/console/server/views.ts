/** What people see of recoveries, equipments and rules, made of what is kept of them. */
import { byUrgency } from '../../core/alarms/alarm-orders';
import { fingerprint } from '../../core/recovery/supervisor-change';
import { equipmentIds, equipmentTitle, type Mission } from '../../domain/mission';
import type { EquipmentRecord, Recovery } from '../../domain/recovery';
import type { EventAction } from '../../domain/rules';
import { isoTime } from '../../domain/units';
import type { AnomalySummary } from '../api/anomalies';
import type { EquipmentView, Overview, Pulse } from '../api/overview';
import type { RecoveryView, RuleView } from '../api/recovery';
import type { LiveState } from '../port/live-state';

const maybeTime = (time: number | null): string | null => (time === null ? null : isoTime(time));

/** A deadline may be infinitely far away, which is no time to show. */
const finite = (time: number): string => isoTime(Math.min(time, 8.64e15));

export const recoveryView = (recovery: Recovery, rules: readonly EventAction[]): RecoveryView => {
  const { id, rule, equipment, explanationId, fault, confidence, grant, state, isOver, step, approvedBy, note } =
    recovery;
  const definition = rules.find((item) => item.id === rule);
  return {
    id,
    rule,
    ruleTitle: definition?.title ?? rule,
    level: definition?.level ?? recovery.steps[0]?.request.level ?? null,
    equipment,
    explanationId,
    fault,
    confidence,
    grant,
    state,
    isOver,
    startedAt: isoTime(recovery.startedAt),
    since: isoTime(recovery.since),
    deadline: maybeTime(recovery.deadline),
    expiry: finite(recovery.expiry),
    step,
    steps: recovery.steps.map(({ request }) => ({
      request: request.id,
      command: request.command,
      arguments: request.arguments,
      because: request.because,
    })),
    approvedBy,
    note,
  };
};

const isOf = (mission: Mission, equipment: string, name: string): boolean => {
  const subject = name.slice(name.indexOf('/') + 1);
  return (
    subject === equipment || mission.parameters.some((item) => item.id === subject && item.equipment === equipment)
  );
};

/** Health that a recovery brought about carries the recovery's id as its note. */
const recoveryBehind = (
  { recoveries, ended, rules }: LiveState,
  record: EquipmentRecord | undefined,
): EquipmentView['recovery'] => {
  if (record?.by !== 'rule') return null;
  const known = recoveries.get(record.note) ?? ended.get(record.note);
  if (known === undefined) return null;
  const { id, rule, state, isOver, since } = known;
  const ruleTitle = rules.find((item) => item.id === rule)?.title ?? rule;
  return { id, ruleTitle, state, isOver, since: isoTime(since) };
};

export const equipmentView = (mission: Mission, live: LiveState, equipment: string): EquipmentView => {
  const { equipments, anomalies, alarms } = live;
  const record: EquipmentRecord | undefined = equipments.get(equipment);
  return {
    equipment,
    title: equipmentTitle(mission, equipment),
    health: record?.health ?? 'healthy',
    faults: record?.faults ?? 0,
    updatedAt: record === undefined ? null : isoTime(record.updatedAt),
    by: record?.by ?? '',
    note: record?.note ?? '',
    recovery: recoveryBehind(live, record),
    openAnomalies: [...anomalies.values()].filter((item) => item.equipment === equipment).map(({ id }) => id),
    alarms: [...alarms.values()]
      .filter(({ shelved, name }) => shelved === null && isOf(mission, equipment, name))
      .map(({ name }) => name),
  };
};

/** Who waits for a person comes first, and of those what expires first. */
const byDecision = (a: Recovery, b: Recovery): number =>
  Number(b.state === 'waiting') - Number(a.state === 'waiting') ||
  (a.deadline ?? Infinity) - (b.deadline ?? Infinity) ||
  a.startedAt - b.startedAt;

const newestFirst = (a: AnomalySummary, b: AnomalySummary): number => b.start.localeCompare(a.start);

export const overviewOf = (mission: Mission, live: LiveState, pulse: Pulse): Overview => ({
  spacecraft: mission.spacecraft,
  title: mission.title ?? mission.spacecraft,
  pulse,
  equipment: equipmentIds(mission).map((id) => equipmentView(mission, live, id)),
  alarms: [...byUrgency([...live.alarms.values()])],
  openAnomalies: [...live.anomalies.values()].sort(newestFirst),
  recoveries: [...live.recoveries.values()].sort(byDecision).map((item) => recoveryView(item, live.rules)),
});

/** What the log knows of a rule's recoveries. */
export interface RuleCounts {
  readonly states: Readonly<Record<string, number>>;
  readonly lastFiring: string | null;
}

/** @param counts of all rules; undefined when the log cannot be read. */
export const ruleView = (
  rule: EventAction,
  live: LiveState,
  counts: ReadonlyMap<string, RuleCounts> | undefined,
): RuleView => {
  const override = live.overrides.get(rule.id);
  const isOverridden = override?.fingerprint === fingerprint(rule);
  const own = counts === undefined ? undefined : (counts.get(rule.id) ?? { states: {}, lastFiring: null });
  const { id, title, level, event, when, because, authority, oneShot, rearm } = rule;
  return {
    id,
    title,
    level,
    event,
    when,
    because,
    authority,
    commands: rule.steps.map(({ command }) => command),
    cooldownSeconds: rule.cooldown / 1000,
    oneShot,
    rearm,
    inhibits: [...rule.inhibits],
    state: isOverridden ? override.state : rule.state,
    configuredState: rule.state,
    overriddenBy: isOverridden ? override.by : null,
    equipment: live.ruleRecords
      .filter((record) => record.rule === id)
      .map(({ equipment, coolsUntil, isSpent, attempts, squelch }) => ({
        equipment,
        coolsUntil: coolsUntil === 0 ? null : finite(coolsUntil),
        isSpent,
        attempts: attempts.length,
        suppressed: squelch.suppressed,
      })),
    counts: own?.states ?? null,
    firings: own === undefined ? null : Object.values(own.states).reduce((sum, count) => sum + count, 0),
    lastFiring: own?.lastFiring ?? null,
  };
};
