/** How parameters form equipments inside the graph: one row of indices a unit. */
import { UNKNOWN } from '../domain/explanation';
import { equipmentIds, type Mission } from '../domain/mission';

export interface Layout {
  readonly parameters: number;
  readonly frames: number;
  /**
   * Parameter indices of each equipment; one group of all parameters when the mission names no equipment. Parameters of no equipment, where
   * others have one, are a group of their own at the end: they must accuse nobody.
   */
  readonly groups: readonly (readonly number[])[];
  /** Names of the groups, `unknown` that of parameters without equipment; empty when the mission names no equipment. */
  readonly equipment: readonly string[];
  /** Equipments have the same parameters in the same order, so that one driller can tell their channels apart. */
  readonly alike: boolean;
}

export const layoutOf = (mission: Mission): Layout => {
  const named = equipmentIds(mission);
  const indicesOf = (id: string | undefined): number[] =>
    mission.parameters.flatMap(({ equipment }, index) => (equipment === id ? [index] : []));
  const loose = indicesOf(undefined);
  const equipment = named.length === 0 || loose.length === 0 ? named : [...named, UNKNOWN];
  const groups =
    named.length === 0
      ? [loose]
      : equipment.map((id) => (id === UNKNOWN && !named.includes(id) ? loose : indicesOf(id)));
  const shape = (group: readonly number[]): string =>
    group.map((index) => mission.parameters[index]?.units ?? '').join('|');
  const alike = new Set(groups.map(shape)).size === 1;
  return { parameters: mission.parameters.length, frames: mission.sampling.window, groups, equipment, alike };
};

/** Positions of a group's samples in a flattened window [parameters, frames]. */
export const samplesOf = (group: readonly number[], frames: number): number[] =>
  group.flatMap((parameter) => Array.from({ length: frames }, (_, t) => parameter * frames + t));
