/** How parameters form equipments inside the graph: one row of indices a unit. */
import { equipmentIds, type Mission } from '../domain/mission';

export interface Layout {
  readonly parameters: number;
  readonly frames: number;
  /** Parameter indices of each equipment; one group of all parameters when the mission names no equipment. */
  readonly groups: readonly (readonly number[])[];
  /** Names of the groups; empty when the mission names no equipment. */
  readonly equipment: readonly string[];
  /** Equipments have the same parameters in the same order, so that one driller can tell their channels apart. */
  readonly alike: boolean;
}

export const layoutOf = (mission: Mission): Layout => {
  const equipment = equipmentIds(mission);
  const groups =
    equipment.length === 0
      ? [mission.parameters.map((_, index) => index)]
      : equipment.map((id) =>
          mission.parameters.flatMap((parameter, index) => (parameter.equipment === id ? [index] : [])),
        );
  const shape = (group: readonly number[]): string =>
    group.map((index) => mission.parameters[index]?.units ?? '').join('|');
  const alike = new Set(groups.map(shape)).size === 1;
  return { parameters: mission.parameters.length, frames: mission.sampling.window, groups, equipment, alike };
};

/** Positions of a group's samples in a flattened window [parameters, frames]. */
export const samplesOf = (group: readonly number[], frames: number): number[] =>
  group.flatMap((parameter) => Array.from({ length: frames }, (_, t) => parameter * frames + t));
