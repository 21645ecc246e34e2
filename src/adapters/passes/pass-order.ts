/** In which order a recording is: a look at its times alone, before it is read. */
import { statSync } from 'node:fs';
import { HEADER_LINES, MAX_LINE_CHARACTERS, readPassHeader, timeReader } from '../../core/telemetry/decode-pass';
import { AGREEING } from '../../core/telemetry/step-back';
import { planStream } from '../../core/telemetry/assembly-plan';
import type { Mission } from '../../domain/mission';
import { isPacketFile } from './packet-pass';
import { readLines } from './line-reader';

export interface TimeOrder {
  /** Earliest time, milliseconds; infinite without a record. */
  readonly earliest: number;
  readonly records: number;
  /** Records that are earlier than what was reached, and steps back of more than networks reorder. */
  readonly near: number;
  readonly far: number;
}

/** What cannot be read twice, such as a pipe, is read as it comes. */
const isRegularFile = (file: string): boolean => {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
};

const emptyOrder: TimeOrder = { earliest: Infinity, records: 0, near: 0, far: 0 };

/** What counts as out of order: more than `nearMs` before what was reached; and as far back: more than `farMs` before the last one. */
export interface Steps {
  readonly nearMs: number;
  readonly farMs: number;
}

export const stepsOf = (mission: Mission): Steps => {
  const { periodMs, stepBackMs } = planStream(mission);
  return { nearMs: periodMs, farMs: stepBackMs };
};

/** Undefined when the file cannot be looked at beforehand. @throws FdirError `input` when it cannot be read at all. */
export const readOrder = async (file: string, { nearMs, farMs }: Steps): Promise<TimeOrder | undefined> => {
  if (!isRegularFile(file)) return undefined;
  let { earliest, records, near, far } = emptyOrder;
  let before = -Infinity;
  /** Of the present time base. */
  let latest = -Infinity;
  let timeOf: ((record: string) => number | undefined) | undefined;
  let first: string[] = [];
  const take = (record: string): void => {
    const time = timeOf?.(record);
    if (time === undefined) return;
    records += 1;
    if (time < earliest) earliest = time;
    const isFar = before - time > farMs;
    if (isFar) far += 1;
    else if (latest - time > nearMs) near += 1;
    latest = isFar ? time : Math.max(latest, time);
    before = time;
  };
  const begin = (): void => {
    const header = readPassHeader(first.slice(0, HEADER_LINES), new Set());
    timeOf = timeReader(header);
    first.slice(header.consumed).forEach(take);
    first = [];
  };
  for await (const lines of readLines(file, MAX_LINE_CHARACTERS)) {
    const texts = lines.map(({ text }) => text);
    if (timeOf !== undefined) texts.forEach(take);
    else if ((first = [...first, ...texts]).length > HEADER_LINES) begin();
  }
  if (timeOf === undefined) begin();
  return { earliest, records, near, far };
};

/** More steps back than this are no clock that was set. */
const MAX_STEPS_BACK = 3;
/** A clock that was set back goes on for a while. */
const FEWEST_BETWEEN = 10 * AGREEING;
/** Of the records of a recording that was made of messages, so many may have been overtaken. */
const MAX_OVERTAKEN = 0.01;

/**
 * Whether the records must be sorted. A few steps far back in a long recording may be a spacecraft clock that was set back, which a
 * stream is judged with; a recording that is fitted or evaluated is one time base.
 */
export const isDisordered = ({ records, near, far }: TimeOrder, isStream: boolean): boolean => {
  if (near + far === 0) return false;
  const isSetBack = far > 0 && far <= MAX_STEPS_BACK && records >= FEWEST_BETWEEN * (far + 1);
  return !(isStream && isSetBack && near <= MAX_OVERTAKEN * records);
};

/** What is told when records are sorted. */
export const sortedNote = ({ records, near, far }: TimeOrder): string =>
  `the records are not in the order of time, ${String(near + far)} of ${String(records)} are earlier than one before them: they are sorted`;

/** Earliest time of a file, or NaN where it is not known before it is read. */
const startOf = async (file: string, mission: Mission): Promise<number> =>
  isPacketFile(file, mission) ? NaN : ((await readOrder(file, stepsOf(mission)))?.earliest ?? NaN);

/** Files in the order of their first times, and whether that is another order than they came in. */
export const inTimeOrder = async (
  files: readonly string[],
  mission: Mission,
): Promise<{ readonly files: readonly string[]; readonly isChanged: boolean }> => {
  if (files.length < 2) return { files, isChanged: false };
  const starts: { file: string; start: number; index: number }[] = [];
  for (const [index, file] of files.entries()) starts.push({ file, index, start: await startOf(file, mission) });
  // Of a pipe and of packets no time is known: then the order is as it was given.
  if (starts.some(({ start }) => Number.isNaN(start))) return { files, isChanged: false };
  const sorted = starts.toSorted((a, b) => a.start - b.start || a.index - b.index);
  return { files: sorted.map(({ file }) => file), isChanged: sorted.some(({ index }, at) => index !== at) };
};
