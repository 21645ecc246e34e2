/** In which order a recording is: a look at its times alone, before it is read. */
import { statSync } from 'node:fs';
import { HEADER_LINES, MAX_LINE_CHARACTERS, readPassHeader, timeReader } from '../../core/telemetry/decode-pass';
import { AGREEING } from '../../core/telemetry/step-back';
import { planStream } from '../../core/telemetry/assembly-plan';
import type { Mission } from '../../domain/mission';
import { isPacketFile, readPacketPass } from './packet-pass';
import { readLines } from './line-reader';

export interface TimeOrder {
  /** Earliest time, milliseconds; infinite without a record. */
  readonly earliest: number;
  readonly records: number;
  /** Records that are earlier than what was reached, and steps back of more than networks reorder. */
  readonly near: number;
  readonly far: number;
  /** Times that were far ahead of the record before and of the one that followed: of a clock that was wrong for one record. */
  readonly ahead: ReadonlySet<number>;
}

/** What cannot be read twice, such as a pipe, is read as it comes. */
const isRegularFile = (file: string): boolean => {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
};

/** More steps back than this are no clock that was set. */
const MAX_STEPS_BACK = 3;
/** A clock that was set back goes on for a while. */
const FEWEST_BETWEEN = 10 * AGREEING;
/** Of the records of a recording that was made of messages, so many may have been overtaken. */
const MAX_OVERTAKEN = 0.01;

/** A bound on memory; with more of them the times are no exceptions. */
const MAX_AHEAD = 10_000;

/** What counts as out of order: more than `nearMs` before what was reached; and as far back: more than `farMs` before the last one. */
export interface Steps {
  readonly nearMs: number;
  readonly farMs: number;
}

export const stepsOf = (mission: Mission): Steps => {
  const { periodMs, stepBackMs } = planStream(mission);
  return { nearMs: periodMs, farMs: stepBackMs };
};

/** Takes the times one by one. */
class OrderCounter {
  private records = 0;
  private earliest = Infinity;
  private near = 0;
  private far = 0;
  private readonly ahead = new Set<number>();
  private before = -Infinity;
  /** Of the present time base. */
  private latest = -Infinity;
  /** Far ahead of all before it; the next time says whether it is believed. */
  private suspect: number | undefined;

  constructor(private readonly steps: Steps) {}

  take(time: number): void {
    const { farMs } = this.steps;
    this.records += 1;
    if (time < this.earliest) this.earliest = time;
    const { suspect } = this;
    this.suspect = undefined;
    if (suspect !== undefined) {
      const isAlone = suspect - time > farMs && this.latest - time <= farMs && this.ahead.size < MAX_AHEAD;
      if (isAlone) this.ahead.add(suspect);
      else this.count(suspect);
    }
    if (this.latest > -Infinity && time - this.latest > farMs) this.suspect = time;
    else this.count(time);
  }

  finish(): TimeOrder {
    if (this.suspect !== undefined) this.count(this.suspect);
    this.suspect = undefined;
    const { earliest, records, near, far, ahead } = this;
    // Many of them are another recording that was woven in, and no exception.
    return ahead.size <= Math.max(MAX_STEPS_BACK, MAX_OVERTAKEN * records)
      ? { earliest, records, near, far, ahead }
      : { earliest, records, near, far: far + ahead.size, ahead: new Set() };
  }

  private count(time: number): void {
    const { nearMs, farMs } = this.steps;
    const isFar = this.before - time > farMs;
    if (isFar) this.far += 1;
    else if (this.latest - time > nearMs) this.near += 1;
    this.latest = isFar ? time : Math.max(this.latest, time);
    this.before = time;
  }
}

/** Undefined when the file cannot be looked at beforehand. @throws FdirError `input` when it cannot be read at all. */
export const readOrder = async (file: string, steps: Steps): Promise<TimeOrder | undefined> => {
  if (!isRegularFile(file)) return undefined;
  const counter = new OrderCounter(steps);
  let timesOf: ((record: string) => readonly number[]) | undefined;
  let first: string[] = [];
  const take = (record: string): void => {
    for (const time of timesOf?.(record) ?? []) counter.take(time);
  };
  const begin = (): void => {
    const header = readPassHeader(first.slice(0, HEADER_LINES), new Set());
    timesOf = timeReader(header);
    first.slice(header.consumed).forEach(take);
    first = [];
  };
  for await (const lines of readLines(file, MAX_LINE_CHARACTERS)) {
    const texts = lines.map(({ text }) => text);
    if (timesOf !== undefined) texts.forEach(take);
    else if ((first = [...first, ...texts]).length > HEADER_LINES) begin();
  }
  if (timesOf === undefined) begin();
  return counter.finish();
};

/** The same of a recording of packets: a dump of what was stored on board comes after what was sent at once. */
export const readPacketOrder = (file: string, mission: Mission): TimeOrder | undefined => {
  if (!isRegularFile(file)) return undefined;
  const counter = new OrderCounter(stepsOf(mission));
  for (const { frames } of readPacketPass(file, mission)) for (const { time } of frames) counter.take(time);
  return counter.finish();
};

/**
 * Whether the records must be sorted. A few steps far back in a long recording may be a spacecraft clock that was set back. A
 * stream is judged with them. A recording that is fitted or evaluated is one time base.
 */
export const isDisordered = ({ records, near, far, ahead }: TimeOrder, isStream: boolean): boolean => {
  if (near + far === 0) return !isStream && ahead.size > 0;
  const isSetBack = far > 0 && far <= MAX_STEPS_BACK && records >= FEWEST_BETWEEN * (far + 1);
  return !(isStream && isSetBack && near <= MAX_OVERTAKEN * records);
};

/** What is told when records are sorted. */
export const sortedNote = ({ records, near, far, ahead }: TimeOrder): string =>
  `the records are not in the order of time, ${String(near + far + ahead.size)} of ${String(records)} are earlier than one before them: they are sorted`;

/** Earliest time of a file, or NaN where it is not known before it is read. */
const startOf = async (file: string, mission: Mission): Promise<number> =>
  (isPacketFile(file, mission) ? readPacketOrder(file, mission) : await readOrder(file, stepsOf(mission)))?.earliest ??
  NaN;

/** Files in the order of their first times, and whether that is another order than they came in. */
export const inTimeOrder = async (
  files: readonly string[],
  mission: Mission,
): Promise<{ readonly files: readonly string[]; readonly isChanged: boolean }> => {
  if (files.length < 2) return { files, isChanged: false };
  const starts: { file: string; start: number; index: number }[] = [];
  for (const [index, file] of files.entries()) starts.push({ file, index, start: await startOf(file, mission) });
  // Of a pipe no time is known: then the order is as it was given.
  if (starts.some(({ start }) => Number.isNaN(start))) return { files, isChanged: false };
  const sorted = starts.toSorted((a, b) => a.start - b.start || a.index - b.index);
  return { files: sorted.map(({ file }) => file), isChanged: sorted.some(({ index }, at) => index !== at) };
};
