/**
 * The monitoring of one instant: every monitor on what arrived, then the functional monitors on what is established. A pure
 * reducer. Only transitions are reported, and the first passing status is established in silence. A value that is stale or cannot
 * be judged is neither true nor false. It triggers nothing, ends nothing, and the consecutive count starts again.
 */
import { changeOf } from '../../domain/mission';
import type { CheckEvent, CheckingStatus, FunctionalStatus, MonitorEvent } from '../../domain/events';
import type { Facts, Situation } from '../../domain/facts';
import { isoTime } from '../../domain/units';
import { findingOf, isFailing, validityOf } from './checking';
import {
  addResult,
  clearCount,
  stopChecking,
  unestablished,
  type PersistenceStep,
  type Persistence,
} from './persistence';
import type { MonitoringPlan, PlannedFunctional, PlannedMonitor } from './plan';
import { failingAmong, statusesOf } from './statuses';

interface MonitorState extends Persistence<CheckingStatus> {
  /** The sample before, for delta checks; NaN when there is none to compare with. */
  readonly previous: number;
  /** What was last held against a range: of the transition to `unchecked`, which has no finding of its own. */
  readonly range: readonly [number, number];
}

/** Plain data, by the plan's order; kept over a reload for definitions that did not change. */
export interface MonitoringState {
  readonly monitors: readonly MonitorState[];
  readonly functional: readonly Persistence<FunctionalStatus>[];
}

/** The result of a window that ended at this instant. */
export interface WindowScores {
  readonly score: number;
  /** Share of the score, 0..1, by parameter. */
  readonly shares: Readonly<Record<string, number>>;
}

/** What monitors see of one instant. */
export interface MonitoringInput {
  /** The situation before this instant's results; its `monitors` are the established statuses. */
  readonly situation: Situation;
  /** What arrived, in mission order, invalid values too; NaN where nothing did. */
  readonly received: Float64Array;
  /** What is valid and fresh, in mission order; NaN is stale. */
  readonly held: Float64Array;
  /** Undefined when no window ended here; `unscored` when one did that could not be scored. */
  readonly scores: WindowScores | 'unscored' | undefined;
}

/** A failure that was seen, but not as often as the repetition number asks. */
export interface NearMiss {
  readonly monitor: string;
  readonly time: number;
  readonly count: number;
  readonly needed: number;
}

export interface MonitoringStep {
  readonly state: MonitoringState;
  readonly checks: readonly CheckEvent[];
  readonly monitorEvents: readonly MonitorEvent[];
  readonly nearMisses: readonly NearMiss[];
  /** The established status of everything after this instant; the object of the situation before when nothing changed. */
  readonly statuses: Situation['monitors'];
}

export const initialMonitoring = ({ monitors, functional }: MonitoringPlan): MonitoringState => ({
  monitors: monitors.map(() => ({ ...unestablished<CheckingStatus>('unchecked'), previous: NaN, range: [0, 0] })),
  functional: functional.map(() => unestablished<FunctionalStatus>('unchecked')),
});

/** The value a monitor checks; undefined: nothing new to judge; `stale`, `error`: something is wrong with it. */
const valueOf = (monitor: PlannedMonitor, { received, held, scores }: MonitoringInput) => {
  const { row, parameter, check } = monitor;
  if (check.kind === 'score') {
    if (scores === undefined) return undefined;
    if (scores === 'unscored' || (row >= 0 && Number.isNaN(held[row] ?? NaN))) return 'stale' as const;
    return row < 0 ? scores.score : (scores.shares[parameter] ?? 'stale');
  }
  const value = received[row] ?? NaN;
  if (Number.isNaN(value)) return Number.isNaN(held[row] ?? NaN) ? ('stale' as const) : undefined;
  // An invalid sample says nothing about the quantity; the plain validity check reports it.
  return value < monitor.validLow || value > monitor.validHigh ? ('error' as const) : value;
};

interface MonitorStep {
  readonly state: MonitorState;
  readonly event?: CheckEvent | undefined;
  readonly nearMiss?: NearMiss | undefined;
}

/** The state after a result; the one before, itself, when nothing is new in it: most frames change nothing. */
const stateAfter = (
  before: MonitorState,
  { status, candidate, count }: Persistence<CheckingStatus>,
  previous: number,
  range: MonitorState['range'],
): MonitorState =>
  status === before.status &&
  candidate === before.candidate &&
  count === before.count &&
  Object.is(previous, before.previous) &&
  range[0] === before.range[0] &&
  range[1] === before.range[1]
    ? before
    : { status, candidate, count, previous, range };

interface Transition {
  readonly time: number;
  readonly from: CheckingStatus;
  readonly state: MonitorState;
  readonly checked: number;
}

const eventOf = (
  { id, parameter, equipment, severity, check, repetition }: PlannedMonitor,
  { time, from, state: { status, range }, checked }: Transition,
): CheckEvent => ({
  type: 'check',
  time: isoTime(time),
  parameter,
  limit: 'monitor',
  from,
  to: status,
  value: Number.isNaN(checked) ? null : checked,
  range: [range[0], range[1]],
  monitor: id,
  check: check.kind,
  equipment,
  severity,
  repetition: isFailing(status) ? repetition.fail : repetition.pass,
});

