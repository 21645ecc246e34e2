/** A slot of the sampling grid while it is filled, and what comes for it once it is closed. */
import type { PartialFrame } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import type { AssemblyPlan } from './assembly-plan';
import type { Drop } from './drop';

/** A received value, to be checked against limits as soon as it arrives. */
export interface Sample {
  /** Row of the parameter. */
  readonly row: number;
  /** Packet time, milliseconds. */
  readonly time: number;
  readonly value: number;
  /** The newest value of the parameter, when that arrived before this older one. */
  readonly newer?: { readonly time: number; readonly value: number };
}

export interface OpenSlot {
  readonly received: Float64Array;
  /** Periodic parameters that have not arrived. */
  readonly missing: number;
}

/** What one step brings about besides its state. */
export interface Gathered<I> {
  readonly items: I[];
  readonly drops: Drop[];
  readonly samples: Sample[];
}

/** Puts the values of a partial frame into its slot; first come, first kept. Every value that is new is a sample to be checked. */
export const fillSlot = (
  plan: AssemblyPlan,
  slot: OpenSlot | undefined,
  partial: PartialFrame,
  { drops, samples }: Pick<Gathered<unknown>, 'drops' | 'samples'>,
): OpenSlot => {
  const received =
    slot === undefined ? new Float64Array(plan.indexOf.size).fill(NaN) : Float64Array.from(slot.received);
  let missing = slot?.missing ?? plan.periodicCount;
  let duplicates = 0;
  for (const parameter of Object.keys(partial.values)) {
    const index = plan.indexOf.get(parameter);
    const value = partial.values[parameter];
    if (index === undefined || value === undefined) {
      drops.push({ reason: 'unknown-parameter', message: `no parameter "${parameter}" in the mission` });
    } else if (!Number.isFinite(value)) {
      drops.push({ reason: 'not-finite', message: `"${parameter}" is not finite` });
    } else if (!Number.isNaN(received[index] ?? NaN)) {
      duplicates += 1;
      // The same value is a repetition, and was checked when it came first.
      if (received[index] !== value) samples.push({ row: index, time: partial.time, value });
    } else {
      received[index] = value;
      samples.push({ row: index, time: partial.time, value });
      if (plan.isPeriodic[index] === true) missing -= 1;
      if (value < (plan.validLow[index] ?? -Infinity) || value > (plan.validHigh[index] ?? Infinity)) {
        drops.push({ reason: 'invalid', message: `"${parameter}" = ${String(value)} is outside its valid range` });
      }
    }
  }
  if (duplicates > 0) {
    const what = `${String(duplicates)} value${duplicates === 1 ? '' : 's'}`;
    drops.push({ reason: 'duplicate', message: `${what} of ${isoTime(partial.time)} had already arrived` });
  }
  return { received, missing };
};

/** What is known of every parameter, by row. */
interface Held {
  readonly held: Float64Array;
  readonly heldAt: Float64Array;
}

/** Values that are in no slot, to be checked all the same; the one that is held already was checked when it came. */
export const uncheckedSamples = (
  plan: AssemblyPlan,
  { held, heldAt }: Held,
  { time, values }: PartialFrame,
  slotTime: number,
): readonly Sample[] =>
  Object.keys(values).flatMap((parameter): Sample[] => {
    const row = plan.indexOf.get(parameter);
    const value = values[parameter];
    if (row === undefined || value === undefined || !Number.isFinite(value)) return [];
    return heldAt[row] === slotTime && held[row] === value ? [] : [{ row, time, value }];
  });

/** A frame for a slot that is closed: a repetition when the slot was filled by the same values, else late. */
export const dropClosed = (plan: AssemblyPlan, held: Held, partial: PartialFrame, slotTime: number): Drop => {
  const isRepeated = Object.keys(partial.values).every((parameter) => {
    const index = plan.indexOf.get(parameter) ?? -1;
    return held.heldAt[index] === slotTime && held.held[index] === partial.values[parameter];
  });
  return isRepeated
    ? { reason: 'duplicate', message: `the frame of ${isoTime(partial.time)} had already arrived` }
    : { reason: 'late', message: `${isoTime(partial.time)} is already closed` };
};
