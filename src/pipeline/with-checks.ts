/** What arrived gains the limit transitions it causes, before its slot is closed; no model is needed. */
import { checkSamples, initialChecks, planChecks, type CheckState } from '../core/monitoring/limit-checks';
import { allowedAt, planEffects } from '../core/telemetry/effects';
import { telecommandsAt } from '../core/telemetry/telecommands';
import type { CheckEvent } from '../domain/events';
import type { Mission } from '../domain/mission';
import { enrich } from './enrich';
import type { WithFrames } from './with-frames';
import type { WithTelecommandState } from './with-telecommands';

export interface WithChecks {
  readonly checks: readonly CheckEvent[];
}

export const withChecks = <E extends WithFrames & Partial<WithTelecommandState>>(
  mission: Mission,
  initial?: CheckState,
) => {
  const plan = planChecks(mission);
  const effects = planEffects(mission);
  return enrich(
    initial ?? initialChecks(plan),
    (before, { samples, commanded }: E) => {
      const allowed =
        effects.length === 0 || commanded === undefined
          ? undefined
          : (time: number) => allowedAt(effects, telecommandsAt(commanded, time), time);
      const { state, events: checks } = checkSamples(plan, before, samples, allowed);
      const added: WithChecks = { checks };
      return { state, added };
    },
    (checks) => ({ checks }),
  );
};
