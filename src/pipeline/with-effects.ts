/** Windows that are due gain the cells that declared effects of telecommands explain. */
import { expectedCells, planEffects } from '../core/telemetry/effects';
import { telecommandsAt } from '../core/telemetry/telecommands';
import type { Mission } from '../domain/mission';
import { map, type OperatorFunction } from 'rxjs';
import type { WithTelecommandState } from './with-telecommands';
import type { WithWindows } from './with-windows';

export const withEffects = <E extends WithWindows & WithTelecommandState>(mission: Mission): OperatorFunction<E, E> => {
  const plan = planEffects(mission);
  const { window: frames } = mission.sampling;
  return map((event) => {
    if (plan.length === 0 || event.due.length === 0) return event;
    const due = event.due.map((item) => {
      if (item.kind === 'lost') return item;
      const state = telecommandsAt(event.commanded, item.window.end);
      const expected = expectedCells(plan, state, item.window, frames);
      return expected.length === 0 ? item : { ...item, window: { ...item.window, expected } };
    });
    return { ...event, due };
  });
};
