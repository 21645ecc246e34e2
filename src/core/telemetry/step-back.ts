/**
 * Tells a spacecraft clock that was set back from telemetry that is merely late. A new time base is believed when three things
 * hold. Several instants in a row agree on it. They come no faster than time passes. Nothing of the old base comes between them.
 * Until then they wait here. If the base is not confirmed, they are late. A pure reducer.
 */
import type { PartialFrame } from '../../domain/telemetry';
import { isoTime } from '../../domain/units';
import type { AssemblyPlan } from './assembly-plan';
import type { Drop } from './drop';

/** What arrived for one instant behind the telemetry before it. */
export interface Behind {
  readonly partial: PartialFrame;
  /** Wall clock when the first of it arrived, milliseconds; undefined on a recording. */
  readonly receivedAt: number | undefined;
  /** How many partial frames it came in. */
  readonly count: number;
}

export interface BehindStep {
  /** Instants that wait, ascending. */
  readonly behind: readonly Behind[];
  readonly drops: readonly Drop[];
  /** They are enough: what waited is the beginning of a new time base. */
  readonly isConfirmed: boolean;
}

/** Five instants in a row: two suffice for a jump forward, which loses nothing; a step back sets aside what was reached. */
export const AGREEING = 5;
/** Recorded telemetry that is sent down in bulk comes faster than it was sampled; a clock that was set back does not. */
const FASTEST = 2;

const lateDrop = ({ partial, count }: Behind): Drop => ({
  reason: 'late',
  message: `${isoTime(partial.time)} is behind the telemetry before it`,
  count,
});

/** Telemetry of the present base came: those that waited were late. */
export const disagree = (behind: readonly Behind[]): readonly Drop[] => behind.map(lateDrop);

const isSteady = ({ periodMs }: AssemblyPlan, behind: readonly Behind[]): boolean => {
  const [first, last] = [behind[0], behind.at(-1)];
  if (first?.receivedAt === undefined || last?.receivedAt === undefined) return true;
  return last.partial.time - first.partial.time <= FASTEST * (last.receivedAt - first.receivedAt) + periodMs;
};

/** Values of one instant, which may arrive apart; first come, first kept. */
const merge = (before: Behind, next: Behind, drops: Drop[]): Behind => {
  const { partial } = next;
  const again = Object.keys(partial.values).filter((id) => before.partial.values[id] !== undefined);
  if (again.length > 0)
    drops.push({ reason: 'duplicate', message: `${again.join(', ')} of ${isoTime(partial.time)} had already arrived` });
  const count = before.count + next.count;
  return { ...before, count, partial: { ...before.partial, values: { ...partial.values, ...before.partial.values } } };
};

/** Takes one partial frame that is further behind than disorder explains. */
export const takeBehind = (plan: AssemblyPlan, before: readonly Behind[], next: Behind): BehindStep => {
  const slotOf = ({ partial }: Behind): number => Math.round(partial.time / plan.periodMs);
  const drops: Drop[] = [];
  const slot = slotOf(next);
  const newest = before.at(-1);
  const isFar = newest !== undefined && Math.abs(slot - slotOf(newest)) * plan.periodMs > plan.stepBackMs;
  if (isFar) drops.push(...disagree(before));
  const known = isFar ? [] : before;
  const same = known.findIndex((item) => slotOf(item) === slot);
  const merged =
    same < 0
      ? [...known, next].sort((a, b) => slotOf(a) - slotOf(b))
      : known.map((item, index) => (index === same ? merge(item, next, drops) : item));
  if (merged.length < AGREEING) return { behind: merged, drops, isConfirmed: false };
  if (isSteady(plan, merged)) return { behind: merged, drops, isConfirmed: true };
  const [oldest, ...rest] = merged;
  return { behind: rest, drops: oldest === undefined ? drops : [...drops, lateDrop(oldest)], isConfirmed: false };
};
