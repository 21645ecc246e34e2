/** How a recording is written, from its first records: separator, decimal mark, which line is the header, which column and unit the time is. */
import { decimalMarkOf, type DecimalMark } from './cell';
import { isComment, joinRecords, splitRecord } from './csv-record';
import { excerpt } from './drop';
import { EARLIEST_TIME, LATEST_TIME, parseTimeText, SECONDS_UNIT, unitOfText, type TimeUnit } from './packet-time';

export interface CsvLayout {
  readonly separator: string;
  /** Names of the cells of a record; the first one is the time. Columns without a name at the end are left out. */
  readonly names: readonly string[];
  /** Cells of a record, with those of columns at the end that have no name. */
  readonly width: number;
  /** Lines up to the header, and with it. */
  readonly consumed: number;
  /** What numbers in the time column count; undefined when the first records have none. */
  readonly unit: TimeUnit | undefined;
  readonly decimal: DecimalMark;
  /** What a reader should know of the file although nothing was dropped. */
  readonly notes: readonly string[];
  /** Why the file cannot be read at all. */
  readonly problem?: string;
}

const SEPARATORS = [',', ';', '\t', '|'] as const;
const SEPARATOR_NAMES: Readonly<Record<string, string>> = { ';': '";"', '\t': 'tabs', '|': '"|"' };

/** Names that people give to a time. */
const TIME_NAME = /time|date|utc|epoch|stamp|clock|unix|^(t|ts|ms|index|__index_level_0__)?$/i;
/** Names that are nothing else. */
const ONLY_TIME = /^(?:(?:utc|unix|gps|iso|date|time|datetime|timestamp|stamp|epoch|ts?|ms|s)[\s_.:/()[\]-]*)+$/i;
const DATE_ALONE = /^\d{4}-(?:\d{2}-\d{2}|\d{3})$/;
/** Of the first records so many must begin with a time for a column of another name to be it. */
const MOST = 0.9;

const isBelievable = (time: number | undefined): boolean =>
  time !== undefined && time >= EARLIEST_TIME && time <= LATEST_TIME;

const timeOf = (cell: string): number | undefined => parseTimeText(cell, unitOfText(cell) ?? SECONDS_UNIT);

