/** The step a ladder begins with. */
import type { ActionStep, EventAction } from '../domain/rules';

export const firstStep = ({ id, steps: [first] }: EventAction): ActionStep => {
  if (first === undefined) throw new Error(`rule ${id} has no step`);
  return first;
};
