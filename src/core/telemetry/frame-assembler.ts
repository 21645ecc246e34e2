/**
 * From partial frames, in whatever order and number they arrive, to frames on the sampling grid: a pure reducer.
 *
 * A slot is a multiple of the sampling period since 1970, moved by the phase in which samples come. A sample belongs to the nearest slot,
 * and a frame bears its slot's time. Of several samples in one slot the first is in the frame; every sample is handed out to be checked
 * as soon as it arrives.
 *
 * Slots close in order. A slot closes when every periodic parameter has arrived. It also closes when a sample is more than `lateness`
 * slots ahead, or by the clock (`slot-clock.ts`). What did not arrive is held from the last valid value until that is stale, then NaN.
 */
import type { PartialFrame } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import { initialAssembler, type AssemblerState, type AssemblerStep, type AssemblyItem } from './assembler-state';
import type { AssemblyPlan } from './assembly-plan';
import { accept, closeDue, slotOf, timeOf, withNewer, type Taking } from './close-slots';
import type { Drop } from './drop';
import { dropClosed, uncheckedSamples, type StepOutput } from './open-slot';
import { initialPhase, learnPhase } from './sampling-phase';
import { disagree, takeBehind, type Behind } from './step-back';

/** What comes for a slot that is closed is in no frame, and checked. */
const refuseClosed = ({ plan, state, partial, gathered }: Taking): void => {
  const slot = slotOf(plan, state, partial.time);
  const slotTime = timeOf(plan, state, slot);
  gathered.samples.push(...withNewer(plan, state, slot, uncheckedSamples(plan, state, partial, slotTime)));
  gathered.drops.push(...dropClosed(plan, state, partial, slotTime));
};

/** Those that waited for a new time base were late: they are in no frame, and checked. */
const refuseBehind = (plan: AssemblyPlan, state: AssemblerState, gathered: StepOutput<AssemblyItem>): void => {
  gathered.drops.push(...disagree(state.behind));
  for (const { partial } of state.behind) {
    const slot = slotOf(plan, state, partial.time);
    gathered.samples.push(...withNewer(plan, state, slot, uncheckedSamples(plan, state, partial, NaN)));
  }
};

/** The old base ends with what was open, the new one begins with what waited. What holds for good still does. */
const beginBase = (
  plan: AssemblyPlan,
  before: AssemblerState,
  behind: readonly Behind[],
  drops: Drop[],
): AssemblerStep => {
  const items: AssemblyItem[] = [];
  if (before.suspect !== undefined)
    drops.push({ reason: 'future', message: `${isoTime(before.suspect.time)} was ahead, and the clock was set back` });
  const ended = closeDue(plan, before, Infinity, items);
  const begins = behind[0]?.partial.time ?? NaN;
  const phase = learnPhase(initialPhase, begins, plan.periodMs, true);
  const to = timeOf(plan, { phase }, slotOf(plan, { phase }, begins));
  const isForGood = (index: number): boolean => plan.staleMs[index] === Infinity;
  let state: AssemblerState = {
    ...initialAssembler,
    phase,
    held: ended.held.map((value, index) => (isForGood(index) ? value : NaN)),
    heldAt: ended.heldAt.map((at, index) => (isForGood(index) && !Number.isNaN(at) ? to - plan.periodMs : NaN)),
  };
  const begun: StepOutput<AssemblyItem> = { items: [], drops, samples: [] };
  for (const { partial } of behind) state = accept({ plan, state, partial, gathered: begun });
  const { items: first, samples } = begun;
  const stepBack = { from: timeOf(plan, before, before.newest), to, items: first, samples };
  return { state, items, drops, samples: [], stepBack };
};

/** @param receivedAt wall clock, milliseconds; left out on a recording. */
export const assembleFrames = (
  plan: AssemblyPlan,
  before: AssemblerState,
  partial: PartialFrame,
  receivedAt?: number,
): AssemblerStep => {
  const slot = slotOf(plan, before, partial.time);
  if (before.next !== undefined && (before.newest - slot) * plan.periodMs > plan.stepBackMs) {
    const { behind, drops, isConfirmed } = takeBehind(plan, before.behind, { partial, receivedAt, count: 1 });
    return isConfirmed
      ? beginBase(plan, before, behind, [...drops])
      : { state: { ...before, behind }, items: [], drops, samples: [] };
  }
  const gathered: StepOutput<AssemblyItem> = { items: [], drops: [], samples: [] };
  if (before.behind.length > 0) refuseBehind(plan, before, gathered);
  const state = before.behind.length === 0 ? before : { ...before, behind: [] };
  const next = assembleAhead({ plan, state, partial, gathered }, receivedAt);
  const isNew = next.newest !== before.newest || (next.suspect !== undefined && next.suspect !== before.suspect);
  return { state: isNew && receivedAt !== undefined ? { ...next, heardAt: receivedAt } : next, ...gathered };
};

