/** Raw values to engineering values, by the type: calibration, labels, times, validity. */
import { taiOfUtc, utcOfTai } from '../time/leap-seconds';
import { parseNumber } from '../xtce/element-reader';
import type { Range } from '../xtce/alarm-check';
import type { Enumeration, ScalarType } from '../xtce/model';
import { compileCalibrator, type Calibrate } from './calibrate';
import type { CompileContext } from './compile-context';
import { compileCondition } from './compile-condition';
import { compileNumberOf } from './compile-reference';
import type { EngineeringValue, InvalidReason, RawValue, Run } from './values';

/** `raw` is null when the bits are no value of their encoding. */
export type Engineer = (raw: RawValue | null, run: Run) => EngineeringValue;

/** A calibrator, chosen by the first context that holds. Undefined when the type has none. */
const compileCalibration = (context: CompileContext, type: ScalarType): Calibrate | undefined => {
  const { calibrator, contextCalibrators } = type;
  const byDefault = calibrator === undefined ? undefined : compileCalibrator(context, calibrator);
  if (contextCalibrators.length === 0) return byDefault;
  const choices = contextCalibrators.map((choice) => ({
    holds: compileCondition(context, choice.when),
    calibrate: compileCalibrator(context, choice.calibrator),
  }));
  return (raw, run) => {
    for (const { holds, calibrate } of choices) if (holds(run)) return calibrate(raw, run);
    return byDefault === undefined ? raw : byDefault(raw, run);
  };
};

/** A raw value as a number: text that is a number, bytes as an unsigned integer. */
const numberOf = (raw: RawValue | null): number | bigint | undefined => {
  if (typeof raw === 'number' || typeof raw === 'bigint') return raw;
  if (typeof raw === 'string') return parseNumber(raw.replace(/\0+$/, ''));
  if (raw === null) return undefined;
  const value = raw.length === 0 ? 0n : BigInt(`0x${Buffer.from(raw).toString('hex')}`);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
};

const compileNumeric = (calibrate: Calibrate | undefined): Engineer =>
  calibrate === undefined
    ? (raw) => (typeof raw === 'number' ? raw : (numberOf(raw) ?? null))
    : (raw, run) => {
        const value = numberOf(raw);
        return value === undefined ? null : calibrate(Number(value), run);
      };

const MAX_TABLE = 65_536;

/** Labels by value: a table when the values are few, else the ranges in ascending order. */
const compileLabels = (enumerations: readonly Enumeration[]): ((value: number) => string | null) => {
  const total = enumerations.reduce((sum, { value, maxValue }) => sum + maxValue - value + 1, 0);
  if (total > MAX_TABLE) {
    return (value) => enumerations.find((one) => value >= one.value && value <= one.maxValue)?.label ?? null;
  }
  const table = new Map<number, string>();
  for (const { value, maxValue, label } of enumerations) {
    for (let one = value; one <= maxValue; one += 1) table.set(one, label);
  }
  return (value) => table.get(value) ?? null;
};

const compileEnumerated = (
  type: Extract<ScalarType, { kind: 'enumerated' }>,
  calibrate: Calibrate | undefined,
): Engineer => {
  const labelOf = compileLabels(type.enumerations);
  const labels = new Set(type.enumerations.map(({ label }) => label));
  return (raw, run) => {
    if (typeof raw === 'string' && labels.has(raw)) return raw;
    const value = numberOf(raw);
    if (value === undefined) return null;
    return labelOf(calibrate === undefined ? Number(value) : calibrate(Number(value), run));
  };
};

const compileBoolean =
  ({ zero, one }: Extract<ScalarType, { kind: 'boolean' }>): Engineer =>
  (raw) => {
    if (raw === zero || raw === one) return raw;
    const value = numberOf(raw);
    if (value === undefined) return null;
    return Number(value) === 0 ? zero : one;
  };

const MAX_TIME_MS = 8.64e15;

