/** Monitors ready to be evaluated: definitions with their rows, limits and compiled conditions, worked out once at load. */
import type { FunctionalMonitor, Monitor, MonitorCheck, Severity } from '../../domain/monitors';
import type { Condition } from '../conditions/condition';

export interface Repetition {
  /** Consecutive failing results that establish a failure. */
  readonly fail: number;
  /** Consecutive passing results that end it. */
  readonly pass: number;
}

type DefinitionOf<K extends MonitorCheck['kind']> = Extract<MonitorCheck, { kind: K }>['cases'][number];

/** One case of a check: when it applies, and what is asked then. The first that applies is checked. */
export interface PlannedCase<D> {
  readonly modes: readonly string[] | undefined;
  readonly when: Condition | undefined;
  readonly definition: D;
}

export type PlannedCheck =
  | { readonly kind: 'limit'; readonly cases: readonly PlannedCase<DefinitionOf<'limit'>>[] }
  | { readonly kind: 'expected'; readonly cases: readonly PlannedCase<DefinitionOf<'expected'>>[] }
  | { readonly kind: 'delta'; readonly cases: readonly PlannedCase<DefinitionOf<'delta'>>[] }
  | { readonly kind: 'score'; readonly cases: readonly PlannedCase<DefinitionOf<'score'>>[] };

interface MonitorPlan {
  readonly id: string;
  /** `unknown` when it belongs to none. */
  readonly equipment: string;
  readonly severity: Severity;
  readonly validity: Condition | undefined;
  readonly repetition: Repetition;
}

export interface PlannedMonitor extends MonitorPlan {
  readonly definition: Monitor;
  /** Empty for a score check of the whole window. */
  readonly parameter: string;
  /** Row of the parameter in a frame; -1 for a score check of the whole window. */
  readonly row: number;
  readonly validLow: number;
  readonly validHigh: number;
  /** What the parameter rolls over at. */
  readonly modulus: number | undefined;
  readonly check: PlannedCheck;
}

export interface PlannedFunctional extends MonitorPlan {
  readonly definition: FunctionalMonitor;
  readonly members: readonly string[];
  readonly atLeast: number;
}

/** Disabled definitions are not in it. */
export interface MonitoringPlan {
  readonly monitors: readonly PlannedMonitor[];
  readonly functional: readonly PlannedFunctional[];
}

export const emptyPlan: MonitoringPlan = { monitors: [], functional: [] };