/** What is sent on change says nothing of the period. */
const isPeriodicSample = (plan: AssemblyPlan, { values }: PartialFrame): boolean =>
  Object.keys(values).some((id) => plan.isPeriodic[plan.indexOf.get(id) ?? -1] === true);

/** The state before the first sample, and the phase after this one. */
const prepared = (plan: AssemblyPlan, before: AssemblerState, partial: PartialFrame): AssemblerState => {
  const isFirst = before.next === undefined && before.suspect === undefined;
  const size = plan.indexOf.size;
  const state = isFirst
    ? { ...before, held: new Float64Array(size).fill(NaN), heldAt: new Float64Array(size).fill(NaN) }
    : before;
  if (!isPeriodicSample(plan, partial)) return state;
  return { ...state, phase: learnPhase(state.phase, partial.time, plan.periodMs, isFirst) };
};

/** Takes what waits for a confirmation together with the sample that confirms or contradicts it; undefined: that sample is dealt with. */
const judgeSuspect = (taking: Taking, suspect: PartialFrame): AssemblerState | undefined => {
  const { plan, partial, gathered } = taking;
  const slot = slotOf(plan, taking.state, partial.time);
  const suspectSlot = slotOf(plan, taking.state, suspect.time);
  if (slot < suspectSlot - plan.lateness) {
    const message = `${isoTime(suspect.time)} was ahead of the telemetry that followed`;
    gathered.drops.push({ reason: 'future', message });
    return taking.state;
  }
  // Of two that arrived in the wrong order the older one comes first.
  if (slot < suspectSlot) return undefined;
  return accept({ ...taking, partial: suspect });
};

/** No farther ahead than a gap of the wall clock since then, or of its own time: the clock confirms it. */
const isConfirmedByClock = (
  { gapMs }: AssemblyPlan,
  { heardAt }: AssemblerState,
  jump: { readonly ms: number; readonly time: number; readonly receivedAt: number | undefined },
): boolean => {
  if (jump.receivedAt === undefined) return false;
  if (Math.abs(jump.time - jump.receivedAt) <= gapMs) return true;
  return heardAt !== undefined && Math.abs(jump.ms - (jump.receivedAt - heardAt)) <= gapMs;
};

/** Takes one partial frame of the present time base. */
const assembleAhead = (taking: Taking, receivedAt: number | undefined): AssemblerState => {
  const { plan, partial, gathered } = taking;
  let state = prepared(plan, taking.state, partial);
  const slot = slotOf(plan, state, partial.time);
  if (state.next !== undefined && slot < state.next) {
    refuseClosed({ ...taking, state });
    return state;
  }
  const { suspect } = state;
  if (suspect !== undefined) {
    state = { ...state, suspect: undefined };
    const judged = judgeSuspect({ ...taking, state }, suspect);
    if (judged === undefined) {
      state = accept({ ...taking, state });
      return accept({ ...taking, state, partial: suspect });
    }
    state = judged;
    // The suspect alone may have completed the slot.
    if (slot < (state.next ?? slot)) {
      refuseClosed({ ...taking, state });
      return state;
    }
  }
  const ms = (slot - state.newest) * plan.periodMs;
  const isFarAhead = state.next !== undefined && ms > plan.gapMs;
  return isFarAhead && !isConfirmedByClock(plan, state, { ms, time: partial.time, receivedAt })
    ? { ...state, suspect: partial }
    : accept({ plan, state, partial, gathered });
};

/** Closes everything that is open: no more telemetry will come. */
export const flushFrames = (plan: AssemblyPlan, before: AssemblerState): AssemblerStep => {
  const gathered: StepOutput<AssemblyItem> = { items: [], drops: [], samples: [] };
  const { suspect } = before;
  refuseBehind(plan, before, gathered);
  let state: AssemblerState = { ...before, suspect: undefined, behind: [] };
  if (suspect !== undefined) state = accept({ plan, state, partial: suspect, gathered });
  return { state: closeDue(plan, state, Infinity, gathered.items), ...gathered };
};
