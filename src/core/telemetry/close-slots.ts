/** Fills the slots of the sampling grid and closes those that are due, in order. */
import type { PartialFrame } from '../../domain/telemetry';
import type { AssemblyPlan } from './assembly-plan';
import type { AssembledFrame, AssemblerState, AssemblyItem } from './assembler-state';
import { fillSlot, type StepOutput, type OpenSlot, type ReceivedSample } from './open-slot';
import { slotAt } from './sampling-phase';

export const slotOf = ({ periodMs }: AssemblyPlan, { phase }: SamplingPhase, time: number): number =>
  slotAt(periodMs, phase.phase, time);
export const timeOf = ({ periodMs }: AssemblyPlan, { phase }: SamplingPhase, slot: number): number =>
  slot * periodMs + phase.phase;
type SamplingPhase = Pick<AssemblerState, 'phase'>;

/** The frame of one slot, and what is held after it. */
const closeSlot = (plan: AssemblyPlan, state: AssemblerState, slot: number, { received }: OpenSlot) => {
  const time = timeOf(plan, state, slot);
  const held = state.held.slice();
  const heldAt = state.heldAt.slice();
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
  const item: AssembledFrame = { kind: 'frame', slot, frame: { time, values }, received };
  return { item, held, heldAt };
};

/** Closes every slot that is due. `until` is the last slot that is closed although something is missing. */
export const closeDue = (
  plan: AssemblyPlan,
  state: AssemblerState,
  until: number,
  items: AssemblyItem[],
): AssemblerState => closeAmong(plan, { ...state, open: new Map(state.open) }, until, items);

/** The same with a map of open slots that nobody else holds: closed ones are taken out of it. */
const closeAmong = (
  plan: AssemblyPlan,
  state: AssemblerState & { readonly open: Map<number, OpenSlot> },
  until: number,
  items: AssemblyItem[],
): AssemblerState => {
  const { open } = state;
  let { next, held, heldAt } = state;
  if (next === undefined) return state;
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
    const closed = closeSlot(plan, { ...state, held, heldAt }, slot, content ?? empty);
    ({ held, heldAt } = closed);
    items.push(closed.item);
    open.delete(slot);
    next = slot + 1;
  }
  return { ...state, next, held, heldAt };
};

/** Who adds what to which slot, and what comes of it. */
export interface Taking {
  readonly plan: AssemblyPlan;
  readonly state: AssemblerState;
  readonly partial: PartialFrame;
  readonly gathered: StepOutput<AssemblyItem>;
}

/** The newest value of a parameter after slot `slot`; undefined when there is none. */
const newerThan = (plan: AssemblyPlan, state: AssemblerState, slot: number, row: number): ReceivedSample['newer'] => {
  let newest: { readonly slot: number; readonly value: number } | undefined;
  for (const [other, { received }] of state.open) {
    const value = received[row] ?? NaN;
    if (other > slot && other > (newest?.slot ?? -Infinity) && !Number.isNaN(value)) newest = { slot: other, value };
  }
  if (newest !== undefined) return { time: timeOf(plan, state, newest.slot), value: newest.value };
  const [time, value] = [state.heldAt[row] ?? NaN, state.held[row] ?? NaN];
  return time > timeOf(plan, state, slot) ? { time, value } : undefined;
};

export const withNewer = (
  plan: AssemblyPlan,
  state: AssemblerState,
  slot: number,
  samples: readonly ReceivedSample[],
): ReceivedSample[] =>
  samples.map((sample) => {
    const newer = newerThan(plan, state, slot, sample.row);
    return newer === undefined ? sample : { ...sample, newer };
  });

export const accept = ({ plan, state, partial, gathered }: Taking): AssemblerState => {
  const slot = slotOf(plan, state, partial.time);
  const open = new Map(state.open);
  const samples: ReceivedSample[] = [];
  const takenAt = state.takenAt?.slice() ?? new Float64Array(plan.indexOf.size).fill(NaN);
  open.set(slot, fillSlot(plan, open.get(slot), partial, { ...gathered, samples, takenAt }));
  gathered.samples.push(...withNewer(plan, state, slot, samples));
  const newest = Math.max(state.newest, slot);
  return closeAmong(
    plan,
    { ...state, next: state.next ?? slot, newest, open, takenAt },
    newest - plan.lateness - 1,
    gathered.items,
  );
};
