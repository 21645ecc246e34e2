/**
 * Plain limit checks (ST[12]): every received sample against its `valid`, `warning` and `critical` ranges, with no model.
 * Only transitions of an established status are reported; the first `withinLimits` is established in silence. A stale
 * parameter is not checked and keeps its status: that nothing arrived says nothing about the quantity.
 */
import type { CheckEvent, CheckingStatus } from '../../domain/events';
import type { Mission } from '../../domain/mission';
import { isoTime } from '../../domain/units';
import type { ReceivedSample } from '../telemetry/open-slot';

interface LimitCheck {
  /** Row of the parameter. */
  readonly row: number;
  readonly parameter: string;
  readonly limit: CheckEvent['limit'];
  readonly low: number;
  readonly high: number;
  readonly validLow: number;
  readonly validHigh: number;
}

export interface CheckPlan {
  readonly checks: readonly LimitCheck[];
  /** Checks of each row, by their index in `checks`. */
  readonly byRow: ReadonlyMap<number, readonly number[]>;
}
/** What was told of a check last, ascending by packet time: a late sample may repeat it. */
export interface CheckMemory {
  readonly status: CheckingStatus;
  readonly told: readonly { readonly time: number; readonly status: CheckingStatus }[];
}
/** Transitions that are remembered. What is older than all of them is taken as told. */
export const MAX_TOLD = 32;

/** One a check of the plan. */
export type CheckState = readonly CheckMemory[];

export interface CheckStep {
  readonly state: CheckState;
  readonly events: readonly CheckEvent[];
}

/** Every range the mission declares, in its order. */
export const planChecks = (mission: Mission): CheckPlan => {
  const checks = mission.parameters.flatMap(({ id, valid, limits }, row) => {
    const [validLow, validHigh] = valid ?? [-Infinity, Infinity];
    const ranges = [
      ['valid', valid],
      ['warning', limits?.warning],
      ['critical', limits?.critical],
    ] as const;
    return ranges.flatMap(([limit, range]) =>
      range === undefined ? [] : [{ row, parameter: id, limit, low: range[0], high: range[1], validLow, validHigh }],
    );
  });
  const byRow = new Map<number, readonly number[]>();
  checks.forEach(({ row }, index) => byRow.set(row, [...(byRow.get(row) ?? []), index]));
  return { checks, byRow };
};

const UNCHECKED: CheckMemory = { status: 'unchecked', told: [] };
export const initialChecks = ({ checks }: CheckPlan): CheckState => checks.map(() => UNCHECKED);

/** An invalid sample is `invalid` on its validity range and says nothing about the operational limits: undefined. */
const statusOf = (check: LimitCheck, value: number): CheckingStatus | undefined => {
  if (value < check.validLow || value > check.validHigh) return check.limit === 'valid' ? 'invalid' : undefined;
  if (value < check.low) return 'belowLowLimit';
  return value > check.high ? 'aboveHighLimit' : 'withinLimits';
};

const endOf = (bound: number): number | null => (Number.isFinite(bound) ? bound : null);

/** The range of a check, widened to what a declared effect allows; the validity range stays. */
const widened = (check: LimitCheck, allowed: readonly [number, number] | undefined): LimitCheck =>
  allowed === undefined || check.limit === 'valid'
    ? check
    : { ...check, low: Math.min(check.low, allowed[0]), high: Math.max(check.high, allowed[1]) };

/** Whether an older sample says what was told of its time: it came twice, or within an episode that is over. */
const isKnown = ({ told }: CheckMemory, to: CheckingStatus, time: number): boolean => {
  const then = told.findLast((transition) => transition.time <= time);
  return then === undefined ? told.length >= MAX_TOLD : then.status === to;
};

const after = ({ told }: CheckMemory, status: CheckingStatus, time: number): CheckMemory => ({
  status,
  told: [...told, { time, status }].sort((a, b) => a.time - b.time).slice(-MAX_TOLD),
});

type AllowedRanges = ReadonlyMap<number, readonly [number, number]>;

/**
 * Checks samples in the order in which they arrived. An older sample that fails is told, unless the status of its time is known. It
 * leaves the status as the newer value has it.
 * @param allowedAt by row: what a telecommand is declared to do at a packet time, which is no violation.
 */
export const checkSamples = (
  { checks, byRow }: CheckPlan,
  state: CheckState,
  samples: readonly ReceivedSample[],
  allowedAt: (time: number) => AllowedRanges | undefined = () => undefined,
): CheckStep => {
  if (samples.length === 0) return { state, events: [] };
  let next: CheckMemory[] | undefined;
  const events: CheckEvent[] = [];
  const take = (index: number, { row, time, value }: ReceivedSample, isOlder: boolean): void => {
    const declared = checks[index];
    if (declared === undefined || Number.isNaN(value)) return;
    const check = widened(declared, allowedAt(time)?.get(row));
    const memory = (next ?? state)[index] ?? UNCHECKED;
    const from = memory.status;
    const to = statusOf(check, value);
    if (to === undefined || to === from) return;
    if (isOlder && (to === 'withinLimits' || isKnown(memory, to, time))) return;
    next ??= [...state];
    next[index] = after(memory, to, time);
    if (from === 'unchecked' && to === 'withinLimits') return;
    const { parameter, limit, low, high } = check;
    const range: CheckEvent['range'] = [endOf(low), endOf(high)];
    events.push({ type: 'check', time: isoTime(time), parameter, limit, from, to, value, range });
  };
  for (const sample of samples) {
    const { row, newer } = sample;
    for (const index of byRow.get(row) ?? []) {
      const told = events.length;
      take(index, sample, newer !== undefined);
      if (newer !== undefined && events.length > told) take(index, { row, ...newer }, false);
    }
  }
  return { state: next ?? state, events };
};