/** Unix milliseconds, UTC. */
const compileAbsoluteTime = (
  context: CompileContext,
  type: Extract<ScalarType, { kind: 'absolute-time' }>,
  calibrate: Calibrate | undefined,
): Engineer => {
  const { unitMs, scale, offset, reference, offsetFrom } = type;
  const base = offsetFrom === undefined ? undefined : compileNumberOf(context, offsetFrom);
  const epochMs = reference === undefined ? 0 : Date.parse(reference.epoch);
  const isTai = reference?.scale === 'tai';
  const taiEpochMs = taiOfUtc(context.leapSeconds, epochMs);
  return (raw, run) => {
    const value = numberOf(raw);
    if (value === undefined) return null;
    const count = calibrate === undefined ? Number(value) : calibrate(Number(value), run);
    const elapsedMs = (count * scale + offset) * unitMs;
    const from = base === undefined ? epochMs : base(run);
    if (from === undefined) return null;
    const ms = isTai ? utcOfTai(context.leapSeconds, taiEpochMs + elapsedMs) : from + elapsedMs;
    return Math.abs(ms) <= MAX_TIME_MS ? ms : null;
  };
};

const compileValue = (context: CompileContext, type: ScalarType): Engineer => {
  const calibrate = compileCalibration(context, type);
  switch (type.kind) {
    case 'integer':
    case 'float':
      return compileNumeric(calibrate);
    case 'enumerated':
      return compileEnumerated(type, calibrate);
    case 'boolean':
      return compileBoolean(type);
    case 'string':
      return (raw) =>
        raw instanceof Uint8Array ? `0x${Buffer.from(raw).toString('hex')}` : raw === null ? null : String(raw);
    case 'binary':
      return (raw) => raw;
    case 'absolute-time':
      return compileAbsoluteTime(context, type, calibrate);
    case 'relative-time': {
      const toNumber = compileNumeric(calibrate);
      const { unitMs, scale, offset } = type;
      return (raw, run) => {
        const count = toNumber(raw, run);
        return typeof count === 'number' || typeof count === 'bigint'
          ? ((Number(count) * scale + offset) * unitMs) / 1000
          : null;
      };
    }
  }
};

const isWithin = ({ min, max, minExclusive, maxExclusive }: Range, value: number): boolean =>
  (min === undefined || (minExclusive === true ? value > min : value >= min)) &&
  (max === undefined || (maxExclusive === true ? value < max : value <= max));

/** Why an engineering value is not valid; undefined when it is. */
export type Judge = (raw: RawValue | null, value: EngineeringValue) => InvalidReason | undefined;

const compileJudge = (type: ScalarType): Judge => {
  const { valid, kind } = type;
  const missing: InvalidReason = kind === 'enumerated' ? 'no-label' : 'no-value';
  return (raw, value) => {
    if (value === null) return missing;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return typeof raw === 'number' && !Number.isFinite(raw) ? 'not-finite' : 'no-value';
    }
    if (valid === undefined) return undefined;
    const judged = valid.of === 'raw' ? raw : value;
    if (typeof judged !== 'number' && typeof judged !== 'bigint') return undefined;
    return valid.ranges.some((range) => isWithin(range, Number(judged))) ? undefined : 'range';
  };
};

export interface CompiledType {
  readonly engineer: Engineer;
  readonly judge: Judge;
  /** True when raw numbers are engineering numbers, and only finite ones can come: nothing is to be done. */
  readonly isPlain: boolean;
}

export const compileEngineering = (context: CompileContext, type: ScalarType): CompiledType => ({
  engineer: compileValue(context, type),
  judge: compileJudge(type),
  isPlain:
    (type.kind === 'integer' || type.kind === 'float') &&
    type.calibrator === undefined &&
    type.contextCalibrators.length === 0 &&
    type.valid === undefined &&
    type.encoding?.kind === 'integer' &&
    !type.encoding.encoding.endsWith('BCD'),
});
