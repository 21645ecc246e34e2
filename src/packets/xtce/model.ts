/**
 * An XTCE definition as checked data: what was read, with every reference resolved. Nothing here decodes.
 * Names: `id` is the path below the root SpaceSystem with `.` for `/` (`BusElectronics.Battery_Voltage`); `path` is the XTCE path.
 */

import type { AlarmCheck, Range } from './alarm-check';

/** One element that is not honoured. `refused`: left out, with all that needs it. `warning`: cannot change a decoded value. */
export interface DefinitionProblem {
  /** Line of the element in the file, from 1. */
  readonly line: number;
  /** The element's name, with its `name` or reference when it has one: `Parameter "X"`. */
  readonly element: string;
  readonly effect: 'refused' | 'warning';
  readonly message: string;
}

export type Calibrator =
  /** `coefficients[k]` belongs to x^k. */
  | { readonly kind: 'polynomial'; readonly coefficients: readonly number[] }
  /** Points ascend in `raw`. Order 0 holds the value of the point before, order 1 interpolates. */
  | {
      readonly kind: 'spline';
      readonly order: 0 | 1;
      readonly extrapolate: boolean;
      readonly points: readonly { readonly raw: number; readonly calibrated: number }[];
    }
  /** Reverse Polish: numbers, `x` (the raw value), parameters, operators. */
  | { readonly kind: 'math'; readonly steps: readonly MathStep[] };

export type MathStep =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'x' }
  | { readonly kind: 'parameter'; readonly ref: ValueReference }
  | { readonly kind: 'operator'; readonly operator: string };

export interface ContextCalibrator {
  readonly when: XtceCondition;
  readonly calibrator: Calibrator;
}

/** How the bits of a field are ordered in the packet. */
export interface BitLayout {
  /** Significance of each byte as it comes (0: least significant), when bytes do not come most significant first. */
  readonly byteOrder?: readonly number[];
  /** True when the least significant bit comes first: of each byte if `byteOrder` is given, else of the whole field. */
  readonly leastSignificantBitFirst: boolean;
}

export type Size =
  | { readonly kind: 'fixed'; readonly bits: number }
  /** `slope * value + intercept` bits. */
  | { readonly kind: 'dynamic'; readonly ref: ValueReference; readonly slope: number; readonly intercept: number }
  /** First row whose condition holds. */
  | { readonly kind: 'lookup'; readonly rows: readonly { readonly when: XtceCondition; readonly bits: number }[] };

export interface IntegerEncoding {
  readonly kind: 'integer';
  readonly encoding: 'unsigned' | 'twosComplement' | 'onesComplement' | 'signMagnitude' | 'BCD' | 'packedBCD';
  readonly bits: number;
  readonly layout: BitLayout;
}
export interface FloatEncoding {
  readonly kind: 'float';
  readonly encoding: 'IEEE754' | 'MILSTD_1750A';
  readonly bits: number;
  readonly layout: BitLayout;
}
export interface StringEncoding {
  readonly kind: 'string';
  /** Label for `TextDecoder`, or `utf-32be`/`utf-32le`. */
  readonly charset: string;
  /** Size of the buffer, or the largest size when only an end or a leading size bounds it. */
  readonly size: Size | { readonly kind: 'terminated'; readonly maxBits: number };
  /** Bytes that end the string. */
  readonly terminator?: Uint8Array;
  /** Bits of an unsigned size before the characters. */
  readonly leadingSizeBits?: number;
  /** Bits that one of that size stands for: 1, or 8 where it counts bytes. */
  readonly leadingSizeUnit?: 1 | 8;
  readonly layout: BitLayout;
}
export interface BinaryEncoding {
  readonly kind: 'binary';
  readonly size: Size;
  readonly layout: BitLayout;
}
export type DataEncoding = IntegerEncoding | FloatEncoding | StringEncoding | BinaryEncoding;

export interface Enumeration {
  readonly label: string;
  readonly value: number;
  /** Last value of the range; equals `value` without one. */
  readonly maxValue: number;
  readonly description?: string;
}

export interface XtceAlarm {
  /** Consecutive violations before it counts. */
  readonly minViolations: number;
  readonly checks: readonly AlarmCheck[];
  /** None: the default alarm. */
  readonly when?: XtceCondition;
  readonly line: number;
}

/** Epoch and scale of an absolute time. `tai`: counts every second. `utc`: days of 86,400 s, leap seconds are not counted. */
export interface TimeReference {
  readonly epoch: string;
  readonly scale: 'utc' | 'tai';
}

