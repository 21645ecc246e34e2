/** Our alarms as Yamcs tells them. */
import { severityOf } from '../../../core/alarms/severity-status';
import type { Alarm } from '../../../domain/alarm';
import type { GlobalAlarmStatus, YamcsAlarm, YamcsValue } from '../../api/yamcs';

/** `check/rw2_current_a` of AURORA-1 is `/AURORA-1/check` and `rw2_current_a`. */
export const yamcsIdOf = (spacecraft: string, alarm: string): YamcsAlarm['id'] => {
  const end = alarm.lastIndexOf('/');
  const kind = end < 0 ? '' : `/${alarm.slice(0, end)}`;
  return { namespace: `/${spacecraft}${kind}`, name: alarm.slice(end + 1) };
};

/** The other way; undefined when it is an alarm of another spacecraft. */
export const alarmNameOf = (spacecraft: string, qualified: string): string | undefined => {
  const root = `/${spacecraft}/`;
  return qualified.startsWith(root) ? qualified.slice(root.length) : undefined;
};

/** Low and high of a limit are words of its title: `rw2_current_a: aboveHighLimit (...)`. */
const rangeConditionOf = ({ title }: Alarm): YamcsValue['rangeCondition'] => {
  if (/\b(aboveHigh|high)/.test(title)) return 'HIGH';
  return /\b(belowLow|low)/.test(title) ? 'LOW' : undefined;
};

const isViolated = ({ state }: Alarm): boolean => state === 'triggered' || state === 'acknowledged';

const notificationOf = ({ state, shelved, acknowledged }: Alarm): YamcsAlarm['notificationType'] => {
  if (state === 'cleared') return 'CLEARED';
  if (shelved !== null) return 'SHELVED';
  if (state === 'returned') return 'RTN';
  return acknowledged === null ? 'TRIGGERED' : 'ACKNOWLEDGED';
};

/** An alarm that is open, or was cleared just now. */
export const yamcsAlarmOf = (spacecraft: string, alarm: Alarm): YamcsAlarm => {
  const { name, sequence, severity, title, trigger, worst, current, changedAt, count } = alarm;
  const { acknowledged, shelved, isLatching, state } = alarm;
  const id = yamcsIdOf(spacecraft, name);
  const { xtce } = severityOf(severity);
  const rangeCondition = rangeConditionOf(alarm);
  const valueOf = (moment: Alarm['current'], isBad: boolean): YamcsValue => ({
    id,
    // Yamcs has no value that is none: what an anomaly or a part of the program has is 0.
    engValue: { type: 'FLOAT', floatValue: moment.value ?? 0 },
    generationTime: moment.time,
    acquisitionStatus: 'ACQUIRED',
    monitoringResult: isBad ? xtce : 'IN_LIMITS',
    ...(isBad && rangeCondition !== undefined && { rangeCondition }),
  });
  return {
    type: 'PARAMETER',
    id,
    seqNum: sequence,
    severity: xtce,
    notificationType: notificationOf(alarm),
    triggerTime: trigger.time,
    updateTime: changedAt,
    violations: count,
    count,
    acknowledged: acknowledged !== null,
    ...(acknowledged !== null && {
      acknowledgeInfo: {
        acknowledgedBy: acknowledged.by,
        acknowledgeMessage: acknowledged.comment,
        acknowledgeTime: acknowledged.time,
      },
    }),
    ...(shelved !== null && {
      shelveInfo: {
        shelvedBy: shelved.by,
        shelveMessage: shelved.reason,
        shelveTime: changedAt,
        shelveExpiration: shelved.until,
      },
    }),
    ...(state === 'cleared' && {
      clearInfo: { clearedBy: acknowledged?.by ?? '', clearTime: changedAt, clearMessage: '' },
    }),
    latching: isLatching,
    processOK: !isViolated(alarm),
    triggered: state !== 'cleared',
    pending: state === 'pending',
    parameterDetail: {
      parameter: { name: id.name, qualifiedName: `${id.namespace}/${id.name}`, shortDescription: title },
      triggerValue: valueOf(trigger, true),
      mostSevereValue: valueOf(worst, true),
      currentValue: valueOf(current, isViolated(alarm)),
    },
  };
};

/** Alarms that Yamcs lists: triggered, and not cleared. */
export const isListed = ({ state }: Alarm): boolean => state !== 'pending' && state !== 'cleared';

/** Counts of what stands; `active`: something of it violates now. */
export const globalStatusOf = (alarms: Iterable<Alarm>): GlobalAlarmStatus => {
  const listed = [...alarms].filter(isListed);
  const shelved = listed.filter((alarm) => alarm.shelved !== null);
  const others = listed.filter((alarm) => alarm.shelved === null);
  const acknowledged = others.filter((alarm) => alarm.acknowledged !== null);
  const unacknowledged = others.filter((alarm) => alarm.acknowledged === null);
  return {
    unacknowledgedCount: unacknowledged.length,
    unacknowledgedActive: unacknowledged.some(isViolated),
    acknowledgedCount: acknowledged.length,
    acknowledgedActive: acknowledged.some(isViolated),
    shelvedCount: shelved.length,
    shelvedActive: shelved.some(isViolated),
  };
};
