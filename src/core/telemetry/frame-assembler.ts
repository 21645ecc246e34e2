/**
 * From partial frames, in whatever order and number they arrive, to frames on the sampling grid: a pure reducer.
 *
 * A slot is a multiple of the sampling period since 1970, moved by the phase in which samples come. A sample belongs to the
 * nearest slot, and a frame bears its slot's time. Of several samples in one slot the first is in the frame and all are checked.
 * Slots close in order: at once when every periodic parameter has arrived, or when a sample shows that telemetry is more than
 * `lateness` slots further. What did not arrive is held from the last valid value until that is stale, then NaN.
 */
import type { Frame, PartialFrame } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import type { AssemblyPlan } from './assembly-plan';
import type { Drop } from './drop';
import { fillSlot, takeClosed, type OpenSlot, type SurplusSample } from './open-slot';
import { initialPhase, learnPhase, slotAt, type PhaseState } from './sampling-phase';
import { disagree, takeBehind, type Behind } from './step-back';

export interface AssembledFrame {
  readonly kind: 'frame';
  readonly slot: number;
  readonly frame: Frame;
  /** What arrived for this slot as it arrived, invalid values too; NaN where nothing did. In mission order. */
  readonly received: Float64Array;
  /** Samples of parameters that had a value in the slot already: they are in no frame, and checked against limits. */
  readonly surplus?: readonly SurplusSample[];
}

/** Slots skipped because nothing at all arrived for longer than anything may be held. */
export interface Gap {
  readonly kind: 'gap';
  /** First and last skipped slot. */
  readonly first: number;
  readonly last: number;
  /** When telemetry counted as lost: packet time, milliseconds. */
  readonly lostAt: number;
}

export type AssemblyItem = AssembledFrame | Gap;

export interface AssemblerState {
  /** The next slot to close; undefined before the first sample. */
  readonly next: number | undefined;
  /** The newest slot that received anything. */
  readonly newest: number;
  /** Slots from `next` on that received something; at most `lateness` + 1 of them outlive a step. */
  readonly open: ReadonlyMap<number, OpenSlot>;
  /** Last valid value of each parameter and its packet time. */
  readonly held: Float64Array;
  readonly heldAt: Float64Array;
  /** A frame so far ahead that a second one must confirm it, lest one wrong clock make all that follows late. */
  readonly suspect: PartialFrame | undefined;
  /** What arrived so far behind that the clock may have been set back. */
  readonly behind: readonly Behind[];
  /** Where in the period samples come. */
  readonly phase: PhaseState;
  /** Samples for slots that are closed: the next frame takes them along, to be checked. */
  readonly surplus: readonly SurplusSample[];
}

/** The spacecraft's clock was set back: a new time base begins, and nothing of the old one is in what follows. */
export interface StepBack {
  /** Packet time of the newest slot of the old base, and of the first of the new one, milliseconds. */
  readonly from: number;
  readonly to: number;
  /** What the new base begins with; the `items` of the step are the last of the old one. */
  readonly items: readonly AssemblyItem[];
}

export interface AssemblerStep {
  readonly state: AssemblerState;
  readonly items: readonly AssemblyItem[];
  readonly drops: readonly Drop[];
  readonly stepBack?: StepBack;
}

export const initialAssembler: AssemblerState = {
  next: undefined,
  newest: -Infinity,
  open: new Map(),
  held: new Float64Array(0),
  heldAt: new Float64Array(0),
  suspect: undefined,
  behind: [],
  phase: initialPhase,
  surplus: [],
};

const slotOf = ({ periodMs }: AssemblyPlan, { phase }: Phased, time: number): number =>
  slotAt(periodMs, phase.phase, time);
const timeOf = ({ periodMs }: AssemblyPlan, { phase }: Phased, slot: number): number => slot * periodMs + phase.phase;
type Phased = Pick<AssemblerState, 'phase'>;

/** The frame of one slot, and what is held after it. */
const closeSlot = (plan: AssemblyPlan, state: AssemblerState, slot: number, { received, surplus }: OpenSlot) => {
  const time = timeOf(plan, state, slot);
  const held = Float64Array.from(state.held);
  const heldAt = Float64Array.from(state.heldAt);
  const values = new Float64Array(received.length);
  for (let index = 0; index < received.length; index += 1) {
    const value = received[index] ?? NaN;
    if (value >= (plan.validLow[index] ?? -Infinity) && value <= (plan.validHigh[index] ?? Infinity)) {
      values[index] = held[index] = value;
      heldAt[index] = time;
    } else {
      values[index] = time - (heldAt[index] ?? NaN) < (plan.staleMs[index] ?? 0) ? (held[index] ?? NaN) : NaN;
    }
  }
  const frame = { kind: 'frame' as const, slot, frame: { time, values }, received };
  const all = [...state.surplus, ...(surplus ?? [])];
  const item: AssembledFrame = all.length === 0 ? frame : { ...frame, surplus: all };
  return { item, held, heldAt };
};

