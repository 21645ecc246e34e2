/**
 * Plain limit checks (ST[12]): every received sample against its `valid`, `warning` and `critical` ranges, with no model.
 * Only transitions of an established status are reported; the first `withinLimits` is established in silence. A stale
 * parameter is not checked and keeps its status: that nothing arrived says nothing about the quantity.
 */
import type { CheckEvent, CheckingStatus } from '../../domain/events';
import type { Mission } from '../../domain/mission';
import { isoTime } from '../../domain/units';
import type { AssembledFrame } from '../telemetry/frame-assembler';

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

export type CheckPlan = readonly LimitCheck[];
/** One status a check of the plan. */
export type CheckState = readonly CheckingStatus[];

export interface CheckStep {
  readonly state: CheckState;
  readonly events: readonly CheckEvent[];
}

/** Every range the mission declares, in its order. */
export const planChecks = (mission: Mission): CheckPlan =>
  mission.parameters.flatMap(({ id, valid, limits }, row) => {
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

export const initialChecks = (plan: CheckPlan): CheckState => plan.map(() => 'unchecked');

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

/**
 * Checks what a frame received.
 * @param allowed by row: what a telecommand is declared to do at this time, which is no violation.
 */
export const checkLimits = (
  plan: CheckPlan,
  state: CheckState,
  { frame, received, surplus }: AssembledFrame,
  allowed?: ReadonlyMap<number, readonly [number, number]>,
): CheckStep => {
  let next: CheckingStatus[] | undefined;
  const events: CheckEvent[] = [];
  const take = (declared: LimitCheck, index: number, value: number, time: number): void => {
    const check = widened(declared, allowed?.get(declared.row));
    if (Number.isNaN(value)) return;
    const from = (next ?? state)[index] ?? 'unchecked';
    const to = statusOf(check, value);
    if (to === undefined || to === from) return;
    next ??= [...state];
    next[index] = to;
    if (from === 'unchecked' && to === 'withinLimits') return;
    const { parameter, limit, low, high } = check;
    const range: CheckEvent['range'] = [endOf(low), endOf(high)];
    events.push({ type: 'check', time: isoTime(time), parameter, limit, from, to, value, range });
  };
  const takeSurplus = (isBefore: boolean): void => {
    for (const { row, time, value } of surplus ?? [])
      plan.forEach((check, index) => {
        if (check.row === row && time < frame.time === isBefore) take(check, index, value, time);
      });
  };
  takeSurplus(true);
  plan.forEach((check, index) => {
    take(check, index, received[check.row] ?? NaN, frame.time);
  });
  takeSurplus(false);
  return { state: next ?? state, events };
};
