/** Transitions that an active root cause explains. */
import type { CheckEvent, MonitorEvent } from '../../domain/events';
import type { Inhibition } from './rule-program';

/** A transition whose cause is a monitor that has failed; the cause itself is never muted by what it causes to be muted. */
export const muted = <E extends CheckEvent | MonitorEvent>(
  event: E,
  equipment: string | undefined,
  inhibitions: readonly Inhibition[],
  failing: ReadonlySet<string>,
): E => {
  const id = event.monitor ?? '';
  const cause = inhibitions.find(
    (inhibition) =>
      inhibition.id !== id &&
      failing.has(inhibition.id) &&
      (inhibition.ids.has(id) || (equipment !== undefined && inhibition.equipments.has(equipment))),
  );
  return cause === undefined ? event : { ...event, mutedBy: cause.id };
};
