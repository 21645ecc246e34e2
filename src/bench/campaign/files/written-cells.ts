/** Cells and times as people's programs write them, from a seed. Each comes with what it means; nothing here knows the reader. */
import type { Random } from '../../../core/random';
import { isoTime } from '../../../domain/units';

/** What a cell means. */
export type Meaning = number | 'missing' | 'text' | 'infinite';

export const oneOf = <T>(random: Random, items: readonly [T, ...T[]]): T => items[random.int(items.length)] ?? items[0];
export const happens = (random: Random, share: number): boolean => random.uniform() < share;

/** As pandas, R, SQL, MATLAB, Excel and the C library of Microsoft write a sample that is missing. */
const MISSING = [
  ...(['', ' ', 'NaN', 'nan', '-nan', 'NA', '<NA>', 'N/A', 'n/a', 'null', 'NULL', 'None', 'NaT', 'missing'] as const),
  ...(['<undefined>', '#N/A', '#NV', '#DIV/0!', '#VALUE!', '#REF!', '#NUM!', '1.#QNAN', '-1.#IND'] as const),
] as const;
const TEXTS = [
  'x',
  'ON',
  '0x1F',
  '1_000',
  '12 V',
  '--',
  '1e',
  'e5',
  'low',
  'NaNo',
  '1.2.3',
  '1 000',
  '+-3',
  '٣',
] as const;
const INFINITE = ['inf', '-inf', 'Infinity', '-Infinity', '+INF', '1e999', '-2e308'] as const;

const digits = (random: Random): string => {
  const value = 1000 * random.normal();
  switch (random.int(8)) {
    case 0:
      return String(random.int(200) - 100);
    case 1:
      return value.toExponential(random.int(6));
    case 2:
      return `+${Math.abs(value).toFixed(2)}`;
    case 3:
      return `${String(random.int(9))}.`;
    case 4:
      return `.${String(random.int(1000))}`;
    case 5:
      return `00${String(random.int(1000))}.50`;
    case 6:
      return '-0.0';
    default:
      return value.toFixed(random.int(8));
  }
};

export interface WrittenCell {
  readonly text: string;
  readonly meaning: Meaning;
}

/** @param decimal the mark of decimals; with a comma, a number with a point is a text. */
export const writeValue = (random: Random, decimal: '.' | ','): WrittenCell => {
  const kind = random.uniform();
  if (kind < 0.7) {
    const text = digits(random);
    return { text: text.replace('.', decimal), meaning: Number(text) };
  }
  if (kind < 0.85) return { text: oneOf(random, MISSING), meaning: 'missing' };
  if (kind < 0.9) {
    const isOn = happens(random, 0.5);
    const word = String(isOn);
    return { text: oneOf(random, [word, word.toUpperCase(), ` ${word}`]), meaning: isOn ? 1 : 0 };
  }
  if (kind < 0.93) return { text: oneOf(random, INFINITE), meaning: 'infinite' };
  return { text: oneOf(random, TEXTS), meaning: 'text' };
};

/** Writes milliseconds since 1970. */
export type TimeForm = (time: number) => string;

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const dayOfYear = (time: number): number =>
  1 + Math.floor((time - Date.UTC(new Date(time).getUTCFullYear(), 0, 1)) / 86_400_000);
const withOffset = (time: number, hours: number): string =>
  isoTime(time + hours * 3_600_000).replace('Z', `${hours < 0 ? '-' : '+'}${pad(Math.abs(hours), 2)}:00`);

/** Dates in ISO 8601. */
export const DATES: readonly [TimeForm, ...TimeForm[]] = [
  isoTime,
  (time) => new Date(time).toISOString(),
  (time) => isoTime(time).toLowerCase(),
  (time) => isoTime(time).replace('T', ' ').replace('Z', ''),
  (time) => `${isoTime(time).slice(0, 4)}-${pad(dayOfYear(time), 3)}${isoTime(time).slice(10)}`,
  (time) => withOffset(time, 2),
  (time) => withOffset(time, -5),
  (time) => isoTime(time).replace('Z', '.000000000Z'),
];

/** Counts since 1970. */
export const COUNTS: readonly [TimeForm, ...TimeForm[]] = [
  (time) => String(time / 1000),
  (time) => (time / 1000).toFixed(3),
  String,
  (time) => `${String(time)}000`,
  (time) => `${String(time)}000000`,
];

/** What is no time of a flight, and the reason by which its record is dropped. */
export const BAD_TIMES: readonly [
  readonly [string, 'malformed' | 'past'],
  ...(readonly [string, 'malformed' | 'past'])[],
] = [
  ['', 'malformed'],
  ['2026-02-30T00:00:00Z', 'malformed'],
  ['2026-03-01T24:30:00Z', 'malformed'],
  ['yesterday', 'malformed'],
  ['12:00:00', 'malformed'],
  ['01/03/2026 00:00', 'malformed'],
  ['1970-01-01T00:00:00Z', 'past'],
];
