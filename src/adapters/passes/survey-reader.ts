/** Reads recordings of which nothing is known yet, CSV or NDJSON: whatever columns there are. */
import { MAX_LINE_CHARACTERS, readPassHeader, type LineDecoder } from '../../core/telemetry/decode-pass';
import { excerpt } from '../../core/telemetry/drop';
import { isIdentifier, renamed } from '../../core/onboarding/name-guesses';
import type { SurveyCounter } from '../../core/onboarding/survey';
import { FdirError, type Problem } from '../../domain/errors';
import { readLines } from './line-reader';

export interface SurveyedFile {
  readonly file: string;
  readonly format: 'csv' | 'ndjson';
  /** Usable names, in order of appearance. */
  readonly columns: readonly string[];
  /** Names that are no identifiers, and what they could be called. */
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  /** The CSV header with every name usable. */
  readonly header: string | undefined;
  /** Lines that were skipped and values that were not finite, the first ones told. */
  readonly problems: readonly Problem[];
  readonly skipped: number;
}

const TOLD_PROBLEMS = 5;
/** More names than this are no parameters but data in the wrong place. */
const MAX_COLUMNS = 4096;

const NAME_RULE = 'names start with a letter and hold letters, digits, "_", "-" and "."';

/** Takes for a parameter whatever can be one, and remembers all it was asked for. */
class ColumnNames extends Set<string> {
  readonly unusable = new Set<string>();

  override has(name: string): boolean {
    if (super.has(name)) return true;
    const isUsable = isIdentifier(name) && this.size < MAX_COLUMNS;
    if (isUsable) this.add(name);
    else if (this.unusable.size < MAX_COLUMNS) this.unusable.add(name);
    return isUsable;
  }
}

const headerCells = (line: string): string[] => line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));

/** What to do about a first line that is no header of a pass. */
const headerHint = (line: string): string => {
  const cells = headerCells(line);
  const separator = [';', '\t', '|'].find((mark) => line.split(mark).length > cells.length);
  if (separator !== undefined)
    return `cells are separated by ${JSON.stringify(separator)}: a pass has commas, for example tr '${separator === '\t' ? '\\t' : separator}' ',' < IN > OUT`;
  if (line.startsWith('[')) return 'a JSON array: a pass has one frame {"time", "values"} a line';
  const place = cells.findIndex((name) => name.toLowerCase() === 'time');
  if (place > 0) return `"time" is column ${String(place + 1)}: it must be the first`;
  if (/^(date|time|utc|epoch|t$)/i.test(cells[0] ?? ''))
    return "when that is the time, call it so, for example sed '1s/^[^,]*/time/' IN > OUT";
  return 'a pass begins with a header: time, then one column a parameter; times are ISO 8601 or Unix seconds';
};

/** What to do about a file in which no line is good, from the reason of the first one. */
const lineHint = (message: string): string => {
  if (message.startsWith('past:')) return 'times are Unix seconds or dates from 2000 on: is it counted from zero?';
  if (message.startsWith('future:')) return 'times are Unix seconds or dates: is it in milliseconds?';
  return 'a pass holds a time and numbers only: leave text columns out, or write them as numbers';
};

/**
 * Feeds one recording to the survey.
 * @throws FdirError `input` when the file cannot be read, is no pass, or holds no good line.
 */
export const surveyFile = async (file: string, survey: SurveyCounter): Promise<SurveyedFile> => {
  const names = new ColumnNames();
  const problems: Problem[] = [];
  let skipped = 0;
  let good = 0;
  let decode: LineDecoder | undefined;
  let header: string | undefined;
  const report = (line: number, message: string): void => {
    skipped += 1;
    if (problems.length < TOLD_PROBLEMS) problems.push({ file, line, message });
  };
  const open = (text: string, line: number): LineDecoder => {
    const read = readPassHeader(text, names);
    if (read.consumed) header = text;
    const problem =
      names.size === 0 && names.unusable.size > 0 ? 'no column has a name a mission can use' : read.problem;
    if (problem !== undefined) {
      const hint = names.unusable.size > 0 && names.size === 0 ? renameHint(file, text) : headerHint(text);
      throw new FdirError('input', `${file} is not a pass`, [
        { file, line, message: problem },
        { file, line, message: hint },
      ]);
    }
    return read.decode;
  };
  survey.startRecording(file);
  for await (const lines of readLines(file, MAX_LINE_CHARACTERS)) {
    for (const { text, number, isCut } of lines) {
      if (isCut) report(number, `oversized: longer than ${String(MAX_LINE_CHARACTERS)} characters`);
      if (isCut || text.trim() === '') continue;
      if (decode === undefined) {
        decode = open(text, number);
        if (header !== undefined) continue;
      }
      const { frames, drops } = decode(text);
      // Names that cannot be used are reported once, all together.
      for (const { reason, message } of drops)
        if (reason !== 'unknown-parameter') report(number, `${reason}: ${message}`);
      for (const frame of frames) survey.take(frame);
      good += frames.length;
    }
  }
  if (decode === undefined) throw new FdirError('input', `${file} is empty`);
  if (good === 0) {
    const [first] = problems;
    const hint = first === undefined ? 'there is a header and nothing below it' : lineHint(first.message);
    throw new FdirError('input', `${file} holds no good line`, [...(first ? [first] : []), { file, message: hint }]);
  }
  if (names.size === 0)
    throw new FdirError('input', `${file} has no name a mission can use`, [
      {
        file,
        message: `for example ${[...names.unusable]
          .slice(0, 3)
          .map((name) => JSON.stringify(excerpt(name)))
          .join(', ')}: ${NAME_RULE}`,
      },
    ]);
  for (const name of names) survey.declare(name);
  const all = [...names, ...names.unusable];
  const spelled = renamed(all);
  return {
    file,
    format: header === undefined ? 'ndjson' : 'csv',
    columns: [...names],
    renames: all.flatMap((from, index) => (isIdentifier(from) ? [] : [{ from, to: spelled[index] ?? from }])),
    header: header === undefined ? undefined : renamed(headerCells(header)).join(','),
    problems,
    skipped,
  };
};

const renameHint = (file: string, header: string): string =>
  `${NAME_RULE}; for example sed '1s/.*/${renamed(headerCells(excerpt(header, 2000))).join(',')}/' ${file}`;