/** Closes every slot that is due. `until` is the last slot that is closed although something is missing. */
const closeDue = (plan: AssemblyPlan, state: AssemblerState, until: number, items: AssemblyItem[]): AssemblerState => {
  let { next, held, heldAt, surplus } = state;
  if (next === undefined) return state;
  const open = new Map(state.open);
  let lastWithData = next - 1;
  for (;;) {
    const slot: number = next;
    const content = open.get(slot);
    if (content === undefined) {
      if (slot > until || open.size === 0) break;
      const following = Math.min(...open.keys());
      if ((following - lastWithData) * plan.periodMs > plan.gapMs) {
        const lostAt = timeOf(plan, state, lastWithData) + plan.gapMs;
        items.push({ kind: 'gap', first: slot, last: following - 1, lostAt });
        next = following;
        continue;
      }
    } else if (content.missing > 0 && slot > until) {
      break;
    } else {
      lastWithData = slot;
    }
    const empty = { received: new Float64Array(plan.indexOf.size).fill(NaN), missing: plan.periodicCount };
    const closed = closeSlot(plan, { ...state, held, heldAt, surplus }, slot, content ?? empty);
    surplus = [];
    ({ held, heldAt } = closed);
    items.push(closed.item);
    open.delete(slot);
    next = slot + 1;
  }
  return { ...state, next, open, held, heldAt, surplus };
};

const accept = ({
  plan,
  state,
  partial,
  items,
  drops,
}: {
  readonly plan: AssemblyPlan;
  readonly state: AssemblerState;
  readonly partial: PartialFrame;
  readonly items: AssemblyItem[];
  readonly drops: Drop[];
}): AssemblerState => {
  const slot = slotOf(plan, state, partial.time);
  const open = new Map(state.open);
  open.set(slot, fillSlot(plan, open.get(slot), partial, drops));
  const newest = Math.max(state.newest, slot);
  return closeDue(plan, { ...state, next: state.next ?? slot, newest, open }, newest - plan.lateness - 1, items);
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
  const begun: AssemblyItem[] = [];
  for (const { partial } of behind) state = accept({ plan, state, partial, items: begun, drops });
  return { state, items, drops, stepBack: { from: timeOf(plan, before, before.newest), to, items: begun } };
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
      : { state: { ...before, behind }, items: [], drops };
  }
  const step = assembleAhead(plan, before.behind.length === 0 ? before : { ...before, behind: [] }, partial);
  return before.behind.length === 0 ? step : { ...step, drops: [...disagree(before.behind), ...step.drops] };
};

/** What is sent on change says nothing of the period. */
const isPeriodicSample = (plan: AssemblyPlan, { values }: PartialFrame): boolean =>
  Object.keys(values).some((id) => plan.isPeriodic[plan.indexOf.get(id) ?? -1] === true);

/** Takes one partial frame of the present time base. */
const assembleAhead = (plan: AssemblyPlan, before: AssemblerState, partial: PartialFrame): AssemblerStep => {
  const items: AssemblyItem[] = [];
  const drops: Drop[] = [];
  let state = before;
  if (state.next === undefined && state.suspect === undefined) {
    const size = plan.indexOf.size;
    state = { ...state, held: new Float64Array(size).fill(NaN), heldAt: new Float64Array(size).fill(NaN) };
  }
  if (isPeriodicSample(plan, partial)) {
    const isFirst = state.next === undefined && state.suspect === undefined;
    state = { ...state, phase: learnPhase(state.phase, partial.time, plan.periodMs, isFirst) };
  }
  const slot = slotOf(plan, state, partial.time);
  if (state.next !== undefined && slot < state.next) {
    const taken = takeClosed(plan, state, partial, timeOf(plan, state, slot));
    return { state: { ...state, surplus: taken.surplus }, items, drops: [taken.drop] };
  }
  if (state.suspect !== undefined) {
    const { suspect } = state;
    const suspectSlot = slotOf(plan, state, suspect.time);
    state = { ...state, suspect: undefined };
    if (slot < suspectSlot - plan.lateness) {
      drops.push({ reason: 'future', message: `${isoTime(suspect.time)} was ahead of the telemetry that followed` });
    } else if (slot < suspectSlot) {
      // The two arrived in the wrong order.
      state = accept({ plan, state, partial, items, drops });
      return { state: accept({ plan, state, partial: suspect, items, drops }), items, drops };
    } else {
      state = accept({ plan, state, partial: suspect, items, drops });
      // The suspect alone may have completed the slot.
      if (slot < (state.next ?? slot)) {
        const taken = takeClosed(plan, state, partial, timeOf(plan, state, slot));
        return { state: { ...state, surplus: taken.surplus }, items, drops: [...drops, taken.drop] };
      }
    }
  }
  const isFarAhead = state.next !== undefined && (slot - state.newest) * plan.periodMs > plan.gapMs;
  state = isFarAhead ? { ...state, suspect: partial } : accept({ plan, state, partial, items, drops });
  return { state, items, drops };
};

/** Closes everything that is open: no more telemetry will come. */
export const flushFrames = (plan: AssemblyPlan, before: AssemblerState): AssemblerStep => {
  const items: AssemblyItem[] = [];
  const { suspect } = before;
  const drops: Drop[] = [...disagree(before.behind)];
  let state: AssemblerState = { ...before, suspect: undefined, behind: [] };
  if (suspect !== undefined) state = accept({ plan, state, partial: suspect, items, drops });
  return { state: closeDue(plan, state, Infinity, items), items, drops };
};
