/** Sequence counts per APID: what is missing, what came twice, what went backwards. */
import { SEQUENCE_MODULUS, type PacketHeader } from './space-packet';

export interface ApidCounts {
  packets: number;
  /** Places where counts are missing, and packets missing there. */
  gaps: number;
  missing: number;
  /** The same count as the packet before. */
  repeated: number;
  /** Counts that went backwards: out of order, or a counter that began again. */
  backwards: number;
}

/** APIDs of telemetry are told from those of telecommands. */
export const apidKey = ({ apid, type }: Pick<PacketHeader, 'apid' | 'type'>): number =>
  type === 'telemetry' ? apid : apid + 2048;

export class SequenceCounter {
  readonly #last = new Map<number, number>();
  readonly #counts = new Map<number, ApidCounts>();

  /** @returns packets missing before this one */
  note(header: PacketHeader): number {
    const key = apidKey(header);
    const counts = this.#counts.get(key) ?? { packets: 0, gaps: 0, missing: 0, repeated: 0, backwards: 0 };
    this.#counts.set(key, counts);
    counts.packets += 1;
    const last = this.#last.get(key);
    this.#last.set(key, header.sequence);
    if (last === undefined) return 0;
    const step = (header.sequence - last + SEQUENCE_MODULUS) % SEQUENCE_MODULUS;
    if (step === 1) return 0;
    if (step === 0) counts.repeated += 1;
    else if (step > SEQUENCE_MODULUS / 2) counts.backwards += 1;
    else {
      counts.gaps += 1;
      counts.missing += step - 1;
      return step - 1;
    }
    return 0;
  }

  /** By APID; telecommands under APID + 2048. */
  counts(): ReadonlyMap<number, Readonly<ApidCounts>> {
    return this.#counts;
  }
}
