/**
 * A recorded pass that keeps its text: values are read as everywhere else, and what is written back differs from the file in the
 * replaced samples only, byte for byte. CSV and NDJSON (CONTRACTS section 2); the whole file is held in memory.
 */
import { readFileSync } from 'node:fs';
import { readPassHeader } from '../../core/telemetry/decode-pass';
import { describeError, FdirError, type Problem } from '../../domain/errors';

export interface PassText {
  /** Milliseconds, ascending; lines of one instant make one frame. */
  readonly times: readonly number[];
  /** Parameters that occur in the file. */
  readonly parameters: ReadonlySet<string>;
  /** Every frame's value of a parameter, NaN where it is missing. */
  column(parameter: string): Float64Array;
  /** The samples of a parameter as they are written in the file. */
  texts(parameter: string): readonly string[];
  /** Replaces one sample that is not missing. */
  replace(parameter: string, frame: number, text: string): void;
  /** The file with everything replaced. */
  text(): string;
  /** Lines that were skipped (and stay in the text as they are), the first ones told. */
  readonly problems: readonly Problem[];
  readonly skipped: number;
}

const TOLD_PROBLEMS = 20;

/** Where one line keeps its samples. */
interface LineFormat {
  get(line: string, parameter: string): string | undefined;
  set(line: string, parameter: string, text: string): string;
}

const csvFormat = (header: string): LineFormat => {
  const positions = new Map(header.split(',').map((name, index) => [name.trim().replace(/^"(.*)"$/, '$1'), index]));
  const at = (parameter: string): number => positions.get(parameter) ?? -1;
  return {
    get: (line, parameter) =>
      line
        .split(',')
        [at(parameter)]?.trim()
        .replace(/^"(.*)"$/, '$1'),
    set: (line, parameter, text) =>
      line
        .split(',')
        .map((cell, index) => (index === at(parameter) ? cell.replace(/[^\s"]+/, text) : cell))
        .join(','),
  };
};

/** Parameter ids hold letters, digits, "_", "-" and ".", so only the dot needs escaping; every other character is one token. */
const ndjsonFormat: LineFormat = {
  get: (line, parameter) => ndjsonSample(parameter).exec(line)?.[2],
  set: (line, parameter, text) => line.replace(ndjsonSample(parameter), (_match, key: string) => key + text),
};

const ndjsonSample = (parameter: string): RegExp =>
  new RegExp(`("${parameter.replaceAll('.', '\\.')}"\\s*:\\s*)(-?\\d[-+.\\deE]*)`);

/** Reads the text of a pass. @throws FdirError `input` when it has no good line. */
export const parsePassText = (file: string, text: string, known: ReadonlySet<string>): PassText => {
  const lines = text.split('\n');
  // A byte order mark begins the file; anywhere else it is a character like others.
  const bare = (index: number): string =>
    (index === 0 ? (lines[0] ?? '').replace(/^\ufeff/, '') : (lines[index] ?? '')).replace(/\r$/, '');
  const firstLine = lines.findIndex((_, index) => bare(index).trim() !== '');
  const header = bare(firstLine);
  if (header.trim() === '') throw new FdirError('input', `${file} is empty`);
  const { decode, consumed, problem } = readPassHeader(header, known);
  if (problem !== undefined)
    throw new FdirError('input', `${file} is no pass: ${problem}`, [{ file, line: firstLine + 1, message: problem }]);
  const format = consumed ? csvFormat(header) : ndjsonFormat;

  const times: number[] = [];
  const framesLines: number[][] = [];
  const values: Readonly<Record<string, number>>[] = [];
  const parameters = new Set<string>();
  const problems: Problem[] = [];
  let skipped = 0;
  const skip = (index: number, message: string): void => {
    skipped += 1;
    if (problems.length < TOLD_PROBLEMS) problems.push({ file, line: index + 1, message });
  };
  lines.forEach((_, index) => {
    const line = bare(index);
    if (line.trim() === '' || index < firstLine || (consumed && index === firstLine)) return;
    const { frames, drops } = decode(line);
    const [frame] = frames;
    if (frame === undefined || frames.length > 1) {
      skip(index, drops[0]?.message ?? (frame === undefined ? 'no sample' : 'more than one frame'));
      return;
    }
    const latest = times.at(-1);
    if (latest !== undefined && frame.time < latest) {
      skip(index, 'earlier than the line before it');
      return;
    }
    if (latest === frame.time) {
      framesLines.at(-1)?.push(index);
      values[values.length - 1] = { ...frame.values, ...values.at(-1) };
    } else {
      times.push(frame.time);
      framesLines.push([index]);
      values.push(frame.values);
    }
    Object.keys(frame.values).forEach((parameter) => parameters.add(parameter));
  });
  if (times.length === 0) throw new FdirError('input', `${file} has no good line`, problems);

  /** The first line of a frame that holds the parameter: where an instant is written twice, the later value is a duplicate. */
  const lineOf = (parameter: string, frame: number): number | undefined =>
    framesLines[frame]?.find((index) => /\d/.test(format.get(lines[index] ?? '', parameter) ?? ''));
  return {
    times,
    parameters,
    problems,
    skipped,
    column: (parameter) => Float64Array.from(values, (frame) => frame[parameter] ?? NaN),
    texts: (parameter) =>
      times.flatMap((_, frame) => {
        const index = lineOf(parameter, frame);
        const sample = index === undefined ? undefined : format.get(lines[index] ?? '', parameter);
        return sample === undefined ? [] : [sample];
      }),
    replace: (parameter, frame, sample) => {
      const index = lineOf(parameter, frame);
      if (index === undefined) throw new Error(`frame ${String(frame)} has no sample of ${parameter} to replace`);
      lines[index] = format.set(lines[index] ?? '', parameter, sample);
    },
    text: () => lines.join('\n'),
  };
};

/** @throws FdirError `input` when the file cannot be read or has no good line. */
export const readPassText = (file: string, known: ReadonlySet<string>): PassText => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new FdirError('input', `cannot read ${file}: ${describeError(error)}`);
  }
  return parsePassText(file, text, known);
};
