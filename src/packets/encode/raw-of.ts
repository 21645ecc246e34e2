/** Engineering values back to raw values: labels, words, times, and calibrators that can be turned round. */
import { taiOfUtc, type LeapSeconds } from '../time/leap-seconds';
import { parseNumber } from '../xtce/element-reader';
import type { Range } from '../xtce/alarm-check';
import type { Calibrator, ScalarType } from '../xtce/model';

export type GivenValue = string | number | bigint | boolean;

/** What cannot be encoded, in words. */
export class EncodeError extends Error {}

const fail = (message: string): never => {
  throw new EncodeError(message);
};

const inverseSpline = (points: Extract<Calibrator, { kind: 'spline' }>['points'], value: number): number => {
  const isRising = points.every(
    ({ calibrated }, index) => index === 0 || calibrated > (points[index - 1]?.calibrated ?? NaN),
  );
  const isFalling = points.every(
    ({ calibrated }, index) => index === 0 || calibrated < (points[index - 1]?.calibrated ?? NaN),
  );
  if (!isRising && !isFalling) return fail('its spline gives several raw values for one');
  for (let index = 1; index < points.length; index += 1) {
    const a = points[index - 1];
    const b = points[index];
    if (a === undefined || b === undefined) break;
    if (value >= Math.min(a.calibrated, b.calibrated) && value <= Math.max(a.calibrated, b.calibrated)) {
      return a.raw + ((value - a.calibrated) * (b.raw - a.raw)) / (b.calibrated - a.calibrated);
    }
  }
  return fail(`${String(value)} is outside its spline`);
};

const inverse = (calibrator: Calibrator | undefined, value: number): number => {
  if (calibrator === undefined) return value;
  if (calibrator.kind === 'polynomial') {
    const [c0 = 0, c1 = 0, ...higher] = calibrator.coefficients;
    if (c1 === 0 || higher.some((coefficient) => coefficient !== 0))
      return fail('its polynomial cannot be turned round');
    return (value - c0) / c1;
  }
  if (calibrator.kind === 'spline' && calibrator.order === 1) return inverseSpline(calibrator.points, value);
  return fail(`its ${calibrator.kind} calibrator cannot be turned round`);
};

const numberOf = (given: GivenValue): number => {
  const value = typeof given === 'string' ? parseNumber(given) : Number(given);
  return value === undefined || Number.isNaN(value) ? fail(`"${String(given)}" is no number`) : value;
};

const isWithin = ({ min, max, minExclusive, maxExclusive }: Range, value: number): boolean =>
  (min === undefined || (minExclusive === true ? value > min : value >= min)) &&
  (max === undefined || (maxExclusive === true ? value < max : value <= max));

const checkRange = ({ valid }: ScalarType, engineering: number, raw: number): void => {
  if (valid === undefined) return;
  const judged = valid.of === 'raw' ? raw : engineering;
  if (!valid.ranges.some((range) => isWithin(range, judged))) fail(`${String(judged)} is outside its valid range`);
};

const timeOf = (given: GivenValue): number => {
  const ms = typeof given === 'string' ? Date.parse(given) : Number(given);
  return Number.isFinite(ms) ? ms : fail(`"${String(given)}" is no time`);
};

type TimeType = Extract<ScalarType, { kind: 'absolute-time' }>;

const absoluteTime = (type: TimeType, given: GivenValue, table: LeapSeconds): number => {
  if (type.offsetFrom !== undefined) return fail('a time that is counted from another parameter cannot be encoded');
  const { reference, unitMs, scale, offset } = type;
  const epochMs = reference === undefined ? 0 : Date.parse(reference.epoch);
  const elapsedMs =
    reference?.scale === 'tai' ? taiOfUtc(table, timeOf(given)) - taiOfUtc(table, epochMs) : timeOf(given) - epochMs;
  return (elapsedMs / unitMs - offset) / scale;
};

const enumerated = (type: Extract<ScalarType, { kind: 'enumerated' }>, given: GivenValue): number => {
  const labelled = type.enumerations.find(({ label }) => label === given);
  if (labelled !== undefined) return labelled.value;
  const value = typeof given === 'string' ? parseNumber(given) : Number(given);
  const isKnown = type.enumerations.some((one) => value !== undefined && value >= one.value && value <= one.maxValue);
  if (value === undefined || !isKnown)
    return fail(`"${String(given)}" is none of ${type.enumerations.map(({ label }) => label).join(', ')}`);
  return value;
};

const boolean = ({ zero, one }: Extract<ScalarType, { kind: 'boolean' }>, given: GivenValue): number => {
  if (given === one || given === true || given === 1 || given === '1' || given === 'true') return 1;
  if (given === zero || given === false || given === 0 || given === '0' || given === 'false') return 0;
  return fail(`"${String(given)}" is neither ${zero} nor ${one}`);
};

/** The raw value of what was given in engineering form. @throws EncodeError when there is none */
export const rawOf = (type: ScalarType, given: GivenValue, table: LeapSeconds): string | number | bigint => {
  if (type.contextCalibrators.length > 0) return fail('context calibrators cannot be turned round');
  switch (type.kind) {
    case 'integer':
    case 'float': {
      const isExact = type.calibrator === undefined && typeof given === 'bigint';
      if (isExact) return given;
      const engineering = numberOf(given);
      const raw = inverse(type.calibrator, engineering);
      checkRange(type, engineering, raw);
      return raw;
    }
    case 'relative-time':
      return inverse(type.calibrator, ((numberOf(given) * 1000) / type.unitMs - type.offset) / type.scale);
    case 'absolute-time':
      return inverse(type.calibrator, absoluteTime(type, given, table));
    case 'enumerated':
      return inverse(type.calibrator, enumerated(type, given));
    case 'boolean':
      return boolean(type, given);
    case 'string':
    case 'binary':
      return String(given);
  }
};
