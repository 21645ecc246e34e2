/**
 * Slots that are over by the clock: what arrived last before a silence is judged without the next packet. A recording has no clock, and
 * its slots close by packet time alone. A pure reducer.
 */
import type { AssemblerState, AssemblerStep, AssemblyItem } from './assembler-state';
import type { AssemblyPlan } from './assembly-plan';
import { accept, closeDue } from './close-slots';
import type { StepOutput } from './open-slot';

/** `by-clock`: slots that are over are closed. `all`: the program stops, and everything that is open is. */
export type Closing = 'by-clock' | 'all';

/** Besides the patience for late samples: a slot more, as packets would have it, and half a one for the jitter of links. */
const SLACK = 1.5;
/** A frame far ahead is confirmed by the next one; if none comes for this many periods, nothing contradicts it. */
const CONFIRMING = 1.5;

/**
 * Closes what is over at wall time `wall`, milliseconds. What waits for a confirmation of a new time base goes on waiting.
 * The state is the one before, itself, when there was nothing to close.
 */
export const closeByClock = (
  plan: AssemblyPlan,
  before: AssemblerState,
  wall: number,
  closing: Closing = 'by-clock',
): AssemblerStep => {
  const gathered: StepOutput<AssemblyItem> = { items: [], drops: [], samples: [] };
  if (before.open.size === 0 && before.suspect === undefined) return { state: before, ...gathered };
  // After a restart nobody knows when it arrived: its patience begins now.
  const heardAt = before.heardAt ?? wall;
  let state: AssemblerState = before.heardAt === undefined ? { ...before, heardAt } : before;
  const elapsed = closing === 'all' ? Infinity : wall - heardAt;
  const { suspect } = state;
  if (suspect !== undefined && elapsed >= CONFIRMING * plan.periodMs)
    state = accept({ plan, state: { ...state, suspect: undefined }, partial: suspect, gathered });
  const until = Math.floor(state.newest + elapsed / plan.periodMs - plan.lateness - SLACK);
  const closed = closeDue(plan, state, until, gathered.items);
  return { state: gathered.items.length === 0 && state === before ? before : closed, ...gathered };
};
