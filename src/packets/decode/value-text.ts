/** Values as text and JSON: bytes are hexadecimal digits, times are ISO 8601, integers keep every digit. */
import { formatTime } from '../time/format-time';
import type { DecodedValue, EngineeringValue, RawValue } from './values';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const MAX_TIME_MS = 8.64e15;

/** JSON has no word for NaN and the infinities: they are text. */
const toJson = (value: RawValue | EngineeringValue): string => {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : `"${String(value)}"`;
  return JSON.stringify(value instanceof Uint8Array ? hex(value) : value);
};

/** The engineering value with times as text. */
const shown = ({ field, value }: DecodedValue): EngineeringValue =>
  field.type.kind === 'absolute-time' && typeof value === 'number' && Math.abs(value) <= MAX_TIME_MS
    ? formatTime(value)
    : value;

/** `[raw, engineering]` */
export const pairJson = (decoded: DecodedValue): string => `[${toJson(decoded.raw)}, ${toJson(shown(decoded))}]`;

/** The engineering value for people and CSV; empty without one. */
export const valueText = (decoded: DecodedValue): string => {
  const value = shown(decoded);
  return value === null ? '' : value instanceof Uint8Array ? hex(value) : String(value);
};
