/**
 * The monitoring of one instant: every monitor on what arrived, then the functional monitors on what is established. A pure
 * reducer. Only transitions are reported; the first passing status is established in silence, and what is stale or cannot be
 * judged is neither true nor false: it triggers nothing, ends nothing, and the consecutive count starts again.
 */
import type { CheckEvent, CheckingStatus, FunctionalStatus, MonitorEvent } from '../../domain/events';
import type { Facts, Situation } from '../../domain/facts';
import { isoTime } from '../../domain/units';
import { findingOf, isFailing, validityOf, type Finding } from './checking';
import { addResult, clearCount, stopChecking, unestablished, type Persisted, type Persistence } from './persistence';
import type { MonitoringPlan, PlannedFunctional, PlannedMonitor } from './plan';

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
}

export const initialMonitoring = ({ monitors, functional }: MonitoringPlan): MonitoringState => ({
  monitors: monitors.map(() => ({ ...unestablished<CheckingStatus>('unchecked'), previous: NaN, range: [0, 0] })),
  functional: functional.map(() => unestablished<FunctionalStatus>('unchecked')),
});

/** The established status of everything, as conditions see it. */
export const statusesOf = (plan: MonitoringPlan, state: MonitoringState): Readonly<Record<string, string>> =>
  Object.fromEntries([
    ...plan.monitors.map(({ id }, index) => [id, state.monitors[index]?.status ?? 'unchecked'] as const),
    ...plan.functional.map(({ id }, index) => [id, state.functional[index]?.status ?? 'unchecked'] as const),
  ]);

/** Monitors with a failing count that is not established yet: what they inhibit waits for them. */
export const pendingOf = (plan: MonitoringPlan, state: MonitoringState): ReadonlySet<string> =>
  new Set(
    [
      ...plan.monitors.map(({ id }, index) => ({ id, candidate: state.monitors[index]?.candidate })),
      ...plan.functional.map(({ id }, index) => ({ id, candidate: state.functional[index]?.candidate })),
    ].flatMap(({ id, candidate }) => (candidate !== undefined && isFailing(candidate) ? [id] : [])),
  );

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

interface Checked {
  readonly state: MonitorState;
  readonly event?: CheckEvent | undefined;
  readonly nearMiss?: NearMiss | undefined;
}

const checkOne = (monitor: PlannedMonitor, before: MonitorState, input: MonitoringInput): Checked => {
  const facts: Facts = input.situation;
  const { time } = facts;
  const validity = validityOf(monitor.validity, facts);
  const value = valueOf(monitor, input);
  const isUnknown = value === 'stale' || value === 'error';
  if (value === undefined && validity === 'true') return { state: before };
  if (isUnknown || validity === 'stale' || validity === 'error') {
    return { state: { ...before, ...clearCount(before), previous: NaN } };
  }
  const conclude = (
    result: Persisted<CheckingStatus>,
    checked: number,
    range: Finding['range'],
    previous: number,
  ): Checked => {
    const state: MonitorState = { ...result.state, previous, range };
    const { from, missedAt } = result;
    const { id, parameter, equipment, severity, check, repetition } = monitor;
    const event: CheckEvent | undefined =
      from === undefined
        ? undefined
        : {
            type: 'check',
            time: isoTime(time),
            parameter,
            limit: 'monitor',
            from,
            to: state.status,
            value: Number.isNaN(checked) ? null : checked,
            range: [range[0], range[1]],
            monitor: id,
            check: check.kind,
            equipment,
            severity,
            repetition: isFailing(state.status) ? repetition.fail : repetition.pass,
          };
    const nearMiss =
      missedAt === undefined ? undefined : { monitor: id, time, count: missedAt, needed: repetition.fail };
    return { state, event, nearMiss };
  };
  const stop = (): Checked => conclude(stopChecking(before, 'unchecked'), NaN, before.range, NaN);
  if (value === undefined || validity === 'false') return stop();
  const isDelta = monitor.check.kind === 'delta';
  const checked = isDelta ? value - before.previous : value;
  // The first sample, and the first after a silence, has nothing to be compared with.
  if (Number.isNaN(checked)) return { state: { ...before, previous: value } };
  const finding = findingOf(monitor.check, checked, facts);
  if (finding === undefined) return stop();
  if (typeof finding === 'string') return { state: { ...before, ...clearCount(before), previous: NaN } };
  const result = addResult(before, finding.status, monitor.repetition, 'unchecked');
  return conclude(result, checked, finding.range, isDelta ? value : NaN);
};

/** FMON: fails when so many members have failed; members that are not checked count for neither side. Clause 6.12.4. */
const checkFunctional = (
  planned: PlannedFunctional,
  before: Persistence<FunctionalStatus>,
  facts: Facts,
  failed: ReadonlySet<string>,
): Persisted<FunctionalStatus> => {
  const validity = validityOf(planned.validity, facts);
  if (validity === 'stale' || validity === 'error') return { state: clearCount(before) };
  const isChecked = planned.members.some((id) => (facts.monitors[id] ?? 'unchecked') !== 'unchecked');
  if (validity === 'false' || !isChecked) return stopChecking(before, 'unchecked');
  const count = planned.members.filter((id) => failed.has(id)).length;
  return addResult(before, count >= planned.atLeast ? 'failed' : 'running', planned.repetition, 'unchecked');
};

/** One instant, times ascending. */
export const monitor = (plan: MonitoringPlan, before: MonitoringState, input: MonitoringInput): MonitoringStep => {
  const { situation } = input;
  const checked = plan.monitors.map((planned, index) => {
    const state = before.monitors[index];
    if (state === undefined) throw new Error(`monitor ${planned.id} has no state`);
    return checkOne(planned, state, input);
  });
  const monitors = checked.map(({ state }) => state);
  const failed = new Set(plan.monitors.flatMap(({ id }, at) => (isFailing(monitors[at]?.status ?? '') ? [id] : [])));
  const statuses = statusesOf(plan, { monitors, functional: before.functional });
  const facts: Facts = { ...situation, monitors: statuses };
  const functional = plan.functional.map((planned, index) =>
    checkFunctional(planned, before.functional[index] ?? unestablished('unchecked'), facts, failed),
  );
  const monitorEvents = functional.flatMap(({ state: { status: to }, from }, index): MonitorEvent[] => {
    const planned = plan.functional[index];
    if (from === undefined || planned === undefined) return [];
    const { id, equipment, severity, members, atLeast } = planned;
    const failing = members.filter((member) => failed.has(member));
    const time = isoTime(situation.time);
    return [
      { type: 'monitor', time, monitor: id, equipment, severity, from, to, failing, members: members.length, atLeast },
    ];
  });
  return {
    state: { monitors, functional: functional.map(({ state }) => state) },
    checks: checked.flatMap(({ event }) => (event === undefined ? [] : [event])),
    monitorEvents,
    nearMisses: checked.flatMap(({ nearMiss }) => (nearMiss === undefined ? [] : [nearMiss])),
  };
};
