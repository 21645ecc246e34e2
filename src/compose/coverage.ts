/** What is missing from the telemetry, for the state of the daemon: it follows what the judgement remembers, also over a restart. */
import { absentNow, planAbsence, type AbsenceState } from '../core/telemetry/absence';
import { absenceText } from '../core/alarms/alarm-sources';
import type { Mission } from '../domain/mission';
import type { Vitals } from '../pipeline/vitals';

/** Named in the state; all of them have alarms. */
const MAX_NAMED = 5;

const textOf = (texts: readonly string[]): string => {
  const more = texts.length - MAX_NAMED;
  return [...texts.slice(0, MAX_NAMED), ...(more > 0 ? [`and ${String(more)} more`] : [])].join('; ');
};

export const coverageTeller = (
  mission: Mission,
  vitals: Pick<Vitals, 'reportCoverage'>,
): ((absence: AbsenceState | undefined) => void) => {
  const plan = planAbsence(mission);
  let known: readonly number[] = [];
  return (absence) => {
    if (absence === undefined || absence.absent === known) return;
    known = absence.absent;
    vitals.reportCoverage(textOf(absentNow(plan, absence, 0).map(absenceText)));
  };
};
