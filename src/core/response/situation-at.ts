/** The spacecraft as it is known at a time of the mission. */
import type { Situation } from '../../domain/facts';
import { staleAfterMs, type Mission } from '../../domain/mission';

export interface KnownSpacecraft {
  readonly mission: Mission;
  /** As of the newest frame; undefined before the first. */
  readonly newest: Omit<Situation, 'health'> | undefined;
  readonly health: Situation['health'];
}

/** What is too old by `time` (mission time, milliseconds) is stale, and left out. */
export const situationAt = ({ mission, newest, health }: KnownSpacecraft, time: number): Situation => {
  if (newest === undefined) return { time, parameters: {}, mode: undefined, monitors: {}, health };
  const age = time - newest.time;
  if (age <= 0) return { ...newest, time, health };
  const fresh = mission.parameters.filter((parameter) => age <= staleAfterMs(mission, parameter));
  const parameters = Object.fromEntries(fresh.map(({ id }) => [id, newest.parameters[id] ?? Number.NaN]));
  return { ...newest, parameters, time, health };
};
