/** Simple peers of the product: what sixty lines do on the same split, so that every table shows what the product adds. */
import { equipmentIds, type Mission } from '../../../domain/mission';

/** A window with a known fault: engineering values [parameters, frames]. */
export interface PeerCase {
  readonly values: Float32Array;
  /** Index of the unit among `layout.groups`, and of the fault among the fault classes. */
  readonly group: number;
  readonly fault: number;
}

export interface PeerLayout {
  readonly parameters: number;
  readonly frames: number;
  /** Parameter indices of each unit; none when the mission names no equipment. */
  readonly groups: readonly (readonly number[])[];
}

export const peerLayout = (mission: Mission): PeerLayout => ({
  parameters: mission.parameters.length,
  frames: mission.sampling.window,
  groups: equipmentIds(mission).map((id) =>
    mission.parameters.flatMap(({ equipment }, index) => (equipment === id ? [index] : [])),
  ),
});

export interface PeerInput {
  readonly layout: PeerLayout;
  /** Nominal windows, engineering values [parameters, frames]. */
  readonly nominal: readonly Float32Array[];
  readonly cases: readonly PeerCase[];
}

export interface PeerOpinion {
  /** Higher is more anomalous; only its order counts. */
  readonly score: number;
  /** Index of the unit; -1 when the peer names none. */
  readonly group: number;
  /** Index of the fault; -1 when the peer names none. */
  readonly fault: number;
  /** 0..1; 0 of a peer that names no fault. */
  readonly confidence: number;
}

export interface Peer {
  readonly name: string;
  readonly judge: (values: Float32Array) => PeerOpinion;
}

/** Index of the largest value; -1 of none. */
export const indexOfLargest = (values: ArrayLike<number>): number => {
  let best = -1;
  for (let i = 0; i < values.length; i += 1) if (best < 0 || (values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
};
