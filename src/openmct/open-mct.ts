/** What of Open MCT 4 the plugin uses. Open MCT has no types of its own that could be compiled against. */

export interface Identifier {
  readonly namespace: string;
  readonly key: string;
}

export interface DomainObject {
  readonly identifier: Identifier;
  readonly type: string;
  readonly name: string;
  readonly location?: string;
  readonly telemetry?: { readonly values: readonly object[] };
  readonly [more: string]: unknown;
}

export type Datum = Readonly<Record<string, string | number | undefined>>;

export interface TelemetryRequest {
  readonly start?: number;
  readonly end?: number;
  readonly size?: number;
  readonly strategy?: string;
  readonly signal?: AbortSignal;
}

export interface Staleness {
  readonly isStale: boolean;
  readonly timestamp: number;
}

/** An alarm as Open MCT's fault view reads it; it sorts by CRITICAL, WARNING and WATCH. */
export interface OpenMctFault {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly seqNum: number;
  readonly severity: 'CRITICAL' | 'WARNING' | 'WATCH';
  readonly acknowledged: boolean;
  readonly shelved: boolean;
  readonly shortDescription: string;
  readonly triggerTime: string;
  readonly currentValueInfo: FaultValue;
  readonly triggerValueInfo: FaultValue;
}
export interface FaultValue {
  readonly value: number | string;
  readonly rangeCondition: string;
  readonly monitoringResult: string;
}
export interface FaultNews {
  readonly type: 'alarms' | 'global-alarm-status';
  readonly fault?: OpenMctFault;
}

export interface OpenMct {
  readonly objects: {
    addRoot(identifier: Identifier): void;
    addProvider(namespace: string, provider: { get(identifier: Identifier): Promise<DomainObject> }): void;
  };
  readonly types: { addType(key: string, definition: object): void };
  readonly composition: {
    addProvider(provider: {
      appliesTo(object: DomainObject): boolean;
      load(object: DomainObject): Promise<readonly Identifier[]>;
    }): void;
  };
  readonly telemetry: { addProvider(provider: object): void };
  readonly faults: { addProvider(provider: object): void };
  readonly notifications?: { error(message: string): unknown };
}
