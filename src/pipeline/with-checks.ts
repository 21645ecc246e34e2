/** Frames gain the limit transitions they cause; no model is needed. */
import { checkLimits, initialChecks, planChecks, type CheckState } from '../core/monitoring/limit-checks';
import { allowedAt, planEffects } from '../core/telemetry/effects';
import { telecommandsAt } from '../core/telemetry/telecommands';
import type { CheckEvent } from '../domain/events';
import type { Mission } from '../domain/mission';
import { enrich } from './enrich';
import { isFrame, type WithFrames } from './with-frames';
import type { Telecommanded } from './with-telecommands';

export interface WithChecks {
  readonly checks: readonly CheckEvent[];
}

export const withChecks = <E extends WithFrames & Partial<Telecommanded>>(mission: Mission, initial?: CheckState) => {
  const plan = planChecks(mission);
  const effects = planEffects(mission);
  return enrich(
    initial ?? initialChecks(plan),
    (before, { assembled, commanded }: E) => {
      const checks: CheckEvent[] = [];
      let state = before;
      for (const item of assembled) {
        if (!isFrame(item)) continue;
        const { time } = item.frame;
        const allowed =
          effects.length === 0 || commanded === undefined
            ? undefined
            : allowedAt(effects, telecommandsAt(commanded, time), time);
        const step = checkLimits(plan, state, item, allowed);
        state = step.state;
        checks.push(...step.events);
      }
      const added: WithChecks = { checks };
      return { state, added };
    },
    (checks) => ({ checks }),
  );
};