interface TypeBase {
  readonly path: string;
  readonly line: number;
  readonly description?: string;
  /** Joined by spaces. */
  readonly units?: string;
  readonly encoding?: DataEncoding;
  readonly calibrator?: Calibrator;
  readonly contextCalibrators: readonly ContextCalibrator[];
  /** Of the engineering value, or of the raw one. */
  readonly valid?: { readonly ranges: readonly Range[]; readonly of: 'engineering' | 'raw' };
  readonly alarms: readonly XtceAlarm[];
  readonly initialValue?: string;
}
export type ScalarType =
  | (TypeBase & { readonly kind: 'integer'; readonly signed: boolean })
  | (TypeBase & { readonly kind: 'float' })
  | (TypeBase & { readonly kind: 'enumerated'; readonly enumerations: readonly Enumeration[] })
  | (TypeBase & { readonly kind: 'boolean'; readonly zero: string; readonly one: string })
  | (TypeBase & { readonly kind: 'string' })
  | (TypeBase & { readonly kind: 'binary' })
  /** Engineering value: Unix milliseconds = epoch + (raw * scale + offset) * unitMs. */
  | (TypeBase & {
      readonly kind: 'absolute-time';
      readonly reference?: TimeReference;
      /** Counted from this parameter instead of an epoch. */
      readonly offsetFrom?: ValueReference;
      readonly unitMs: number;
      readonly scale: number;
      readonly offset: number;
    })
  /** Engineering value: seconds. */
  | (TypeBase & {
      readonly kind: 'relative-time';
      readonly unitMs: number;
      readonly scale: number;
      readonly offset: number;
    });
export interface AggregateType {
  readonly kind: 'aggregate';
  readonly path: string;
  readonly line: number;
  readonly description?: string;
  readonly members: readonly {
    readonly name: string;
    readonly type: DataType;
    readonly description?: string;
    readonly initialValue?: string;
  }[];
}
export interface ArrayType {
  readonly kind: 'array';
  readonly path: string;
  readonly line: number;
  readonly description?: string;
  readonly element: DataType;
  /** First and last index of each dimension; empty when the entry that uses it says. */
  readonly dimensions: readonly Dimension[];
  readonly numberOfDimensions: number;
}
export type DataType = ScalarType | AggregateType | ArrayType;

export type Count =
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'dynamic'; readonly ref: ValueReference; readonly slope: number; readonly intercept: number }
  | { readonly kind: 'lookup'; readonly rows: readonly { readonly when: XtceCondition; readonly value: number }[] };
export interface Dimension {
  readonly first: Count;
  readonly last: Count;
}

/** A value of the packet: a scalar parameter, or a member or element of one. */
export interface ValueReference {
  /** `id` of the parameter, then `.member` and `[index]`: the id of the value. */
  readonly id: string;
  readonly type: ScalarType;
  readonly calibrated: boolean;
  /** Value when the packet holds none: the initial value of the parameter or of its type. */
  readonly initial?: string;
  readonly line: number;
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type XtceCondition =
  | { readonly kind: 'all' | 'any'; readonly of: readonly XtceCondition[] }
  | {
      readonly kind: 'compare';
      readonly ref: ValueReference;
      readonly operator: ComparisonOperator;
      readonly value: string;
    }
  | {
      readonly kind: 'compare-values';
      readonly ref: ValueReference;
      readonly operator: ComparisonOperator;
      readonly other: ValueReference;
    };

export interface XtceParameter {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** Id of the SpaceSystem, empty for the root. */
  readonly system: string;
  readonly type: DataType;
  readonly description?: string;
  readonly longDescription?: string;
  readonly initialValue?: string;
  readonly source: 'telemetered' | 'derived' | 'constant' | 'local' | 'ground';
  /** `SystemName` of its properties: the unit it belongs to. */
  readonly systemName?: string;
  readonly aliases: readonly { readonly nameSpace: string; readonly alias: string }[];
  /** Its values are invalid in packets where this does not hold. */
  readonly validWhen?: XtceCondition;
  readonly line: number;
}

export interface Location {
  readonly from: 'previousEntry' | 'containerStart' | 'containerEnd';
  readonly offset: Count;
}
interface EntryBase {
  readonly line: number;
  readonly location?: Location;
  readonly include?: XtceCondition;
  readonly repeat?: { readonly count: Count; readonly gap?: Count };
}
export type Entry =
  | (EntryBase & {
      readonly kind: 'parameter';
      readonly parameter: XtceParameter;
      readonly dimensions?: readonly Dimension[];
    })
  | (EntryBase & { readonly kind: 'container'; readonly container: Container })
  | (EntryBase & { readonly kind: 'argument'; readonly argument: Argument; readonly dimensions?: readonly Dimension[] })
  | (EntryBase & { readonly kind: 'fixed'; readonly name?: string; readonly bits: number; readonly bytes: Uint8Array });

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly system: string;
  readonly abstract: boolean;
  readonly description?: string;
  /** `isUnreadable`: the restriction is refused, so that no packet can be told to be of this container. */
  readonly base?: { readonly container: Container; readonly when?: XtceCondition; readonly isUnreadable?: true };
  readonly entries: readonly Entry[];
  /** Given size (`BinaryEncoding`). */
  readonly sizeBits?: number;
  /** Period of the packets in seconds, when the definition says (`DefaultRateInStream`). */
  readonly periodSeconds?: number;
  readonly line: number;
  /** Why packets of this container cannot be decoded, when something that it needs is refused. */
  readonly refused?: DefinitionProblem;
  /** True in a MetaCommand or CommandContainerSet. */
  readonly command: boolean;
}

export interface Argument {
  readonly id: string;
  readonly name: string;
  readonly type: DataType;
  readonly description?: string;
  readonly initialValue?: string;
  readonly line: number;
}
