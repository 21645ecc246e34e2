/** Reads recordings of which nothing is known yet, CSV, NDJSON or Parquet: whatever columns there are. */
import { MAX_LINE_CHARACTERS, NO_PARAMETER, type PassHeader } from '../../core/telemetry/decode-pass';
import { excerpt } from '../../core/telemetry/drop';
import { PassStream, type PassStep } from '../../core/telemetry/pass-stream';
import { isIdentifier, renamed } from '../../core/onboarding/name-guesses';
import type { SurveyCounter } from '../../core/onboarding/survey';
import { FdirError, type Problem } from '../../domain/errors';
import { FrameSorter } from './frame-sorter';
import { readLines } from './line-reader';
import { readOrder, sortedNote } from './pass-order';

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
  /** How the file is read where that is not as usual. */
  readonly notes: readonly Problem[];
  readonly skipped: number;
}

const TOLD_PROBLEMS = 5;
/** More names than this are no parameters but data in the wrong place. */
const MAX_COLUMNS = 4096;

/** A few frames in the wrong order are a detour on the ground; more are a file that is not sorted. */
const MAX_BACKWARDS = 0.01;

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

/** What to do about a first line that is no header of a pass. */
const headerHint = ({ names, separator }: PassHeader): string => {
  const place = names.findIndex((name) => name.toLowerCase() === 'time');
  if (place > 0) return `"time" is column ${String(place + 1)}: it must be the first`;
  if (separator === ',' && names.length === 1 && /\s/.test(names[0] ?? ''))
    return "cells are separated by blanks: a pass has commas, for example sed 's/  */,/g' IN > OUT";
  return 'a pass begins with a header: time, then one column a parameter; times are ISO 8601 or Unix seconds';
};

/** What to do about a file in which no line is good, from the reason of the first one. */
const lineHint = (message: string): string => {
  if (message.startsWith('past:')) return 'times are Unix seconds or dates from 2000 on: is it counted from zero?';
  if (message.startsWith('future:')) return 'times are Unix seconds or dates: is it counted in other units?';
  return 'every record begins with a time: ISO 8601 such as 2026-03-01T04:12:08Z, or Unix seconds';
};

const refuse = (file: string, line: number, messages: readonly string[], what = 'is not a pass'): FdirError =>
  new FdirError(
    'input',
    `${file} ${what}`,
    messages.map((message) => ({ file, line, message })),
  );

/** @throws FdirError `input` for a first line that is no header, or without a name that a mission can use. */
const checkHeader = (file: string, stream: PassStream, names: ColumnNames): void => {
  const { header, refusal } = stream;
  if (refusal === undefined) return;
  const isUnusable = names.size === 0 && names.unusable.size > 0 && refusal.message === NO_PARAMETER;
  if (header === undefined) throw new FdirError('input', `${file} is empty`);
  const message = isUnusable ? 'no column has a name a mission can use' : refusal.message;
  throw refuse(file, refusal.line, [message, isUnusable ? renameHint(file, header) : headerHint(header)]);
};

/**
 * Feeds one recording to the survey.
 * @throws FdirError `input` when the file cannot be read, is no pass, or holds no good line.
 */
export const surveyFile = async (file: string, survey: SurveyCounter): Promise<SurveyedFile> => {
  const names = new ColumnNames();
  const stream = new PassStream(names);
  const problems: Problem[] = [];
  const notes: Problem[] = [];
  let skipped = 0;
  let good = 0;
  const order = await readOrder(file, { nearMs: 0, farMs: Infinity });
  const sorter = order !== undefined && order.near > MAX_BACKWARDS * order.records ? new FrameSorter() : undefined;
  if (order !== undefined && sorter !== undefined) notes.push({ file, message: sortedNote(order) });
  const take = async ({ frames, told, notes: more }: PassStep): Promise<void> => {
    checkHeader(file, stream, names);
    if (sorter !== undefined) await sorter.add(frames);
    else for (const frame of frames) survey.take(frame);
    good += frames.length;
    notes.push(...more.map((message) => ({ file, message })));
    for (const { line, drop } of told) {
      // Names that cannot be used are reported once, all together.
      if (drop.reason === 'unknown-parameter') continue;
      skipped += drop.count ?? 1;
      if (problems.length < TOLD_PROBLEMS) problems.push({ file, line, message: `${drop.reason}: ${drop.message}` });
    }
  };
  survey.startRecording(file);
  try {
    for await (const lines of readLines(file, MAX_LINE_CHARACTERS)) await take(stream.take(lines));
    await take(stream.finish());
    if (sorter !== undefined)
      for await (const frames of sorter.sorted()) for (const frame of frames) survey.take(frame);
  } finally {
    sorter?.close();
  }
  const { header } = stream;
  if (header === undefined) throw new FdirError('input', `${file} is empty`);
  if (good === 0) {
    const [first] = problems;
    const hint = first === undefined ? 'there is a header and nothing below it' : lineHint(first.message);
    throw new FdirError('input', `${file} holds no good line`, [...(first ? [first] : []), { file, message: hint }]);
  }
  if (names.size === 0) {
    const some = [...names.unusable].slice(0, 3).map((name) => JSON.stringify(excerpt(name)));
    throw new FdirError('input', `${file} has no name a mission can use`, [
      { file, message: `for example ${some.join(', ')}: ${NAME_RULE}` },
    ]);
  }
  for (const name of names) survey.declare(name);
  const all = [...names, ...names.unusable];
  const spelled = renamed(all);
  return {
    file,
    format: header.separator === undefined ? 'ndjson' : 'csv',
    columns: [...names],
    renames: all.flatMap((from, index) => (isIdentifier(from) ? [] : [{ from, to: spelled[index] ?? from }])),
    header: header.separator === undefined ? undefined : renamed(header.names).join(header.separator),
    problems,
    notes,
    skipped,
  };
};

const renameHint = (file: string, { names, separator = ',' }: PassHeader): string =>
  `${NAME_RULE}; for example sed '1s/.*/${renamed(names.map((name) => excerpt(name, 200))).join(separator)}/' ${file}`;
