/** What a condition can see: the event it is asked about, and the state of the spacecraft at that packet time. Plain data. */
import type { CheckEvent, FunctionalStatus } from './events';
import type { AnomalyChange, EquipmentHealth } from './rules';

/** `anomaly` in a condition. */
export interface AnomalyFacts {
  readonly id: string;
  readonly change: AnomalyChange;
  readonly state: 'open' | 'closed';
  readonly revision: number;
  readonly trigger: string;
  readonly equipment: string;
  readonly fault: string;
  readonly confidence: number;
  readonly score: number;
  readonly threshold: number;
  readonly pValue: number;
  /** Parameters of the counterfactual. */
  readonly sufficient: readonly string[];
  /** Parameters of the attribution, the largest share first. */
  readonly parameters: readonly string[];
  /** The conformal set, likeliest first, each `equipment/fault`; the verdict alone where a package calibrated no sets. */
  readonly set: readonly string[];
  /** Equipments of the set, likeliest first: more than one cannot be told apart. That of the verdict where the set is empty. */
  readonly suspects: readonly string[];
  /** Since its start, milliseconds; a CEL duration in conditions. */
  readonly durationMs: number;
}

/** `check` in a condition: a transition of a monitor or of a plain limit. */
export interface CheckFacts {
  readonly monitor: string;
  readonly parameter: string;
  readonly limit: CheckEvent['limit'];
  readonly equipment: string;
  readonly severity: string;
  readonly from: string;
  readonly to: string;
  readonly value: number;
  /** The new status is none of `unchecked`, `withinLimits`, `expectedValue` and `withinThreshold`. */
  readonly failed: boolean;
}

/** `monitor` in a condition: a transition of a functional monitor. */
export interface FunctionalFacts {
  readonly id: string;
  readonly equipment: string;
  readonly severity: string;
  readonly from: FunctionalStatus;
  readonly to: FunctionalStatus;
  readonly failing: readonly string[];
  readonly failed: boolean;
}

/** `model` in a condition: the model works, or what is detected is only what the plain limits find. */
export interface ModelFacts {
  readonly state: 'working' | 'degraded';
  readonly reason: string;
}

/** `report` in a condition: what the spacecraft itself reported (PUS services 5, 12 and 19). */
export interface ReportFacts {
  readonly name: string;
  /** Of the event definition; NaN without one. */
  readonly number: number;
  readonly severity: string;
  readonly equipment: string;
  readonly apid: number;
  /** Of the packet utilisation standard. */
  readonly service: number;
  readonly subtype: number;
}

/** The state of the spacecraft as conditions see it. */
export interface Situation {
  /** Packet time, milliseconds. */
  readonly time: number;
  /** Engineering values by parameter; NaN or absent is stale. */
  readonly parameters: Readonly<Record<string, number>>;
  /** Operating mode; undefined until somebody said it, and then everything about it is stale. */
  readonly mode: string | undefined;
  /** Health by equipment; absent is `healthy`. */
  readonly health: Readonly<Record<string, EquipmentHealth>>;
  /** Established status by monitor and functional monitor. */
  readonly monitors: Readonly<Record<string, string>>;
  /** Packet time of the last telecommand of each name, milliseconds; absent: none was seen. */
  readonly commands?: Readonly<Record<string, number>> | undefined;
}

export type EventFacts =
  | { readonly event: 'anomaly'; readonly anomaly: AnomalyFacts }
  | { readonly event: 'check'; readonly check: CheckFacts }
  | { readonly event: 'monitor'; readonly monitor: FunctionalFacts }
  | { readonly event: 'model'; readonly model: ModelFacts }
  | { readonly event: 'report'; readonly report: ReportFacts };

/** Everything one evaluation sees; without an event, as for a validity condition, only the situation. */
export type Facts = Situation & { readonly subject?: EventFacts | undefined };
