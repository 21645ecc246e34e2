/** Members of a fleet while it runs: what their spacecraft share, and what is derived of it for each. */
import type { LoadedSubject } from '../../config/load-config';
import type { LoadedFleet, LoadedMember } from '../../config/load-fleet';
import type { Mission } from '../../domain/mission';
import { findSufficient } from '../../pipeline/counterfactual';
import { DEFAULT_GUARD, guardScorer } from '../../pipeline/guard-scorer';
import type { Model } from '../../pipeline/judge';
import { Models } from '../models';

/** A member whose model runs. */
export interface RunningMember {
  readonly member: LoadedSubject & Pick<LoadedMember, 'content'>;
  readonly models: Models | undefined;
  /** Names of all parameters, to read telemetry with. */
  readonly parameters: ReadonlySet<string>;
}

/** Which member a spacecraft belongs to, by its name. */
export type Assignments = ReadonlyMap<string, RunningMember>;

/** @throws FdirError `model` when a package does not run here; what was started by then is closed again. */
export const startMembers = async ({ members, config }: LoadedFleet): Promise<readonly RunningMember[]> => {
  const running: RunningMember[] = [];
  try {
    for (const member of members) {
      const models = await Models.start(member, { wrap: (scorer) => scorer, inThread: config.modelThread });
      const parameters = new Set(member.mission.parameters.map(({ id }) => id));
      running.push({ member, models, parameters });
    }
    return running;
  } catch (error) {
    await closeMembers(running);
    throw error;
  }
};

export const closeMembers = async (members: readonly RunningMember[]): Promise<void> => {
  for (const { models } of members) await models?.close();
};

/** @param running in the order of the members. */
export const assign = (members: readonly LoadedMember[], running: readonly RunningMember[]): Assignments =>
  new Map(
    members.flatMap(({ spacecraft }, index) => {
      const own = running[index];
      return own === undefined ? [] : spacecraft.map((name) => [name, own] as const);
    }),
  );

/** The mission of one spacecraft: that of its member, under its own name. */
export const missionFor = ({ member }: RunningMember, spacecraft: string): Mission => ({
  ...member.mission,
  spacecraft,
});

/**
 * The model as one spacecraft sees it. Each has a guard of its own: input that the model cannot take makes the guard of that
 * spacecraft rest, and the others score on.
 */
export const modelFor = ({ member, models }: RunningMember, mission: Mission): Model | undefined => {
  if (models === undefined) return undefined;
  const shared = models.parts(mission, () => member.rules?.sha256 ?? '');
  const scorer = guardScorer(models.live, DEFAULT_GUARD);
  return {
    ...shared,
    scorer,
    // A spacecraft has one arrival under way; what keeps the model's thread busy are the others.
    ahead: 1,
    explanations: { ...shared.explanations, findSufficient: (scored) => findSufficient(scorer, mission, scored) },
  };
};
