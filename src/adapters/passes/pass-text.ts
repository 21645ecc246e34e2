/**
 * A recorded pass that keeps its text. Values are read as everywhere else. What is written back differs from the file in the
 * replaced samples only, character for character. CSV and NDJSON (CONTRACTS section 2); the whole file is held in memory. What is
 * wrapped (gzip, UTF-16, Parquet) is written back as plain text.
 */
import type { MissingValues } from '../../core/telemetry/cell';
import { isComment, joinRecords, spanCells, splitRecord, type JoinedRecord } from '../../core/telemetry/csv-record';
import { HEADER_LINES, readPassHeader, type PassHeader } from '../../core/telemetry/decode-pass';
import { FdirError, type Problem } from '../../domain/errors';
import { readWholeText } from './text-source';

/** What a mission says of the values of its recordings. */
export interface PassTextMission {
  readonly known: ReadonlySet<string>;
  readonly missing?: MissingValues;
}

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

/** Where one record keeps its samples. */
interface RecordFormat {
  get(record: string, parameter: string): string | undefined;
  set(record: string, parameter: string, text: string): string;
}

const csvFormat = ({ names, separator = ',' }: PassHeader, decimal: string): RecordFormat => {
  const positions = new Map(names.map((name, index) => [name, index]));
  const at = (parameter: string): number => positions.get(parameter) ?? -1;
  const dotted = (cell: string): string => (decimal === ',' ? cell.replace(',', '.') : cell);
  return {
    get: (record, parameter) => {
      const cell = record.includes('"')
        ? splitRecord(record, separator)[at(parameter)]
        : record.split(separator)[at(parameter)]?.trim();
      return cell === undefined ? undefined : dotted(cell);
    },
    set: (record, parameter, text) => {
      const span = spanCells(record, separator).cells[at(parameter)];
      if (span === undefined) return record;
      const cell = record.slice(span.from, span.to).replace(/[^\s"]+/, text.replace('.', decimal));
      return record.slice(0, span.from) + cell + record.slice(span.to);
    },
  };
};

/** Parameter ids hold letters, digits, "_", "-" and ".", so only the dot needs escaping; every other character is one token. */
const ndjsonFormat: RecordFormat = {
  get: (record, parameter) => ndjsonSample(parameter).exec(record)?.[2],
  set: (record, parameter, text) => record.replace(ndjsonSample(parameter), (_match, key: string) => key + text),
};

const ndjsonSample = (parameter: string): RegExp =>
  new RegExp(`("${parameter.replaceAll('.', '\\.')}"\\s*:\\s*"?)(-?\\d[-+.\\deE]*)`);

/** Values of one instant, the records they stand in, in the order of time. */
interface Instant {
  readonly time: number;
  readonly records: number[];
  values: Readonly<Record<string, number>>;
}

const sortedInstants = (found: readonly Instant[]): readonly Instant[] => {
  const instants: Instant[] = [];
  for (const { time, records, values } of found.toSorted((a, b) => a.time - b.time)) {
    const last = instants.at(-1);
    if (last?.time !== time) instants.push({ time, records: [...records], values });
    else {
      last.records.push(...records);
      last.values = { ...values, ...last.values };
    }
  }
  return instants;
};

/** A byte order mark begins the file; anywhere else it is a character like others. */
const bareOf = (text: string, index: number): string =>
  (index === 0 ? text.replace(/^\ufeff/, '') : text).replace(/\r$/, '');

/** Reads the text of a pass. @throws FdirError `input` when it has no good line. */
export const parsePassText = (file: string, text: string, mission: PassTextMission): PassText => {
  const lines = text.split('\n');
  const head = lines.slice(0, HEADER_LINES).map(bareOf);
  if (lines.every((line, index) => bareOf(line, index).trim() === '')) throw new FdirError('input', `${file} is empty`);
  const header = readPassHeader(head, mission.known, mission.missing);
  const { problem, separator, consumed } = header;
  if (problem !== undefined)
    throw new FdirError('input', `${file} is no pass: ${problem}`, [
      { file, line: Math.max(1, consumed), message: problem },
    ]);
  const before = lines.slice(0, consumed);
  const records = joinRecords(lines.slice(consumed), separator);
  const format = separator === undefined ? ndjsonFormat : csvFormat(header, header.decimal ?? '.');

  const found: Instant[] = [];
  const problems: Problem[] = [];
  let skipped = 0;
  records.forEach((record, index) => {
    const bare = bareOf(record.text, index + consumed);
    if (bare.trim() === '' || isComment(bare, separator)) return;
    const { frames, drops } = header.decode(bare);
    const [frame] = frames;
    if (frame !== undefined && frames.length === 1) {
      found.push({ time: frame.time, records: [index], values: frame.values });
      return;
    }
    skipped += 1;
    const message = drops[0]?.message ?? (frame === undefined ? 'no sample' : 'more than one frame');
    if (problems.length < TOLD_PROBLEMS) problems.push({ file, line: record.at + 1 + consumed, message });
  });
  const instants = sortedInstants(found);
  if (instants.length === 0) {
    const nothing = { file, message: 'there is a header and nothing below it' };
    throw new FdirError('input', `${file} has no good line`, problems.length === 0 ? [nothing] : problems);
  }

  /** The first record of a frame that holds the parameter: where an instant is written twice, the later value is a duplicate. */
  const recordOf = (parameter: string, frame: number): JoinedRecord | undefined => {
    const index = instants[frame]?.records.find((at) =>
      /\d/.test(format.get(records[at]?.text ?? '', parameter) ?? ''),
    );
    return index === undefined ? undefined : records[index];
  };
  return {
    times: instants.map(({ time }) => time),
    parameters: new Set(instants.flatMap(({ values }) => Object.keys(values))),
    problems,
    skipped,
    column: (parameter) => Float64Array.from(instants, ({ values }) => values[parameter] ?? NaN),
    texts: (parameter) =>
      instants.flatMap((_, frame) => {
        const record = recordOf(parameter, frame);
        const sample = record === undefined ? undefined : format.get(record.text, parameter);
        return sample === undefined ? [] : [sample];
      }),
    replace: (parameter, frame, sample) => {
      const record = recordOf(parameter, frame);
      if (record === undefined) throw new Error(`frame ${String(frame)} has no sample of ${parameter} to replace`);
      record.text = format.set(record.text, parameter, sample);
    },
    text: () => [...before, ...records.map((record) => record.text)].join('\n'),
  };
};

/** @throws FdirError `input` when the file cannot be read or has no good line. */
export const readPassText = async (file: string, mission: PassTextMission): Promise<PassText> =>
  parsePassText(file, await readWholeText(file), mission);