/** A result, and what it is worth a report of. */
const conclude = (
  monitor: PlannedMonitor,
  before: MonitorState,
  { time }: Facts,
  found: {
    readonly result: PersistenceStep<CheckingStatus>;
    readonly checked: number;
    readonly range: MonitorState['range'];
    readonly previous: number;
  },
): MonitorStep => {
  const state = stateAfter(before, found.result.state, found.previous, found.range);
  const { from, missedAt } = found.result;
  if (from === undefined && missedAt === undefined) return { state };
  return {
    state,
    event: from === undefined ? undefined : eventOf(monitor, { time, from, state, checked: found.checked }),
    nearMiss:
      missedAt === undefined
        ? undefined
        : { monitor: monitor.id, time, count: missedAt, needed: monitor.repetition.fail },
  };
};

const checkOne = (monitor: PlannedMonitor, before: MonitorState, input: MonitoringInput): MonitorStep => {
  const facts: Facts = input.situation;
  const validity = validityOf(monitor.validity, facts);
  const value = valueOf(monitor, input);
  if (value === undefined && validity === 'true') return { state: before };
  const unknown = (): MonitorStep => ({ state: stateAfter(before, clearCount(before), NaN, before.range) });
  if (value === 'stale' || value === 'error' || validity === 'stale' || validity === 'error') return unknown();
  const stop = (): MonitorStep => {
    const result = stopChecking(before, 'unchecked');
    return conclude(monitor, before, facts, { result, checked: NaN, range: before.range, previous: NaN });
  };
  if (value === undefined || validity === 'false') return stop();
  const isDelta = monitor.check.kind === 'delta';
  const checked = isDelta ? changeOf(before.previous, value, monitor.modulus) : value;
  // The first sample, and the first after a silence, has nothing to be compared with.
  if (Number.isNaN(checked)) return { state: stateAfter(before, before, value, before.range) };
  const finding = findingOf(monitor.check, checked, facts);
  if (finding === undefined) return stop();
  if (typeof finding === 'string') return unknown();
  const result = addResult(before, finding.status, monitor.repetition, 'unchecked');
  return conclude(monitor, before, facts, { result, checked, range: finding.range, previous: isDelta ? value : NaN });
};

/** FMON: fails when so many members have failed; members that are not checked count for neither side. Clause 6.12.4. */
const checkFunctional = (
  planned: PlannedFunctional,
  before: Persistence<FunctionalStatus>,
  facts: Facts,
  failed: ReadonlySet<string>,
): PersistenceStep<FunctionalStatus> => {
  const validity = validityOf(planned.validity, facts);
  if (validity === 'stale' || validity === 'error') return { state: clearCount(before) };
  const isChecked = planned.members.some((id) => (facts.monitors[id] ?? 'unchecked') !== 'unchecked');
  if (validity === 'false' || !isChecked) return stopChecking(before, 'unchecked');
  // Most frames fail nothing.
  const count = failed.size === 0 ? 0 : planned.members.filter((id) => failed.has(id)).length;
  return addResult(before, count >= planned.atLeast ? 'failed' : 'running', planned.repetition, 'unchecked');
};

/** One after the other; the list before, itself, when nothing is new in it. */
const step = <P extends { readonly id: string }, S extends Persistence<string>>(
  plan: readonly P[],
  before: readonly S[],
  next: (planned: P, state: S) => S,
): { readonly states: readonly S[]; readonly isOtherStatus: boolean } => {
  let isNew = false;
  let isOtherStatus = false;
  const states = plan.map((planned, index) => {
    const state = before[index];
    if (state === undefined) throw new Error(`monitor ${planned.id} has no state`);
    const after = next(planned, state);
    isNew ||= after !== state;
    isOtherStatus ||= after.status !== state.status;
    return after;
  });
  return { states: isNew ? states : before, isOtherStatus };
};

/** One instant, times ascending. */
export const monitor = (plan: MonitoringPlan, before: MonitoringState, input: MonitoringInput): MonitoringStep => {
  const { situation } = input;
  const checks: CheckEvent[] = [];
  const monitorEvents: MonitorEvent[] = [];
  const nearMisses: NearMiss[] = [];
  const { states: monitors, isOtherStatus } = step(plan.monitors, before.monitors, (planned, old) => {
    const { state, event, nearMiss } = checkOne(planned, old, input);
    if (event !== undefined) checks.push(event);
    if (nearMiss !== undefined) nearMisses.push(nearMiss);
    return state;
  });
  const statusesWith = (functional: MonitoringState['functional']) => statusesOf(plan, { monitors, functional });
  const between = isOtherStatus ? statusesWith(before.functional) : situation.monitors;
  const facts: Facts = between === situation.monitors ? situation : { ...situation, monitors: between };
  const failed = failingAmong(between);
  const { states: functional, isOtherStatus: isOtherFunctional } = step(
    plan.functional,
    before.functional,
    (planned, old) => {
      const { state, from } = checkFunctional(planned, old, facts, failed);
      if (from !== undefined) {
        const { id, equipment, severity, members, atLeast } = planned;
        const failing = members.filter((member) => failed.has(member));
        const about = { monitor: id, equipment, severity, from, to: state.status, failing };
        const time = isoTime(situation.time);
        monitorEvents.push({ type: 'monitor', time, ...about, members: members.length, atLeast });
      }
      return state;
    },
  );
  const isSame = monitors === before.monitors && functional === before.functional;
  return {
    state: isSame ? before : { monitors, functional },
    checks,
    monitorEvents,
    nearMisses,
    statuses: isOtherFunctional ? statusesWith(functional) : between,
  };
};
