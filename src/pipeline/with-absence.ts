/** Frames gain the parameters that stopped coming, or came back. */
import {
  initialAbsence,
  planAbsence,
  rebaseAbsence,
  watchAbsence,
  type AbsenceChange,
  type AbsenceState,
} from '../core/telemetry/absence';
import type { Mission } from '../domain/mission';
import { enrich } from './enrich';
import { isFrame, type WithFrames } from './with-frames';

export interface WithAbsence {
  readonly absences: readonly AbsenceChange[];
}

export const withAbsence = <E extends WithFrames>(mission: Mission, initial: AbsenceState = initialAbsence) => {
  const plan = planAbsence(mission);
  return enrich(
    initial,
    (before, { assembled, beginsBase }: E) => {
      const absences: AbsenceChange[] = [];
      let state = beginsBase === undefined ? before : rebaseAbsence(before, beginsBase.to);
      for (const item of assembled) {
        if (!isFrame(item)) continue;
        const step = watchAbsence(plan, state, item);
        state = step.state;
        absences.push(...step.changes);
      }
      const added: WithAbsence = { absences };
      return { state, added };
    },
    (absence) => ({ absence }),
  );
};
