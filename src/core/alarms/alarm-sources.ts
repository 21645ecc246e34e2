/** Which events are the cause of which alarm: anomalies, limit transitions, monitors and functional monitors. */
import type { CheckEvent, MonitorEvent, PipelineEvent } from '../../domain/events';
import type { Explanation } from '../../domain/explanation';
import type { Severity } from '../../domain/monitors';
import { severities } from '../../domain/monitors';
import { isoTime } from '../../domain/units';
import type { AbsenceChange } from '../telemetry/absence';
import type { AlarmCondition } from './alarms';
import { isFailing } from '../monitoring/checking';
import type { NearMiss } from '../monitoring/monitor';

/** From which severity on an alarm latches; `never`: none does. */
export type LatchFrom = Severity | 'never';

const isLatching = (severity: Severity, from: LatchFrom): boolean =>
  from !== 'never' && severities.indexOf(severity) >= severities.indexOf(from);

/** `6 to 9`; an open end is left out: `from 6`, `up to 9`. */
const rangeText = ([low, high]: readonly [number | null, number | null]): string =>
  low === null ? `up to ${String(high)}` : high === null ? `from ${String(low)}` : `${String(low)} to ${String(high)}`;

/** What a plain limit says of how grave it is: an invalid sample is the sensor's trouble, a critical one the unit's. */
const SEVERITY_OF_LIMIT: Readonly<Record<CheckEvent['limit'], Severity>> = {
  valid: 'low',
  warning: 'medium',
  critical: 'high',
  monitor: 'medium',
};

/** The part of an anomaly's id that stays while its verdict changes: spacecraft, start and the equipment first named. */
const firstNamed = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

const ofAnomaly = (explanation: Explanation, from: LatchFrom, explainedBy: string | undefined): AlarmCondition => {
  const { id, state, sentence, score, revisedAt } = explanation;
  // One that the plain limits do not see is no reason to wake anybody; what it leads to may be.
  const severity = 'medium';
  return {
    name: `anomaly/${firstNamed(id)}`,
    cause: id,
    status: state === 'open' ? 'violated' : 'normal',
    severity,
    title: sentence,
    isLatching: isLatching(severity, from),
    value: score.value,
    explanationId: id,
    explainedBy,
    time: Date.parse(revisedAt),
  };
};

/** Below a lower limit, the lower the worse. */
const WORSE: Readonly<Partial<Record<CheckEvent['to'], 'lower' | 'higher'>>> = {
  belowLowLimit: 'lower',
  belowLowThreshold: 'lower',
  aboveHighLimit: 'higher',
  aboveHighThreshold: 'higher',
};

const ofCheck = (event: CheckEvent, from: LatchFrom): AlarmCondition => {
  const { parameter, limit, to, value, range, time, monitor } = event;
  const severity = event.severity ?? SEVERITY_OF_LIMIT[limit];
  return {
    name: monitor === undefined ? `check/${parameter}` : `monitor/${monitor}`,
    cause: monitor ?? limit,
    status: isFailing(to) ? 'violated' : 'normal',
    severity,
    title: `${parameter}: ${to} (${limit} ${rangeText(range)})`,
    isLatching: isLatching(severity, from),
    value,
    isInvalid: to === 'invalid',
    worse: WORSE[to],
    explanationId: null,
    explainedBy: event.mutedBy,
    time: Date.parse(time),
  };
};

const ofMonitor = (event: MonitorEvent, from: LatchFrom): AlarmCondition => {
  const { monitor, to, severity, failing, members, time } = event;
  return {
    name: `monitor/${monitor}`,
    cause: monitor,
    status: isFailing(to) ? 'violated' : 'normal',
    severity,
    title: `${monitor}: ${String(failing.length)} of ${String(members)} members failed`,
    isLatching: isLatching(severity, from),
    value: failing.length,
    explanationId: null,
    explainedBy: event.mutedBy,
    time: Date.parse(time),
  };
};

/**
 * The alarm condition an event stands for; undefined for events that are none.
 * @param explainedBy the active rule or monitor that explains an anomaly; transitions bring theirs along.
 */
export const alarmCondition = (
  event: PipelineEvent,
  from: LatchFrom,
  explainedBy: string | undefined,
): AlarmCondition | undefined => {
  switch (event.type) {
    case 'anomaly':
      return ofAnomaly(event, from, explainedBy);
    case 'check':
      return ofCheck(event, from);
    case 'monitor':
      return ofMonitor(event, from);
    case 'muted':
    case 'action':
    case 'report':
      return undefined;
  }
};

/** A monitor that failed, but less often than its alarm needs: an alarm that is pending. */
export const nearMissCondition = ({ monitor, time, count, needed }: NearMiss): AlarmCondition => ({
  name: `monitor/${monitor}`,
  cause: monitor,
  status: 'pending',
  severity: 'low',
  title: `${monitor}: failed ${String(count)} of ${String(needed)} times`,
  isLatching: false,
  value: count,
  explanationId: null,
  time,
});

/** A part of the program works, or does not. */
export interface Vital {
  readonly part: string;
  readonly works: boolean;
  readonly detail: string;
}

/** The alarm of a part of the program. @param time mission time; by the clock before the first telemetry. */
export const vitalCondition = ({ part, works, detail }: Vital, time: number): AlarmCondition => ({
  name: `daemon/${part}`,
  cause: part,
  status: works ? 'normal' : 'violated',
  severity: 'high',
  title: works ? `${part} of the daemon works again` : `${part} of the daemon: ${detail}`.slice(0, 300),
  isLatching: false,
  value: null,
  explanationId: null,
  time,
});

/** What a parameter or an equipment that stopped coming is told as. */
export const absenceText = ({ kind, name, since, parameters }: AbsenceChange): string =>
  kind === 'parameter'
    ? `${name}: no sample since ${isoTime(since)}`
    : `${name}: cannot score since ${isoTime(since)} what needs ${parameters.join(', ')}`.slice(0, 300);

/** The alarm of a parameter, or of an equipment, that stopped coming while other telemetry goes on. */
export const absenceCondition = (change: AbsenceChange): AlarmCondition => ({
  name: `${change.kind === 'parameter' ? 'absence' : 'coverage'}/${change.name}`,
  cause: 'absence',
  status: change.isAbsent ? 'violated' : 'normal',
  severity: 'medium',
  title: absenceText(change),
  isLatching: false,
  value: null,
  explanationId: null,
  time: change.time,
});
