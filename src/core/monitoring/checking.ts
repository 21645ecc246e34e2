/** One result of one check: the status a value has against the case that applies. ECSS-E-ST-70-41C clause 6.12.3. */
import type { CheckingStatus } from '../../domain/events';
import type { Facts } from '../../domain/facts';
import type { Condition } from '../conditions/condition';
import type { PlannedCase, PlannedCheck } from './plan';

/** What a check found, and the range it held the value against. */
export interface CheckFinding {
  readonly status: CheckingStatus;
  readonly range: readonly [number, number];
}

/** Statuses in which nothing is wrong. */
const PASSING: ReadonlySet<string> = new Set<CheckingStatus>([
  'unchecked',
  'withinLimits',
  'expectedValue',
  'withinThreshold',
]);

/** Whether a checking status or the status of a functional monitor says that something is wrong. */
export const isFailing = (status: string): boolean => !PASSING.has(status) && status !== 'running';

/**
 * The first case that applies. `undefined`: none does, and nothing is checked. `stale`, `error`: an earlier case cannot be judged,
 * so that nobody knows which one is right.
 */
export const applicable = <D>(cases: readonly PlannedCase<D>[], facts: Facts): D | 'stale' | 'error' | undefined => {
  for (const { modes, when, definition } of cases) {
    if (modes !== undefined) {
      if (facts.mode === undefined) return 'stale';
      if (!modes.includes(facts.mode)) continue;
    }
    const truth = when === undefined ? 'true' : when.judge(facts);
    if (truth === 'true') return definition;
    if (truth !== 'false') return truth;
  }
  return undefined;
};

/** Whole numbers beyond 32 bits are masked as such; JavaScript's own `&` would cut them. */
const masked = (value: number, mask: number | undefined): number =>
  mask === undefined || !Number.isSafeInteger(value) ? value : Number(BigInt(value) & BigInt(mask));

const within = (
  value: number,
  [low, high]: readonly [number, number],
  names: readonly [CheckingStatus, CheckingStatus, CheckingStatus],
): CheckFinding => {
  const [below, inside, above] = names;
  return { status: value < low ? below : value > high ? above : inside, range: [low, high] };
};

/** The checked value against the case that applies; for a delta check the value is the change since the sample before. */
export const findingOf = (
  check: PlannedCheck,
  value: number,
  facts: Facts,
): CheckFinding | 'stale' | 'error' | undefined => {
  switch (check.kind) {
    case 'limit': {
      const found = applicable(check.cases, facts);
      if (typeof found !== 'object') return found;
      return within(value, found.range, ['belowLowLimit', 'withinLimits', 'aboveHighLimit']);
    }
    case 'expected': {
      const found = applicable(check.cases, facts);
      if (typeof found !== 'object') return found;
      const { mask } = found;
      const isExpected = masked(value, mask) === masked(found.value, mask);
      return { status: isExpected ? 'expectedValue' : 'unexpectedValue', range: [found.value, found.value] };
    }
    case 'delta': {
      const found = applicable(check.cases, facts);
      if (typeof found !== 'object') return found;
      return within(value, found.range, ['belowLowThreshold', 'withinThreshold', 'aboveHighThreshold']);
    }
    case 'score': {
      const found = applicable(check.cases, facts);
      if (typeof found !== 'object') return found;
      return within(value, [0, found.threshold], ['withinThreshold', 'withinThreshold', 'aboveHighThreshold']);
    }
  }
};

/** A validity condition: checked, not checked, or not to be judged. */
export const validityOf = (validity: Condition | undefined, facts: Facts): 'true' | 'false' | 'stale' | 'error' =>
  validity === undefined ? 'true' : validity.judge(facts);
