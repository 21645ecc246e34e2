/** What one written value means: a number, a missing sample, an infinity, or text. A text never becomes a number by accident. */

/**
 * How other programs write a sample that is missing. Beside each what writes it.
 * A placeholder number such as -9999 is not among them: only the mission can know that it stands for nothing.
 */
const MISSING_WORDS = [
  ...['nan', '-nan', '+nan', 'na', '<na>', 'n/a', 'null', 'none', 'nat'], // pandas, R, SQL, JSON, numpy
  ...['#n/a n/a', '#na', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan', '1.#snan'], // pandas reading Excel; Microsoft's C library
  ...['missing', '<missing>', '<undefined>'], // MATLAB: missing, missing string, undefined category
  ...['#n/a', '#nv', '#null!', '#div/0!', '#value!', '#ref!', '#name?', '#num!', '#getting_data', '#spill!', '#calc!'], // Excel
] as const;
const BUILT_IN: ReadonlySet<string> = new Set(MISSING_WORDS);

/** What stands for a missing sample beside the words that are always taken: texts, and numbers by their value. */
export interface MissingValues {
  readonly words: ReadonlySet<string>;
  readonly numbers: ReadonlySet<number>;
}

const NO_MORE: MissingValues = { words: new Set(), numbers: new Set() };

/** The list of a mission, ready to be asked. */
export const missingValues = (list: readonly (string | number)[] = []): MissingValues =>
  list.length === 0
    ? NO_MORE
    : {
        words: new Set(list.flatMap((item) => (typeof item === 'string' ? [item.trim().toLowerCase()] : []))),
        numbers: new Set(list.flatMap((item) => (typeof item === 'number' ? [item] : (numberOf(item.trim()) ?? [])))),
      };

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^([+-]?)(?:inf|infinity)$/i;

const numberOf = (text: string): number | undefined => (NUMBER.test(text) ? Number(text) : undefined);

/** Decimal marks of a file: which one it uses is only known once a number with one was seen. */
export type DecimalMark = '.' | ',' | undefined;

/**
 * A number, an infinity, `missing`, or `text`.
 * @param cell without the quotes around it.
 * @param decimal with a comma, `7,9` is 7.9 and `7.9` is a text.
 */
export const readCell = (
  cell: string,
  missing: MissingValues = NO_MORE,
  decimal: DecimalMark = '.',
): number | 'missing' | 'text' => {
  const text = cell.trim();
  if (text === '') return 'missing';
  const value = decimal === ',' ? commaNumber(text) : numberOf(text);
  if (value !== undefined) return missing.numbers.has(value) ? 'missing' : value;
  const word = text.toLowerCase();
  if (BUILT_IN.has(word) || missing.words.has(word)) return 'missing';
  if (word === 'true') return 1;
  if (word === 'false') return 0;
  const infinite = INFINITE.exec(text);
  if (infinite === null) return 'text';
  return infinite[1] === '-' ? -Infinity : Infinity;
};

const commaNumber = (text: string): number | undefined =>
  text.includes('.') ? undefined : numberOf(text.replace(',', '.'));

/** `1,234` may be one thousand or more: such a comma is a decimal mark only where nothing speaks against it. */
const AMBIGUOUS = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/**
 * Which decimal mark a cell shows; undefined when it shows none.
 * @param isLikely cells are separated by semicolons, which is done where decimals have commas: `1,234` is below two then.
 */
export const decimalMarkOf = (cell: string, isLikely = false): DecimalMark => {
  const text = cell.trim();
  if (/^[+-]?(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return '.';
  if (!isLikely && AMBIGUOUS.test(text)) return undefined;
  return /^[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d+)?$/.test(text) ? ',' : undefined;
};
