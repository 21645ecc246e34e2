/** Members of a fleet while it runs: what their spacecraft share, and what is derived of it for each. */
import { openPackets, type PacketParts } from '../../adapters/packets/definition-file';
import { PacketTelemetry } from '../../adapters/packets/packet-telemetry';
import { definitionNotes, TelecommandPackets } from '../../adapters/packets/telecommand-packets';
import type { LoadedSubject } from '../../config/load-config';
import type { LoadedFleet, LoadedMember } from '../../config/load-fleet';
import { packetMarks } from '../../core/telemetry/packet-memory';
import type { Mission } from '../../domain/mission';
import { findSufficient } from '../../pipeline/counterfactual';
import { DEFAULT_GUARD, guardScorer } from '../../pipeline/guard-scorer';
import type { Model } from '../../pipeline/judge';
import type { ResumedMemory } from '../../pipeline/memory';
import { packetMemoryOf } from '../../pipeline/with-packet-memory';
import { Models } from '../models';

/** What reads the packets of a member: its definition is read and compiled once. */
interface MemberPackets {
  readonly parts: PacketParts;
  readonly telecommands: TelecommandPackets;
}

/** A member whose model runs. */
export interface RunningMember {
  readonly member: LoadedSubject & Pick<LoadedMember, 'content'>;
  readonly models: Models | undefined;
  /** Names of all parameters, to read telemetry with. */
  readonly parameters: ReadonlySet<string>;
  /** Undefined: its mission has no packets. */
  readonly packets: MemberPackets | undefined;
}

/** Which member a spacecraft belongs to, by its name. */
export type Assignments = ReadonlyMap<string, RunningMember>;

/** Undefined: the mission has no packets. @throws FdirError `config` when its definition cannot be used. */
export const packetsOf = ({
  mission: { packets },
  readPacketFile,
}: Pick<LoadedSubject, 'mission' | 'readPacketFile'>): MemberPackets | undefined =>
  packets && {
    parts: openPackets(packets, readPacketFile),
    telecommands: new TelecommandPackets(packets, readPacketFile),
  };

/**
 * @throws FdirError `model` when a package does not run here, `config` when a definition of packets cannot be used. What was started by
 * then is closed again.
 */
export const startMembers = async ({ members, config }: LoadedFleet): Promise<readonly RunningMember[]> => {
  const running: RunningMember[] = [];
  try {
    for (const member of members) {
      const packets = packetsOf(member);
      const models = await Models.start(member, { wrap: (scorer) => scorer, inThread: config.modelThread });
      const parameters = new Set(member.mission.parameters.map(({ id }) => id));
      running.push({ member, models, parameters, packets });
    }
    return running;
  } catch (error) {
    await closeMembers(running);
    throw error;
  }
};

/** What of the members' definitions is left out or ambiguous, a sentence for each that has something. */
export const definitionNotesOf = (members: readonly Pick<RunningMember, 'packets'>[]): readonly string[] =>
  members.flatMap(({ packets }) => (packets === undefined ? [] : definitionNotes(packets.parts, packets.telecommands)));

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

/** Packets that one spacecraft of many remembers: what comes again later is known by its time. */
export const REMEMBERED_PACKETS = 512;

/** What one spacecraft knows of its packets: gaps and repeats are its own. @param resumed of the last run, or of the worker before. */
export const packetTelemetryFor = (
  { packets }: RunningMember,
  mission: Mission,
  resumed: ResumedMemory,
): PacketTelemetry | undefined =>
  packets &&
  PacketTelemetry.of(mission, {
    parts: packets.parts,
    remembered: { most: REMEMBERED_PACKETS, marks: packetMarks(packetMemoryOf(resumed)) },
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