/** The separator that gives most cells; a comma when none gives more. */
const separatorOf = (line: string): string => {
  const counts = SEPARATORS.map((separator) => splitRecord(line, separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ',';
};

const isTimeHeader = (line: string): boolean => splitRecord(line, separatorOf(line))[0]?.toLowerCase() === 'time';

interface Header {
  readonly line: string;
  /** Index of the line that is the header; -1 when there is none. */
  readonly at: number;
  /** Excel's first line `sep=;`. */
  readonly declared: string | undefined;
  /** Lines before it that are neither blank nor comments. */
  readonly skipped: number;
}

const findHeader = (lines: readonly string[]): Header => {
  let declared: string | undefined;
  const candidates: number[] = [];
  lines.forEach((line, at) => {
    const excel = /^sep=(.)\s*$/i.exec(line);
    if (excel !== null && candidates.length === 0) declared = excel[1];
    else if (line.trim() !== '' && !isComment(line)) candidates.push(at);
  });
  const [first = -1] = candidates;
  const named = candidates.find((at) => isTimeHeader(lines[at] ?? ''));
  if (named !== undefined) return { line: lines[named] ?? '', at: named, declared, skipped: candidates.indexOf(named) };
  // numpy.savetxt writes the header as a comment.
  const bare = (line: string): string => line.replace(/^\s*#\s*/, '');
  const commented = lines.findLastIndex(
    (line, at) => (first < 0 || at < first) && isComment(line) && isTimeHeader(bare(line)) && bare(line).length > 4,
  );
  if (commented >= 0) return { line: bare(lines[commented] ?? ''), at: commented, declared, skipped: 0 };
  return { line: lines[first] ?? '', at: first, declared, skipped: 0 };
};

const withoutTrailingBlanks = (cells: readonly string[]): readonly string[] =>
  cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);

interface Columns {
  readonly names: readonly string[];
  readonly note?: string;
  readonly problem?: string;
}

/** Whether the first cells go one way, as times do. */
const isMonotonous = (times: readonly number[]): boolean => {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return steps.every((step) => step >= 0) || steps.every((step) => step <= 0);
};

/** Which column is the time. A header that names none may have one name less than its records have cells. */
const placeTime = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  isParameter: (name: string) => boolean,
): Columns => {
  const names = withoutTrailingBlanks(header);
  const first = names[0] ?? '';
  if (first.toLowerCase() === 'time') return { names };
  const times = rows.flatMap((row) => {
    const time = timeOf(row[0] ?? '');
    return time !== undefined && isBelievable(time) ? [time] : [];
  });
  const isTimed = rows.length > 0 && times.length >= MOST * rows.length;
  const elsewhere = names.find((name) => ONLY_TIME.test(name) && !isParameter(name));
  const advice = elsewhere === undefined ? '' : `: move column "${excerpt(elsewhere)}" to the front`;
  const refused = { names, problem: `the first column is "${excerpt(first)}", not "time"${advice}` };
  if (isBelievable(timeOf(first)))
    return {
      names,
      problem: 'the first line is a record: a pass begins with a header, time and then one name a column',
    };
  if (!isTimed) return refused;
  const widths = rows.map((row) => row.length);
  const isUnnamed = (extra: number): boolean =>
    widths.filter((width) => width === names.length + 1 + extra).length >= MOST * rows.length &&
    rows.every((row) => row.length <= names.length + 1 || row.slice(names.length + 1).every((cell) => cell === ''));
  const isTime = ONLY_TIME.test(first) && !isParameter(first);
  if (first !== '' && !isTime && (isUnnamed(0) || isUnnamed(1)))
    return { names: ['time', ...names], note: 'the header names no time: the first cell of a record is taken for it' };
  if (!TIME_NAME.test(first) && (isParameter(first) || !isMonotonous(times) || rows.length < 2)) return refused;
  return { names: ['time', ...names.slice(1)], note: `the first column "${excerpt(first)}" is taken for the time` };
};

const mostFrequent = <T>(items: readonly T[]): T | undefined => {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
};

/** The unit of numeric times, by the first records; undefined when they are dates. */
export const unitOfTimes = (times: readonly string[]): TimeUnit | undefined =>
  mostFrequent(times.flatMap((time) => unitOfText(time) ?? []));

/** What is told when numbers can be no seconds. */
export const unitNote = (unit: TimeUnit | undefined): readonly string[] =>
  unit === undefined || unit === SECONDS_UNIT
    ? []
    : [`times can be no Unix seconds: they are read as Unix ${unit.name}`];

/**
 * Reads the layout of a file from its first lines.
 * @param isParameter whether the mission has a parameter of that name, which is then no time.
 */
export const readLayout = (lines: readonly string[], isParameter: (name: string) => boolean): CsvLayout => {
  const { line, at, declared, skipped } = findHeader(lines);
  const separator = declared ?? separatorOf(line);
  const rows = joinRecords(lines.slice(at + 1), separator)
    .filter(({ text }) => text.trim() !== '' && !isComment(text, separator))
    .map(({ text }) => splitRecord(text, separator));
  const marksIn = (cells: readonly string[]): readonly ('.' | ',')[] =>
    cells.flatMap((cell) => decimalMarkOf(cell, separator === ';') ?? []);
  const plain = (cell: string): string => (separator === ',' ? cell : cell.replace(',', '.'));
  const timed = rows.map(([time = '', ...rest]) => [plain(time), ...rest]);
  const header = splitRecord(line, separator);
  const { names, note, problem } = placeTime(header, timed, isParameter);
  // What stands in a column of text says nothing of numbers.
  const samples = rows.flatMap((row) => marksIn(row.filter((_, index) => isParameter(names[index] ?? ''))));
  const decimal = separator === ',' ? '.' : (mostFrequent(samples) ?? mostFrequent(rows.flatMap(marksIn)));
  const isDateAlone = timed.length > 1 && timed.every(([time = '']) => DATE_ALONE.test(time) && time === timed[0]?.[0]);
  const unit = unitOfTimes(timed.map(([time = '']) => time));
  const notes = [
    ...(skipped > 0 ? [`${String(skipped)} lines before the header are skipped`] : []),
    ...(separator === ','
      ? []
      : [
          `cells are separated by ${SEPARATOR_NAMES[separator] ?? JSON.stringify(separator)}${decimal === ',' ? ', and decimals by a comma' : ''}`,
        ]),
    ...(note === undefined ? [] : [note]),
    ...unitNote(unit),
  ];
  const width = Math.max(header.length, names.length);
  const layout = { separator, names, width, consumed: at + 1, unit, decimal, notes };
  const whole =
    problem ?? (isDateAlone ? 'its times are one date: join date and time of day in the first column' : undefined);
  return whole === undefined ? layout : { ...layout, problem: whole };
};
