/**
 * A response on another time base: mission time goes on from `to`, and whatever was counted in it keeps the time it had left. What was
 * written stays as it was written. Pure.
 */
import type { LedgerEntry } from '../../domain/ledger';
import type { Recovery, RecoveryState } from '../../domain/recovery';
import { isoTime } from '../../domain/units';
import type { ResponseState } from './response';

export interface RebaseStep {
  readonly state: ResponseState;
  /** What the ledger keeps of everything that was moved. */
  readonly ledger: readonly LedgerEntry[];
}

const shifted = (time: string, by: number): string => isoTime(Date.parse(time) + by);

/** What has not left yet leaves with times of the new base. */
const HERE: readonly RecoveryState[] = ['proposed', 'waiting', 'armed'];

const movedRecovery = (recovery: Recovery, by: number): Recovery => ({
  ...recovery,
  since: recovery.since + by,
  deadline: recovery.deadline === null ? null : recovery.deadline + by,
  expiry: recovery.expiry + by,
  startedAt: recovery.startedAt + by,
  steps: recovery.steps.map((planned, index) => {
    if (index !== recovery.step || !HERE.includes(recovery.state)) return planned;
    const { request } = planned;
    const times = { time: shifted(request.time, by), expiry: shifted(request.expiry, by) };
    return { ...planned, request: { ...request, ...times } };
  }),
});

/** @param by milliseconds, negative when the clock was set back. */
export const rebaseResponse = (before: ResponseState, by: number): RebaseStep => {
  const { supervisor, alarms, matcher, situation, unsent } = before;
  const moved = (recovery: Recovery): Recovery => movedRecovery(recovery, by);
  const recoveries = supervisor.recoveries.map(moved);
  const rules = supervisor.rules.map((record) => ({
    ...record,
    coolsUntil: record.coolsUntil + by,
    attempts: record.attempts.map((at) => at + by),
    squelch: { ...record.squelch, at: record.squelch.at + by },
  }));
  const equipments = supervisor.equipments.map((record) => ({ ...record, updatedAt: record.updatedAt + by }));
  const book = alarms.alarms.map((alarm) => ({
    ...alarm,
    squelch: { ...alarm.squelch, at: alarm.squelch.at + by },
    shelved: alarm.shelved && { ...alarm.shelved, until: shifted(alarm.shelved.until, by) },
  }));
  return {
    state: {
      ...before,
      supervisor: { ...supervisor, time: supervisor.time + by, recoveries, rules, equipments },
      alarms: { ...alarms, alarms: book },
      matcher: { ...matcher, startedAt: matcher.startedAt === undefined ? undefined : matcher.startedAt + by },
      situation: situation && { ...situation, time: situation.time + by },
      unsent: unsent.map(moved),
      anchor: before.anchor && { ...before.anchor, packet: before.anchor.packet + by },
    },
    ledger: [
      ...recoveries.map((record) => ({ kind: 'recovery' as const, record })),
      ...rules.map((record) => ({ kind: 'rule' as const, record })),
      ...equipments.map((record) => ({ kind: 'equipment' as const, record })),
      ...book.map((record) => ({ kind: 'alarm' as const, record })),
    ],
  };
};
