/** What the state of the monitoring says as a whole: asked for at every frame, and mostly the same as at the one before. */
import type { Situation } from '../../domain/facts';
import { isFailing } from './checking';
import type { Persistence } from './persistence';
import type { MonitoringPlan } from './plan';

type Statuses = Situation['monitors'];

/** By the plan's order. */
interface States {
  readonly monitors: readonly Persistence<string>[];
  readonly functional: readonly Persistence<string>[];
}

/** The established status of everything, as conditions see it. */
export const statusesOf = (plan: MonitoringPlan, state: States): Statuses =>
  Object.fromEntries([
    ...plan.monitors.map(({ id }, index) => [id, state.monitors[index]?.status ?? 'unchecked'] as const),
    ...plan.functional.map(({ id }, index) => [id, state.functional[index]?.status ?? 'unchecked'] as const),
  ]);

const NOTHING: ReadonlySet<string> = new Set();

/** Monitors with a failing count that is not established yet: what they inhibit waits for them. */
export const pendingOf = ({ monitors, functional }: MonitoringPlan, state: States): ReadonlySet<string> => {
  let pending: Set<string> | undefined;
  const collect = (plan: readonly { readonly id: string }[], states: readonly Persistence<string>[]): void => {
    states.forEach(({ candidate }, index) => {
      const id = plan[index]?.id;
      if (candidate !== undefined && id !== undefined && isFailing(candidate)) (pending ??= new Set()).add(id);
    });
  };
  collect(monitors, state.monitors);
  collect(functional, state.functional);
  return pending ?? NOTHING;
};

const known = new WeakMap<Statuses, ReadonlySet<string>>();

/** What has failed. Worked out once for an object of statuses, which is never changed. */
export const failingAmong = (statuses: Statuses): ReadonlySet<string> => {
  const before = known.get(statuses);
  if (before !== undefined) return before;
  const failing = new Set(Object.entries(statuses).flatMap(([id, status]) => (isFailing(status) ? [id] : [])));
  known.set(statuses, failing);
  return failing;
};
