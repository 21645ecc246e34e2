/**
 * A freeze frame's series as bytes: a version, the length of a JSON heading, the heading (names, counts, widths), and the values,
 * little-endian. Records round to six significant digits, which a float32 holds: four bytes a value, rounded again when they are
 * read. Anything else takes eight bytes, so that a record is always read back as it was written. A missing sample is NaN, which no sample is.
 */
import type { Explanation } from '../../domain/explanation';

type FreezeFrame = Explanation['freezeFrame'];
export type FrameSeries = Pick<FreezeFrame, 'parameters' | 'reconstruction' | 'expected'> & {
  /** What was measured around it; left out: nothing was kept, as in all that older versions wrote. */
  readonly surroundings?: NonNullable<FreezeFrame['surroundings']>['parameters'] | undefined;
};
type Group = Readonly<Record<string, readonly (number | null)[]>>;
/** Name, number of values, bytes a value. */
type Heading = readonly (readonly [name: string, count: number, width: 4 | 8])[];

const VERSION = 1;
const PREFIX_BYTES = 5;
const GROUPS = ['parameters', 'reconstruction', 'expected', 'surroundings'] as const;
/** A frame of a thousand parameters and a thousand samples; more is no frame of ours. */
const MAX_VALUES = 4_000_000;

/** FLT_DIG of C: so many decimal digits survive a float32. */
const DIGITS = 6;
/**
 * To six significant digits, as `Number(value.toPrecision(6))` and ten times as fast. An integer of six digits is divided by, or
 * multiplied with, an exact power of ten (up to 10^22). That rounds once, as reading the decimal does.
 */
const rounded = (value: number): number => {
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  if (!(magnitude >= -16 && magnitude <= 21)) return Number(value.toPrecision(DIGITS));
  const shift = DIGITS - 1 - magnitude;
  const power = 10 ** Math.abs(shift);
  return shift >= 0 ? Math.round(value * power) / power : Math.round(value / power) * power;
};

const widthOf = (values: readonly (number | null)[]): 4 | 8 =>
  values.every((value) => value === null || Object.is(rounded(Math.fround(value)), value)) ? 4 : 8;

const headingOf = (group: Group): Heading =>
  Object.entries(group).map(([name, values]) => [name, values.length, widthOf(values)] as const);

export const frameToBytes = (series: FrameSeries): Uint8Array => {
  const groups = GROUPS.map((name): Group | undefined => series[name]).filter((group) => group !== undefined);
  const headings = groups.map(headingOf);
  const heading = new TextEncoder().encode(JSON.stringify(headings));
  const size = headings.flat().reduce((sum, [, count, width]) => sum + count * width, 0);
  const bytes = new Uint8Array(PREFIX_BYTES + heading.length + size);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint32(1, heading.length, true);
  bytes.set(heading, PREFIX_BYTES);
  let at = PREFIX_BYTES + heading.length;
  groups.forEach((values, index) => {
    for (const [name, , width] of headings[index] ?? []) {
      for (const value of values[name] ?? []) {
        if (width === 4) view.setFloat32(at, value ?? NaN, true);
        else view.setFloat64(at, value ?? NaN, true);
        at += width;
      }
    }
  });
  return bytes;
};

/** @throws when the bytes are not those of a frame. */
export const frameFromBytes = (bytes: Uint8Array): FrameSeries => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PREFIX_BYTES || view.getUint8(0) !== VERSION) throw new Error('no freeze frame of this version');
  const headingLength = view.getUint32(1, true);
  const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headingLength));
  const headings = JSON.parse(text) as readonly Heading[];
  const size = headings.flat().reduce((sum, [, count, width]) => sum + count * width, 0);
  if (size > MAX_VALUES * 8 || PREFIX_BYTES + headingLength + size !== bytes.length) {
    throw new Error('a freeze frame that is cut off, or longer than it says');
  }
  let at = PREFIX_BYTES + headingLength;
  const groups = headings.map((heading) =>
    Object.fromEntries(
      heading.map(([name, count, width]) => [
        name,
        Array.from({ length: count }, () => {
          const value = width === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
          at += width;
          return Number.isNaN(value) ? null : width === 4 ? rounded(value) : value;
        }),
      ]),
    ),
  );
  const [parameters = {}, reconstruction = {}, expected = {}, surroundings] = groups;
  return { parameters, reconstruction, expected, ...(surroundings && { surroundings }) } as FrameSeries;
};
