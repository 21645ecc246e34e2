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
  /** Parameters that condition the others and are never scored: commands, modes, flags, setpoints. Rising. */
  readonly conditions: readonly number[];
}

/**
 * Conditions among the parameters: those of kind `event`, and `held` ones. Where an equipment, or the whole mission, would be left
 * with nothing to score, its parameters are scored all the same.
 */
const conditionsOf = ({ parameters }: Mission, held: readonly number[]): number[] => {
  const isCandidate = parameters.map(({ kind }, index) => kind === 'event' || held.includes(index));
  if (isCandidate.every(Boolean)) return [];
  const measured = new Set(
    parameters.flatMap(({ equipment }, index) => (isCandidate[index] === true ? [] : [equipment])),
  );
  return parameters.flatMap(({ equipment }, index) =>
    isCandidate[index] === true && (equipment === undefined || measured.has(equipment)) ? [index] : [],
  );
};

/** @param held parameters that telemetry shows to hold a few levels (conditions.ts). */
export const layoutOf = (mission: Mission, held: readonly number[] = []): Layout => {
  const named = equipmentIds(mission);
  const conditions = conditionsOf(mission, held);
  const indicesOf = (id: string | undefined): number[] =>
    mission.parameters.flatMap(({ equipment }, index) =>
      equipment === id && !conditions.includes(index) ? [index] : [],
    );
  const loose = indicesOf(undefined);
  const equipment = named.length === 0 || loose.length === 0 ? named : [...named, UNKNOWN];
  const groups =
    named.length === 0
      ? [loose]
      : equipment.map((id) => (id === UNKNOWN && !named.includes(id) ? loose : indicesOf(id)));
  const shape = (group: readonly number[]): string =>
    group.map((index) => mission.parameters[index]?.units ?? '').join('|');
  const alike = new Set(groups.map(shape)).size === 1;
  return {
    parameters: mission.parameters.length,
    frames: mission.sampling.window,
    groups,
    equipment,
    alike,
    conditions,
  };
};

/** Positions of a group's samples in a flattened window [parameters, frames]. */
export const samplesOf = (group: readonly number[], frames: number): number[] =>
  group.flatMap((parameter) => Array.from({ length: frames }, (_, t) => parameter * frames + t));

/** Scored parameters that belong to no equipment although others do. */
export const looseOf = ({ equipment, groups }: Layout): readonly number[] =>
  equipment.at(-1) === UNKNOWN ? (groups.at(-1) ?? []) : [];

/** What evidence is counted against: equipments, then scored parameters of none; without equipment each parameter on its own. */
export const unitsOf = (layout: Layout): readonly (readonly number[])[] => {
  const { equipment, groups } = layout;
  if (equipment.length === 0) return (groups[0] ?? []).map((parameter) => [parameter]);
  const loose = looseOf(layout);
  const named = loose.length > 0 ? groups.slice(0, -1) : groups;
  return [...named, ...loose.map((parameter) => [parameter])];
};
