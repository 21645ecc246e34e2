/** A slot of the sampling grid while it is filled, and what comes for it once it is closed. */
import type { PartialFrame } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import type { AssemblyPlan } from './assembly-plan';
import type { Drop } from './drop';

export interface SurplusSample {
  /** Row of the parameter. */
  readonly row: number;
  readonly time: number;
  readonly value: number;
}

export interface OpenSlot {
  readonly received: Float64Array;
  /** Periodic parameters that have not arrived. */
  readonly missing: number;
  readonly surplus?: readonly SurplusSample[];
}

/** What is known of every parameter when a slot is closed. */
interface Held {
  readonly held: Float64Array;
  readonly heldAt: Float64Array;
  readonly surplus: readonly SurplusSample[];
}

/** Samples of one slot that are checked besides the first: more come of a source that sends far faster than the mission says. */
const MAX_SURPLUS = 1000;

/** Puts the values of a partial frame into its slot; first come, first kept. */
export const fillSlot = (
  plan: AssemblyPlan,
  slot: OpenSlot | undefined,
  partial: PartialFrame,
  drops: Drop[],
): OpenSlot => {
  const received =
    slot === undefined ? new Float64Array(plan.indexOf.size).fill(NaN) : Float64Array.from(slot.received);
  let missing = slot?.missing ?? plan.periodicCount;
  const surplus: SurplusSample[] = [...(slot?.surplus ?? [])];
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
      if (received[index] !== value && surplus.length < MAX_SURPLUS)
        surplus.push({ row: index, time: partial.time, value });
    } else {
      received[index] = value;
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
  return surplus.length === 0 ? { received, missing } : { received, missing, surplus };
};

/** A value for a closed slot, of a parameter that had none there or another one: it was never checked. One that is older than what is held may have been. */
const unchecked = (plan: AssemblyPlan, held: Held, { time, values }: PartialFrame, slotTime: number) =>
  Object.keys(values).flatMap((parameter): SurplusSample[] => {
    const row = plan.indexOf.get(parameter);
    const value = values[parameter];
    if (row === undefined || value === undefined || !Number.isFinite(value)) return [];
    const heldAt = held.heldAt[row] ?? NaN;
    return heldAt > slotTime || (heldAt === slotTime && held.held[row] === value) ? [] : [{ row, time, value }];
  });

/**
 * A frame for a slot that is closed. If the same values filled the slot, it is a repetition. Otherwise it is late, and checked
 * all the same.
 */
export const takeClosed = (plan: AssemblyPlan, held: Held, partial: PartialFrame, slotTime: number) => {
  const isRepeated = Object.keys(partial.values).every((parameter) => {
    const index = plan.indexOf.get(parameter) ?? -1;
    return held.heldAt[index] === slotTime && held.held[index] === partial.values[parameter];
  });
  const drop: Drop = isRepeated
    ? { reason: 'duplicate', message: `the frame of ${isoTime(partial.time)} had already arrived` }
    : { reason: 'late', message: `${isoTime(partial.time)} is already closed` };
  return { drop, surplus: [...held.surplus, ...unchecked(plan, held, partial, slotTime)].slice(0, MAX_SURPLUS) };
};
