/**
 * Reads a recording by other means than the program does: csv-parse for RFC 4180, and JSON.parse. What a cell means is said here once
 * more, from the number grammar of JavaScript and a list of words.
 */
import { parse } from 'csv-parse/sync';
import type { RecordedFile } from './recorded-file';
import type { Meaning } from './written-cells';
import { PARAMETERS } from './written-text';

export interface Expected {
  /** Every frame that can be read: `time name=value name=value`, names in alphabetic order. */
  readonly frames: readonly string[];
  /** What is lost, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

const MISSING =
  /^(|[+-]?nan|<?na>?|n\/a|null|none|nat|<?missing>?|<undefined>|#n\/a|#nv|#(div\/0|value|ref|num)!|-?1\.#(qnan|ind))$/i;
const INFINITE = /^[+-]?inf(inity)?$/i;
const OTHER_NUMBERS = /^[+-]?0[xob]|infinity/i;

/** @param decimal with a comma, a number with a point is a text. */
export const meaningOf = (cell: string, decimal: '.' | ','): Meaning => {
  const text = cell.trim();
  if (MISSING.test(text)) return 'missing';
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true' ? 1 : 0;
  if (INFINITE.test(text)) return 'infinite';
  const isOther = OTHER_NUMBERS.test(text) || (decimal === ',' && text.includes('.'));
  const value = isOther ? NaN : Number(decimal === ',' ? text.replace(',', '.') : text);
  if (Number.isNaN(value)) return 'text';
  return Number.isFinite(value) ? value : 'infinite';
};

const isParameter = (name: string): boolean => (PARAMETERS as readonly string[]).includes(name);

class Expectation {
  readonly frames: string[] = [];
  readonly dropped: Record<string, number> = {};

  drop(reason: string): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
  }

  /** @param time milliseconds, or why the record is lost. */
  record(
    time: number | 'malformed' | 'past',
    samples: readonly (readonly [string, Meaning])[],
    isCounted = false,
  ): void {
    const kept: string[] = [];
    // Of an NDJSON record without a believable time the values are looked at all the same.
    if (typeof time === 'number' || isCounted)
      for (const [name, meaning] of samples) {
        if (meaning === 'text') this.drop('malformed');
        else if (meaning === 'infinite') this.drop('not-finite');
        else if (meaning !== 'missing') kept.push(`${name}=${String(meaning)}`);
      }
    if (typeof time === 'number') this.frames.push([String(time), ...kept.toSorted()].join(' '));
    else this.drop(time);
  }
}

const readCsv = ({ plain, separator = ',', decimal, times }: RecordedFile): Expected => {
  const expected = new Expectation();
  const records: string[][] = parse(plain, {
    delimiter: separator,
    trim: separator !== '\t',
    comment: '# ',
    comment_no_infix: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  const [header = [], ...rows] = records;
  const names = header.slice(0, header.findLastIndex((name) => name !== '') + 1);
  names
    .slice(1)
    .filter((name) => name !== '' && !isParameter(name))
    .forEach(() => {
      expected.drop('unknown-parameter');
    });
  const nameless = new Set<number>();
  for (const cells of rows) {
    if (cells.length < names.length || cells.slice(header.length).some((cell) => cell !== '')) {
      expected.drop('malformed');
      continue;
    }
    const samples = names.flatMap((name, index): (readonly [string, Meaning])[] =>
      index > 0 && isParameter(name) ? [[name, meaningOf(cells[index] ?? '', decimal)]] : [],
    );
    const time = times.get((cells[0] ?? '').trim()) ?? 'malformed';
    expected.record(time, samples);
    // A column without a name is told once, when something stands in it.
    if (typeof time === 'number')
      header.forEach((name, index) => name === '' && (cells[index] ?? '') !== '' && nameless.add(index));
  }
  for (const _column of nameless) expected.drop('unknown-parameter');
  return expected;
};

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const jsonMeaning = (value: unknown): Meaning => {
  if (value === null) return 'missing';
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') return meaningOf(value, '.');
  if (typeof value !== 'number') return 'text';
  return Number.isFinite(value) ? value : 'infinite';
};

const readNdjson = ({ plain, times }: RecordedFile): Expected => {
  const expected = new Expectation();
  const counts = new Map([...times].map(([text, time]) => [Number(text), time]));
  const timeOf = (time: unknown): number | 'malformed' | 'past' =>
    (typeof time === 'number' ? counts.get(time) : typeof time === 'string' ? times.get(time.trim()) : undefined) ??
    'malformed';
  const unknown = new Set<string>();
  const item = (frame: unknown): void => {
    if (!isObject(frame) || !isObject(frame['values']) || timeOf(frame['time']) === 'malformed') {
      expected.drop('malformed');
      return;
    }
    const samples = Object.entries(frame['values']);
    for (const [name] of samples) if (!isParameter(name)) unknown.add(name);
    expected.record(
      timeOf(frame['time']),
      samples.flatMap(([name, value]): (readonly [string, Meaning])[] =>
        isParameter(name) ? [[name, jsonMeaning(value)]] : [],
      ),
      true,
    );
  };
  for (const line of plain.split('\n')) {
    if (line.trim() === '') continue;
    const content = parsed(line);
    if (Array.isArray(content)) content.forEach(item);
    else item(content);
  }
  for (const _name of unknown) expected.drop('unknown-parameter');
  return expected;
};

export const readIndependently = (file: RecordedFile): Expected =>
  file.separator === undefined ? readNdjson(file) : readCsv(file);
