/** What decoding gives: fields, values, problems, and the state of one decode that compiled steps work on. */
import type { MetaCommand } from '../xtce/definition';
import type { Argument, Container, XtceParameter, ScalarType } from '../xtce/model';

export type RawValue = number | bigint | string | Uint8Array;
/** Null: there is no engineering value (`reason` says why). */
export type EngineeringValue = number | bigint | string | Uint8Array | null;

/** Why a value is not valid. */
export type InvalidReason =
  | 'range' // outside the valid range
  | 'no-label' // no label of the enumeration
  | 'not-finite' // NaN or infinite
  | 'no-value' // not in the form of its encoding, outside its calibrator, no time
  | 'condition'; // the validity condition of the parameter does not hold

/** One value that packets can give: a scalar parameter or argument, a member, an element. The same object in every packet. */
export interface Field {
  /** `SpaceSystem.parameter`, then `.member` and `[index]`. */
  readonly id: string;
  readonly index: number;
  readonly type: ScalarType;
  readonly parameter?: XtceParameter;
  readonly argument?: Argument;
}

export interface DecodedValue {
  readonly field: Field;
  readonly raw: RawValue;
  readonly value: EngineeringValue;
  readonly valid: boolean;
  readonly reason: InvalidReason | undefined;
  /** First bit, from the beginning of the packet. */
  readonly start: number;
  readonly bits: number;
}

export type DecodeProblemCode =
  | 'truncated' // an entry reaches over the end of the packet
  | 'unread-bits' // bits are left that no entry reads
  | 'unknown-packet' // no container that is not abstract fits
  | 'ambiguous' // two containers fit; the first one is taken
  | 'refused' // the container is refused, or holds something that is
  | 'bad-size' // a dynamic size, count or position that cannot be
  | 'limit'; // more values than the limit

export interface DecodeProblem {
  readonly code: DecodeProblemCode;
  /** Bit of the packet. */
  readonly bit: number;
  /** Parameter or container. */
  readonly at: string;
  readonly message: string;
}

export interface DecodedPacket {
  /** The most derived container that fits. */
  readonly container: Container;
  /** The command that the container carries, when telecommands are decoded. */
  readonly command: MetaCommand | undefined;
  /** Other commands that the packet could be as well, with their values; the definition does not tell them apart. */
  readonly others: readonly { readonly command: MetaCommand; readonly values: readonly DecodedValue[] }[];
  readonly values: readonly DecodedValue[];
  /** End of the last bit that an entry read. */
  readonly bitsUsed: number;
  readonly problems: readonly DecodeProblem[];
}

/** A container that reads a telecommand packet, with what it reads. */
export interface Candidate {
  readonly container: Container;
  readonly values: readonly DecodedValue[];
}

/** State of one decode. Steps change it and return false when the packet cannot be read further. */
export interface Run {
  bytes: Uint8Array;
  /** Bits of the packet. */
  endBits: number;
  position: number;
  /** Where the container that is being read begins. */
  containerStart: number;
  containerEnd: number | undefined;
  bitsUsed: number;
  readonly values: DecodedValue[];
  /** By slot: the newest value of each field that something refers to. */
  readonly latest: (DecodedValue | undefined)[];
  /** Values that may still be read. */
  budget: number;
  readonly problems: DecodeProblem[];
  /** True when a fixed value of a command differs: another container may fit. */
  mismatch: boolean;
  /** What the packet could be as well; undefined for telemetry, where the first container that fits is taken. */
  others: Candidate[] | undefined;
}

export type Step = (run: Run) => boolean;

/** Notes why the packet cannot be read further. @returns false, for the step to return */
export const stop = (run: Run, code: DecodeProblemCode, at: string, message: string): false => {
  run.problems.push({ code, bit: run.position, at, message });
  return false;
};

/** The same for a reader of values. @returns undefined, for the reader to return */
export const halt = (run: Run, code: DecodeProblemCode, at: string, message: string): undefined => {
  stop(run, code, at, message);
};
