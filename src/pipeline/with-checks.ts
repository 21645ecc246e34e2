/** Frames gain the limit transitions they cause; no model is needed. */
import { checkLimits, initialChecks, planChecks, type CheckState } from '../core/monitoring/limit-checks';
import type { CheckEvent } from '../domain/events';
import type { Mission } from '../domain/mission';
import { enrich } from './enrich';
import { isFrame, type WithFrames } from './with-frames';

export interface WithChecks {
  readonly checks: readonly CheckEvent[];
}

export const withChecks = <E extends WithFrames>(mission: Mission, initial?: CheckState) => {
  const plan = planChecks(mission);
  return enrich(
    initial ?? initialChecks(plan),
    (before, { assembled }: E) => {
      const checks: CheckEvent[] = [];
      let state = before;
      for (const item of assembled) {
        if (!isFrame(item)) continue;
        const step = checkLimits(plan, state, item);
        state = step.state;
        checks.push(...step.events);
      }
      const added: WithChecks = { checks };
      return { state, added };
    },
    (checks) => ({ checks }),
  );
};
