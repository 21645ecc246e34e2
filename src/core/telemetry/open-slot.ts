/** A slot of the sampling grid while it is filled, and what comes for it once it is closed. */
import type { PartialFrame } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import type { AssemblyPlan } from './assembly-plan';
import type { Drop } from './drop';

/** A received value, to be checked against limits as soon as it arrives. */
export interface ReceivedSample {
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

/** Packet time of the last value that was taken into a slot, by row, milliseconds: by it a second one of that instant is known. */
export interface TakenTimes {
  readonly takenAt: Float64Array;
}

/** What one step brings about besides its state. */
export interface StepOutput<I> {
  readonly items: I[];
  readonly drops: Drop[];
  readonly samples: ReceivedSample[];
}

const isValid = ({ validLow, validHigh }: AssemblyPlan, row: number, value: number): boolean =>
  value >= (validLow[row] ?? -Infinity) && value <= (validHigh[row] ?? Infinity);

/** Values that differ from those of the same instant that came before. */
const secondOfInstant = (time: number, parameters: readonly string[]): readonly Drop[] => {
  if (parameters.length === 0) return [];
  const more = parameters.length === 1 ? '' : ` and ${String(parameters.length - 1)} more`;
  const message = `"${parameters[0] ?? ''}"${more} came twice at the same instant, ${isoTime(time)}, with different values: the first is used`;
  return [{ reason: 'same-instant', message, count: parameters.length }];
};

/**
 * Puts the values of a partial frame into its slot; first come, first kept. Every value that is new is a sample to be checked.
 * Writes into `takenAt` what was taken.
 */
export const fillSlot = (
  plan: AssemblyPlan,
  slot: OpenSlot | undefined,
  partial: PartialFrame,
  { drops, samples, takenAt }: Pick<StepOutput<unknown>, 'drops' | 'samples'> & TakenTimes,
): OpenSlot => {
  const received = slot === undefined ? new Float64Array(plan.indexOf.size).fill(NaN) : slot.received.slice();
  let missing = slot?.missing ?? plan.periodicCount;
  let duplicates = 0;
  const twice: string[] = [];
  for (const parameter of Object.keys(partial.values)) {
    const index = plan.indexOf.get(parameter);
    const value = partial.values[parameter];
    if (index === undefined || value === undefined) {
      drops.push({ reason: 'unknown-parameter', message: `no parameter "${parameter}" in the mission` });
    } else if (!Number.isFinite(value)) {
      drops.push({ reason: 'not-finite', message: `"${parameter}" is not finite` });
    } else if (!Number.isNaN(received[index] ?? NaN)) {
      const isRepeated = received[index] === value;
      if (!isRepeated && takenAt[index] === partial.time) twice.push(parameter);
      else duplicates += 1;
      // The same value is a repetition, and was checked when it came first.
      if (!isRepeated) samples.push({ row: index, time: partial.time, value });
    } else {
      received[index] = value;
      takenAt[index] = partial.time;
      samples.push({ row: index, time: partial.time, value });
      if (plan.isPeriodic[index] === true) missing -= 1;
      if (!isValid(plan, index, value)) {
        drops.push({ reason: 'invalid', message: `"${parameter}" = ${String(value)} is outside its valid range` });
      }
    }
  }
  drops.push(...secondOfInstant(partial.time, twice));
  if (duplicates > 0) {
    const what = `${String(duplicates)} value${duplicates === 1 ? '' : 's'}`;
    drops.push({ reason: 'duplicate', message: `${what} of ${isoTime(partial.time)} had already arrived` });
  }
  return { received, missing };
};

/** What is known of every parameter, by row. */
interface HeldValues {
  readonly held: Float64Array;
  readonly heldAt: Float64Array;
}

/** Values that are in no slot, to be checked all the same; the one that is held already was checked when it came. */
export const uncheckedSamples = (
  plan: AssemblyPlan,
  { held, heldAt }: HeldValues,
  { time, values }: PartialFrame,
  slotTime: number,
): readonly ReceivedSample[] =>
  Object.keys(values).flatMap((parameter): ReceivedSample[] => {
    const row = plan.indexOf.get(parameter);
    const value = values[parameter];
    if (row === undefined || value === undefined || !Number.isFinite(value)) return [];
    return heldAt[row] === slotTime && held[row] === value ? [] : [{ row, time, value }];
  });

/** A frame for a slot that is closed: a repetition, values that came twice at one instant, or late. */
export const dropClosed = (
  plan: AssemblyPlan,
  { held, heldAt, takenAt }: HeldValues & { readonly takenAt?: Float64Array | undefined },
  { time, values }: PartialFrame,
  slotTime: number,
): readonly Drop[] => {
  const twice: string[] = [];
  let late = 0;
  for (const parameter of Object.keys(values)) {
    const row = plan.indexOf.get(parameter) ?? -1;
    const value = values[parameter] ?? NaN;
    const isHeld = heldAt[row] === slotTime;
    if (isHeld && held[row] === value) continue;
    if (takenAt?.[row] !== time) late += 1;
    // What was taken and is not held was outside of its valid range: so is a repetition of it.
    else if (isHeld || isValid(plan, row, value)) twice.push(parameter);
  }
  if (late === 0 && twice.length === 0)
    return [{ reason: 'duplicate', message: `the frame of ${isoTime(time)} had already arrived` }];
  const tooLate: Drop = { reason: 'late', message: `${isoTime(time)} is already closed` };
  return [...secondOfInstant(time, twice), ...(late > 0 ? [tooLate] : [])];
};
